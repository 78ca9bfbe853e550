package walk

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// classDeps is one dependency class of a package on its way into the graph.
type classDeps struct {
	root     *universe.Root
	priority digraph.Priority
	deps     []*atoms.Dep
	tests    []*atoms.Dep // what --with-test-deps adds
}

// expand follows the dependencies of a package, class by class: RDEPEND,
// IDEPEND, PDEPEND, DEPEND, BDEPEND. Since the stacks are served from the top,
// what is needed first is looked at last and expanded first.
func (w *Pass) expand(p *universe.Pkg, allowUnsatisfied bool) bool {
	auto := w.S.Autounmask
	withTests := w.wantsTests(p)
	*w.needs.At(p) = nil
	if w.P.SonameDeps && !w.expandSonames(p, allowUnsatisfied) {
		return false
	}
	for _, class := range universe.Classes() {
		c, ok := w.classOf(p, class, withTests)
		if !ok {
			continue
		}
		for _, part := range [...]struct {
			deps     []*atoms.Dep
			priority digraph.Priority
		}{{c.tests, w.cross(p) | digraph.RuntimePost}, {c.deps, c.priority}} {
			if len(part.deps) == 0 {
				continue
			}
			plain, choices := splitChoices(part.deps)
			if len(choices) > 0 {
				w.choices = append(w.choices, choice{p, class, c.root, part.priority, choices})
			}
			if len(plain) > 0 && !w.addDeps(choice{p, class, c.root, part.priority, plain}, allowUnsatisfied) {
				w.S.Autounmask = auto
				return false
			}
		}
	}
	*w.traversed.At(p) = true
	return true
}

// expandSonames follows what a built package needs by soname. These are
// run-time dependencies at its own root, and come before all others.
func (w *Pass) expandSonames(p *universe.Pkg, allowUnsatisfied bool) bool {
	for _, a := range p.Requires() {
		if p.Root.Policy.SonameProvided(string(a.CP)) {
			continue
		}
		parent, prio := partial.Parent{Pkg: p}, w.cross(p)|digraph.Runtime
		d := &Dep{
			Atom: a, Depth: w.S.Depth(p).Next(), Parent: parent, Priority: prio, Root: p.Root,
			CollapsedParent: parent, CollapsedPriority: prio,
		}
		ok := w.addDep(d, allowUnsatisfied)
		w.noteNeed(p, Need{Class: atoms.RDepend, Atom: a, Root: p.Root, Child: d.Child})
		if !ok {
			return false
		}
	}
	return true
}

// cross returns the mark of dependencies of a package that is not merged to
// the running root.
func (w *Pass) cross(p *universe.Pkg) digraph.Priority {
	if p.Root != w.U.Running {
		return digraph.Cross
	}
	return 0
}

// wantsTests says if --with-test-deps applies: an argument by name at depth 0
// that could be tested but will not be (D12).
func (w *Pass) wantsTests(p *universe.Pkg) bool {
	if !w.P.WithTestDeps || w.P.Action == params.ActionRemove || w.S.Depth(p) != 0 {
		return false
	}
	f := w.S.Flags(p)
	return f.Declared("test") && !f.Enabled("test") && !f.State.Masked("test") && w.S.IsArgument(p)
}

// classOf returns the evaluated dependencies of a class, and false if the
// options leave the class out.
func (w *Pass) classOf(p *universe.Pkg, class atoms.DepClass, withTests bool) (classDeps, bool) {
	c := classDeps{root: w.rootOf(p, class), priority: w.priorityOf(p, class)}
	classes, ok := w.classesOf(p, class)
	if !ok {
		return c, false
	}
	for _, class := range classes {
		deps, err := w.reduce(p, class)
		if err != nil {
			continue // classesOf has read them all
		}
		if c.deps == nil {
			c.deps = deps
		} else {
			c.deps = slices.Concat(c.deps, deps)
		}
		if withTests {
			c.tests = append(c.tests, w.testDeps(p, class)...)
		}
	}
	return c, true
}

