package complete_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/portage"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/universe/universetest"
	"github.com/tumpline/tumpline/resolver/walk"
)

// question is a request in a world.
type question struct {
	u   *universe.Universe
	p   *params.Params
	req *walk.Request

	ebuilds, installed []*ebuild.Package
	world              []*atoms.Atom
}

// Set implements walk.Sets.
func (q *question) Set(_ *universe.Root, name string) *partial.Set {
	switch name {
	case "world", "selected":
		return &partial.Set{Name: name, Atoms: q.world}
	case "system":
		return &partial.Set{Name: name}
	}
	return nil
}

func atom(tb testing.TB, text string) *atoms.Atom {
	tb.Helper()
	a, err := atoms.ParseAtom(text, atoms.AtomOptions{AllowRepo: true})
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// ask makes the question of a random world.
func ask(tb testing.TB, cfg *profiles.Config, w *randworld.World) *question {
	tb.Helper()
	ebuilds, installed := w.EbuildSource(), w.InstalledSource()
	root := &universe.Root{
		Path: "/", Running: true, Target: true,
		Policy:   universetest.Policy(cfg),
		Ebuilds:  []ebuild.Source{ebuilds},
		Priority: func(string) (int, bool) { return 0, true }, Installed: installed,
	}
	o := params.New()
	for _, word := range w.Options {
		switch word {
		case "--update":
			o.Update = true
		case "--deep":
			o.Deep = params.Infinite
		}
	}
	q := &question{p: o.Derive(), ebuilds: ebuilds.All(), installed: installed.All()}
	q.u = universe.New([]*universe.Root{root}, root, q.p)
	for _, text := range w.World {
		q.world = append(q.world, atom(tb, text))
	}
	q.req = &walk.Request{Sets: q}
	for _, text := range w.Args {
		q.req.Args = append(q.req.Args, &partial.Arg{Text: text, Kind: partial.ArgAtom, Atom: atom(tb, text), Root: root})
	}
	return q
}

func (q *question) portage() *portage.Answer { return portage.Resolve(q.u, q.p, q.req) }

func (q *question) complete(tb testing.TB) *complete.Answer {
	return complete.Resolve(tb.Context(), q.u, q.p, q.req, complete.EffortPlan)
}

// state is what is there in the end.
type state struct{ merged, kept, removed []*ebuild.Package }

func (s state) all() []*ebuild.Package {
	return append(append([]*ebuild.Package{}, s.merged...), s.kept...)
}

func (s state) String() string {
	var b strings.Builder
	for _, x := range []struct {
		verb string
		list []*ebuild.Package
	}{{"merge", s.merged}, {"keep", s.kept}, {"remove", s.removed}} {
		for _, p := range x.list {
			b.WriteString(x.verb + " " + p.String() + "\n")
		}
	}
	return b.String()
}

// outcome returns the state that a plan leads to.
func (q *question) outcome(pass *walk.Pass) state {
	var s state
	gone := make(map[*ebuild.Package]bool)
	for _, item := range pass.Order.List {
		if item.Task < 0 {
			continue
		}
		if p := pass.Removal(item.Task); p != nil {
			gone[p.Package] = true
			s.removed = append(s.removed, p.Package)
			continue
		}
		if p := q.u.Pkg(universe.ID(item.Task)); p.Merges() {
			s.merged = append(s.merged, p.Package)
		}
	}
	for _, p := range q.installed {
		if !gone[p] && !replaced(p, s.merged) {
			s.kept = append(s.kept, p)
		}
	}
	return s
}

func replaced(p *ebuild.Package, merged []*ebuild.Package) bool {
	for _, m := range merged {
		if m.CP() == p.CP() && (m.Slot == p.Slot || m.CPV == p.CPV) {
			return true
		}
	}
	return false
}

func universeID(n digraph.Node) universe.ID { return universe.ID(n) }
