package render

import (
	"strings"
	"unicode/utf8"
)

// SlotConflicts are slots for which several packages were chosen (O61).
type SlotConflicts struct {
	Conflicts []SlotConflict
	// Stuck are packages that would have to be rebuilt, and why they cannot be.
	Stuck []StuckPackage
	// Unspecific says that any of the parents of a package would be content
	// with another one, and that --newuse or --update is missing.
	Unspecific bool
	// Solutions are alternatives; each is a set of changes of USE that solves
	// everything. Empty if there is none, or if the reason is a version.
	Solutions [][]PackageChange
	// Found is how many solutions there were before those that contain others
	// were left out; only whether it is more than one matters. 0 means as many
	// as Solutions.
	Found int
	// TryBacktrack recommends a larger value of --backtrack.
	TryBacktrack bool
}

// A SlotConflict is one of these slots.
type SlotConflict struct {
	Slot     SlotRef // its Root is empty only for the running system
	Packages []ConflictPackage
}

// A ConflictPackage is a package in such a slot.
type ConflictPackage struct {
	Package *Package
	// Orphan says that nothing asks for it.
	Orphan bool
	// Parents are those to show: one for each reason unless all are wanted.
	Parents []ConflictParent
	// Omitted counts the others which another package in the slot does not suit.
	Omitted int
}

// A ConflictParent is what asks for a package, with its atom.
type ConflictParent struct {
	Parent Parent
	// Atom is the atom as written; without text if the parent is a file given
	// as argument, which stands for itself.
	Atom AtomText
	// Argument says that the parent is an atom given as argument.
	Argument bool
}

// A StuckPackage cannot be rebuilt.
type StuckPackage struct {
	Package *Package
	Reason  string
}

// A PackageChange is a change of a package's USE.
type PackageChange struct {
	CPV     string
	Changes []FlagChange
}

// Text returns the message.
func (c *SlotConflicts) Text(o Options) string {
	var b strings.Builder
	b.WriteString("\n!!! Multiple package instances within a single package slot have been pulled\n" +
		"!!! into the dependency graph, resulting in a slot conflict:\n\n")
	omitted := false
	for _, s := range c.Conflicts {
		b.WriteString(s.Slot.String() + "\n\n")
		for i := range s.Packages {
			b.WriteString(s.Packages[i].text(&o) + "\n")
			omitted = omitted || s.Packages[i].Omitted > 0
		}
	}
	if omitted {
		b.WriteString(o.paint("INFORM", "NOTE: Use the '--verbose-conflicts' option to display parents omitted above") + "\n")
	}
	if len(c.Stuck) > 0 {
		b.WriteString("\n!!! The slot conflict(s) shown above involve package(s) which may need to\n" +
			"!!! be rebuilt in order to solve the conflict(s). However, the following\n" +
			"!!! package(s) cannot be rebuilt for the reason(s) shown:\n\n")
		for _, s := range c.Stuck {
			b.WriteString("  " + s.Package.message(&o) + ": " + s.Reason + "\n")
		}
		b.WriteString("\n")
	}
	return b.String() + "\n" + c.advice(&o)
}

func (p *ConflictPackage) text(o *Options) string {
	var b strings.Builder
	b.WriteString("  " + p.Package.message(o) + " " + o.useMessage(p.Package))
	if p.Orphan {
		return b.String() + " (no parents)\n"
	}
	b.WriteString(" pulled in by\n")
	for i := range p.Parents {
		b.WriteString(p.Parents[i].text(o))
	}
	if len(p.Parents) == 0 {
		b.WriteString("    (no parents that aren't satisfied by other packages in this slot)\n")
	}
	if p.Omitted > 0 {
		problems := "problem"
		if len(p.Parents) > 1 {
			problems = "problems"
		}
		b.WriteString("    (and " + itoa(p.Omitted) + " more with the same " + problems + ")\n")
	}
	return b.String()
}

func (p *ConflictParent) text(o *Options) string {
	name, use := p.Parent.message(o)
	switch {
	case p.Atom.Soname:
		return p.Atom.Text + " required by " + name + " " + use + "\n"
	case p.Atom.Text == "":
		return name + "\n"
	case p.Argument:
		return "    " + p.Atom.Text + " (Argument)\n"
	}
	atom, marked := p.Atom.markParts(o)
	line := atom + " required by " + name + " " + use + "\n"
	// The line of marks is as long as the line above with its colours and its
	// newline.
	n := utf8.RuneCountInString(line)
	marks := make([]byte, n)
	for i := range marks {
		marks[i] = ' '
		if marked[i] {
			marks[i] = '^'
		}
	}
	return "    " + line + "    " + string(marks) + "\n"
}

// advice returns what might help.
func (c *SlotConflicts) advice(o *Options) string {
	switch {
	case c.Unspecific:
		return "!!! Enabling --newuse and --update might solve this conflict.\n" +
			"!!! If not, it might help emerge to give a more specific suggestion.\n\n"
	case len(c.Solutions) > 0:
		return c.solutions(o)
	case o.Quiet:
		return ""
	}
	text := "It may be possible to solve this problem by using package.mask to prevent one of those packages " +
		"from being selected. However, it is also possible that conflicting dependencies exist such that they " +
		"are impossible to satisfy simultaneously.  If such a conflict exists in the dependencies of two " +
		"different packages, then those packages can not be installed simultaneously."
	if c.TryBacktrack {
		text += " You may want to try a larger value of the --backtrack option, such as --backtrack=30, in order " +
			"to see if that will solve this conflict automatically."
	}
	return strings.Join(wrap(text, 70), "\n") + "\n\n" +
		"For more information, see MASKED PACKAGES section in the emerge man\n" +
		"page or refer to the Gentoo Handbook.\n\n"
}

func (c *SlotConflicts) solutions(o *Options) string {
	s := "It might be possible to solve this slot collision\n"
	if len(c.Conflicts) != 1 {
		s = "It might be possible to solve these slot collisions\n"
	}
	if max(c.Found, len(c.Solutions)) == 1 {
		s += "by applying all of the following changes:\n"
	} else {
		s += "by applying one of the following solutions:\n"
	}
	if len(c.Solutions) == 1 {
		return s + packageChanges(c.Solutions[0], "   ", o)
	}
	for _, solution := range c.Solutions {
		s += "  Solution: Apply all of:\n" + packageChanges(solution, "     ", o)
	}
	return s
}

func packageChanges(changes []PackageChange, indent string, o *Options) string {
	s := ""
	for _, p := range changes {
		s += indent + "- " + p.CPV + " (Change USE: " + flagChanges(p.Changes, o) + ")\n"
	}
	return s + "\n"
}
