package complete

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// A node is a package instance, or one alternative of a group that has several
// parts. It holds if its literal does.
type node struct {
	lit      sat.Lit
	pkg      *universe.Pkg // nil for an alternative
	open     bool          // may be chosen; closed ones are there for the proof
	expanded bool
	strict   bool      // an installed package that has to have all it needs
	demands  []*demand // what it needs
	removers []*node   // an installed package: what it may be removed for
	removed  sat.Lit   // an installed package: it is removed without replacement
	mates    []*node   // an installed package: what would replace it
	cost     int       // of the changes that it takes, as far as they can be seen at once
	pending  func()    // an alternative: enters what it needs
}

// A demand is a disjunction that has to hold if its owner does. Options are
// the nodes that satisfy it, best first.
type demand struct {
	options []*node
	choice  bool      // a group, decided after everything plain (D4)
	waived  []sat.Lit // it does not have to hold if one of these does
}

// A rule is a clause with the reason for which it is there.
type rule struct {
	reason int // index of formula.reasons; -1 for what is so by itself
	lits   []sat.Lit
}

type nameKey struct {
	root universe.RootID
	cp   atoms.CP
}

// formula is everything about the request that the search has reached.
type formula struct {
	u      *universe.Universe
	p      *params.Params
	req    *walk.Request
	search *partial.Search // of survey; its pins are changed to ask about one candidate
	survey *walk.Pass
	solver *sat.Solver
	budget *budget

	names    map[nameKey][]*node
	byPkg    map[*universe.Pkg]*node
	byLit    map[sat.Lit]*node
	packages []*node   // in the order in which they came up
	asked    []*demand // what the request itself needs, in order
	stays    []*node   // installed packages, by root and name

	rules              []rule
	reasons            []Reason
	spare              []*universe.Pkg   // arguments that the request passes over if they are not installed
	rebuild, reinstall []universe.SlotID // what --rebuild-if-* asked for when models were checked
	groups             [][]*node         // packages of which at most one can be there
	complete           bool              // everything that can be reached is expanded
	learnt             bool              // a plan was ruled out for its order: no proof is possible
	mismatch           map[useKey]sat.Lit
	relax              *relaxation // nil: the configuration is as it is
}

type useKey struct {
	pkg  *universe.Pkg
	atom string
}

func newFormula(u *universe.Universe, p *params.Params, req *walk.Request) *formula {
	s := partial.NewSearch()
	return &formula{
		u: u, p: p, req: req, search: s, survey: walk.Survey(u, p, req, s), solver: sat.New(),
		names:    make(map[nameKey][]*node),
		byPkg:    make(map[*universe.Pkg]*node),
		byLit:    make(map[sat.Lit]*node),
		mismatch: make(map[useKey]sat.Lit),
	}
}

// because records a reason for rules to come.
func (f *formula) because(r Reason) int {
	f.reasons = append(f.reasons, r)
	return len(f.reasons) - 1
}

// law says that reason makes one of the literals hold.
func (f *formula) law(reason int, lits ...sat.Lit) {
	f.rules = append(f.rules, rule{reason, slices.Clone(lits)})
	f.solver.Add(lits...)
}

func (f *formula) newNode(p *universe.Pkg) *node {
	n := &node{lit: f.solver.NewVar().Pos(), pkg: p, removed: sat.NoLit}
	f.byLit[n.lit] = n
	if p != nil {
		f.byPkg[p] = n
		f.packages = append(f.packages, n)
	}
	return n
}

// name returns the packages of a name, best first, entering them into the
// formula when they are first asked for:
//
//	a slot holds one package           at most one of the packages of a slot
//	a version exists once              at most one of a version in all slots
//	p is masked, or cannot be chosen   not p
//	i is installed                     i, or what replaces it, or it is removed
func (f *formula) name(r *universe.Root, cp atoms.CP) []*node {
	k := nameKey{r.ID, cp}
	if list, ok := f.names[k]; ok {
		return list
	}
	var list []*node
	for _, o := range f.u.Origins() {
		for _, p := range f.u.Store(r, o, cp) {
			list = append(list, f.enterOnce(p, cp))
		}
	}
	slices.SortStableFunc(list, func(a, b *node) int { return preference(a.pkg, b.pkg) })
	f.names[k] = list
	if len(list) > 0 && list[0].pkg.CPV.CP == cp {
		f.exclude(list)
		f.keep(list)
	}
	return list
}

// enterOnce returns the node of a package that came up under a name. Under a
// soname, the packages of its own name have to come in, too.
func (f *formula) enterOnce(p *universe.Pkg, cp atoms.CP) *node {
	if p.CPV.CP != cp {
		return f.nodeOf(p)
	}
	if n := f.byPkg[p]; n != nil {
		return n
	}
	return f.enter(p)
}

