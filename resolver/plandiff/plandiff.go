// Package plandiff compares two plans: which packages come, go, change their version or
// their USE flags from the old one to the new one, and for whose sake.
//
// It pairs packages by root, name and slot, and those that are left over by root and name
// if there is one of each: such a package has moved to another slot. A package that is
// merged twice counts as it is in the end; what is unmerged does not count.
package plandiff

import (
	"cmp"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A Kind is what became of a package.
type Kind string

// The kinds.
const (
	Added      Kind = "added"
	Removed    Kind = "removed"
	Upgraded   Kind = "upgraded"
	Downgraded Kind = "downgraded"
	Changed    Kind = "changed" // the version is the same, something else is not
)

// A Change is a package that is not the same in both plans.
type Change struct {
	Kind     Kind
	CP       string
	Root     plan.Root
	Old, New *plan.Step // nil if it is not there
	Flags    Flags
	Reasons  []plan.Reason // of the new one; of the old one if it is removed
}

// Flags are the USE flags that differ between two packages, each sorted.
type Flags struct {
	Enabled, Disabled []string // declared in both
	Added, Removed    []string // declared in one only; "-" before those that are off
}

// Any says if there is a difference.
func (f *Flags) Any() bool {
	return len(f.Enabled)+len(f.Disabled)+len(f.Added)+len(f.Removed) > 0
}

type key struct {
	root plan.Root
	cp   string
	slot string
}

// Compare gives the changes, by name, root and slot.
func Compare(before, after *plan.Plan) []Change {
	was, is := merged(before), merged(after)
	var out []Change
	for k, o := range was {
		if n := is[k]; n != nil {
			out = appendPair(out, o, n)
			delete(was, k)
			delete(is, k)
		}
	}
	oldNames, newNames := byName(was), byName(is)
	for name, olds := range oldNames {
		if news := newNames[name]; len(olds) == 1 && len(news) == 1 {
			out = appendPair(out, was[olds[0]], is[news[0]])
			delete(was, olds[0])
			delete(is, news[0])
		}
	}
	for _, o := range was {
		out = append(out, Change{Kind: Removed, CP: o.CP, Root: o.Root, Old: o, Reasons: o.Reasons})
	}
	for _, n := range is {
		out = append(out, Change{Kind: Added, CP: n.CP, Root: n.Root, New: n, Reasons: n.Reasons})
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.CP, b.CP), -cmp.Compare(a.Root, b.Root), cmp.Compare(slot(&a), slot(&b)), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

func slot(c *Change) string {
	if c.New != nil {
		return c.New.Slot
	}
	return c.Old.Slot
}

// merged gives what a plan merges in the end.
func merged(p *plan.Plan) map[key]*plan.Step {
	out := map[key]*plan.Step{}
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Operation == plan.OpMerge {
			out[key{s.Root, s.CP, s.Slot}] = s
		}
	}
	return out
}

func byName(steps map[key]*plan.Step) map[key][]key {
	out := map[key][]key{}
	for k := range steps {
		name := key{root: k.root, cp: k.cp}
		out[name] = append(out[name], k)
	}
	return out
}

// appendPair compares a package with itself.
func appendPair(out []Change, o, n *plan.Step) []Change {
	c := Change{Kind: Changed, CP: n.CP, Root: n.Root, Old: o, New: n, Flags: compareFlags(o, n), Reasons: n.Reasons}
	switch order := compareVersions(o.Version, n.Version); {
	case order < 0:
		c.Kind = Upgraded
	case order > 0:
		c.Kind = Downgraded
	case !c.Flags.Any() && o.Version == n.Version && o.Slot == n.Slot && o.Subslot == n.Subslot && o.Repo == n.Repo && o.Origin == n.Origin:
		return out
	}
	return append(out, c)
}

// compareVersions orders two versions; texts that are no versions by their bytes.
func compareVersions(a, b string) int {
	v, errA := atoms.ParseVersion(a)
	w, errB := atoms.ParseVersion(b)
	if errA != nil || errB != nil {
		return cmp.Compare(a, b)
	}
	return v.Compare(w)
}

func compareFlags(o, n *plan.Step) Flags {
	var f Flags
	declared := func(s *plan.Step, flag string) bool {
		return slices.Contains(s.Use, flag) || slices.Contains(s.Disabled, flag)
	}
	only := func(a, b *plan.Step) (out []string) {
		for _, flag := range a.Use {
			if !declared(b, flag) {
				out = append(out, flag)
			}
		}
		for _, flag := range a.Disabled {
			if !declared(b, flag) {
				out = append(out, "-"+flag)
			}
		}
		return out
	}
	f.Added, f.Removed = only(n, o), only(o, n)
	for _, flag := range n.Use {
		if slices.Contains(o.Disabled, flag) {
			f.Enabled = append(f.Enabled, flag)
		}
	}
	for _, flag := range n.Disabled {
		if slices.Contains(o.Use, flag) {
			f.Disabled = append(f.Disabled, flag)
		}
	}
	return f
}
