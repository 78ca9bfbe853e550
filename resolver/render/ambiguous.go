package render

import "strings"

// An Ambiguous is an argument without category that fits several packages.
type Ambiguous struct {
	Arg      string        // as given
	Name     string        // PN of the argument
	Packages []SearchMatch // by cp
}

// A SearchMatch is a package as the search of emerge shows it.
type SearchMatch struct {
	CP          string
	Masked      bool   // no version is visible
	Available   string // version of the best visible (else best) one, without "-r0"; empty: none
	Installed   string // best installed version, without "-r0"; empty: none
	Size        int64  // bytes of its files, as far as they are known
	SizeUnknown string // why they are not: "Unknown (missing digest for 'x')"; then Size is not shown
	NoFiles     bool   // there is neither an ebuild nor a binary package whose size could be shown
	Homepage    string
	Description string
	License     string
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
	b.WriteString("\b\b  \n[ Results for search key : " + o.paint("bold", a.Name) + " ]\n")
	for i := range a.Packages {
		b.WriteString(a.Packages[i].text(&o))
	}
	b.WriteString("[ Applications found : " + o.paint("bold", itoa(len(a.Packages))) + " ]\n\n")
	return b.String(), first + "!!! one of the above fully-qualified ebuild names instead.\n\n"
}

func (m *SearchMatch) text(o *Options) string {
	s := o.paint("green", "*") + "  " + o.paint("bold", m.CP)
	if m.Masked {
		s += " " + o.paint("red", "[ Masked ]")
	}
	s += "\n"
	field := func(name, value string) { s += "      " + o.paint("darkgreen", name) + value + "\n" }
	if m.Available != "" {
		field("Latest version available:", " "+m.Available)
	}
	installed := m.Installed
	if installed == "" {
		installed = "[ Not Installed ]"
	}
	field("Latest version installed:", " "+installed)
	if !m.NoFiles {
		size := m.SizeUnknown
		if size == "" {
			size = o.size(m.Size)
		}
		field("Size of files:", " "+size)
	}
	field("Homepage:", "      "+m.Homepage)
	field("Description:", "   "+m.Description)
	field("License:", "       "+m.License)
	return s + "\n"
}
