package render

import "strings"

// Blocked are packages that block each other and cannot be reconciled (O62).
type Blocked struct {
	// Packages are those on both sides of the blocks, except those that only
	// other packages here ask for, and those in slot conflicts.
	Packages []BlockedPackage
}

// A BlockedPackage is one of them, with what asks for it; parents that are not
// part of a block first.
type BlockedPackage struct {
	Package *Package
	Parents []ParentAtom
}

// A ParentAtom is an atom and who has it.
type ParentAtom struct {
	Parent Parent
	// Atom is the atom as written. Empty if the parent is an argument, which
	// then stands for itself; sets have one.
	Atom string
	// Evaluated is the atom with its USE conditionals decided; empty if that
	// changes nothing.
	Evaluated string
}

// Text returns the message.
func (b *Blocked) Text(o Options) string {
	var s strings.Builder
	s.WriteString("\n")
	star := o.paint("BAD", " * ")
	s.WriteString(star + "Error: The above package list contains packages which cannot be\n")
	s.WriteString(star + "installed at the same time on the same system.\n")
	if len(b.Packages) > 0 {
		s.WriteString("\n")
	}
	for _, p := range b.Packages {
		s.WriteString("  " + p.Package.message(&o) + " pulled in by\n")
		for _, a := range p.Parents {
			s.WriteString("    " + a.text(&o) + "\n")
		}
		s.WriteString("\n")
	}
	if !o.Quiet {
		s.WriteString("\nFor more information about " + o.paint("BAD", "Blocked Packages") +
			", please refer to the following\n" +
			"section of the Gentoo Linux x86 Handbook (architecture is irrelevant):\n\n" +
			"https://wiki.gentoo.org/wiki/Handbook:X86/Working/Portage#Blocked_packages\n\n")
	}
	return s.String()
}

func (a *ParentAtom) text(o *Options) string {
	name, use := a.Parent.message(o)
	if a.Atom == "" {
		return name
	}
	atom := a.Atom
	if a.Evaluated != "" {
		atom += " (" + a.Evaluated + ")"
	}
	return atom + " required by " + name + " " + use
}
