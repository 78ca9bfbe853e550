package complete_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/universe/universetest"
)

// The reference. It shares no code with the resolver: it tries every set of
// ebuilds to merge and of installed packages to remove.

// judge says what is wrong with a state, "" if nothing is.
func (q *question) judge(s state) string {
	final := s.all()
	for i, p := range final {
		for _, o := range final[i+1:] {
			if p.CP() == o.CP() && (p.Slot == o.Slot || p.CPV == o.CPV) {
				return fmt.Sprintf("%v and %v share a slot", p, o)
			}
		}
	}
	for _, a := range q.req.Args {
		among := s.merged
		if q.p.Selective {
			among = final
		}
		if !matched(a.Atom, among) {
			return a.Text + " is not met"
		}
	}
	for _, a := range q.world {
		if matched(a, q.installed) && !matched(a, final) {
			return a.String() + " of @world is lost"
		}
	}
	for _, p := range s.merged {
		if why := q.judgeMerged(p, final); why != "" {
			return why
		}
	}
	for _, p := range s.kept {
		if why := q.judgeKept(p, s); why != "" {
			return why
		}
	}
	for _, p := range s.removed {
		for _, how := range [...]atoms.Blocker{atoms.BlockWeak, atoms.BlockStrong} {
			// On the running root nothing is removed because of "!!".
			if (how == atoms.BlockWeak) != slices.ContainsFunc(s.merged, func(m *ebuild.Package) bool { return blocked(m, p, how) || blocked(p, m, how) }) {
				return p.String() + " is removed for no reason, or because of !!"
			}
		}
	}
	return ""
}

func matched(a *atoms.Atom, list []*ebuild.Package) bool {
	return slices.ContainsFunc(list, func(p *ebuild.Package) bool { return a.Match(p.Candidate(randworld.Flags(p))) })
}

func trees(p *ebuild.Package, classes ...atoms.DepClass) map[atoms.DepClass][]*atoms.Dep {
	list := make(map[atoms.DepClass][]*atoms.Dep)
	for _, c := range classes {
		tree, err := p.Deps(c)
		if err != nil {
			panic(err)
		}
		list[c] = atoms.Reduce(tree, atoms.ReduceOptions{EAPI: p.EAPI, Enabled: randworld.Flags(p).Enabled}).Children
	}
	return list
}

func (q *question) judgeMerged(p *ebuild.Package, final []*ebuild.Package) string {
	spec, _ := p.RequiredUSE()
	if ok, _, _ := atoms.CheckRequiredUSE(spec, randworld.Flags(p), p.EAPI); !ok {
		return p.String() + " breaks REQUIRED_USE"
	}
	for c, list := range trees(p, atoms.RDepend, atoms.PDepend, atoms.IDepend, atoms.Depend, atoms.BDepend) {
		for _, d := range list {
			if !randworld.Holds(d, p, final) {
				return fmt.Sprintf("%v: %v %v is not met", p, c, d)
			}
		}
	}
	for _, o := range final {
		if strong(p, o) {
			return fmt.Sprintf("%v blocks %v", p, o)
		}
	}
	return ""
}

// strong says if p has a strong blocker, outside of groups, on o of its own slot.
func strong(p, o *ebuild.Package) bool {
	if p.CP() != o.CP() || p.Slot != o.Slot {
		return false
	}
	for _, list := range trees(p, atoms.RDepend, atoms.PDepend, atoms.IDepend, atoms.Depend, atoms.BDepend) {
		for _, d := range list {
			if d.Kind == atoms.KindLeaf && d.Leaf.Blocker == atoms.BlockStrong && matched(d.Leaf.Unblocked(), []*ebuild.Package{o}) {
				return true
			}
		}
	}
	return false
}

// judgeKept checks that an installed package keeps what it has.
func (q *question) judgeKept(p *ebuild.Package, s state) string {
	final := s.all()
	for c, list := range trees(p, atoms.RDepend, atoms.PDepend, atoms.IDepend) {
		for _, d := range list {
			if randworld.Holds(d, p, q.installed) && !randworld.Holds(d, p, final) {
				return fmt.Sprintf("%v: %v %v is broken", p, c, d)
			}
		}
	}
	return ""
}

