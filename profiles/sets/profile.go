package sets

import (
	"slices"

	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/userconf"
)

// formatProfileSet is the profile format under which lines without "*" in a
// packages file belong to @profile.
const formatProfileSet = "profile-set"

// profile makes @system or @profile from the packages files of the profile.
func (b *builder) profile(class string) (*Set, error) {
	s := &Set{}
	s.load = func(c *collector) {
		system := class == classSystem
		var stack []userconf.Entry
		for _, n := range b.Nodes {
			if !system && !n.HasFormat(formatProfileSet) {
				continue
			}
			entries, problems := userconf.Read(n.Join("packages"), packagesOptions(n))
			c.problems = append(c.problems, problems...)
			stack = stackEntries(stack, entries)
		}
		for _, e := range stack {
			if e.System == system {
				c.add(e.Atom)
			}
		}
	}
	return s, nil
}

// packagesOptions returns how the packages file of a node reads.
func packagesOptions(n *profiles.Node) userconf.Options {
	p := userconf.Profile{EAPI: n.EAPI, Directories: n.Dirs, User: n.User, AllowRepo: n.RepoDeps, AllowBuildID: n.BuildIDs}
	if n.User && n.EAPIName == "" {
		p.EAPI = nil
	}
	return p.Options("packages")
}

// stackEntries applies entries to a stack: "-*" clears it, "-line" takes back
// an equal line.
func stackEntries(stack, entries []userconf.Entry) []userconf.Entry {
	for _, e := range entries {
		switch {
		case e.Atom == nil:
			stack = nil
		case e.Removed:
			removed := e
			removed.Removed = false
			text := removed.Text()
			stack = slices.DeleteFunc(stack, func(s userconf.Entry) bool { return s.Text() == text })
		default:
			stack = append(stack, e)
		}
	}
	return stack
}
