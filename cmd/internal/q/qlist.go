package q

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/tree"
	"github.com/tumpline/tumpline/merge/vdb"
)

func qlist() applet {
	return applet{name: "qlist", args: "<pkgname>", about: "list files owned by pkgname", kind: Packages, run: runList, letters: "IktSRUcmDedosF:", options: []option{
		{letter: 'I', name: "installed", about: "Just show installed package names"},
		{letter: 'k', name: "binpkgs", about: "Use binpkgs instead of installed packages"},
		{letter: 't', name: "tree", about: "Use available packages in the tree instead of installed"},
		{letter: 'S', name: "slots", about: "Display installed packages with slots (use twice for subslots)"},
		{letter: 'R', name: "repo", about: "Display installed packages with repository"},
		{letter: 'U', name: "umap", about: "Display installed packages with flags used"},
		{letter: 'c', name: "columns", about: "Display column view"},
		{letter: 'm', name: "masks", about: "Exclude matches masked by profiles"},
		{letter: 0, name: "showdebug", about: "Show /usr/lib/debug and /usr/src/debug files"},
		{letter: 'e', name: "exact", about: "Exact match (only CAT/PN or PN without PV)"},
		{letter: 'd', name: "dir", about: "Only show directories"},
		{letter: 'o', name: "obj", about: "Only show objects"},
		{letter: 's', name: "sym", about: "Only show symlinks"},
		formatOption(),
	}}
}

// A lister is one run of qlist.
type lister struct {
	*call
	names   bool // packages, not their files
	format  string
	full    bool // the format needs slot and repository
	wanted  []*wanted
	masks   masks
	dirs    bool
	files   bool
	links   bool
	debug   bool
	matched bool
}

func runList(_ context.Context, c *call) error {
	l := &lister{call: c, names: c.has("installed") || c.has("slots") || c.has("repo") || c.has("umap"), debug: c.has("showdebug")}
	if len(c.args) == 0 && !l.names {
		return c.usage()
	}
	l.dirs, l.files, l.links = c.has("dir"), c.has("obj"), c.has("sym")
	if !l.dirs && !l.files && !l.links {
		l.files, l.links = true, true
	}
	l.chooseFormat()
	if c.has("masks") {
		l.masks = c.readMasks()
	}
	for _, arg := range c.args {
		l.wanted = append(l.wanted, c.want(arg))
	}
	found := l.find()
	l.matched = l.matched || len(found) > 0
	if c.json {
		if err := l.asData(found); err != nil {
			return err
		}
		return ended(l.matched)
	}
	for _, p := range found {
		l.show(p)
	}
	return ended(l.matched)
}

// chooseFormat makes the format of names out of the options.
func (l *lister) chooseFormat() {
	if format, ok := l.last("format"); ok {
		l.format, l.full = format, true
		return
	}
	open, end := "%[", "]"
	if l.has("columns") {
		open, end = "%{", "} "
	}
	fields := []string{"CATEGORY", "PN"}
	if l.verbose > 0 {
		fields[1] = "PF"
		if l.has("binpkgs") {
			fields = append(fields, "BUILDID")
		}
	}
	if l.has("slots") {
		fields = append(fields, "SLOT")
	}
	if l.count("slots") > 1 {
		fields = append(fields, "SUBSLOT")
	}
	if l.has("repo") {
		fields = append(fields, "REPO")
	}
	for _, f := range fields {
		l.format += open + f + end
	}
	l.full = l.has("slots") || l.has("repo")
}

// find lists the packages that are asked for.
func (l *lister) find() []*tree.Package {
	var stores []*tree.Tree
	switch {
	case l.has("tree"):
		stores = l.repos()
		l.matched = true // as in portage-utils, whatever is found
	case l.has("binpkgs"):
		if t := l.binaries("/"); t != nil {
			stores = append(stores, t)
		} else {
			l.matched = true
		}
	default:
		if t := l.installed(); t != nil {
			stores = append(stores, t)
		} else {
			l.matched = true
		}
	}
	var out []*tree.Package
	for _, t := range stores {
		for _, p := range l.packages(t, nil) {
			if len(l.wanted) == 0 || slices.ContainsFunc(l.wanted, func(w *wanted) bool { return w.matches(p, l.has("exact"), l.masks) }) {
				out = append(out, p)
			}
		}
	}
	return out
}

