package complete

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/sat"
)

// guide decides in the order in which Portage would look at things: what was
// asked for, then the dependencies of what was added last, groups after
// everything plain, and in the end what becomes of installed packages. That an
// installed package satisfies a demand is only supposed until then, so that
// an update which needs it rebuilt is not missed. The guide starts anew when
// the solver has taken something back.
type guide struct {
	*formula
	backtracks int
	started    bool

	next     int     // of asked
	stay     int     // of stays
	soft     int     // of the softs of relax
	stack    []*step // demands of nodes that hold
	choices  []*demand
	supposed []*demand // satisfied by installed packages of which nothing is known
	visited  map[*node]bool
}

// step is a node and how many of its demands have been seen to.
type step struct {
	node *node
	next int
}

// Decide implements sat.Guide.
func (g *guide) Decide(s *sat.Solver) (sat.Lit, bool) {
	if !g.started || g.backtracks != s.Backtracks {
		g.started, g.backtracks = true, s.Backtracks
		g.next, g.stay, g.soft, g.stack, g.choices, g.supposed = 0, 0, 0, nil, nil, nil
		g.visited = make(map[*node]bool)
	}
	for {
		g.budget.spend(costDecision)
		d, ok := g.pending()
		var lit sat.Lit
		var done bool
		switch {
		case ok:
			lit, done = g.satisfy(d)
		case len(g.supposed) > 0:
			lit, done = g.settle()
		default:
			return g.finish()
		}
		if !done {
			return lit, lit == sat.NoLit
		}
		if g.backtracks != s.Backtracks {
			return sat.NoLit, true
		}
	}
}

// pending returns the demand to look at now. It stays pending until seen.
func (g *guide) pending() (*demand, bool) {
	for {
		if g.next < len(g.asked) {
			return g.asked[g.next], true
		}
		if n := len(g.stack); n > 0 {
			top := g.stack[n-1]
			if top.next < len(top.node.demands) {
				return top.node.demands[top.next], true
			}
			g.stack = g.stack[:n-1]
			continue
		}
		if n := len(g.choices); n > 0 {
			return g.choices[n-1], true
		}
		return nil, false
	}
}

// satisfy sees to the pending demand: if a package that holds satisfies it,
// that package is visited, else the best one that still can hold is returned
// as the next decision.
func (g *guide) satisfy(d *demand) (sat.Lit, bool) {
	if lit, waived := g.waive(d); waived || lit != sat.NoLit {
		if waived {
			g.seen()
		}
		return lit, waived
	}
	best := g.best(d)
	if best != nil && g.holds(best) {
		g.seen()
		g.visit(best)
		return sat.NoLit, true
	}
	if n := len(g.stack); d.choice && n > 0 && g.next >= len(g.asked) {
		g.stack[n-1].next++
		g.choices = append(g.choices, d)
		return sat.NoLit, true
	}
	switch {
	case best == nil:
		// Its owner was only supposed to hold.
		g.seen()
		return sat.NoLit, true
	case best.pkg != nil && best.pkg.Installed():
		g.supposed = append(g.supposed, d)
		g.seen()
		g.visit(best)
		return sat.NoLit, true
	}
	return best.lit, false
}

// waive says if a demand need not hold, or returns the literal to be decided
// before that is known.
func (g *guide) waive(d *demand) (sat.Lit, bool) {
	for _, l := range d.waived {
		switch g.solver.Value(l) {
		case sat.True:
			return sat.NoLit, true
		case sat.Unknown:
			return g.relax.usual(l), false
		}
	}
	return sat.NoLit, false
}

// settle decides the demands that were supposed to be satisfied.
func (g *guide) settle() (sat.Lit, bool) {
	for len(g.supposed) > 0 {
		best := g.best(g.supposed[0])
		switch {
		case best == nil:
			g.supposed = g.supposed[1:]
			continue
		case g.solver.Value(best.lit) == sat.Unknown:
			return best.lit, false
		}
		g.supposed = g.supposed[1:]
		if !g.visited[best] {
			g.visit(best)
			break
		}
	}
	return sat.NoLit, true
}

// best returns the node that satisfies a demand, or else the best that could.
func (g *guide) best(d *demand) *node {
	var best *node
	for _, n := range d.options {
		switch g.solver.Value(n.lit) {
		case sat.True:
			return n
		case sat.Unknown:
			if best == nil {
				best = n
			}
		}
	}
	return best
}

// seen leaves the pending demand behind.
func (g *guide) seen() {
	switch {
	case g.next < len(g.asked):
		g.next++
	case len(g.stack) > 0:
		g.stack[len(g.stack)-1].next++
	default:
		g.choices = g.choices[:len(g.choices)-1]
	}
}

// visit puts a node that holds on the stack, once.
func (g *guide) visit(n *node) {
	if g.visited[n] {
		return
	}
	g.visited[n] = true
	g.expand(n)
	g.stack = append(g.stack, &step{node: n})
}

// finish decides what becomes of the installed packages, after everything that
// is needed has been decided.
func (g *guide) finish() (sat.Lit, bool) {
	for ; g.stay < len(g.stays); g.stay++ {
		n := g.stays[g.stay]
		switch g.solver.Value(n.lit) {
		case sat.Unknown:
			return n.lit, false
		case sat.True:
			if !g.visited[n] {
				g.visit(n)
				return sat.NoLit, true
			}
		case sat.False:
			if lit, done := g.replace(n); !done {
				return lit, lit == sat.NoLit
			}
		}
	}
	g.budget.spend(costVariable * len(g.packages))
	for _, n := range g.packages {
		if g.solver.Value(n.lit) == sat.True && !g.visited[n] {
			g.visit(n)
			return sat.NoLit, true
		}
	}
	if lit := g.unchanged(); lit != sat.NoLit {
		return lit, false
	}
	return g.removals()
}

// unchanged returns a literal that leaves the configuration as it is and of
// which nothing is known yet.
func (g *guide) unchanged() sat.Lit {
	if g.relax == nil {
		return sat.NoLit
	}
	for ; g.soft < len(g.relax.softs); g.soft++ {
		if l := g.relax.softs[g.soft].lit; g.solver.Value(l) == sat.Unknown {
			return l
		}
	}
	return sat.NoLit
}

// replace sees to an installed package that does not stay: a blocker removes
// it, or another package takes its place.
func (g *guide) replace(n *node) (sat.Lit, bool) {
	if g.solver.Value(n.removed) == sat.True || slices.ContainsFunc(n.mates, g.holds) {
		return sat.NoLit, true
	}
	if g.solver.Value(n.removed) == sat.Unknown && slices.ContainsFunc(n.removers, g.holds) {
		return n.removed, false
	}
	for _, m := range n.mates {
		if g.solver.Value(m.lit) == sat.Unknown {
			return m.lit, false
		}
	}
	if g.solver.Value(n.removed) == sat.Unknown {
		return n.removed, false
	}
	return sat.NoLit, false
}

func (g *guide) holds(n *node) bool { return g.solver.Value(n.lit) == sat.True }

// removals looks for an installed package that is removed without a blocker.
// Whether one could come up is known when everything is expanded.
func (g *guide) removals() (sat.Lit, bool) {
	if g.complete {
		return sat.NoLit, false
	}
	for _, n := range g.stays {
		if g.solver.Value(n.lit) == sat.False && g.solver.Value(n.removed) == sat.True &&
			!slices.ContainsFunc(n.mates, g.holds) && !slices.ContainsFunc(n.removers, g.holds) {
			g.expandAll()
			return sat.NoLit, true
		}
	}
	return sat.NoLit, false
}
