package render

import "strings"

// InvalidRemoval returns what emerge says about an argument of a removal that
// is no atom.
func InvalidRemoval(arg string) string {
	return "!!! '" + arg + "' is not a valid package atom.\n!!! Please check ebuild(5) for full details.\n"
}

// OutsideRoot returns what emerge says about a path that is not below EROOT.
func OutsideRoot(path string) string { return "!!! '" + path + "' does not start with $EROOT.\n" }

// Unowned returns what emerge says about a path that belongs to no package.
func Unowned(path string) string { return "!!! '" + path + "' is not claimed by any package.\n" }

// ConditionalRemoval returns what emerge says about an argument of a removal
// with a USE conditional.
func ConditionalRemoval(arg string) string {
	return "\n\n!!! '" + arg + "' contains a conditional which is not allowed.\n!!! Please check ebuild(5) for full details.\n"
}

// AmbiguousRemoval returns what emerge says about a name of several installed
// packages.
func AmbiguousRemoval(name string, packages []string, o Options) string {
	text := ""
	for _, l := range wrap(`The short ebuild name "`+name+`" is ambiguous.  Please specify `+
		"one of the following fully-qualified ebuild names instead:", 70) {
		text += "!!! " + l + "\n"
	}
	for _, p := range packages {
		text += "    " + o.paint("INFORM", p) + "\n"
	}
	return text + "\n"
}

// SetFault is why a set cannot be given to a removal.
type SetFault uint8

const (
	SetEmpty   SetFault = iota // it has no members; others may have
	SetKept                    // its packages are not meant to be removed as a set
	SetMissing                 // it holds a set that does not exist
)

// SetUnusable returns the line about a set given to a removal; missing is the
// set that does not exist, for SetMissing.
func SetUnusable(set string, why SetFault, missing string) string {
	switch why {
	case SetEmpty:
		return "emerge: '" + set + "' is an empty set\n"
	case SetKept:
		return "emerge: the given set '" + set + "' does not support unmerge operations\n"
	default:
		return "emerge: the given set '" + set + "' contains a non-existent set named '" + missing + "'.\n"
	}
}

// NoTargets is what emerge says if all sets given are empty.
const NoTargets = "emerge: no targets left after set expansion\n"

// WorldFaults are what is wrong with the sets that say what is needed (O34).
type WorldFaults struct {
	Missing            []MissingSet
	NoSystem, NoWorld  bool // neither @system nor @profile has members; @selected has none
	EmptyWorld, Aborts bool // @world has none; the action ends
}

// A MissingSet is a set that another one holds and that does not exist.
type MissingSet struct{ In, Name string }

// Text returns the lines, for standard error.
func (f *WorldFaults) Text() string {
	var b strings.Builder
	line := func(m MissingSet) {
		b.WriteString("!!! The set '" + m.In + "' contains a non-existent set named '" + m.Name + "'.\n")
	}
	for _, m := range f.Missing {
		if m.In != "world" {
			line(m)
		}
	}
	if f.NoSystem {
		b.WriteString("!!! You have no system list.\n")
	}
	if f.NoWorld {
		b.WriteString("!!! You have no world file.\n")
	}
	for _, m := range f.Missing {
		if m.In == "world" {
			line(m)
		}
	}
	if f.EmptyWorld {
		b.WriteString("!!! Your @world set is empty.\n")
	}
	if f.Aborts {
		b.WriteString("!!! Aborting due to set configuration errors displayed above.\n")
	}
	return b.String()
}
