package render

import "strings"

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

// SearchNotice is what emerge says while it searches.
const SearchNotice = "Searching...\n\n"

// SearchBegin is the heading of the answer to a search.
func SearchBegin(key string, o Options) string {
	return "\b\b  \n[ Results for search key : " + o.paint("bold", key) + " ]\n"
}

// SearchEnd closes the answer to a search that found n packages and sets.
func SearchEnd(n int, o Options) string {
	return "[ Applications found : " + o.paint("bold", itoa(n)) + " ]\n\n"
}

// SearchSet is a package set that a search found; --quiet leaves out what it is.
func SearchSet(name, description string, o Options) string {
	s := o.paint("green", "*") + "  " + o.paint("bold", name) + "\n"
	if o.Quiet {
		return s
	}
	return s + "      " + o.paint("darkgreen", "Description:") + "   " + description + "\n\n"
}

// Text is the package as a search shows it; --quiet leaves all but its name out.
func (m *SearchMatch) Text(o Options) string {
	var b strings.Builder
	b.WriteString(o.paint("green", "*") + "  " + o.paint("bold", m.CP))
	if m.Masked {
		b.WriteString(" " + o.paint("red", "[ Masked ]"))
	}
	b.WriteString("\n")
	if o.Quiet {
		return b.String()
	}
	field := func(name, value string) { b.WriteString("      " + o.paint("darkgreen", name) + value + "\n") }
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
	b.WriteString("\n")
	return b.String()
}