// show prints a package, or its files.
func (l *lister) show(p *tree.Package) {
	a := p.Atom()
	if l.full {
		a = p.Full()
	}
	if l.names {
		flags := ""
		if l.has("umap") {
			flags = l.flags(p)
		}
		l.printf("%s%s\n", l.call.format(l.format, a), flags)
		return
	}
	if l.verbose > 0 {
		l.printf("%s %sCONTENTS%s:\n", l.call.format(l.format, a), l.col.DkBlue, l.col.Norm)
	}
	for _, e := range contents(p) {
		if !l.debug && isDebug(e.Path) {
			continue
		}
		switch {
		case e.Kind == vdb.KindDir && l.dirs:
			l.printf("%s%s%s/\n", l.col.Yellow, e.Path, l.col.Norm)
		case e.Kind == vdb.KindFile && l.files:
			l.printf("%s%s%s\n", l.col.DkGreen, e.Path, l.col.Norm)
		case e.Kind == vdb.KindSymlink && l.links && l.verbose > 0:
			l.printf("%s%s%s -> %s%s%s\n", l.col.Cyan, e.Path, l.col.Norm, l.col.Cyan, e.Target, l.col.Norm)
		case e.Kind == vdb.KindSymlink && l.links:
			l.printf("%s%s%s\n", l.col.Cyan, e.Path, l.col.Norm)
		}
	}
}

// contents are the files of a package that say what they are in one of the ways that
// have been there always; what cannot be understood is passed over.
func contents(p *tree.Package) []vdb.Content {
	text, _ := p.Get("CONTENTS") // a package may have none
	all, _ := vdb.ParseContents(p.Path()+"/CONTENTS", []byte(text))
	return slices.DeleteFunc(all, func(e vdb.Content) bool { return e.Kind == vdb.KindDevice || e.Kind == vdb.KindFIFO })
}

// isDebug says if a path belongs to a debugger's view of a package.
func isDebug(path string) bool {
	for _, dir := range []string{"/usr/lib/debug", "/usr/src/debug"} {
		if path == dir || strings.HasPrefix(path, dir+"/") {
			return true
		}
	}
	return false
}

// flags are the USE flags of a package, each with a blank before it: those that it was
// built with, and in a verbose run those that it was built without. As in portage-utils
// a flag that IUSE has twice counts as enabled once only.
func (l *lister) flags(p *tree.Package) string {
	var b strings.Builder
	last := ""
	for _, f := range flagsOf(p) {
		again := f.Name == last
		last = f.Name
		switch {
		case f.Enabled && !again:
			fmt.Fprintf(&b, " %s%s%s", l.col.Red, f.Name, l.col.Norm)
		case l.verbose > 0:
			fmt.Fprintf(&b, " %s-%s%s", l.col.DkBlue, f.Name, l.col.Norm)
		}
	}
	return b.String()
}

// flagsOf lists the flags of IUSE, as often as they are there, but for those that stand
// for the system, with what USE says of them. Without a USE there are none.
func flagsOf(p *tree.Package) []flag {
	use, _ := p.Get("USE")
	iuse, _ := p.Get("IUSE")
	enabled := strings.Fields(use)
	if len(enabled) == 0 {
		return nil
	}
	names := strings.Fields(iuse)
	for i, name := range names {
		names[i] = strings.TrimLeft(name, "+-")
	}
	slices.Sort(names)
	var out []flag
	for _, name := range names {
		if strings.HasPrefix(name, "elibc_") || strings.HasPrefix(name, "kernel_") || strings.HasPrefix(name, "userland_") {
			continue
		}
		out = append(out, flag{Name: name, Enabled: slices.Contains(enabled, name)})
	}
	return out
}
