package render

import "strings"

// Circular is a set of packages that no order can merge (O60).
type Circular struct {
	// List is the remaining graph as the message lists it (O25): *Package,
	// leaves first.
	List []Item
	// Cycle is the shortest cycle: each member depends on the next one, and
	// the last one on the first.
	Cycle []CycleMember
	// Suggestions are changes that would cut the cycle, in a fixed order.
	Suggestions []Suggestion
	// Large says that there are more than three cycles.
	Large bool
}

// A CycleMember is a package in a cycle.
type CycleMember struct {
	Package *Package
	// Priority is the hardest priority of the edge that leads to the package
	// from the member before (the last member, for the first one):
	// "buildtime", "runtime_slot_op", ... (digraph.Priority.Label).
	Priority string
}

// A Suggestion is a change of USE that cuts a cycle.
type Suggestion struct {
	CPV     string
	Changes []FlagChange
	// Followup says that packages which depend on this one may need changes too.
	Followup bool
}

// Text returns what follows the list: the cycle, and what might break it.
func (c *Circular) Text(o Options) string {
	star := o.paint("BAD", " * ")
	s := "\n" + star + "Error: circular dependencies:\n\n" + c.cycleText(&o)
	if len(c.Suggestions) == 0 {
		return s + "\n\n" +
			star + "Note that circular dependencies can often be avoided by temporarily\n" +
			star + "disabling USE flags that trigger optional dependencies.\n"
	}
	s += "\n\nIt might be possible to break this cycle\nby applying "
	if len(c.Suggestions) == 1 {
		s += "the following change:\n"
	} else {
		s += o.paint("bold", "any of") + " the following changes:\n"
	}
	for _, g := range c.Suggestions {
		s += "- " + g.CPV + " (Change USE: " + flagChanges(g.Changes, &o) + ")\n"
		if g.Followup {
			s += " (This change might require USE changes on parent packages.)"
		}
	}
	s += "\nNote that this change can be reverted, once the package has been installed.\n"
	if c.Large {
		s += "\nNote that the dependency graph contains a lot of cycles.\n" +
			"Several changes might be required to resolve all cycles.\n" +
			"Temporarily changing some use flag for all packages might be the better option.\n"
	}
	return s
}

func (c *Circular) cycleText(o *Options) string {
	if len(c.Cycle) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(c.Cycle[0].Package.message(o) + " depends on\n")
	for i, m := range c.Cycle[1:] {
		b.WriteString(strings.Repeat(" ", i+1) + m.Package.message(o) + " (" + m.Priority + ")\n")
	}
	first := c.Cycle[0]
	b.WriteString(strings.Repeat(" ", len(c.Cycle)) + first.Package.message(o) + " (" + first.Priority + ")")
	return b.String()
}
