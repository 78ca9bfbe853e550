package verify

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A closure knows which present packages can run: everything that they need
// to run is present and can run too. A cycle of packages that need each other
// can run when all of it is there, so the set of those that cannot is the
// least one with
//
//	p cannot run if some clause of its RDEPEND is met by no package that can
//
// Clauses that did not hold before the plan do not count.
type closure struct {
	j *judge
	// broken are the clauses that no present package meets at all.
	broken map[*clause]bool
	// lame maps the packages that cannot run to a clause that is why; nil: to be
	// computed.
	lame map[*pkg]*clause
}

func newClosure(j *judge) *closure { return &closure{j: j, broken: map[*clause]bool{}} }

// changed notes that packages of a name came or went.
func (c *closure) changed(r *root, cp atoms.CP) {
	c.lame = nil
	for _, x := range r.watch[cp] {
		c.note(x)
	}
}

// added notes the clauses of a new package.
func (c *closure) added(p *pkg) {
	c.lame = nil
	for _, x := range p.lists[atoms.RDepend] {
		c.note(x)
	}
}

func (c *closure) note(x *clause) {
	if x.owner.here && !x.excused && !x.root.holds(x.need, nil) {
		c.broken[x] = true
	} else {
		delete(c.broken, x)
	}
}

// runs says if a present package can run.
func (c *closure) runs(p *pkg) bool {
	if c.lame == nil {
		c.compute()
	}
	return c.lame[p] == nil
}

// compute finds the packages that cannot run, from the broken clauses upwards.
func (c *closure) compute() {
	c.lame = map[*pkg]*clause{}
	var queue []*pkg
	add := func(x *clause) {
		if c.lame[x.owner] == nil {
			c.lame[x.owner] = x
			queue = append(queue, x.owner)
		}
	}
	for _, x := range c.sortedBroken() {
		add(x)
	}
	able := func(p *pkg) bool { return c.lame[p] == nil }
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, x := range p.root.watch[p.CPV.CP] {
			if x.owner.here && !x.excused && able(x.owner) && !x.root.holds(x.need, able) {
				add(x)
			}
		}
	}
}

func (c *closure) sortedBroken() []*clause {
	var list []*clause
	for x := range c.broken {
		if x.owner.here {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b *clause) int {
		return cmp.Or(a.owner.Compare(b.owner.Package), cmp.Compare(a.owner.root.name, b.owner.root.name),
			cmp.Compare(a.need.String(), b.need.String()))
	})
	return list
}

// cause follows a clause that only packages which cannot run meet down to a
// clause that nothing meets.
func (c *closure) cause(x *clause) (chain []*pkg, broken *clause) {
	seen := map[*pkg]bool{}
	for !c.broken[x] {
		var next *pkg
		x.need.leaves(func(a *atoms.Atom) {
			for _, p := range x.root.matching(a) {
				if next == nil && c.lame[p] != nil && !seen[p] {
					next = p
				}
			}
		})
		if next == nil {
			break
		}
		seen[next] = true
		chain = append(chain, next)
		x = c.lame[next]
	}
	return chain, x
}

// prepared checks what has to be there when a package is built and merged.
func (j *judge) prepared(p *pkg) {
	if p.Origin.Built() {
		j.atMoment(p, atoms.IDepend)
		j.blockedNow(p, atoms.RDepend, atoms.PDepend, atoms.IDepend)
		return
	}
	for _, class := range []atoms.DepClass{atoms.Depend, atoms.BDepend, atoms.IDepend} {
		j.atMoment(p, class)
	}
	j.blockedNow(p, atoms.Depend, atoms.BDepend, atoms.RDepend, atoms.PDepend, atoms.IDepend)
}

// atMoment checks the clauses of a class that has to hold now.
func (j *judge) atMoment(p *pkg, class atoms.DepClass) {
	for _, c := range p.lists[class] {
		text := c.need.String()
		if !c.root.holds(c.need, nil) {
			j.absent(p, c, text)
			continue
		}
		if c.root.holds(c.need, j.closure.runs) {
			continue
		}
		chain, broken := j.closure.cause(c)
		message := fmt.Sprintf("%s %s is merged, but %s", class, text, explain(chain, broken))
		repairs := j.repairs(broken, p)
		switch {
		case len(repairs) == 0:
			j.report(KindClosure, Error, p, text, "%s, and no later step changes that", message)
		case j.cyclic(repairs, p, broken.owner):
			j.report(KindCycle, Weak, p, text, "%s until %s, which needs it in turn", message, stepNames(repairs))
		default:
			j.report(KindClosure, Error, p, text, "%s until %s", message, stepNames(repairs))
		}
	}
}

