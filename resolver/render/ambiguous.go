package render

import "strings"

// An Ambiguous is an argument without category that fits several packages.
type Ambiguous struct {
	Arg      string        // as given
	Name     string        // PN of the argument
	Packages []SearchMatch // by cp
}

// Text returns what goes to standard output and to standard error, in this
// order; with --quiet nothing goes to standard output.
func (a *Ambiguous) Text(o Options) (out, err string) {
	first := `!!! The short ebuild name "` + a.Arg + `" is ambiguous. Please specify` + "\n"
	if o.Quiet {
		s := "\n\n" + first + "!!! one of the following fully-qualified ebuild names instead:\n\n"
		for _, m := range a.Packages {
			s += "    " + o.paint("INFORM", m.CP) + "\n"
		}
		return "", s
	}
	var b strings.Builder
	b.WriteString(SearchBegin(a.Name, o))
	for i := range a.Packages {
		b.WriteString(a.Packages[i].Text(o))
	}
	b.WriteString(SearchEnd(len(a.Packages), o))
	return b.String(), first + "!!! one of the above fully-qualified ebuild names instead.\n\n"
}
