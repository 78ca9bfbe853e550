package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A judge replays one plan.
type judge struct {
	*Input
	target, build, sysroot *root
	roots                  []*root // each once, the target first
	findings               []Finding
	steps                  []*pkg              // by step, nil for what could not be found
	byName                 map[atoms.CP][]*pkg // those of steps that merge
	now                    plan.StepID
	closure                *closure
	// pending are weak blockers of build-time dependencies: what they matched
	// when the package was built must be gone at the end.
	pending []pendingBlock
	// worldBefore are the atoms of @world that held before.
	worldBefore []*atoms.Atom
}

func newJudge(in *Input) *judge {
	j := &judge{Input: in, steps: make([]*pkg, len(in.Plan.Steps)), byName: map[atoms.CP][]*pkg{}}
	known := map[*Root]*root{}
	add := func(r *Root, name plan.Root) *root {
		if known[r] == nil {
			known[r] = &root{Root: r, name: name}
			j.roots = append(j.roots, known[r])
		}
		return known[r]
	}
	j.target = add(in.Target, plan.RootTarget)
	j.build = add(in.Build, plan.RootBuild)
	j.sysroot = add(in.Sysroot, plan.RootSysroot)
	return j
}

// report adds a finding about a package.
func (j *judge) report(k Kind, s Severity, p *pkg, atom, format string, args ...any) {
	f := Finding{Kind: k, Severity: s, Atom: atom, Message: fmt.Sprintf(format, args...)}
	if p != nil {
		f.Step, f.Package, f.Root = p.step, p.CPV.String(), p.root.name
	}
	j.findings = append(j.findings, f)
}

// reportStep adds a finding about a step as the plan words it.
func (j *judge) reportStep(k Kind, s *plan.Step, format string, args ...any) {
	j.findings = append(j.findings, Finding{
		Kind: k, Step: s.ID, Package: s.CPV, Root: s.Root, Message: fmt.Sprintf(format, args...),
	})
}

// form checks the document by itself. It says if a replay makes sense.
func (j *judge) form() bool {
	err := j.checkable().Check()
	if err == nil {
		return true
	}
	faults := []error{err}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		faults = joined.Unwrap()
	}
	for _, fault := range faults {
		j.report(KindForm, Error, nil, "", "%s", fault)
	}
	return j.sound()
}

// sound says if every reference to a step leads to one, so that the plan can be
// replayed whatever else is wrong with it.
func (j *judge) sound() bool {
	known := func(id plan.StepID) bool { return id >= 0 && int(id) <= len(j.Plan.Steps) }
	for i := range j.Plan.Steps {
		s := &j.Plan.Steps[i]
		if s.ID != plan.StepID(i+1) || slices.ContainsFunc(s.Needs, func(n plan.Need) bool { return !known(n.Step) }) {
			return false
		}
	}
	return !slices.ContainsFunc(j.Plan.World, func(e plan.WorldEntry) bool { return !known(e.Step) })
}

// checkable is the plan without needs for building that a later step meets
// although something is installed already: the document alone cannot tell
// whether that will do, the replay does.
func (j *judge) checkable() *plan.Plan {
	p := *j.Plan
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Needs = slices.DeleteFunc(slices.Clone(s.Needs), func(n plan.Need) bool {
			return n.Step >= s.ID && n.Step > 0 && int(n.Step) <= len(p.Steps) && len(p.Steps[n.Step-1].Installed) > 0
		})
	}
	return &p
}

// begin reads the state before the plan and notes what does not hold in it.
func (j *judge) begin() {
	for _, r := range j.roots {
		if err := r.initial(); err != nil {
			j.report(KindForm, Info, nil, "", "read installed packages: %s", oneLine(err))
		}
	}
	for _, r := range j.roots {
		r.all(j.enter)
	}
	for _, r := range j.roots {
		r.all(j.excuse)
	}
	j.closure = newClosure(j)
	for i := range j.Plan.Steps {
		j.lookUp(&j.Plan.Steps[i])
	}
	for _, a := range j.members(j.target, "world") {
		if j.met(j.target, a) {
			j.worldBefore = append(j.worldBefore, a)
		}
	}
}

// excuse marks clauses that do not hold before the plan.
func (j *judge) excuse(p *pkg) {
	for _, class := range runClasses() {
		for _, c := range p.lists[class] {
			if c.excused = !c.root.holds(c.need, nil); c.excused && !j.Options.NoDeps {
				j.report(KindBroken, Info, p, c.need.String(), "%s %s did not hold before the plan", class, c.need)
			}
		}
	}
}

// runClasses are what has to hold while a package is there.
func runClasses() []atoms.DepClass {
	return []atoms.DepClass{atoms.RDepend, atoms.PDepend, atoms.IDepend}
}

// classRoot is where a class of a package's dependencies is looked for.
func (j *judge) classRoot(p *pkg, class atoms.DepClass) *root {
	switch class {
	case atoms.RDepend, atoms.PDepend:
		return p.root
	case atoms.Depend:
		switch {
		case p.EAPI != nil && !p.EAPI.BDEPEND:
			return j.build
		case p.root == j.target:
			return j.sysroot
		default:
			return p.root
		}
	default:
		return j.build
	}
}

// enter reads the dependencies of a package that is there from now on.
func (j *judge) enter(p *pkg) {
	j.read(p)
	for _, c := range p.lists[atoms.RDepend] {
		c.need.leaves(func(a *atoms.Atom) { c.root.watch[a.CP] = append(c.root.watch[a.CP], c) })
	}
}

// read makes the clauses of a package.
func (j *judge) read(p *pkg) {
	if p.read {
		return
	}
	p.read = true
	for class := range atoms.DepClass(atoms.NumDepClasses) {
		d, err := p.Deps(class)
		if err != nil {
			if p.merged() {
				j.report(KindMetadata, Error, p, "", "%s cannot be read: %s", class, oneLine(err))
			}
			continue
		}
		p.lists[class], p.blocks[class] = j.clauses(p, class, d)
	}
}

func (j *judge) clauses(p *pkg, class atoms.DepClass, d *atoms.Dep) ([]*clause, []*atoms.Atom) {
	if p.Origin == ebuild.OriginEbuild && class == atoms.Depend && j.Options.RootDepsRDeps && p.EAPI != nil && !p.EAPI.BDEPEND {
		return nil, nil
	}
	r := &reducer{p: p.Package, flags: p.flags}
	if p.Origin.Built() && j.Options.IgnoreBuiltSlotOps {
		r.edit = func(a *atoms.Atom) *atoms.Atom {
			if a.SlotOpBuilt() {
				return a.WithSlot("", "", atoms.SlotOpRebuild)
			}
			return a
		}
	}
	var out []*clause
	for _, n := range r.clauses(d) {
		out = append(out, &clause{owner: p, class: class, root: j.classRoot(p, class), need: n})
	}
	return out, r.blockers
}

// oneLine puts an error on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
