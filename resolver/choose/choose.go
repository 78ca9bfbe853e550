// Package choose ranks the candidates of an atom and the alternatives of a
// group of dependencies, as Portage does.
//
// A Chooser answers from the universe, the parameters and the partial graph
// and adds no package to that graph. The one thing that it leaves behind there
// are proposed changes of configuration, since a choice that takes one holds
// only together with it. Results are remembered the way Portage remembers
// them, because that is visible: a choice made for one parent is repeated for
// the next one until a package of that name enters the graph (S45).
//
// The rules are those of PMS chapter 8 for what satisfies an atom; which of
// several satisfying packages is taken is Portage's behaviour.
package choose

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Mode says where packages may come from.
type Mode uint8

const (
	ModeAvailable Mode = iota // from all stores
	ModeGraph                 // from the graph, else what is installed: the complete graph
	ModeInstalled             // only what is installed: removal
)

// A Selection is the package chosen for an atom, nil if there is none.
type Selection struct {
	Pkg *universe.Pkg
	// Existing is the added package that already holds the slot of Pkg, if
	// the choice was made because of it.
	Existing *universe.Pkg
}

// A Refusal says why a binary package was passed over.
type Refusal struct {
	Flags       []string // USE flags that differ from the configuration, sorted
	ChangedDeps bool     // its dependencies differ from those of the ebuild
}

// A Chooser selects packages over one partial graph.
type Chooser struct {
	U *universe.Universe
	P *params.Params
	S *partial.State

	// Refused are the binary packages that were passed over, in order.
	Refused     map[*universe.Pkg]*Refusal
	RefusedList []*universe.Pkg
	// Reinstall says of packages which flags are the reason that the
	// installed instance does not do.
	Reinstall map[*universe.Pkg][]string
	// ChangedDeps are installed packages whose ebuild has other dependencies today.
	ChangedDeps map[*universe.Pkg]*universe.Pkg
	// VirtualCycle is set when a virtual needed itself: the pass cannot go on.
	VirtualCycle []*universe.Pkg

	mode     Mode
	parent   *universe.Pkg          // whose alternatives are being compared
	memos    []memo                 // by root
	checking []*universe.Pkg        // virtuals whose dependencies are being looked at
	changed  map[*universe.Pkg]bool // memo of changedDeps
}

// New returns a chooser over a partial graph.
func New(s *partial.State) *Chooser {
	c := &Chooser{
		U: s.U, P: s.P, S: s,
		Refused:     make(map[*universe.Pkg]*Refusal),
		Reinstall:   make(map[*universe.Pkg][]string),
		ChangedDeps: make(map[*universe.Pkg]*universe.Pkg),
		changed:     make(map[*universe.Pkg]bool),
		memos:       make([]memo, len(s.U.Roots)),
	}
	c.Forget()
	return c
}

// SetMode changes where packages come from.
func (c *Chooser) SetMode(m Mode) {
	c.mode = m
	for i := range c.memos {
		c.memos[i].usableAge++
	}
}

// Forget drops all remembered choices: the arguments changed.
func (c *Chooser) Forget() {
	for i := range c.memos {
		c.memos[i].age++
		c.memos[i].usableAge++
	}
}

// Added tells the chooser that p entered the graph: choices of its name are open again.
func (c *Chooser) Added(p *universe.Pkg) {
	m := &c.memos[p.Root.ID]
	m.usableAge++
	m.open(p.Name)
	if c.P.SonameDeps {
		for cp := range p.Provided() {
			m.open(c.U.NameID(cp))
		}
	}
}

// Removed tells the chooser that p left the graph.
func (c *Chooser) Removed(p *universe.Pkg) {
	c.memos[p.Root.ID].usableAge++
	for i := range c.memos {
		c.memos[i].age++
	}
}

// An Ask is a question for a package.
type Ask struct {
	Root     *universe.Root
	Atom     *atoms.Atom
	OnlyDeps bool          // for an argument of --onlydeps
	Parent   *universe.Pkg // who asks; nil for arguments and for comparisons
	// Adding says that the dependency is being added now, and that nothing was
	// selected for it when its alternatives were compared. The answer is
	// remembered apart, as in Portage: a package that was refused only because
	// a change of its USE calls for another pass is taken after all, with that
	// change, so that this pass sees everything else that needs one.
	Adding bool
}

