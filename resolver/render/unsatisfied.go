package render

import (
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// An Unsatisfied is a dependency or argument that nothing satisfies (O66-O69).
// The fields of exactly one of the four sorts are filled, or none: then no
// package matches.
type Unsatisfied struct {
	What string // the atom as written, or the argument
	Root string // EROOT, if that is not the root of the running system

	RequiredUse *RequiredUse    // a package fits, but its REQUIRED_USE does not hold
	UseFixes    []UseFix        // packages that fit after a change of USE
	Masked      []MaskedPackage // packages that fit and are masked, best first
	NewestEAPI  string          // with Masked: what is supported, to tell of one that is not

	BinaryOnly bool     // no match, and only binary packages count (--usepkgonly)
	Searched   bool     // no match for an argument: similar names were looked for
	Similar    []string // what was found

	// Chain leads from the package that depends on What to an argument; empty
	// if What is an argument.
	Chain []plan.Link
}

// A UseFix is a package that would satisfy after a change of USE.
type UseFix struct {
	CPV, Repo   string
	MissingIUSE []string     // flags that the package does not have at all
	Changes     []FlagChange // flags to switch
	// Violated is the REQUIRED_USE of the package if it held before the
	// change and would not hold afterwards.
	Violated string
}

// A RequiredUse is a package with an unsatisfied REQUIRED_USE.
type RequiredUse struct {
	Package     *Package // with USE as configured, without changes that autounmask tried
	Unsatisfied string   // the part that does not hold
	Complete    string   // the whole expression, blanks normalised
}

// A MaskedPackage is a package with what masks it.
type MaskedPackage struct {
	CPV, Repo string
	Reasons   []string      // "package.mask", "~amd64 keyword", "X license(s)", ...
	File      string        // the package.mask, with Comment
	Comment   string        // the comment above the entry there: lines with "#"; empty: none
	Licenses  []LicenseFile // licences to accept, with their texts
	BadEAPI   bool          // its EAPI is not supported
}

// A LicenseFile is the text of a licence.
type LicenseFile struct {
	Name, Path string
}

// Text returns the message.
func (u *Unsatisfied) Text(o Options) string {
	what := `"` + u.What + `"`
	if u.Root != "" {
		what += " for " + u.Root
	}
	s, docs := "", ""
	switch {
	case u.RequiredUse != nil:
		s = u.RequiredUse.text(what, &o)
	case len(u.UseFixes) > 0:
		s = useFixText(what, u.UseFixes, &o)
	case len(u.Masked) > 0:
		s, docs = u.maskedText(what, &o), maskDocs+"\n"
	default:
		s = u.noMatchText(what, &o)
	}
	return s + chainText(u.Chain, &o) + docs
}

// maskDocs refers to the manual.
const maskDocs = "For more information, see the MASKED PACKAGES section in the emerge\n" +
	"man page or refer to the Gentoo Handbook.\n"

func chainText(chain []plan.Link, o *Options) string {
	var b strings.Builder
	for _, link := range chain {
		b.WriteString(`(dependency required by "` + o.paint("INFORM", link.Name) + `" [` + string(link.Kind) + "])\n")
	}
	return b.String()
}

func (u *Unsatisfied) noMatchText(what string, o *Options) string {
	sort := "ebuilds"
	if u.BinaryOnly {
		sort = "binary packages"
	}
	s := "\nemerge: there are no " + sort + " to satisfy " + o.paint("green", what) + ".\n"
	if !u.Searched {
		return s
	}
	s += "\nemerge: searching for similar names..."
	switch len(u.Similar) {
	case 0:
		return s + " nothing similar found.\n"
	case 1:
		return s + "\nemerge: Maybe you meant " + u.Similar[0] + "?\n"
	}
	return s + "\nemerge: Maybe you meant any of these: " + strings.Join(u.Similar, ", ") + "?\n"
}

func useFixText(what string, fixes []UseFix, o *Options) string {
	s := "\nemerge: there are no ebuilds built with USE flags to satisfy " + o.paint("green", what) + ".\n" +
		"!!! One of the following packages is required to complete your request:\n"
	for _, f := range fixes {
		var reasons []string
		if len(f.MissingIUSE) > 0 {
			reasons = append(reasons, "Missing IUSE: "+strings.Join(f.MissingIUSE, " "))
		}
		if len(f.Changes) > 0 {
			reasons = append(reasons, "Change USE: "+flagChanges(f.Changes, o)+f.warning())
		}
		s += "- " + f.CPV + "::" + f.Repo + " (" + strings.Join(reasons, ", ") + ")\n"
	}
	return s
}

func (f *UseFix) warning() string {
	if f.Violated == "" {
		return ""
	}
	return ", this change violates use flag constraints defined by " + f.CPV + ": '" + readable(f.Violated) + "'"
}

// flagChanges returns "+a -b".
func flagChanges(changes []FlagChange, o *Options) string {
	words := make([]string, len(changes))
	for i, c := range changes {
		if c.Enable {
			words[i] = o.paint("red", "+"+c.Flag)
		} else {
			words[i] = o.paint("blue", "-"+c.Flag)
		}
	}
	return strings.Join(words, " ")
}

// readable puts words in the place of the operators of REQUIRED_USE.
func readable(required string) string {
	return strings.NewReplacer("^^", "exactly-one-of", "||", "any-of", "??", "at-most-one-of").Replace(required)
}

func (r *RequiredUse) text(what string, o *Options) string {
	p := r.Package
	s := "\n!!! " + o.paint("BAD", "The ebuild selected to satisfy ") + o.paint("INFORM", what) +
		o.paint("BAD", " has unmet requirements.") + "\n" +
		"- " + p.CPV() + "::" + p.Repo + " " + o.useMessage(p) + "\n" +
		"\n  The following REQUIRED_USE flag constraints are unsatisfied:\n    " + readable(r.Unsatisfied) + "\n"
	if r.Unsatisfied != r.Complete {
		s += "\n  The above constraints are a subset of the following complete expression:\n    " + readable(r.Complete) + "\n"
	}
	return s + "\n"
}

func (u *Unsatisfied) maskedText(what string, o *Options) string {
	s := "\n!!! " + o.paint("BAD", "All ebuilds that could satisfy ") + o.paint("INFORM", what) +
		o.paint("BAD", " have been masked.") + "\n" +
		"!!! One of the following masked packages is required to complete your request:\n" +
		maskedList(u.Masked)
	for _, m := range u.Masked {
		if m.BadEAPI {
			s += "\n" + strings.Join(wrap("The current version of portage supports EAPI '"+u.NewestEAPI+
				"'. You must upgrade to a newer version of portage before EAPI masked packages can be installed.", 75), "\n")
			break
		}
	}
	return s + "\n"
}

// maskedList returns a line for each package, each cpv and repository once,
// with comments and licences where they are mentioned first.
func maskedList(masked []MaskedPackage) string {
	var b strings.Builder
	names, comments, licenses := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, m := range masked {
		name := m.CPV
		if m.Repo != "" {
			name += "::" + m.Repo
		}
		if names[name] {
			continue
		}
		names[name] = true
		b.WriteString("- " + name + " (masked by: " + strings.Join(m.Reasons, ", ") + ")\n")
		if comment := strings.TrimRight(m.Comment, "\n"); comment != "" && !comments[comment] {
			comments[comment] = true
			b.WriteString(m.File + ":\n" + comment + "\n\n")
		}
		for _, l := range m.Licenses {
			if l.Path != "" && !licenses[l.Name] {
				licenses[l.Name] = true
				b.WriteString("A copy of the '" + l.Name + "' license is located at '" + l.Path + "'.\n\n")
			}
		}
	}
	return b.String()
}

// MaskedUpdatesText returns the warning about updates that a licence masks, ""
// without any.
func MaskedUpdatesText(masked []MaskedPackage, o Options) string {
	return maskedBlock("The following updates are masked by LICENSE changes:", masked, o)
}

// MaskedInstalledText returns the warning about masked packages that are
// installed, "" without any.
func MaskedInstalledText(masked []MaskedPackage, o Options) string {
	return maskedBlock("The following installed packages are masked:", masked, o)
}

// maskedBlock returns a list of masked packages below a title, "" for an empty one.
func maskedBlock(title string, masked []MaskedPackage, o Options) string {
	if len(masked) == 0 {
		return ""
	}
	return "\n" + o.paint("BAD", "!!!") + " " + title + "\n" + maskedList(masked) + maskDocs + "\n"
}
