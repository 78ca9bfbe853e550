package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// PlanWorld lists what a run of a plan records as selected: sets, and arguments that
// stay as they are, before all; each other argument with its merge (Portage:
// create_world_atom, saveNomergeFavorites). Nothing is recorded by a plan that is no
// success, or with Oneshot.
func PlanWorld(res *resolver.Result, o Options) []plan.WorldEntry {
	if !res.Success || o.Oneshot || res.Params.OnlyDeps || res.Pass.Order == nil {
		return nil
	}
	b := newBuilder(res, o)
	merged := b.worldOfMerges()
	first := append(b.worldSets(), b.worldOfRest(merged)...)
	slices.Sort(first)
	var out []plan.WorldEntry
	for _, atom := range slices.Compact(first) {
		out = append(out, plan.WorldEntry{Atom: atom})
	}
	return append(out, merged...)
}

// worldOfMerges are the atoms that come with merges; of a package that is merged
// twice with the last one.
func (b *builder) worldOfMerges() (out []plan.WorldEntry) {
	step := plan.StepID(0)
	for _, item := range b.w.Order.List {
		if item.Task == digraph.None {
			continue
		}
		step++
		if b.w.Removal(item.Task) != nil {
			continue
		}
		p := b.res.Universe.Pkg(universe.ID(item.Task))
		if p == nil || p.Root != b.w.U.Target {
			continue
		}
		q := b.worldQuestion(p, b.membersOf(p.Root))
		q.BeforeInstall = true
		atom := sets.WorldAtom(q)
		if atom == nil {
			continue
		}
		out = slices.DeleteFunc(out, func(e plan.WorldEntry) bool { return e.Atom == atom.String() })
		out = append(out, plan.WorldEntry{Atom: atom.String(), Step: step})
	}
	return out
}

// worldSets are the sets among the arguments that may be recorded and are not.
func (b *builder) worldSets() (out []string) {
	cfg := b.res.System.Target.Sets
	if cfg == nil {
		return nil
	}
	var have []string
	if s := cfg.Set(sets.Selected); s != nil {
		have = s.Members().Nested
	}
	for _, arg := range b.w.Args() {
		if arg.Internal || arg.Kind != partial.ArgSet || !arg.Root.Target {
			continue
		}
		name := arg.SetName()
		s := cfg.Set(name)
		if s != nil && s.WorldCandidate && name != sets.Selected && name != sets.World && !slices.Contains(have, name) {
			out = append(out, sets.Prefix+name)
		}
	}
	return out
}

// worldOfRest are the atoms of arguments that are installed and not merged.
func (b *builder) worldOfRest(merged []plan.WorldEntry) (out []string) {
	for _, arg := range b.w.Args() {
		if arg.Internal || arg.Kind == partial.ArgSet || !arg.Root.Target {
			continue
		}
		for _, a := range arg.Atoms() {
			covered := slices.ContainsFunc(merged, func(e plan.WorldEntry) bool {
				return e.Atom == string(a.CP) || strings.HasPrefix(e.Atom, string(a.CP)+":")
			})
			if covered || b.merges(string(a.CP)) {
				continue
			}
			p := b.w.C.FromInstalled(arg.Root, a).Pkg
			if p == nil {
				continue
			}
			if atom := sets.WorldAtom(b.worldQuestion(p, b.membersOf(p.Root))); atom != nil {
				out = append(out, atom.String())
			}
		}
	}
	return out
}

// merges says whether a package of a name is merged to the target.
func (b *builder) merges(cp string) bool {
	return slices.ContainsFunc(b.w.Order.List, func(item order.Item) bool {
		if item.Task == digraph.None || b.w.Removal(item.Task) != nil {
			return false
		}
		p := b.res.Universe.Pkg(universe.ID(item.Task))
		return p != nil && p.Root == b.w.U.Target && string(p.CPV.CP) == cp
	})
}
