// Package visibility decides whether a package is visible and, if not, tells
// every reason why.
//
// Reasons are package.mask, KEYWORDS, LICENSE, PROPERTIES, RESTRICT, EAPI, CHOST
// and invalid metadata (S80-S86). All of them are found, with the file, line and
// comment of a mask and the keyword or licences that are missing, so that a
// resolver can tell what would have to change. Portage's getmaskingstatus.py
// gives the order and the words.
//
// The package does not know what a resolver has proposed to change, and banned
// EAPIs of layout.conf are no reason: they are a rule for the repository's
// developers.
package visibility

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/accept"
	"github.com/tumpline/tumpline/profiles/keywords"
	"github.com/tumpline/tumpline/profiles/use"
)

// A Judge judges packages by one configuration. It is safe for concurrent use.
type Judge struct {
	config   *profiles.Config
	calc     *use.Calculator
	keywords *keywords.Judge
	accept   *accept.Judge
	chost    string
	chosts   *regexp.Regexp // nil: none matches
}

// New returns the judge of a configuration, of which calc tells the USE flags.
func New(c *profiles.Config, calc *use.Calculator) *Judge {
	j := &Judge{
		config: c, calc: calc, keywords: keywords.New(c), accept: accept.New(c),
		chost: c.Get("CHOST"),
	}
	patterns := c.Words("ACCEPT_CHOSTS")
	if len(patterns) == 0 && j.chost != "" {
		patterns = []string{j.chost}
	}
	if len(patterns) == 0 {
		patterns = []string{".*"}
	}
	// An invalid pattern accepts no machine, as in Portage.
	j.chosts, _ = regexp.Compile("^(" + strings.Join(patterns, "|") + ")$")
	return j
}

// Verdict judges a package with the USE flags that it has.
func (j *Judge) Verdict(p *ebuild.Package) Verdict { return j.VerdictWith(p, nil) }

// VerdictWith judges a package as if it had other USE flags, which matter for
// conditionals in LICENSE, PROPERTIES and RESTRICT.
func (j *Judge) VerdictWith(p *ebuild.Package, flags atoms.FlagState) Verdict {
	c := judgement{Judge: j, p: p, flags: flags, candidate: profiles.Candidate(p)}
	c.mask()
	if c.eapi() {
		c.license()
		c.properties()
		c.restrict()
		c.keyword()
	}
	c.chostReason()
	c.invalid()
	v := Verdict{Origin: p.Origin, Reasons: c.reasons}
	if len(v.Reasons) > 0 && p.EAPI != nil && v.Find(KindKeywords) == nil {
		if told := j.keywords.Reason(p); told != "" {
			v.Told = told + " keyword"
		}
	}
	return v
}

// LicenseMasked says if Verdict would have a reason of KindLicense.
func (j *Judge) LicenseMasked(p *ebuild.Package) bool {
	c := judgement{Judge: j, p: p}
	if c.eapi() {
		c.reasons = nil
		c.license()
	}
	return Verdict{Reasons: c.reasons}.Find(KindLicense) != nil
}

// Mark is the last sign of a package in emerge's merge list: how it would be
// judged without package.unmask and package.accept_keywords.
type Mark uint8

const (
	MarkNone     Mark = iota // " ": nothing
	MarkMasked               // "#": named by a package.mask
	MarkMissing              // "*": no keyword of this architecture
	MarkUnstable             // "~": a testing keyword
)

// String gives the sign.
func (m Mark) String() string {
	switch m {
	case MarkMasked:
		return "#"
	case MarkMissing:
		return "*"
	case MarkUnstable:
		return "~"
	}
	return " "
}

// Mark returns the sign of a package.
func (j *Judge) Mark(p *ebuild.Package) Mark {
	if j.config.Masks.RawMasked(profiles.Candidate(p)) != nil {
		return MarkMasked
	}
	switch j.keywords.Mark(p) {
	case keywords.MarkMissing:
		return MarkMissing
	case keywords.MarkUnstable:
		return MarkUnstable
	}
	return MarkNone
}

// A judgement collects the reasons against one package.
type judgement struct {
	*Judge
	p         *ebuild.Package
	flags     atoms.FlagState
	candidate atoms.Candidate
	reasons   []Reason
}

func (c *judgement) add(r Reason) {
	r.judge, r.pkg = c.Judge, c.p
	c.reasons = append(c.reasons, r)
}

// enabled asks for USE only when it must: computing it is the dearest part.
func (c *judgement) enabled(flag string) bool {
	if c.flags == nil {
		c.flags = c.calc.State(c.p)
	}
	return c.flags.Enabled(flag)
}

