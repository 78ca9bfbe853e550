// Package sat decides if a set of clauses can hold together and finds an
// assignment under which they do, by conflict-driven clause learning.
//
// It is written for a resolver, where which model is found matters as much as
// whether there is one: no heuristic of the solver's own picks variables. The
// caller's Guide decides, best choice first, and may add variables and clauses
// on the way, so that a formula only grows where the search goes. Two literals
// of every clause are watched; at-most-one constraints are kept as lists and
// not multiplied out; a conflict is analysed up to the first unique implication
// point. Everything is deterministic: the same calls give the same model.
//
// The package refuses to know what variables stand for.
package sat

import "context"

// A Var is a variable; variables are numbered from 0 in the order of NewVar.
type Var int32

// A Lit is a variable or its negation: 2v is v, 2v+1 is not v.
type Lit int32

// NoLit is no literal.
const NoLit Lit = -1

// Pos returns the literal that holds if v is true.
func (v Var) Pos() Lit { return Lit(v) << 1 }

// Neg returns the literal that holds if v is false.
func (v Var) Neg() Lit { return Lit(v)<<1 | 1 }

// Var returns the variable of a literal.
func (l Lit) Var() Var { return Var(l >> 1) }

// Not returns the opposite literal.
func (l Lit) Not() Lit { return l ^ 1 }

// Positive says if the literal is a variable itself.
func (l Lit) Positive() bool { return l&1 == 0 }

// A Value is what is known of a literal.
type Value int8

// What is known of a literal.
const (
	False   Value = -1 // the opposite literal holds
	Unknown Value = 0  // nothing was decided
	True    Value = 1  // it holds
)

// String returns "false", "unknown" or "true".
func (v Value) String() string { return [...]string{"false", "unknown", "true"}[v+1] }

// A Status is the outcome of Solve.
type Status uint8

const (
	Satisfiable   Status = iota // Value gives a model
	Unsatisfiable               // Core gives the assumptions that cannot hold
	Exhausted                   // the limit on conflicts was reached, or the context ended
)

// String returns the name of the status.
func (s Status) String() string {
	return [...]string{"satisfiable", "unsatisfiable", "exhausted"}[s]
}

// A Guide makes the decisions of a search.
type Guide interface {
	// Decide is asked when nothing more follows from what was decided. It returns
	// a literal that is not known yet and is to be tried as true, or NoLit if the
	// assignment will do: variables that are still unknown then count as false,
	// and the guide has seen to it that no clause minds. It may call NewVar,
	// Add and AtMostOne; if it did, it may return NoLit with more set to be
	// asked again after the consequences have been drawn.
	Decide(s *Solver) (lit Lit, more bool)
}

// An Order is a Guide that tries literals in the order of a list, then makes
// every other variable false.
type Order []Lit

// Decide returns the first literal of which nothing is known.
func (o Order) Decide(s *Solver) (Lit, bool) {
	for _, l := range o {
		if s.Value(l) == Unknown {
			return l, false
		}
	}
	for v := range Var(s.Vars()) {
		if s.Value(v.Pos()) == Unknown {
			return v.Neg(), false
		}
	}
	return NoLit, false
}

// clause is a disjunction; its first two literals are watched.
type clause struct{ lits []Lit }

// cause says why a literal was made true: a clause in which all others are
// false, or one literal that implies it (at most one of a group), or neither,
// for decisions.
type cause struct {
	clause *clause
	lit    Lit // NoLit if none
}

// Solver holds a formula and the state of a search. The zero value is not
// ready; use New.
type Solver struct {
	values  []Value // by literal
	level   []int32 // by variable
	causes  []cause // by variable
	seen    []bool  // by variable; scratch of analysis
	watches [][]*clause
	groups  [][]int32 // by literal: at-most-one constraints that it is in
	members [][]Lit   // of at-most-one constraints

	trail  []Lit
	levels []int // start of each decision level in trail
	head   int   // of trail: consequences of what precedes it are drawn

	broken      bool // an empty clause was added or learnt
	assumptions []Lit
	core        []Lit

	// Conflicts and Decisions count over all calls of Solve. Backtracks counts
	// how often something was taken back: as long as it stays the same, what a
	// guide saw decided is decided.
	Conflicts, Decisions, Backtracks int
}

