package partial

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Changes are the changes of configuration that a pass works with: those it
// started with and those it proposed itself. Lists keep the order of arrival.
type Changes struct {
	Unstable map[*universe.Pkg]bool
	Unmask   map[*universe.Pkg]bool
	License  map[*universe.Pkg][]string
	USE      map[*universe.Pkg]*USEChange
	USEOrder []*universe.Pkg // keys of USE in order of arrival

	// New holds what this pass proposed, for the next node of the search.
	New struct {
		Unstable []*universe.Pkg
		Unmask   []*universe.Pkg
		License  []LicenseNeed
		USE      []USENeed
	}
	// Restart is set when a proposed USE change invalidates what was chosen before.
	Restart bool
}

// A LicenseNeed is a package and licences that it needs accepted.
type LicenseNeed struct {
	Pkg      *universe.Pkg
	Licenses []string
}

// A USENeed is a package and the USE change proposed for it.
type USENeed struct {
	Pkg    *universe.Pkg
	Change *USEChange
}

func newChanges(s *Search) Changes {
	c := Changes{
		Unstable: make(map[*universe.Pkg]bool, len(s.Unstable)),
		Unmask:   make(map[*universe.Pkg]bool, len(s.Unmask)),
		License:  make(map[*universe.Pkg][]string, len(s.License)),
		USE:      make(map[*universe.Pkg]*USEChange, len(s.USE)),
	}
	for p := range s.Unstable {
		c.Unstable[p] = true
	}
	for p := range s.Unmask {
		c.Unmask[p] = true
	}
	for p, l := range s.License {
		c.License[p] = slices.Clone(l)
	}
	for p, u := range s.USE {
		c.USE[p] = u
	}
	c.USEOrder = slices.Clone(s.USEOrder)
	return c
}

// AcceptKeywords proposes to accept the keywords of p.
func (c *Changes) AcceptKeywords(p *universe.Pkg) {
	c.Unstable[p] = true
	c.New.Unstable = AddPkg(c.New.Unstable, p)
}

// LiftMask proposes to unmask p.
func (c *Changes) LiftMask(p *universe.Pkg) {
	c.Unmask[p] = true
	c.New.Unmask = AddPkg(c.New.Unmask, p)
}

// AcceptLicenses proposes to accept licences for p.
func (c *Changes) AcceptLicenses(p *universe.Pkg, missing []string) {
	l := append(slices.Clone(c.License[p]), missing...)
	slices.Sort(l)
	c.License[p] = slices.Compact(l)
	c.New.License = append(c.New.License, LicenseNeed{p, missing})
}

// Proposed says if this pass proposed anything.
func (c *Changes) Proposed() bool {
	return len(c.New.Unstable)+len(c.New.Unmask)+len(c.New.License)+len(c.New.USE) > 0
}

// ChangesInGraph says if a package of the graph needs a change of configuration.
func (s *State) ChangesInGraph() bool {
	for p := range s.Changes.Unstable {
		if s.InGraph(p) {
			return true
		}
	}
	for p := range s.Changes.Unmask {
		if s.InGraph(p) {
			return true
		}
	}
	for p := range s.Changes.USE {
		if s.InGraph(p) {
			return true
		}
	}
	for p := range s.Changes.License {
		if s.InGraph(p) {
			return true
		}
	}
	return false
}

// AdjustUSE proposes to switch flags of p and returns the state it then has:
// the present one if a change would contradict an earlier one, or a forced or
// masked flag (S103; Portage: _pkg_use_enabled with target_use).
func (s *State) AdjustUSE(p *universe.Pkg, want []universe.FlagChange) *universe.Flags {
	old := s.Flags(p)
	var added []universe.FlagChange
	for _, w := range want {
		if !old.Declared(w.Flag) || old.Enabled(w.Flag) == w.On {
			continue
		}
		if changedTo(old, w.Flag, !w.On) {
			return old
		}
		added = append(added, w)
	}
	if len(added) == 0 {
		return old
	}
	changed := old.With(added)
	for _, c := range changed.Changes {
		if old.State.Masked(c.Flag) || old.State.Forced(c.Flag) {
			return old
		}
	}
	change := &USEChange{Flags: changed, RequiredUSE: true, Asked: added}
	if before := s.Changes.USE[p]; before != nil {
		change.Asked = slices.Concat(before.Asked, added)
	}
	if RequiredUSEHolds(p, old) && !RequiredUSEHolds(p, changed) {
		change.RequiredUSE = false
	}
	s.Changes.USE[p] = change
	s.Changes.USEOrder = AddPkg(s.Changes.USEOrder, p)
	s.Changes.New.USE = append(s.Changes.New.USE, USENeed{p, change})
	if s.restartForUSE(p, changed) {
		s.Changes.Restart = true
	}
	return changed
}

// changedTo says if an earlier change already decided the flag that way.
func changedTo(f *universe.Flags, flag string, on bool) bool {
	for _, c := range f.Changes {
		if c.Flag == flag && c.On == on {
			return true
		}
	}
	return false
}

// RequiredUSEHolds says if a package's REQUIRED_USE is satisfied by a USE state.
func RequiredUSEHolds(p *universe.Pkg, f *universe.Flags) bool {
	spec, err := p.RequiredUSE()
	if err != nil || len(spec.Children) == 0 {
		return true
	}
	ok, _, err := atoms.CheckRequiredUSE(spec, f, p.Effective().EAPI)
	return ok || err != nil
}

// restartForUSE says if changed flags of a package that is already in the
// graph alter its dependencies or licences, or break what a parent asks of it.
func (s *State) restartForUSE(p *universe.Pkg, changed *universe.Flags) bool {
	if !s.InGraph(p) {
		return false
	}
	if dependenciesDiffer(p, p.Flags(), changed) {
		return true
	}
	for _, pa := range s.Parents(p) {
		for _, d := range pa.Atom.USE {
			for _, c := range changed.Changes {
				if c.Flag == d.Flag && (d.Kind == atoms.USEEnabled) != c.On &&
					(d.Kind == atoms.USEEnabled || d.Kind == atoms.USEDisabled) {
					return true
				}
			}
		}
	}
	return false
}

// dependenciesDiffer compares the sets of words that two USE states leave of a
// package's dependencies and licences.
func dependenciesDiffer(p *universe.Pkg, a, b *universe.Flags) bool {
	for _, c := range universe.Classes() {
		tree, err := p.Deps(c)
		if err != nil {
			continue
		}
		if !sameWords(atomTexts(tree.Leaves(a.Enabled)), atomTexts(tree.Leaves(b.Enabled))) {
			return true
		}
	}
	lic, err := p.License()
	return err == nil && !sameWords(lic.Leaves(a.Enabled), lic.Leaves(b.Enabled))
}

func atomTexts(list []*atoms.Atom) []string {
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = a.String()
	}
	return texts
}

func sameWords(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
