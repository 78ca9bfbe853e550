package q

import (
	"context"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

func qwhich() applet {
	more := ""
	return applet{name: "qwhich", args: "<pkg ...>", about: "find path to pkg", kind: Ebuilds, run: runWhich, more: &more, options: []option{
		{letter: 'I', name: "vdb", about: "Look in VDB (installed packages)"},
		{letter: 'b', name: "binpkg", about: "Look at binary packages"},
		{letter: 't', name: "tree", about: "Look in main tree and overlays"},
		{letter: 'p', name: "pretty", about: "Print (pretty) atom instead of path for use with -F"},
		{letter: 'd', name: "dir", about: "Print directory instead of path"},
		{letter: 'R', name: "repo", about: "Print repository name instead of path for tree/overlay matches"},
		{letter: 'f', name: "first", about: "Stop searching after first match (implies -l)"},
		{letter: 'l', name: "latest", about: "Only return latest version for each match"},
		{letter: 'T', name: "novirtual", about: "Skip virtual category"},
		{letter: 'A', name: "noacct", about: "Skip acct-user and acct-group categories"},
		{letter: 'F', name: "format=", about: "Print matched using given format string"},
	}}
}

func runWhich(_ context.Context, c *call) error {
	format, formatted := c.last("format")
	if !formatted {
		format = c.nameFormat()
	}
	anyStore := c.has("vdb") || c.has("binpkg") || c.has("tree")
	latest := c.has("latest") || c.has("dir") || c.has("first") ||
		!anyStore && !c.has("pretty") && !formatted
	var stores []*tree.Tree
	if t := c.installedIf(c.has("vdb")); t != nil {
		stores = append(stores, t)
	}
	if t := c.binaries("/"); t != nil && c.has("binpkg") {
		stores = append(stores, t)
	}
	if c.has("tree") || !anyStore {
		stores = append(stores, c.repos()...)
	}
	var data []listed
	for _, t := range stores {
		for _, query := range c.atoms() {
			for _, p := range c.which(t, query, latest) {
				switch {
				case c.json:
					data = append(data, c.listed(p))
				case c.has("pretty") || formatted:
					c.printf("%s\n", c.format(format, p.For(query)))
				default:
					c.printf("%s\n", c.place(p))
				}
			}
		}
	}
	if c.json {
		return c.ebuildsAsData(data)
	}
	return nil
}

func (c *call) installedIf(wanted bool) *tree.Tree {
	if !wanted {
		return nil
	}
	return c.installed()
}

// which lists what a query finds in a store, but for what the options leave out.
func (c *call) which(t *tree.Tree, query *loose.Atom, latest bool) []*tree.Package {
	var out []*tree.Package
	last := ""
	for _, p := range c.packages(t, query) {
		a := p.Atom()
		if c.has("novirtual") && a.Category == "virtual" || c.has("noacct") && isAccount(a) || latest && a.CP() == last {
			continue
		}
		last = a.CP()
		out = append(out, p)
		if c.has("first") {
			break
		}
	}
	return out
}

// place is where a package is: its ebuild, binary package or folder.
func (c *call) place(p *tree.Package) string {
	a, col, t := p.Atom(), &c.col, p.Tree
	where, between := t.Location, "/"
	if c.has("repo") && t.Repo != "" {
		where, between = t.Repo, "::"
	}
	name := col.Bold + a.Category + "/" + col.DkBlue + a.PN
	switch {
	case t.Kind == tree.Installed && c.has("dir"):
		return col.DkBlue + t.Path + "/" + p.Name + col.Norm
	case t.Kind == tree.Installed:
		return col.DkBlue + t.Path + "/" + p.Name + "/" + col.Blue + a.PF + col.DkGreen + ".ebuild" + col.Norm
	case t.Kind == tree.Binaries || t.Kind == tree.Indexed:
		return col.DkGreen + p.Path() + col.Norm
	case c.has("dir"):
		return col.Green + where + between + name + col.Norm
	}
	return col.DkGreen + where + between + name + "/" + col.Blue + a.PF + col.DkGreen + ".ebuild" + col.Norm
}
