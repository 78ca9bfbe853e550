package render

import (
	"fmt"
	"strings"
)

// A CycleLink is one dependency of a cycle: the package (cpv) depends on the next.
type CycleLink struct {
	Package string
	Class   string   // "DEPEND"
	Atom    string   // as written
	Flags   []string // of the package, that decide about it
}

// Twice is a package that is merged twice.
type Twice struct {
	Package     string   // cpv
	To          string   // EROOT, empty for the running system
	Flags       []string // as the first merge has them: "-pam", "build"
	First, Full int      // places in the list of merges, counted from 1
	Cycle       []CycleLink
}

// An Uncut is a cycle that no USE flags cut.
type Uncut struct {
	Members  []string   // cpv
	Outside  [][]string // packages that would break it, one set for each way
	Fixed    []string   // "cat/pkg-1[flag]: forced"
	Unproved bool       // not every combination was tried
}

// Staged tells of circular dependencies what was done about them.
type Staged struct {
	Twice  []Twice
	Uncut  []Uncut
	Total  int  // merges
	Gap    int  // fewer packages that might do
	Forced bool // changes of the configuration are needed all the same
}

// maxNames is how many packages of a component are named.
const maxNames = 24

// Text returns the paragraphs that follow the merge list. Portage has nothing
// like them.
func (s Staged) Text(o Options) string {
	var b strings.Builder
	if len(s.Twice) > 0 {
		fmt.Fprintf(&b, "\n%s merged twice to break circular dependencies, first with fewer USE flags:\n", areMerged(len(s.Twice)))
	}
	for _, t := range s.Twice {
		to := ""
		if t.To != "" && t.To != "/" {
			to = " to " + t.To
		}
		fmt.Fprintf(&b, "\n  %s%s USE=\"%s\"\n", o.paint("green", t.Package), to, strings.Join(t.Flags, " "))
		fmt.Fprintf(&b, "    merge %d of %d; merge %d completes it\n", t.First, s.Total, t.Full)
		if len(t.Cycle) > 0 {
			b.WriteString("    cuts the cycle\n")
		}
		for _, l := range t.Cycle {
			fmt.Fprintf(&b, "      %s needs %s (%s%s)\n", l.Package, l.Atom, l.Class, conditional(l.Flags))
		}
	}
	if s.Gap > 0 {
		fmt.Fprintf(&b, "\n  The search was cut short: up to %d packages fewer might do.\n", s.Gap)
	}
	for _, u := range s.Uncut {
		u.write(&b)
	}
	return b.String()
}

func areMerged(n int) string {
	if n == 1 {
		return "1 package is"
	}
	return fmt.Sprintf("%d packages are", n)
}

func conditional(flags []string) string {
	if len(flags) == 0 {
		return ""
	}
	return ", with " + strings.Join(flags, " ")
}

func (u Uncut) write(b *strings.Builder) {
	what := "No USE flags break"
	if u.Unproved {
		what = "No USE flags were found that break"
	}
	fmt.Fprintf(b, "\n%s the circular dependencies of %d packages:\n  %s\n", what, len(u.Members), shortList(u.Members))
	for i, set := range u.Outside {
		if i == 0 {
			b.WriteString("  They would be broken by one of these being there, as a binary package, installed, or in package.provided:\n")
		}
		fmt.Fprintf(b, "    %s\n", strings.Join(set, " "))
	}
	if len(u.Fixed) > 0 {
		fmt.Fprintf(b, "  Flags that cannot be switched: %s\n", shortList(u.Fixed))
	}
}

func shortList(list []string) string {
	if len(list) <= maxNames {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:maxNames], ", "), len(list)-maxNames)
}
