package sat_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/resolver/sat"
)

// formula is clauses and at-most-one constraints over n variables.
type formula struct {
	n       int
	clauses [][]sat.Lit
	atMost  [][]sat.Lit
}

func randomFormula(r *rand.Rand) formula {
	f := formula{n: 3 + r.IntN(8)}
	lit := func() sat.Lit { return sat.Lit(r.IntN(2 * f.n)) }
	for range f.n*2 + r.IntN(f.n*3) {
		var c []sat.Lit
		for range 1 + r.IntN(4) {
			c = append(c, lit())
		}
		f.clauses = append(f.clauses, c)
	}
	for range r.IntN(3) {
		var c []sat.Lit
		for range 2 + r.IntN(4) {
			c = append(c, lit())
		}
		f.atMost = append(f.atMost, c)
	}
	return f
}

// holds says if the assignment, a bit for each variable, is a model.
func (f *formula) holds(bits int, assumptions []sat.Lit) bool {
	on := func(l sat.Lit) bool { return (bits>>l.Var()&1 == 1) == l.Positive() }
	for _, l := range assumptions {
		if !on(l) {
			return false
		}
	}
	for _, c := range f.clauses {
		if !slices.ContainsFunc(c, on) {
			return false
		}
	}
	for _, c := range f.atMost {
		d := slices.Clone(c)
		slices.Sort(d)
		n := 0
		for _, l := range slices.Compact(d) {
			if on(l) {
				n++
			}
		}
		if n > 1 {
			return false
		}
	}
	return true
}

func (f *formula) satisfiable(assumptions []sat.Lit) bool {
	for bits := range 1 << f.n {
		if f.holds(bits, assumptions) {
			return true
		}
	}
	return false
}

func (f *formula) solver() *sat.Solver {
	s := sat.New()
	for range f.n {
		s.NewVar()
	}
	for _, c := range f.clauses {
		s.Add(c...)
	}
	for _, c := range f.atMost {
		s.AtMostOne(c...)
	}
	return s
}

func model(s *sat.Solver) int {
	bits := 0
	for v := range sat.Var(s.Vars()) {
		if s.Value(v.Pos()) == sat.True {
			bits |= 1 << v
		}
	}
	return bits
}

// check compares the answers for one formula with brute force.
func check(t *testing.T, f formula, r *rand.Rand) {
	t.Helper()
	s := f.solver()
	for range 3 {
		var assumptions []sat.Lit
		for range r.IntN(5) {
			assumptions = append(assumptions, sat.Lit(r.IntN(2*f.n)))
		}
		want := f.satisfiable(assumptions)
		o := sat.Options{Assumptions: assumptions, Guide: sat.Order{sat.Lit(r.IntN(2 * f.n))}}
		status := s.Solve(context.Background(), o)
		if (status == sat.Satisfiable) != want {
			t.Fatalf("Solve(%v, %v) = %v, want satisfiable %v", f, assumptions, status, want)
		}
		if want {
			if !f.holds(model(s), assumptions) {
				t.Fatalf("Solve(%v, %v): %b is no model", f, assumptions, model(s))
			}
			continue
		}
		checkCore(t, f, s, assumptions, o)
	}
}

func checkCore(t *testing.T, f formula, s *sat.Solver, assumptions []sat.Lit, o sat.Options) {
	t.Helper()
	core := s.Core()
	for _, l := range core {
		if !slices.Contains(assumptions, l) {
			t.Fatalf("core %v of %v has %v", core, assumptions, l)
		}
	}
	core, minimal := s.Minimize(t.Context(), core, o)
	if !minimal || f.satisfiable(core) {
		t.Fatalf("core %v of %v can hold", core, f)
	}
	for i := range core {
		if !f.satisfiable(slices.Delete(slices.Clone(core), i, i+1)) {
			t.Fatalf("core %v of %v is not minimal", core, f)
		}
	}
}

func TestSolveAgainstBruteForce(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 1))
		check(t, randomFormula(r), r)
	}
}

func FuzzSolve(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		r := rand.New(rand.NewPCG(a, b))
		check(t, randomFormula(r), r)
	})
}

