package walk

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Suggestion is a set of USE changes that would settle all slot conflicts.
type Suggestion []SuggestedChange

// A SuggestedChange switches flags of one package.
type SuggestedChange struct {
	Pkg     *universe.Pkg
	Changes []universe.FlagChange // in the order in which they were found
}

// maxCandidates is how many assignments of free flags are tried per
// configuration, maxConflicts how many conflicts may be combined (Portage's limits).
const (
	maxCandidates = 1024
	maxConflicts  = 4
)

// ConflictSuggestions returns the minimal sets of USE changes that would settle
// the slot conflicts of the pass (D53; Portage: slot_conflict_handler). A
// configuration takes one member of each conflict, ebuilds first; if the first
// configuration has an answer, no other is tried.
func (w *Pass) ConflictSuggestions() []Suggestion {
	conflicts := w.S.Tracker.Conflicts()
	if len(conflicts) == 0 {
		return nil
	}
	s := &suggester{Pass: w, members: make(map[*universe.Pkg]bool)}
	for _, c := range conflicts {
		s.conflicts = append(s.conflicts, installedLast(c.Pkgs))
		s.parents = append(s.parents, w.allParents(c.Pkgs))
		for _, p := range c.Pkgs {
			s.members[p] = true
		}
	}
	var found []Suggestion
	first := true
	for config := range s.configurations() {
		solutions := s.solve(config)
		found = append(found, solutions...)
		if first && len(solutions) > 0 || len(conflicts) > maxConflicts {
			break
		}
		first = false
	}
	return minimal(found)
}

// HasConflictSuggestions says if ConflictSuggestions has any, unless conflicts
// are acceptable.
func (w *Pass) HasConflictSuggestions() bool {
	return !w.acceptConflicts() && len(w.ConflictSuggestions()) > 0
}

func installedLast(pkgs []*universe.Pkg) []*universe.Pkg {
	var list, installed []*universe.Pkg
	for _, p := range pkgs {
		if p.Installed() {
			installed = append(installed, p)
		} else {
			list = append(list, p)
		}
	}
	return append(list, installed...)
}

type suggester struct {
	*Pass
	conflicts [][]*universe.Pkg
	parents   [][]partial.ParentAtom // by conflict
	members   map[*universe.Pkg]bool
}

// configurations yields every way to take one member of each conflict, the
// last conflict changing fastest.
func (s *suggester) configurations() func(func([]*universe.Pkg) bool) {
	return func(yield func([]*universe.Pkg) bool) {
		index := make([]int, len(s.conflicts))
		for {
			config := make([]*universe.Pkg, len(index))
			for i, x := range index {
				config[i] = s.conflicts[i][x]
			}
			if !yield(config) {
				return
			}
			i := len(index) - 1
			for i >= 0 && index[i] == len(s.conflicts[i])-1 {
				index[i] = 0
				i--
			}
			if i < 0 {
				return
			}
			index[i]++
		}
	}
}

// want is what is asked of one flag.
type want uint8

const (
	wantNothing want = iota // no requirement yet
	wantFree                // either value can be asked for
	wantOn
	wantOff
	wantBoth // a contradiction
)

// flagWants keeps wants in the order in which flags came up.
type flagWants struct {
	order []string
	state map[string]want
}

func newFlagWants() *flagWants { return &flagWants{state: make(map[string]want)} }

func (f *flagWants) set(flag string, w want) {
	if _, ok := f.state[flag]; !ok {
		f.order = append(f.order, flag)
	}
	f.state[flag] = w
}

// solve returns the changes by which one configuration satisfies everything.
func (s *suggester) solve(config []*universe.Pkg) []Suggestion {
	wants := make([]*flagWants, len(config))
	for i, p := range config {
		if !s.stays(p) {
			return nil
		}
		if wants[i] = s.wantsOf(i, p, config); wants[i] == nil {
			return nil
		}
	}
	var free []struct {
		conflict int
		flag     string
	}
	for i, f := range wants {
		for _, flag := range f.order {
			if f.state[flag] == wantFree {
				f.state[flag] = wantOff
				free = append(free, struct {
					conflict int
					flag     string
				}{i, flag})
			}
		}
	}
	var found []Suggestion
	for range maxCandidates {
		if sol := s.check(config, wants); sol != nil {
			found = append(found, sol)
		}
		i := len(free) - 1
		for i >= 0 && wants[free[i].conflict].state[free[i].flag] == wantOn {
			wants[free[i].conflict].state[free[i].flag] = wantOff
			i--
		}
		if i < 0 {
			break
		}
		wants[free[i].conflict].state[free[i].flag] = wantOn
	}
	return found
}