// testDeps returns what the dependencies of a class would be more if the tests
// of a package were run.
func (w *Pass) testDeps(p *universe.Pkg, class atoms.DepClass) []*atoms.Dep {
	tree, err := p.Deps(class)
	if err != nil {
		return nil
	}
	f := w.S.Flags(p)
	return atoms.Reduce(tree, atoms.ReduceOptions{
		EAPI:    p.Effective().EAPI,
		Enabled: func(flag string) bool { return flag == "test" || f.Enabled(flag) },
		Subset:  func(flag string) bool { return flag == "test" },
	}).Children
}

// rootOf returns where a class of dependencies has to be (D6).
func (w *Pass) rootOf(p *universe.Pkg, class atoms.DepClass) *universe.Root {
	switch class {
	case atoms.IDepend, atoms.BDepend:
		return w.U.Running
	case atoms.Depend:
		if w.P.Action == params.ActionRemove {
			return p.Root
		}
		// SYSROOT is the target's: the running root is its own (ESYSROOT of the
		// package's root in Portage).
		if e := p.Effective().EAPI; e != nil && e.BDEPEND && !p.Root.Running {
			return w.U.Sysroot
		}
		return w.U.Running
	default:
		return p.Root
	}
}

func (w *Pass) priorityOf(p *universe.Pkg, class atoms.DepClass) digraph.Priority {
	prio := w.cross(p)
	switch class {
	case atoms.RDepend:
		return prio | digraph.Runtime
	case atoms.IDepend:
		return prio | digraph.Runtime | digraph.Installtime
	case atoms.PDepend:
		return prio | digraph.RuntimePost
	default:
		prio |= digraph.Buildtime
		if p.Built() {
			prio |= digraph.Optional
		}
		if w.ignores(p, class) {
			prio |= digraph.Optional | digraph.Ignored
		}
		return prio
	}
}

// ignores says if a build-time class is not to be followed: of a built package
// without --with-bdeps, or DEPEND of an old EAPI under --root-deps=rdeps.
func (w *Pass) ignores(p *universe.Pkg, class atoms.DepClass) bool {
	if w.P.Action == params.ActionRemove {
		return w.P.Bdeps == params.AutoNo
	}
	if p.Built() && !w.P.Bdeps.On() {
		return true
	}
	if class != atoms.Depend || w.P.RootDeps != params.RootDepsRDeps {
		return false
	}
	e := p.Effective().EAPI
	return e == nil || !e.BDEPEND
}

// classesOf returns the classes that make up a class, after what the options
// leave out of it and add to it: those in which there is something to follow.
func (w *Pass) classesOf(p *universe.Pkg, class atoms.DepClass) ([]atoms.DepClass, bool) {
	if w.leavesOut(p, class) {
		return nil, false
	}
	classes := []atoms.DepClass{class}
	if class == atoms.RDepend && w.P.RootDeps == params.RootDepsAll && w.P.Action != params.ActionRemove {
		classes = append(classes, atoms.IDepend, atoms.Depend, atoms.BDepend)
	}
	filled := classes[:0]
	for _, c := range classes {
		tree, err := p.Deps(c)
		if err != nil {
			w.maskedInstalled(p)
			return nil, false
		}
		if len(tree.Children) > 0 {
			filled = append(filled, c)
		}
	}
	return filled, len(filled) > 0
}

// treesOf returns the trees of classesOf.
func (w *Pass) treesOf(p *universe.Pkg, class atoms.DepClass) ([]*atoms.Dep, bool) {
	classes, ok := w.classesOf(p, class)
	if !ok {
		return nil, false
	}
	trees := make([]*atoms.Dep, len(classes))
	for i, c := range classes {
		trees[i], _ = p.Deps(c) // classesOf has read them
	}
	return trees, true
}

func (w *Pass) leavesOut(p *universe.Pkg, class atoms.DepClass) bool {
	switch class {
	case atoms.RDepend, atoms.PDepend, atoms.IDepend:
		if !p.Built() && w.P.BuildPkgOnly && w.S.Deep == 0 {
			return true
		}
		if p.OnlyDeps && w.P.OnlyDepsWithRDeps == params.No {
			return class != atoms.IDepend || w.P.OnlyDepsWithIDeps != params.Yes
		}
		return false
	default:
		return !w.P.Rebuild() && w.ignores(p, class)
	}
}

func (w *Pass) maskedInstalled(p *universe.Pkg) {
	if !contains(w.Facts.MaskedInstalled, p) {
		w.Facts.MaskedInstalled = append(w.Facts.MaskedInstalled, p)
	}
}

