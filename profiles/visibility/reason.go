package visibility

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
)

// Kind is a sort of reason against a package.
type Kind uint8

const (
	KindMask           Kind = iota // package.mask
	KindEAPI                       // EAPI not supported
	KindDeprecatedEAPI             // EAPI that was a trial
	KindLicense                    // LICENSE not accepted
	KindProperties                 // PROPERTIES not accepted
	KindRestrict                   // RESTRICT not accepted
	KindKeywords                   // KEYWORDS not accepted
	KindCHOST                      // built for a machine that is not accepted
	KindInvalid                    // metadata that is invalid
	KindCorrupt                    // metadata that could not be had
)

// String names the kind as Portage does.
func (k Kind) String() string {
	switch k {
	case KindMask:
		return "package.mask"
	case KindEAPI:
		return "EAPI"
	case KindDeprecatedEAPI:
		return "deprecated EAPI"
	case KindLicense:
		return "LICENSE"
	case KindProperties:
		return "PROPERTIES"
	case KindRestrict:
		return "RESTRICT"
	case KindKeywords:
		return "KEYWORDS"
	case KindCHOST:
		return "CHOST"
	case KindInvalid:
		return "invalid"
	case KindCorrupt:
		return "corruption"
	}
	return "unknown kind"
}

// A Reason is one thing against a package.
type Reason struct {
	Kind Kind
	Text string // in emerge's words

	Atom     *atoms.Atom  // KindMask: the atom in force, with the repository it is bound to
	Pos      profiles.Pos // KindMask: where it stands
	Comment  []string     // KindMask: the comment lines before it there, with "#"
	Keyword  string       // KindKeywords: what to accept, "~arch" or "**"
	Keywords []string     // KindKeywords: the package's keywords, of which one would do
	Licenses []string     // KindLicense: not accepted
	Words    []string     // KindProperties, KindRestrict: not accepted
	Err      error        // KindInvalid, KindCorrupt

	// The judge and what it judged, to find out what decided.
	judge *Judge
	pkg   *ebuild.Package
}

// Told returns the reason in emerge's words, with what decided.
func (r *Reason) Told() string {
	var parts []string
	for _, s := range r.Sources() {
		text := s.String()
		if r.Kind == KindMask {
			text = s.Pos.String()
		}
		if text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return r.Text
	}
	return r.Text + " (" + strings.Join(parts, "; ") + ")"
}

// Sources returns the words of the configuration that decided, for masks, keywords,
// licences, properties and restrictions. They are looked for when asked.
func (r *Reason) Sources() []profiles.Source {
	if r.Kind == KindMask {
		return []profiles.Source{{What: "package.mask", Pos: r.Pos}}
	}
	if r.judge == nil {
		return nil
	}
	config, p := r.judge.config, profiles.Candidate(r.pkg)
	var list []profiles.Source
	add := func(variable, file string, words []string) {
		for _, w := range words {
			for _, s := range config.AcceptedBy(variable, file, p, w) {
				if !slices.Contains(list, s) {
					list = append(list, s)
				}
			}
		}
	}
	switch r.Kind {
	case KindKeywords:
		return r.judge.keywords.Sources(r.pkg)
	case KindLicense:
		add("ACCEPT_LICENSE", "package.license", r.Licenses)
	case KindProperties:
		add("ACCEPT_PROPERTIES", "package.properties", r.Words)
	case KindRestrict:
		add("ACCEPT_RESTRICT", "package.accept_restrict", r.Words)
	}
	return list
}

// Places returns the files, with their lines, that decided, each once.
func (r *Reason) Places() []profiles.Pos {
	var list []profiles.Pos
	for _, s := range r.Sources() {
		if s.Pos.File != "" && !slices.Contains(list, s.Pos) {
			list = append(list, s.Pos)
		}
	}
	return list
}

// MissingKeyword says if accepting "~arch" is not enough.
func (r *Reason) MissingKeyword() bool { return r.Kind == KindKeywords && r.Keyword == "**" }

// hides says if the reason makes a package invisible (S80). An installed one
// stays visible if only what was accepted once is no longer.
func (r *Reason) hides(o ebuild.Origin) bool {
	switch r.Kind {
	case KindDeprecatedEAPI, KindProperties, KindRestrict, KindKeywords, KindCHOST:
		return o != ebuild.OriginInstalled
	}
	return true
}

// A Verdict is everything against a package, in the order in which emerge
// tells it. The zero Verdict is that of a package with nothing against it.
type Verdict struct {
	Origin  ebuild.Origin
	Reasons []Reason

	// Told is a keyword that emerge would name among the reasons although "*"
	// or "~*" in ACCEPT_KEYWORDS accepts the package. It is no reason.
	Told string
}

// Visible says if the package may be chosen.
func (v Verdict) Visible() bool { return v.VisibleWithout() }

// VisibleWithout says if the package could be chosen if the reasons of some
// kinds were lifted.
func (v Verdict) VisibleWithout(kinds ...Kind) bool {
	for i := range v.Reasons {
		if v.Reasons[i].hides(v.Origin) && !slices.Contains(kinds, v.Reasons[i].Kind) {
			return false
		}
	}
	return true
}

// Find returns the first reason of a kind, or nil.
func (v Verdict) Find(k Kind) *Reason {
	for i := range v.Reasons {
		if v.Reasons[i].Kind == k {
			return &v.Reasons[i]
		}
	}
	return nil
}

// Texts returns the reasons in emerge's words. Of an installed package
// keywords are told only if there is nothing else, and its CHOST not at all.
func (v Verdict) Texts() []string {
	installed := v.Origin == ebuild.OriginInstalled
	var list, late []string
	told := v.Told
	for _, r := range v.Reasons {
		switch {
		case r.Kind < KindKeywords:
			list = append(list, r.Text)
		case r.Kind == KindKeywords:
			told = r.Text
		case r.Kind != KindCHOST || !installed:
			late = append(late, r.Text)
		}
	}
	if told != "" && !(installed && len(list) > 0) {
		list = append(list, told)
	}
	return append(list, late...)
}