// stays says if an installed package could stay: it has no pending USE changes.
func (s *suggester) stays(p *universe.Pkg) bool {
	if !p.Installed() {
		return true
	}
	for _, pkgs := range s.conflicts {
		if !contains(pkgs, p) {
			continue
		}
		for _, q := range pkgs {
			if q != p && (!p.SameIUSE(q) || !slices.Equal(s.S.Flags(p).List(), s.S.Flags(q).List())) {
				return false
			}
		}
	}
	return true
}

// wantsOf collects what the requirements on a slot ask of the flags of its
// member p; nil if they cannot be met by flags.
func (s *suggester) wantsOf(i int, p *universe.Pkg, config []*universe.Pkg) *flagWants {
	f := newFlagWants()
	flags := s.S.Flags(p)
	for _, pa := range s.parents[i] {
		parent := pa.Parent.Pkg
		if parent != nil && s.members[parent] && !contains(config, parent) || s.S.Matches(pa.Atom, p) {
			continue
		}
		if !p.MatchesName(pa.Atom) || !declaresAll(pa.Atom.Unevaluated(), flags) {
			return nil
		}
		var violated *atoms.Atom
		if parent == nil || parent.Installed() {
			violated = pa.Atom.ViolatedUSE(flags, nil)
		} else {
			violated = pa.Atom.Unevaluated().ViolatedUSE(flags, s.S.Flags(parent).Enabled)
			if len(violated.USE) == 0 {
				continue
			}
		}
		for _, d := range violated.USE {
			fixed := d.Kind == atoms.USEEnabled || d.Kind == atoms.USEDisabled
			if fixed && p.Installed() {
				return nil
			}
			f.set(d.Flag, combine(f.state[d.Flag], d.Kind))
		}
	}
	return f.fixInstalled(p, flags)
}

func declaresAll(a *atoms.Atom, flags *universe.Flags) bool {
	for _, d := range a.USE {
		if d.Default == atoms.USENoDefault && !flags.Declared(d.Flag) {
			return false
		}
	}
	return true
}

func combine(w want, k atoms.USEKind) want {
	switch k {
	case atoms.USEEnabled:
		if w == wantOff || w == wantBoth {
			return wantBoth
		}
		return wantOn
	case atoms.USEDisabled:
		if w == wantOn || w == wantBoth {
			return wantBoth
		}
		return wantOff
	default:
		if w == wantNothing {
			return wantFree
		}
		return w
	}
}

// fixInstalled gives free flags of an installed package the value it has; nil
// if something cannot be.
func (f *flagWants) fixInstalled(p *universe.Pkg, flags *universe.Flags) *flagWants {
	for _, flag := range f.order {
		w := f.state[flag]
		if p.Installed() {
			on := flags.Enabled(flag)
			switch {
			case w == wantFree && on:
				w = wantOn
			case w == wantFree:
				w = wantOff
			case w == wantOn && !on || w == wantOff && on:
				w = wantBoth
			}
			f.state[flag] = w
		}
		if w == wantBoth {
			return nil
		}
	}
	return f
}

// changeSet collects the changes that a candidate forces on packages.
type changeSet struct {
	s     *suggester
	order []*universe.Pkg
	flags map[*universe.Pkg]*flagWants
}

// force asks for a flag of a package. A flag that is off already and shall be
// off makes the candidate invalid: it should not have been asked for.
func (c *changeSet) force(p *universe.Pkg, flag string, on bool) {
	f := c.flags[p]
	if f == nil {
		f = newFlagWants()
		c.flags[p] = f
		c.order = append(c.order, p)
	}
	w := f.state[flag]
	switch {
	case on && w == wantOff, !on && w == wantOn:
		w = wantBoth
	case on:
		w = wantOn
	case c.s.S.Flags(p).Enabled(flag):
		w = wantOff
	}
	f.set(flag, w)
}