// isChoice says if splitChoices would take d out or apart.
func isChoice(d *atoms.Dep) bool {
	return d.Kind != atoms.KindLeaf || d.Leaf.CP.Virtual()
}

// splitChoices takes any-of groups and virtuals out of a conjunction (D4).
func splitChoices(deps []*atoms.Dep) (plain, choices []*atoms.Dep) {
	if !slices.ContainsFunc(deps, isChoice) {
		return deps, nil
	}
	for _, d := range deps {
		switch d.Kind {
		case atoms.KindLeaf:
			if d.Leaf.CP.Virtual() {
				choices = append(choices, d)
			} else {
				plain = append(plain, d)
			}
		case atoms.KindAll:
			p, c := splitChoices(d.Children)
			plain, choices = append(plain, p...), append(choices, c...)
		default:
			choices = append(choices, d)
		}
	}
	return plain, choices
}

// addDeps chooses among alternatives and adds what the dependencies of p come
// down to: first its own atoms, then what the virtuals need that they led
// through (Portage: _add_pkg_dep_string).
func (w *Pass) addDeps(c choice, allowUnsatisfied bool) bool {
	p, prio := c.pkg, c.priority
	if prio&(digraph.Optional|digraph.Ignored) != 0 {
		auto := w.S.Autounmask
		w.S.Autounmask = false
		defer func() { w.S.Autounmask = auto }()
	}
	groups, err := w.C.Check(c.deps, choose.Context{Root: c.root, Parent: p})
	if err != nil {
		if p.Installed() {
			w.maskedInstalled(p)
			return true
		}
		w.Facts.Errors = append(w.Facts.Errors, err)
		return false
	}
	if w.C.VirtualCycle != nil {
		return false
	}
	a := &adding{
		Pass: w, pkg: p, class: c.class, root: c.root, priority: prio, allowUnsatisfied: allowUnsatisfied,
		depth: w.S.Depth(p).Next(),
	}
	if len(groups) > 1 {
		a.led = make(map[*universe.Pkg]bool)
	}
	parent := partial.Parent{Pkg: p}
	for i, g := range groups {
		if i == 0 {
			if !a.group(g.Terms, parent, prio, a.depth) {
				return false
			}
			continue
		}
		if a.led[g.Virtual] && !a.virtual(g) {
			return false
		}
	}
	return true
}

// adding is the working state of one addDeps.
type adding struct {
	*Pass
	pkg              *universe.Pkg
	class            atoms.DepClass
	root             *universe.Root
	priority         digraph.Priority
	depth            params.Depth
	allowUnsatisfied bool
	led              map[*universe.Pkg]bool // virtuals that were added; nil: nobody asks
}

// leads notes that a virtual was added, if there is anything to add for it.
func (a *adding) leads(virtual *universe.Pkg) {
	if a.led != nil {
		a.led[virtual] = true
	}
}

// virtual adds a virtual that was led through, and what it needs.
func (a *adding) virtual(g choose.Group) bool {
	runtime := a.cross(a.pkg) | digraph.Runtime
	if a.priority&digraph.Ignored == 0 || a.traverseAll {
		prio := runtime
		if g.Parent == a.pkg {
			prio = a.priority
		}
		parent := partial.Parent{Pkg: g.Parent}
		d := &Dep{
			Atom: g.Atom, Orig: g.Orig, Child: g.Virtual, Depth: a.depth, Parent: parent, Priority: prio, Root: g.Virtual.Root,
			CollapsedParent: parent, CollapsedPriority: prio,
		}
		a.satisfy(d, a.root, nil)
		if !a.addPkg(g.Virtual, d) {
			return false
		}
	}
	return a.group(g.Terms, partial.Parent{Pkg: g.Virtual}, runtime, a.depth)
}

// group adds the packages for the atoms of one parent.
func (a *adding) group(terms []choose.Term, parent partial.Parent, prio digraph.Priority, depth params.Depth) bool {
	ok := true
	a.minimize(a.pkg, a.root, terms, func(t choose.Term, child *universe.Pkg) bool {
		ok = a.term(t, child, parent, prio, depth)
		return ok
	})
	return ok && a.C.VirtualCycle == nil
}

