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
	expand, hidden := p.Root.expand()
	type flag struct {
		text string
		on   bool
	}
	groups, names := map[string]map[string]bool{"": {}}, []string{""}
	use := setOf(p.USE)
	if p.Root != nil {
		delete(use, p.Root.Arch)
	}
	add := func(f string) {
		name, short := splitFlag(f, expand)
		if groups[name] == nil {
			groups[name] = map[string]bool{}
			names = append(names, name)
		}
		groups[name][short] = use[f]
	}
	for f := range use {
		add(f)
	}
	for _, f := range p.IUSE {
		add(f)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Compare(strings.ToUpper(a), strings.ToUpper(b))
	})
	fixed := setOf(p.Fixed)
	var parts []string
	for _, name := range names {
		if hidden[name] {
			continue
		}
		prefix, variable := "", "USE"
		if name != "" {
			prefix, variable = name+"_", strings.ToUpper(name)
		}
		parts = append(parts, variable+`="`+o.messageFlags(groups[name], prefix, fixed)+`"`)
	}
	return strings.Join(parts, " ")
}

// messageFlags returns the flags of one variable, enabled ones first unless
// they are to be mixed.
func (o *Options) messageFlags(group map[string]bool, prefix string, fixed flagSet) string {
	flags := make([]string, 0, len(group))
	for f := range group {
		flags = append(flags, f)
	}
	slices.SortFunc(flags, func(a, b string) int {
		if !o.Alphabetical && group[a] != group[b] {
			if group[a] {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	})
	for i, f := range flags {
		s := o.paint("blue", "-"+f)
		if group[f] {
			s = o.paint("red", f)
		}
		if fixed[prefix+f] {
			s = "(" + s + ")"
		}
		flags[i] = s
	}
	return strings.Join(flags, " ")
}