// absent reports a clause that has to hold now and that nothing meets.
func (j *judge) absent(p *pkg, c *clause, text string) {
	later := j.later(c)
	where := "never"
	if len(later) > 0 {
		where = "only by " + stepNames(later)
	}
	switch {
	case c.class != atoms.IDepend:
		j.report(KindBuild, Error, p, text, "%s %s is not merged when the package is built, %s", c.class, text, where)
	case j.cyclic(later, p, p):
		j.report(KindCycle, Weak, p, text, "%s %s is not merged when the package is merged, but by %s, which needs it in turn", c.class, text, stepNames(later))
	default:
		j.report(KindInstall, Error, p, text, "%s %s is not merged when the package is merged, %s", c.class, text, where)
	}
}

// explain tells why the head of a chain cannot run.
func explain(chain []*pkg, broken *clause) string {
	text := ""
	for i, p := range chain {
		if i > 0 {
			text += " needs "
		}
		text += p.CPV.String()
	}
	return text + fmt.Sprintf(" lacks %s %s", broken.class, broken.need)
}

func stepNames(list []*pkg) string {
	text := ""
	for i, p := range list {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("step %d (%s)", p.step, p.CPV)
	}
	return text
}

// repairs are the steps from that of a package on which end a broken clause:
// they merge what it needs, or its owner anew.
func (j *judge) repairs(c *clause, from *pkg) []*pkg {
	var out []*pkg
	for _, p := range j.steps {
		if p == from || j.isLater(p) {
			if p.sameSlot(c.owner) || j.meets(p, c) {
				out = append(out, p)
			}
		}
	}
	return out
}

// later are the later steps that merge what a clause needs.
func (j *judge) later(c *clause) []*pkg {
	var out []*pkg
	for _, p := range j.steps {
		if j.isLater(p) && j.meets(p, c) {
			out = append(out, p)
		}
	}
	return out
}

// meets says if a package is one that a clause names.
func (j *judge) meets(p *pkg, c *clause) bool {
	met := false
	if p.root == c.root {
		c.need.leaves(func(a *atoms.Atom) { met = met || a.Match(p.Candidate(p.flags)) })
	}
	return met
}

// isLater says if a step merges a package after the moment.
func (j *judge) isLater(p *pkg) bool {
	return p != nil && !p.here && p.step > j.now && j.Plan.Steps[p.step-1].Operation == plan.OpMerge
}

// cyclic says if one of some packages needs, through dependencies of every
// class, one of the goals: then there is no order in which each finds what it
// needs, and Portage lets go of dependencies at run time first.
func (j *judge) cyclic(from []*pkg, goals ...*pkg) bool {
	seen := map[*pkg]bool{}
	queue := slices.Clone(from)
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		if slices.Contains(goals, p) {
			return true
		}
		for _, q := range j.providers(p) {
			if slices.ContainsFunc(goals, func(g *pkg) bool { return q.sameSlot(g) }) {
				return true
			}
			queue = append(queue, q)
		}
	}
	return false
}

// providers are the packages, present ones or of this step or later ones, that
// dependencies of a package name. What an installed package was built with does not count.
func (j *judge) providers(p *pkg) []*pkg {
	var out []*pkg
	j.read(p)
	for class := range atoms.DepClass(atoms.NumDepClasses) {
		if p.Origin.Built() && (class == atoms.Depend || class == atoms.BDepend) {
			continue
		}
		for _, c := range p.lists[class] {
			c.need.leaves(func(a *atoms.Atom) {
				out = append(out, c.root.matching(a)...)
				for _, q := range j.byName[a.CP] {
					if q.root == c.root && (j.isLater(q) || q.step == j.now) && a.Match(q.Candidate(q.flags)) {
						out = append(out, q)
					}
				}
			})
		}
	}
	return out
}