// New returns a solver without variables.
func New() *Solver { return &Solver{} }

// NewVar makes a variable.
func (s *Solver) NewVar() Var {
	v := Var(len(s.level))
	s.values = append(s.values, Unknown, Unknown)
	s.watches = append(s.watches, nil, nil)
	s.groups = append(s.groups, nil, nil)
	s.level = append(s.level, 0)
	s.causes = append(s.causes, cause{lit: NoLit})
	s.seen = append(s.seen, false)
	return v
}

// Vars returns the number of variables.
func (s *Solver) Vars() int { return len(s.level) }

// Value returns what is known of a literal.
func (s *Solver) Value(l Lit) Value { return s.values[l] }

// Fixed says if the value of a literal follows from the clauses alone.
func (s *Solver) Fixed(l Lit) bool { return s.values[l] != Unknown && s.level[l.Var()] == 0 }

// Options bound one Solve.
type Options struct {
	Guide        Guide // nil: every variable false if possible, in their order
	Assumptions  []Lit // decided before the guide is asked
	MaxConflicts int   // 0: no limit
}

// Solve searches for a model. After Satisfiable the assignment stays until the
// next call of Solve, Add or AtMostOne.
func (s *Solver) Solve(ctx context.Context, o Options) Status {
	s.core = nil
	if s.broken {
		return Unsatisfiable
	}
	guide := o.Guide
	if guide == nil {
		guide = Order(nil)
	}
	s.assumptions = o.Assumptions
	s.cancel(0)
	limit := s.Conflicts + o.MaxConflicts
	for step := 0; ; step++ {
		if step&63 == 0 && ctx.Err() != nil {
			return Exhausted
		}
		if c, conflict := s.propagate(); conflict {
			s.Conflicts++
			if len(s.levels) == 0 {
				s.broken = true
				return Unsatisfiable
			}
			s.learn(c)
			if o.MaxConflicts > 0 && s.Conflicts >= limit {
				return Exhausted
			}
			continue
		}
		if status, done := s.advance(guide); done {
			return status
		}
	}
}

// advance makes the next decision.
func (s *Solver) advance(guide Guide) (Status, bool) {
	if n := len(s.levels); n < len(s.assumptions) {
		l := s.assumptions[n]
		if s.values[l] == False {
			s.core = s.failed(l)
			return Unsatisfiable, true
		}
		s.push()
		if s.values[l] == Unknown {
			s.enqueue(l, cause{lit: NoLit})
		}
		return 0, false
	}
	l, more := guide.Decide(s)
	switch {
	case s.broken:
		return Unsatisfiable, true
	case more || s.head < len(s.trail):
		return 0, false
	case l == NoLit:
		return Satisfiable, true
	case s.values[l] != Unknown:
		return 0, false // a clause that the guide added has decided it
	}
	s.Decisions++
	s.push()
	s.enqueue(l, cause{lit: NoLit})
	return 0, false
}

func (s *Solver) push() { s.levels = append(s.levels, len(s.trail)) }

func (s *Solver) enqueue(l Lit, why cause) {
	s.values[l], s.values[l.Not()] = True, False
	s.level[l.Var()] = int32(len(s.levels))
	s.causes[l.Var()] = why
	s.trail = append(s.trail, l)
}

// cancel takes back everything above a decision level.
func (s *Solver) cancel(level int) {
	if len(s.levels) <= level {
		return
	}
	s.Backtracks++
	start := s.levels[level]
	for _, l := range s.trail[start:] {
		s.values[l], s.values[l.Not()] = Unknown, Unknown
	}
	s.trail = s.trail[:start]
	s.levels = s.levels[:level]
	s.head = min(s.head, start)
}

// Core returns the assumptions that cannot hold together with the clauses,
// after Unsatisfiable: empty if the clauses alone cannot hold.
func (s *Solver) Core() []Lit { return s.core }