// check says if an assignment of flags satisfies every requirement, together
// with what it forces on parents, and returns the changes that it takes.
func (s *suggester) check(config []*universe.Pkg, wants []*flagWants) Suggestion {
	c := &changeSet{s: s, flags: make(map[*universe.Pkg]*flagWants)}
	for i, p := range config {
		if !p.Installed() {
			for _, flag := range wants[i].order {
				if p.Flags().Declared(flag) {
					c.force(p, flag, wants[i].state[flag] == wantOn)
				}
			}
		}
		for _, pa := range s.parents[i] {
			if pa.Parent.Pkg != nil {
				c.forceParent(pa, wants[i])
			}
		}
	}
	after, ok := c.result()
	if !ok || len(c.order) == 0 {
		return nil
	}
	if !s.holds(config, after) {
		return nil
	}
	return c.suggestion()
}

// forceParent asks of a parent what makes its conditional USE dependency agree
// with the value that a flag of the child is to have.
func (c *changeSet) forceParent(pa partial.ParentAtom, wants *flagWants) {
	for _, d := range pa.Atom.Unevaluated().USE {
		w, involved := wants.state[d.Flag]
		if !involved {
			continue
		}
		on := w == wantOn
		switch d.Kind {
		case atoms.USEIfEnabled:
			if !on {
				c.force(pa.Parent.Pkg, d.Flag, false)
			}
		case atoms.USEIfDisabled:
			if on {
				c.force(pa.Parent.Pkg, d.Flag, false)
			}
		case atoms.USEEqual:
			c.force(pa.Parent.Pkg, d.Flag, on)
		case atoms.USENotEqual:
			c.force(pa.Parent.Pkg, d.Flag, !on)
		}
	}
}

// result returns the USE states with the changes; false on a contradiction or
// where REQUIRED_USE would fail.
func (c *changeSet) result() (map[*universe.Pkg]*universe.Flags, bool) {
	after := make(map[*universe.Pkg]*universe.Flags, len(c.order))
	for _, p := range c.order {
		var changes []universe.FlagChange
		for _, flag := range c.flags[p].order {
			w := c.flags[p].state[flag]
			if w != wantOn && w != wantOff {
				return nil, false
			}
			changes = append(changes, universe.FlagChange{Flag: flag, On: w == wantOn})
		}
		after[p] = c.s.S.Flags(p).With(changes)
		if p.Raw("REQUIRED_USE") != "" && !partial.RequiredUSEHolds(p, after[p]) {
			return nil, false
		}
	}
	return after, true
}

// holds says if the configuration satisfies its parents after the changes.
func (s *suggester) holds(config []*universe.Pkg, after map[*universe.Pkg]*universe.Flags) bool {
	flagsOf := func(p *universe.Pkg) *universe.Flags {
		if f := after[p]; f != nil {
			return f
		}
		return s.S.Flags(p)
	}
	for i, p := range config {
		for _, pa := range s.parents[i] {
			if parent := pa.Parent.Pkg; parent != nil {
				a := pa.Atom.Unevaluated().EvaluateUSE(flagsOf(parent).Enabled)
				if !p.Matches(a, flagsOf(p)) {
					return false
				}
			}
		}
	}
	return true
}

// suggestion returns the changes that are not in force already.
func (c *changeSet) suggestion() Suggestion {
	sug := Suggestion{}
	for _, p := range c.order {
		f := c.s.S.Flags(p)
		var changes []universe.FlagChange
		for _, flag := range c.flags[p].order {
			on := c.flags[p].state[flag] == wantOn
			if f.Declared(flag) && f.Enabled(flag) != on {
				changes = append(changes, universe.FlagChange{Flag: flag, On: on})
			}
		}
		if len(changes) > 0 {
			sug = append(sug, SuggestedChange{p, changes})
		}
	}
	return sug
}

// minimal leaves out suggestions that contain another one.
func minimal(list []Suggestion) []Suggestion {
	var kept []Suggestion
	for _, s := range list {
		if slices.ContainsFunc(kept, s.contains) {
			continue
		}
		kept = slices.DeleteFunc(kept, func(k Suggestion) bool { return k.contains(s) })
		kept = append(kept, s)
	}
	return kept
}

// contains says if s asks for everything that t asks for.
func (s Suggestion) contains(t Suggestion) bool {
	for _, want := range t {
		i := slices.IndexFunc(s, func(c SuggestedChange) bool { return c.Pkg == want.Pkg })
		if i < 0 || slices.ContainsFunc(want.Changes, func(c universe.FlagChange) bool { return !contains(s[i].Changes, c) }) {
			return false
		}
	}
	return true
}
