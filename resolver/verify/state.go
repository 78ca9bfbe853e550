package verify

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A pkg is one package in one root, installed before or merged by a step.
type pkg struct {
	*ebuild.Package
	flags atoms.FlagState
	root  *root
	step  plan.StepID // that merged it; 0 if it was installed before

	here  bool // present at the moment
	read  bool // clauses are made
	lists [atoms.NumDepClasses][]*clause
	// blocks are the blockers of each class.
	blocks [atoms.NumDepClasses][]*atoms.Atom
}

// merged says if the plan merged the package.
func (p *pkg) merged() bool { return p.step != 0 }

// sameSlot says if two packages cannot be there at once.
func (p *pkg) sameSlot(q *pkg) bool {
	return p.root == q.root && p.CPV.CP == q.CPV.CP && p.Slot == q.Slot
}

// A clause is one element of a package's dependencies.
type clause struct {
	owner *pkg
	class atoms.DepClass
	root  *root // where it is looked for
	need  *need
	// unbound is need before := was bound to what was there; nil: need itself.
	unbound *need
	// excused marks what did not hold before the plan.
	excused bool
}

// A root is the state of a root at one moment of the replay.
type root struct {
	*Root
	name    plan.Root
	present map[atoms.CP][]*pkg
	before  map[atoms.CP][]*pkg // ascending; never changes
	// watch holds the run-time clauses that name a package, also of packages that
	// are gone by now.
	watch map[atoms.CP][]*clause
}

// initial reads the packages that are installed before the plan.
func (r *root) initial() error {
	r.present, r.before = map[atoms.CP][]*pkg{}, map[atoms.CP][]*pkg{}
	r.watch = map[atoms.CP][]*clause{}
	if r.Installed == nil {
		return nil
	}
	cps, err := r.Installed.CPs()
	for _, cp := range cps {
		list, perr := r.Installed.Packages(cp)
		if err == nil {
			err = perr
		}
		for _, p := range list {
			q := &pkg{Package: p, flags: r.Flags(p), root: r, here: true}
			r.present[cp] = append(r.present[cp], q)
			r.before[cp] = append(r.before[cp], q)
		}
	}
	return err
}

// names gives the names of present packages, sorted.
func (r *root) names() []atoms.CP {
	out := make([]atoms.CP, 0, len(r.present))
	for cp, list := range r.present {
		if len(list) > 0 {
			out = append(out, cp)
		}
	}
	slices.Sort(out)
	return out
}

// all calls f with every present package, by name and version.
func (r *root) all(f func(*pkg)) {
	for _, cp := range r.names() {
		for _, p := range slices.Clone(r.present[cp]) {
			f(p)
		}
	}
}

// remove takes a package out.
func (r *root) remove(p *pkg) {
	p.here = false
	r.present[p.CPV.CP] = slices.DeleteFunc(slices.Clone(r.present[p.CPV.CP]), func(q *pkg) bool { return q == p })
}

// put puts a package in, in place of what it replaces.
func (r *root) put(p *pkg) (replaced []*pkg) {
	for _, q := range slices.Clone(r.present[p.CPV.CP]) {
		if q.sameSlot(p) || q.CPV == p.CPV {
			r.remove(q)
			replaced = append(replaced, q)
		}
	}
	p.here = true
	list := append(slices.Clone(r.present[p.CPV.CP]), p)
	slices.SortStableFunc(list, func(a, b *pkg) int { return a.Compare(b.Package) })
	r.present[p.CPV.CP] = list
	return replaced
}

// matching gives the present packages that an atom matches, ascending.
func (r *root) matching(a *atoms.Atom) []*pkg {
	var out []*pkg
	for _, p := range r.present[a.CP] {
		if a.Match(p.Candidate(p.flags)) {
			out = append(out, p)
		}
	}
	return out
}

// provided says if package.provided meets an atom. Such packages have neither
// slot nor flags that could disagree.
func (r *root) provided(a *atoms.Atom) bool {
	if r.Provided == nil {
		return false
	}
	return slices.ContainsFunc(r.Provided(a.CP), func(cpv atoms.CPV) bool {
		return a.Match(atoms.Candidate{CPV: cpv, BuildID: atoms.NoBuildID})
	})
}

// holds says if a need is met by the present packages for which usable is
// true; nil: by all.
func (r *root) holds(n *need, usable func(*pkg) bool) bool {
	switch n.kind {
	case atoms.KindLeaf:
		if n.atom.Blocker != atoms.BlockNone {
			return len(r.matching(n.atom.Unblocked())) == 0
		}
		for _, p := range r.present[n.atom.CP] {
			if (usable == nil || usable(p)) && n.atom.Match(p.Candidate(p.flags)) {
				return true
			}
		}
		return r.provided(n.atom)
	case atoms.KindAny:
		return slices.ContainsFunc(n.children, func(c *need) bool { return r.holds(c, usable) })
	default:
		return !slices.ContainsFunc(n.children, func(c *need) bool { return !r.holds(c, usable) })
	}
}