// preference orders by falling version; of one version what is installed comes
// before what is built.
func preference(a, b *universe.Pkg) int {
	if c := b.CPV.Version.Compare(a.CPV.Version); c != 0 {
		return c
	}
	return int(b.Origin) - int(a.Origin)
}

// enter makes the node of a package and says if it can be chosen at all.
func (f *formula) enter(p *universe.Pkg) *node {
	n := f.newNode(p)
	if p.Installed() {
		n.open = true
		return n
	}
	why, ok := f.admissible(p)
	if f.relax != nil {
		why, ok = f.change(n)
	}
	n.open = ok
	if !ok {
		f.law(f.because(why), n.lit.Not())
	}
	return n
}

// admissible says if a package that is not installed may be merged and, if
// not, why.
func (f *formula) admissible(p *universe.Pkg) (Reason, bool) {
	switch {
	case !p.Visible():
		return Reason{Kind: Masked, Pkg: p, Masks: p.Verdict().Reasons}, false
	case f.survey.S.Excluded(p):
		return Reason{Kind: Excluded, Pkg: p}, false
	case !p.Built() && !partial.RequiredUSEHolds(p, p.Flags()):
		return requiredUSE(p), false
	case p.Origin == ebuild.OriginBinary && !f.usable(p):
		return f.refused(p), false
	}
	return Reason{}, true
}

// usable asks the chooser if it would take a binary package were it the only
// one of its name.
func (f *formula) usable(p *universe.Pkg) bool {
	f.search.Pins = map[*universe.Pkg]bool{p: true}
	f.survey.C.Forget()
	got := f.survey.C.Select(choose.Ask{Root: p.Root, Atom: p.ExactAtom()}).Pkg
	f.search.Pins = nil
	f.survey.C.Forget()
	return got == p
}

// exclude says which packages of a name cannot be there together.
func (f *formula) exclude(list []*node) {
	bySlot := make(map[universe.SlotID][]*node)
	byVersion := make(map[atoms.CPV][]*node)
	for _, n := range list {
		if !n.open {
			continue
		}
		bySlot[n.pkg.Slot] = append(bySlot[n.pkg.Slot], n)
		byVersion[n.pkg.CPV] = append(byVersion[n.pkg.CPV], n)
	}
	for _, n := range list {
		if l := bySlot[n.pkg.Slot]; len(l) > 1 && l[0] == n {
			f.atMostOne(l)
		}
		if l := byVersion[n.pkg.CPV]; len(l) > 1 && l[0] == n && slices.ContainsFunc(l, func(m *node) bool { return m.pkg.Slot != n.pkg.Slot }) {
			f.atMostOne(l)
		}
	}
}

func (f *formula) atMostOne(list []*node) {
	lits := make([]sat.Lit, len(list))
	for i, n := range list {
		lits[i] = n.lit
	}
	f.groups = append(f.groups, list)
	f.solver.AtMostOne(lits...)
}

// keep says what becomes of the installed packages of a name.
func (f *formula) keep(list []*node) {
	for _, n := range list {
		if !n.pkg.Installed() {
			continue
		}
		n.removed = f.solver.NewVar().Pos()
		clause := []sat.Lit{n.lit, n.removed}
		for _, m := range list {
			if m != n && m.open && (m.pkg.Slot == n.pkg.Slot || m.pkg.CPV == n.pkg.CPV) {
				n.mates = append(n.mates, m)
				clause = append(clause, m.lit)
			}
		}
		slices.SortStableFunc(n.mates, byCost)
		f.law(f.because(Reason{Kind: Installed, Pkg: n.pkg}), clause...)
	}
}

func byCost(a, b *node) int { return a.cost - b.cost }

// closeRemoval says that an installed package is only removed for a blocker.
// All packages that could have one have to be known.
func (f *formula) closeRemoval(n *node) {
	clause := []sat.Lit{n.removed.Not()}
	for _, b := range n.removers {
		clause = append(clause, b.lit)
	}
	f.law(f.because(Reason{Kind: Installed, Pkg: n.pkg}), clause...)
}

// expandAll brings in everything that any package can reach.
func (f *formula) expandAll() {
	for i := 0; i < len(f.packages); i++ {
		f.expand(f.packages[i])
		if i == len(f.packages)-1 {
			f.expandPending()
		}
	}
	f.complete = true
	for _, n := range f.packages {
		if n.removed != sat.NoLit {
			f.closeRemoval(n)
		}
	}
}