// lazily adds the clauses of a formula one by one while the search goes on.
type lazily struct {
	f    formula
	next int
}

func (g *lazily) Decide(s *sat.Solver) (sat.Lit, bool) {
	for v := range sat.Var(s.Vars()) {
		if s.Value(v.Pos()) == sat.Unknown {
			return v.Pos(), false
		}
	}
	if g.next < len(g.f.clauses) {
		s.Add(g.f.clauses[g.next]...)
		g.next++
		return sat.NoLit, true
	}
	if i := g.next - len(g.f.clauses); i < len(g.f.atMost) {
		s.AtMostOne(g.f.atMost[i]...)
		g.next++
		return sat.NoLit, true
	}
	return sat.NoLit, false
}

func TestClausesAddedOnTheWay(t *testing.T) {
	for seed := range uint64(3000) {
		f := randomFormula(rand.New(rand.NewPCG(seed, 2)))
		s := sat.New()
		for range f.n {
			s.NewVar()
		}
		status := s.Solve(t.Context(), sat.Options{Guide: &lazily{f: f}})
		if want := f.satisfiable(nil); (status == sat.Satisfiable) != want {
			t.Fatalf("seed %d: %v, want satisfiable %v", seed, status, want)
		}
		if status == sat.Satisfiable && !f.holds(model(s), nil) {
			t.Fatalf("seed %d: %b is no model", seed, model(s))
		}
	}
}

// The guide's wishes are kept where nothing forbids them.
func TestOrderDecides(t *testing.T) {
	s := sat.New()
	a, b, c := s.NewVar(), s.NewVar(), s.NewVar()
	s.AtMostOne(a.Pos(), b.Pos(), c.Pos())
	s.Add(a.Pos(), b.Pos(), c.Pos())
	for _, v := range []sat.Var{a, b, c} {
		if got := s.Solve(t.Context(), sat.Options{Guide: sat.Order{v.Pos()}}); got != sat.Satisfiable || s.Value(v.Pos()) != sat.True {
			t.Errorf("Solve with %v first = %v, %v", v, got, s.Value(v.Pos()))
		}
	}
}

func TestLimits(t *testing.T) {
	s := pigeons(9)
	if got := s.Solve(t.Context(), sat.Options{MaxConflicts: 50}); got != sat.Exhausted {
		t.Errorf("Solve with 50 conflicts = %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := s.Solve(ctx, sat.Options{}); got != sat.Exhausted {
		t.Errorf("Solve after cancellation = %v", got)
	}
}

// pigeons is the formula that puts n+1 pigeons into n holes.
func pigeons(n int) *sat.Solver {
	s := sat.New()
	at := make([][]sat.Lit, n+1)
	for i := range at {
		for range n {
			at[i] = append(at[i], s.NewVar().Pos())
		}
		s.Add(at[i]...)
	}
	for hole := range n {
		var in []sat.Lit
		for i := range at {
			in = append(in, at[i][hole])
		}
		s.AtMostOne(in...)
	}
	return s
}

func BenchmarkPigeons(b *testing.B) {
	for b.Loop() {
		if got := pigeons(6).Solve(b.Context(), sat.Options{}); got != sat.Unsatisfiable {
			b.Fatal(got)
		}
	}
}

// BenchmarkChain solves dependencies in a chain: each of many packages in
// three versions needs one of two versions of the next.
func BenchmarkChain(b *testing.B) {
	for b.Loop() {
		s := sat.New()
		const n = 5000
		v := make([][3]sat.Lit, n)
		for i := range v {
			v[i] = [3]sat.Lit{s.NewVar().Pos(), s.NewVar().Pos(), s.NewVar().Pos()}
			s.AtMostOne(v[i][:]...)
		}
		for i := range n - 1 {
			for k, l := range v[i] {
				s.Add(l.Not(), v[i+1][k], v[i+1][(k+1)%3])
			}
		}
		s.Add(v[0][:]...)
		s.Add(v[n-1][2].Not())
		if got := s.Solve(b.Context(), sat.Options{}); got != sat.Satisfiable {
			b.Fatal(got)
		}
	}
}
