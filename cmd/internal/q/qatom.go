package q

import (
	"context"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
)

const atomFormat = "%{CATEGORY} %{PN} %{PV} %[PR] %[SLOT] %[pfx] %[sfx]"

func qatom() applet {
	return applet{name: "qatom", args: "<pkg>", about: "split atom strings", kind: Atoms, run: runAtom, options: []option{
		{letter: 'F', name: "format=", about: "Custom output format (default: " + atomFormat + ")"},
		{letter: 'c', name: "compare", about: "Compare two atoms"},
		{letter: 's', name: "scompare", about: "Compare two atoms in the given order data, query"},
		{letter: 'p', name: "print", about: "Print reconstructed atom"},
		{letter: 'l', name: "lookup", about: "Lookup atom in tree"},
	}}
}

func runAtom(_ context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.usage()
	}
	format, ok := c.last("format")
	if !ok {
		format = atomFormat
	}
	action := "" // the last one given counts
	for _, g := range c.given {
		if g.name != "format" {
			action = g.name
		}
	}
	if c.json {
		return c.atomsAsData()
	}
	switch action {
	case "compare", "scompare":
		return c.compareAtoms(action == "scompare")
	case "lookup":
		return c.lookUp(format)
	}
	for _, a := range c.atoms() {
		if action == "print" {
			c.printf("%s\n", a)
		} else {
			c.printf("%s\n", c.format(format, a))
		}
	}
	return nil
}

// compareAtoms compares the arguments in pairs. Unless the order is said to matter,
// the one with an operator is the query.
func (c *call) compareAtoms(ordered bool) error {
	if len(c.args)%2 != 0 {
		return c.fail("compare needs even number of arguments")
	}
	all := c.atoms()
	for i := 0; i < len(all); i += 2 {
		a, b := all[i], all[i+1]
		r := loose.Compare(a, b, 0)
		if !ordered && !asks(b) && (b.HasCategory || asks(a)) {
			switch r = loose.Compare(b, a, 0); r {
			case loose.Newer:
				r = loose.Older
			case loose.Older:
				r = loose.Newer
			}
		}
		c.printf("%s %s %s\n", a, r, b)
	}
	return nil
}

// asks says if an atom has an operator.
func asks(a *loose.Atom) bool { return a.Blocker != loose.BlockNone || a.Op != loose.OpNone || a.Star }

// lookUp prints what the main repository has for each argument, the oldest first.
func (c *call) lookUp(format string) error {
	main := c.conf.Main()
	t := c.repo(main.Location)
	if t == nil {
		return c.fail("failed to open tree")
	}
	for _, query := range c.atoms() {
		found := c.packages(t, query)
		for i := range found {
			// found goes from the newest on
			p := found[len(found)-1-i]
			if c.quiet == 0 {
				c.printf("%s: ", query)
			}
			c.printf("%s\n", c.format(format, p.For(query)))
		}
	}
	return nil
}