// declared says if a flag that is not in IUSE is in IUSE_EFFECTIVE.
func (c *judgement) declared(flag string) bool { return c.calc.Declared(c.p, flag) }

func (c *judgement) mask() {
	line := c.config.Masks.Masked(c.candidate)
	if line == nil {
		return
	}
	shown := c.config.Masks.Explain(line, c.config.RepoChain(c.p.Repo))
	c.add(Reason{Kind: KindMask, Text: "package.mask", Atom: line.Atom, Pos: shown.Pos, Comment: shown.Comment})
}

// eapi says if the EAPI leaves anything else to be judged.
func (c *judgement) eapi() bool {
	switch {
	case c.p.EAPI != nil:
		return true
	case !trialEAPI(c.p.EAPIName):
		c.reasons = []Reason{{Kind: KindEAPI, Text: "EAPI " + c.p.EAPIName}}
		return false
	}
	c.add(Reason{Kind: KindDeprecatedEAPI, Text: "EAPI " + c.p.EAPIName})
	return true
}

// trialEAPI says if the name was that of an EAPI in preparation, which Portage
// still reads but lets nothing new be merged with.
func trialEAPI(name string) bool {
	switch name {
	case "3_pre1", "3_pre2", "4_pre1", "5_pre1", "5_pre2", "6_pre1", "7_pre1":
		return true
	}
	return false
}

func (c *judgement) license() {
	missing, err := c.accept.Licenses(c.p, c.enabled)
	if err != nil || len(missing) == 0 {
		return // an error is told as invalid metadata
	}
	text := c.p.Raw("LICENSE")
	if strings.Contains(text, "?") {
		tree, _ := c.p.License()
		text = atoms.Reduce(tree, atoms.ReduceOptions{Enabled: c.enabled}).String()
	}
	c.add(Reason{Kind: KindLicense, Text: only(text, missing) + " license(s)", Licenses: unique(missing)})
}

func (c *judgement) properties() {
	missing, err := c.accept.Properties(c.p, c.enabled)
	if err != nil || len(missing) == 0 {
		return
	}
	c.add(Reason{Kind: KindProperties, Text: strings.Join(missing, " ") + " properties", Words: missing})
}

func (c *judgement) restrict() {
	missing, err := c.accept.Restrict(c.p, c.enabled)
	if err != nil || len(missing) == 0 {
		return
	}
	c.add(Reason{Kind: KindRestrict, Text: strings.Join(missing, " ") + " in RESTRICT", Words: missing})
}

// only returns the words of a specification that are in list, with any-of
// groups and parentheses kept.
func only(text string, list []string) string {
	words := slices.DeleteFunc(strings.Fields(text), func(w string) bool {
		return w != "||" && w != "(" && w != ")" && !slices.Contains(list, w)
	})
	return strings.Join(words, " ")
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (c *judgement) keyword() {
	missing := c.keywords.Missing(c.p)
	if len(missing) == 0 {
		return
	}
	r := Reason{Kind: KindKeywords, Keyword: c.keywords.Reason(c.p), Keywords: missing}
	r.Text = r.Keyword + " keyword"
	if r.Keyword == "missing" {
		r.Keyword = "**"
	}
	c.add(r)
}

// chostReason judges CHOST. An ebuild is built for the one configured.
func (c *judgement) chostReason() {
	chost := c.chost
	if c.p.Origin.Built() {
		chost = c.p.Raw("CHOST")
	}
	if chost == "" || c.chosts != nil && c.chosts.MatchString(chost) {
		return
	}
	c.add(Reason{Kind: KindCHOST, Text: "CHOST: " + chost})
}

func (c *judgement) invalid() {
	for _, err := range c.p.Invalid() {
		c.addInvalid(err)
	}
	if c.p.Origin != ebuild.OriginInstalled {
		for _, err := range c.p.CheckFlags(c.declared) {
			c.addInvalid(err)
		}
	}
	if c.p.Origin != ebuild.OriginInstalled && c.p.EAPI != nil && strings.TrimSpace(c.p.Raw("SLOT")) == "" {
		c.add(Reason{Kind: KindInvalid, Text: "SLOT: undefined", Err: errNoSlot})
	}
}

var errNoSlot = errors.New("SLOT is not set")

func (c *judgement) addInvalid(err error) {
	var meta *ebuild.MetadataError
	if errors.As(err, &meta) && meta.Fault == ebuild.FaultMetadata {
		c.add(Reason{Kind: KindCorrupt, Text: "corruption", Err: err})
		return
	}
	c.add(Reason{Kind: KindInvalid, Text: fmt.Sprintf("invalid: %v", err), Err: err})
}