// blocked says if p has a blocker of a sort, in any class that counts, on o.
func blocked(p, o *ebuild.Package, how atoms.Blocker) bool {
	classes := []atoms.DepClass{atoms.RDepend, atoms.PDepend, atoms.IDepend}
	if p.Origin == ebuild.OriginEbuild {
		classes = append(classes, atoms.Depend, atoms.BDepend)
	}
	for _, list := range trees(p, classes...) {
		for _, d := range list {
			for a := range d.All() {
				if a.Blocker == how && matched(a.Unblocked(), []*ebuild.Package{o}) &&
					(a.Blocker == atoms.BlockStrong || p.CP() != o.CP() || p.Slot != o.Slot) {
					return true
				}
			}
		}
	}
	return false
}

// brute returns some state that the reference accepts.
func (q *question) brute() (state, bool) {
	bySlot := make(map[string][]*ebuild.Package)
	var slots []string
	for _, p := range q.ebuilds {
		k := string(p.CP()) + ":" + p.Slot
		if bySlot[k] == nil {
			slots = append(slots, k)
		}
		bySlot[k] = append(bySlot[k], p)
	}
	var merged []*ebuild.Package
	var try func(i int) (state, bool)
	try = func(i int) (state, bool) {
		if i == len(slots) {
			return q.bruteRemovals(merged)
		}
		for _, p := range append([]*ebuild.Package{nil}, bySlot[slots[i]]...) {
			n := len(merged)
			if p != nil {
				merged = append(merged, p)
			}
			if s, ok := try(i + 1); ok {
				return s, true
			}
			merged = merged[:n]
		}
		return state{}, false
	}
	return try(0)
}

func (q *question) bruteRemovals(merged []*ebuild.Package) (state, bool) {
	var free, stuck []*ebuild.Package
	for _, p := range q.installed {
		switch {
		case replaced(p, merged):
		case slices.ContainsFunc(merged, func(m *ebuild.Package) bool { return blocked(m, p, atoms.BlockWeak) || blocked(p, m, atoms.BlockWeak) }):
			free = append(free, p)
		default:
			stuck = append(stuck, p)
		}
	}
	for bits := range 1 << len(free) {
		s := state{merged: slices.Clone(merged), kept: slices.Clone(stuck)}
		for i, p := range free {
			if bits>>i&1 == 1 {
				s.removed = append(s.removed, p)
			} else {
				s.kept = append(s.kept, p)
			}
		}
		if q.judge(s) == "" {
			return s, true
		}
	}
	return state{}, false
}

func TestAgainstBruteForce(t *testing.T) {
	cfg := universetest.Config(t, nil)
	size := randworld.Small()
	worlds := 400
	if testing.Short() {
		worlds = 100
	}
	for _, acyclic := range []bool{true, false} {
		size.Acyclic = acyclic
		possible, found, portage, proved, beyond, disagreed := 0, 0, 0, 0, 0, 0
		for seed := range uint64(worlds) {
			w := randworld.Generate(seed, size)
			q := ask(t, cfg, w)
			s, exists := q.brute()
			a := q.complete(t)
			p := q.portage()
			if exists {
				possible++
			}
			if p.Success {
				portage++
			}
			switch {
			case a.Success:
				found++
				if !p.Success {
					beyond++
				}
				got := q.outcome(a.Pass)
				if why := q.judge(got); why != "" {
					t.Errorf("seed %d: %s\n%v\n%s", seed, why, got, w.Text())
				}
			case exists && a.Proof != nil:
				t.Errorf("seed %d: there is a plan:\n%v\nbut the proof is %v\n%s", seed, s, a.Proof.Reasons, w.Text())
			case exists:
				disagreed++
				if acyclic {
					t.Errorf("seed %d: given up after %d models; there is a plan:\n%v\n%s", seed, a.Models, s, w.Text())
				}
			case a.Proof != nil && a.Proof.Minimal:
				proved++
			case acyclic:
				t.Errorf("seed %d: neither plan nor proof\n%s", seed, w.Text())
			}
			if t.Failed() {
				return
			}
		}
		t.Logf("acyclic %v: a plan exists in %d of %d worlds; complete finds %d, Portage says %d; beyond %d; proofs %d; given up %d",
			acyclic, possible, worlds, found, portage, beyond, proved, disagreed)
	}
}
