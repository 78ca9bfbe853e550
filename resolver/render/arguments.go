package render

import (
	"slices"
	"strings"
)

// Missing are arguments and members of sets without a visible ebuild (O70).
type Missing struct {
	Atoms []string // in the order of the request
	World bool     // one of them is in the world file
}

// Text returns the message.
func (m *Missing) Text(o Options) string {
	s := ""
	if m.World {
		s = "\n!!! Problems have been detected with your world file\n" +
			"!!! Please run " + o.paint("green", "emaint --check world") + "\n\n"
	}
	if len(m.Atoms) == 0 {
		return s
	}
	mark := o.paint("BAD", "!!!")
	return s + "\n" + mark + " Ebuilds for the following packages are either all\n" +
		mark + " masked or don't exist:\n" + strings.Join(m.Atoms, " ") + "\n"
}

// A Provided is an argument or a member of a set that is in package.provided.
type Provided struct {
	Arg  string // the argument as given, or the atom of the set
	From string // name of the set without "@", or "args"
}

// ProvidedText returns the warning, one line for each argument; "" without any.
func ProvidedText(provided []Provided, o Options) string {
	if len(provided) == 0 {
		return ""
	}
	var args []string
	from := map[string][]string{}
	world := false
	for _, p := range provided {
		if !slices.Contains(args, p.Arg) {
			args = append(args, p.Arg)
		}
		if !slices.Contains(from[p.Arg], p.From) {
			from[p.Arg] = append(from[p.Arg], p.From)
		}
		world = world || p.From == "selected" || p.From == "world"
	}
	what := "A requested package will not be merged because it is listed in\n"
	if len(provided) > 1 {
		what = "Requested packages will not be merged because they are listed in\n"
	}
	s := o.paint("BAD", "\nWARNING: ") + what + "package.provided:\n\n"
	for _, arg := range args {
		slices.Sort(from[arg])
		s += "  " + o.paint("INFORM", arg) + " pulled in by '" + strings.Join(from[arg], "', '") + "'\n"
	}
	s += "\n"
	if world {
		s += "This problem can be solved in one of the following ways:\n\n" +
			"  A) Use emaint to clean offending packages from world (if not installed).\n" +
			"  B) Uninstall offending packages (cleans them from world).\n" +
			"  C) Remove offending entries from package.provided.\n\n" +
			"The best course of action depends on the reason that an offending\n" +
			"package.provided entry exists.\n\n"
	}
	return s
}

// A DepsNeeded says that a mode that cannot merge dependencies needs them.
type DepsNeeded struct {
	BuildOnly bool   // --buildpkgonly
	Quickpkg  bool   // --quickpkg-direct
	Root      string // EROOT of the running system, for Quickpkg
}

// Text returns the message.
func (d *DepsNeeded) Text(Options) string {
	const advice = "!!! Cannot merge requested packages. Merge deps and try again.\n\n"
	s := ""
	if d.BuildOnly {
		s += "\n!!! --buildpkgonly requires all dependencies to be merged.\n" + advice
	}
	if d.Quickpkg {
		s += "\n!!! --quickpkg-direct requires all dependencies to be merged for root '" + d.Root + "'.\n" + advice
	}
	return s
}

// InvalidAtom returns what emerge says about an argument that is no atom, set
// or file; the command ends with it before anything is calculated.
func InvalidAtom(arg string) string {
	return "!!! '" + arg + "' is not a valid package atom.\n!!! Please check ebuild(5) for full details.\n"
}

// ConditionalAtom returns what emerge says about an argument with a USE
// conditional. With --quiet emerge leaves the second line out; this does not.
func ConditionalAtom(arg string) string {
	return "\n\n!!! '" + arg + "' contains a conditional which is not allowed.\n!!! Please check ebuild(5) for full details.\n"
}

// UnknownSet returns what emerge says about a set that does not exist; sets
// are the names of those that do, without "@".
func UnknownSet(name string, sets []string, o Options) string {
	sets = slices.Sorted(slices.Values(sets))
	s := "emerge: There are no sets to satisfy '" + o.paint("INFORM", name) + "'. The following sets exist:\n\n"
	for _, set := range sets {
		s += "    " + set + "\n"
	}
	return s + "\n"
}

// Unresolvable returns the line that appears within the notice when the
// package chosen for an argument cannot be used; set is the set the atom is
// from, "" for an argument.
func Unresolvable(atom, set string) string {
	if set != "" {
		atom += " from " + set
	}
	return "\n\n!!! Problem resolving dependencies for " + atom + "\n"
}