func (a *adding) term(t choose.Term, child *universe.Pkg, parent partial.Parent, prio digraph.Priority, depth params.Depth) bool {
	atom := t.Atom
	if t.Orig != nil {
		atom = t.Orig
	}
	own := parent.Pkg == a.pkg
	if atom.Blocker != atoms.BlockNone && own && prio&(digraph.Optional|digraph.Ignored) != 0 {
		return true
	}
	d := &Dep{
		Atom: atom, Child: child, Depth: depth, Parent: parent, Priority: prio, Root: a.root,
		CollapsedParent: partial.Parent{Pkg: a.pkg}, CollapsedPriority: a.priority,
	}
	if atom.Blocker == atoms.BlockNone {
		if own && atom.SlotOp == atoms.SlotOpRebuild {
			if prio&digraph.Buildtime != 0 {
				d.Priority |= digraph.BuildtimeSlotOp
			}
			if prio&digraph.Runtime != 0 {
				d.Priority |= digraph.RuntimeSlotOp
			}
		}
		a.satisfy(d, a.root, child)
	}
	if own {
		d.CollapsedPriority = d.Priority
	}
	defer a.note(d)
	if a.drops(d) && len(a.S.ArgAtoms(child)) == 0 {
		d.Child = nil
		a.putAside = append(a.putAside, work{dep: d})
		return true
	}
	if a.priority&digraph.Ignored != 0 && !a.traverseAll {
		if t.Orig != nil && child != nil {
			a.leads(child)
		}
		d.Child = nil
		a.putAside = append(a.putAside, work{dep: d})
		return true
	}
	if !a.addDep(d, a.allowUnsatisfied) {
		return false
	}
	if t.Orig != nil && d.Child != nil {
		a.leads(d.Child)
	}
	return true
}

// note records how a dependency was decided.
func (a *adding) note(d *Dep) {
	if d.Atom.Blocker != atoms.BlockNone {
		return
	}
	n := Need{Class: a.class, Atom: d.Atom, Root: d.Root, Child: d.Child, Satisfied: d.Satisfied}
	if d.Parent.Pkg != a.pkg {
		n.Class = atoms.RDepend
	}
	a.noteNeed(d.Parent.Pkg, n)
}

func (w *Pass) noteNeed(p *universe.Pkg, n Need) {
	list := w.needs.At(p)
	*list = append(*list, n)
}

// satisfy notes the installed package that satisfies a dependency before
// anything is merged; a := atom only counts one of the chosen slot and sub-slot.
func (w *Pass) satisfy(d *Dep, r *universe.Root, child *universe.Pkg) {
	var first *universe.Pkg
	list := w.U.Installed(r, d.Atom)
	for i := len(list) - 1; i >= 0; i-- {
		p := list[i]
		if len(w.P.ReinstallAtoms) > 0 && w.S.InList(w.P.ReinstallAtoms, p) {
			continue
		}
		if child != nil && d.Atom.SlotOp == atoms.SlotOpRebuild && !p.SubslotOf(child) {
			continue
		}
		if len(list) == 1 || w.C.Visible(p) {
			d.Satisfied = p
			break
		}
		if first == nil {
			first = p
		}
	}
	if d.Satisfied == nil {
		d.Satisfied = first
	}
	if d.Satisfied != nil && !w.S.Search.Broken[d.Satisfied] {
		d.Priority |= digraph.Satisfied
	}
}

// drops says if a dependency is not followed because an installed package
// satisfies it beyond the depth that updates are wanted in (D16).
func (a *adding) drops(d *Dep) bool {
	if d.Satisfied == nil || d.Child == nil || d.Atom.Blocker != atoms.BlockNone {
		return false
	}
	deep := a.S.Deep == params.Infinite || a.depth <= a.S.Deep
	return !deep && d.Satisfied.Visible() && !d.Child.Installed() &&
		len(a.S.Tracker.InSlot(d.Child)) == 0 && !a.isSlotRebuild(d)
}

// isSlotRebuild says if the asking package is being rebuilt because the
// provider changes its slot or sub-slot.
func (a *adding) isSlotRebuild(d *Dep) bool {
	return d.Atom.SlotOp == atoms.SlotOpRebuild && a.S.Search.Replaces(a.pkg) &&
		d.Satisfied != d.Child && !d.Child.Installed() && !d.Child.SubslotOf(d.Satisfied)
}
