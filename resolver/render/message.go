package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// String returns the package as messages name it (O60):
// "(cat/pkg-1:0/0::repo, ebuild scheduled for merge)".
func (p *Package) String() string { return p.message(&Options{}) }

func (p *Package) message(o *Options) string {
	name := p.CPV()
	if p.BuildID > 0 {
		name += "-" + itoa(p.BuildID)
	}
	name += ":" + p.Slot + "/" + p.Subslot + "::" + p.Repo
	s := "(" + o.paint(p.messageStyle(), name) + ", " + string(p.Origin)
	root := ""
	if p.Root.elsewhere() != "" {
		root = p.Root.Root
	}
	switch {
	case p.Origin == plan.OriginInstalled:
		if root != "" {
			s += " in '" + root + "'"
		}
		if p.Operation == Unmerge {
			s += " scheduled for uninstall"
		}
	case p.Operation == Merge:
		s += " scheduled for merge"
		if root != "" {
			s += " to '" + root + "'"
		}
	}
	return s + ")"
}

func (p *Package) messageStyle() string {
	switch {
	case p.Operation == Merge && p.Origin == plan.OriginBinary:
		return "PKG_BINARY_MERGE"
	case p.Operation == Merge:
		return "PKG_MERGE"
	case p.Operation == Unmerge:
		return "PKG_UNINSTALL"
	}
	return "PKG_NOMERGE"
}

// message returns a parent with its USE, which is empty for arguments and sets.
func (p Parent) message(o *Options) (name, use string) {
	if p.Package == nil {
		return p.Text, ""
	}
	return p.Package.message(o), o.useMessage(p.Package)
}

// useMessage returns the flags of a package as messages show them: all of
// them, without marks, sorted as text (O52, end). Flags that are enabled but
// not in IUSE show too, the one of the architecture and hidden variables do not.
func (o *Options) useMessage(p *Package) string {
	e := p.Root.expansion()
	flags := p.messageFlags(e)
	parts := []string{`USE="` + o.messageGroup(flags, "") + `"`}
	for i, f := range flags {
		if f.group == "" || i > 0 && flags[i-1].group == f.group || slices.Contains(e.hidden, f.group) {
			continue
		}
		parts = append(parts, strings.ToUpper(f.group)+`="`+o.messageGroup(flags, f.group)+`"`)
	}
	return strings.Join(parts, " ")
}

// messageFlags returns the flags by upper case group and name.
func (p *Package) messageFlags(e *expansion) []flag {
	var flags []flag
	seen := map[string]bool{}
	add := func(names []string, on bool) {
		for _, name := range names {
			if !seen[name] {
				seen[name] = true
				group, short := e.split(name)
				flags = append(flags, flag{group: group, name: short, on: on, fixed: slices.Contains(p.Fixed, name)})
			}
		}
	}
	use := p.USE
	if p.Root != nil && p.Root.Arch != "" {
		use = slices.DeleteFunc(slices.Clone(use), func(f string) bool { return f == p.Root.Arch })
	}
	add(use, true)
	add(p.IUSE, false)
	slices.SortFunc(flags, func(a, b flag) int {
		return cmp.Or(cmp.Compare(strings.ToUpper(a.group), strings.ToUpper(b.group)), cmp.Compare(a.name, b.name))
	})
	return flags
}

// messageGroup returns the flags of one variable, enabled ones first unless
// they are to be mixed.
func (o *Options) messageGroup(flags []flag, group string) string {
	var on, off []string
	for _, f := range flags {
		if f.group != group {
			continue
		}
		s := o.paint("blue", "-"+f.name)
		if f.on {
			s = o.paint("red", f.name)
		}
		if f.fixed {
			s = "(" + s + ")"
		}
		if f.on || o.Alphabetical {
			on = append(on, s)
		} else {
			off = append(off, s)
		}
	}
	return strings.Join(append(on, off...), " ")
}