// Select returns the package to take for an atom.
func (c *Chooser) Select(q Ask) Selection {
	switch c.mode {
	case ModeGraph:
		return c.fromGraph(q)
	case ModeInstalled:
		return c.FromInstalled(q.Root, q.Atom)
	}
	id := c.U.AtomID(q.Atom)
	name, kind := c.U.NameOf(id), kindOf(&q, c.S.Autounmask)
	m := &c.memos[q.Root.ID]
	if sel, ok := m.choice(kind, id, name); ok {
		return sel
	}
	sel := c.available(q)
	m.choose(kind, id, name, sel)
	if p := sel.Pkg; p != nil && c.Visible(p) && !(p.Installed() && p.Masked()) {
		c.S.NoteVisible(p)
	}
	return sel
}

// available selects from all stores; where the normal selection has no answer,
// changes of configuration are tried, the least invasive first (S100).
func (c *Chooser) available(q Ask) Selection {
	normal := c.pick(q, nil)
	if !c.S.Autounmask {
		return normal
	}
	if p := normal.Pkg; p != nil && !(p.Installed() && !c.S.WantsInstalled(p)) {
		return normal
	}
	earlier := c.S.Changes.Restart
	c.S.Changes.Restart = false
	var found Selection
	for _, level := range c.Levels() {
		found = c.pick(q, &level)
		if p := found.Pkg; p != nil && p.Installed() && !c.S.WantsInstalled(p) {
			found.Pkg = nil
		}
		if found.Pkg != nil {
			break
		}
	}
	restart := c.S.Changes.Restart
	c.S.Changes.Restart = restart || earlier
	switch {
	case restart:
		return Selection{}
	case found.Pkg == nil:
		return normal
	default:
		return found
	}
}

// fromGraph selects what is in the graph already, else what stays installed (S112).
func (c *Chooser) fromGraph(q Ask) Selection {
	matches := c.S.Tracker.Match(q.Root, q.Atom)
	if len(matches) == 0 {
		return Selection{}
	}
	for _, p := range slices.Backward(matches) {
		if c.S.InGraph(p) {
			return Selection{p, p}
		}
	}
	return c.FromInstalled(q.Root, q.Atom)
}

// FromInstalled selects the installed package for an atom: of several, those
// that are visible, then unmasked, then with a visible ebuild are preferred.
func (c *Chooser) FromInstalled(r *universe.Root, a *atoms.Atom) Selection {
	matches := c.installed(r, a)
	if c.S.Search.Pins != nil {
		matches = filter(matches, func(p *universe.Pkg) bool { return c.S.Search.Pins[p] })
	}
	if len(matches) == 0 {
		return Selection{}
	}
	if len(matches) > 1 {
		matches = slices.Clone(matches)
		slices.Reverse(matches)
		matches = c.preferUnmasked(matches)
	}
	p := matches[len(matches)-1]
	return Selection{p, c.S.Tracker.First(p)}
}

func (c *Chooser) preferUnmasked(matches []*universe.Pkg) []*universe.Pkg {
	visible := filter(matches, c.Visible)
	if len(visible) == 0 {
		return matches
	}
	if len(visible) == 1 {
		return visible
	}
	unmasked := filter(matches, func(p *universe.Pkg) bool { return !p.Masked() })
	if len(unmasked) == 0 {
		return matches
	}
	if len(unmasked) == 1 {
		return unmasked
	}
	if equivalent := filter(unmasked, func(p *universe.Pkg) bool { return c.ebuildVisible(p, nil) }); len(equivalent) > 0 {
		return equivalent
	}
	return unmasked
}

func filter(list []*universe.Pkg, keep func(*universe.Pkg) bool) []*universe.Pkg {
	var kept []*universe.Pkg
	for _, p := range list {
		if keep(p) {
			kept = append(kept, p)
		}
	}
	return kept
}
