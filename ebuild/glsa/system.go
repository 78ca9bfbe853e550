package glsa

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/ebuild"
)

// A System is what advisories are compared with. It is safe for concurrent use
// if its parts are.
type System struct {
	Arch      string // ARCH
	Installed ebuild.Source
	Ebuilds   ebuild.Source
	// Visible tells if an ebuild is visible; nil: all are.
	Visible func(*ebuild.Package) bool
}

// Vulnerable says if an installed package is affected: on this architecture in
// a vulnerable range and in no unaffected one.
func (s *System) Vulnerable(a *Advisory) (bool, error) {
	var errs []error
	for i := range a.Packages {
		p := &a.Packages[i]
		if !p.On(s.Arch) {
			continue
		}
		affected, _, err := s.affected(p)
		if len(affected) > 0 {
			return true, nil
		}
		errs = append(errs, err)
	}
	return false, errors.Join(errs...)
}

// affected returns the installed versions that are vulnerable, ascending, and
// those that an unaffected range names.
func (s *System) affected(p *Package) (vulnerable, safe []*ebuild.Package, err error) {
	installed, err := s.Installed.Packages(p.CP)
	if err != nil {
		err = fmt.Errorf("installed versions of %s: %w", p.CP, err)
	}
	for _, i := range installed {
		switch c := i.Candidate(nil); {
		case matches(p.Unaffected, c):
			safe = append(safe, i)
		case matches(p.Vulnerable, c):
			vulnerable = append(vulnerable, i)
		}
	}
	return vulnerable, safe, err
}

// An Update says how a vulnerable installed package is made safe.
type Update struct {
	From *ebuild.Package
	To   *ebuild.Package // nil: there is nothing to upgrade to
}

// An Effort says which of several safe versions to choose.
type Effort uint8

const (
	LeastChange Effort = iota // the lowest one
	Highest                   // the highest one, as a resolver would
)

// Updates returns what to do for an advisory: for each vulnerable installed
// package a greater version of the same slot that is visible and unaffected. As
// in Portage the architectures of packages do not count here.
func (s *System) Updates(a *Advisory, effort Effort) (list []Update, err error) {
	var errs []error
	for i := range a.Packages {
		p := &a.Packages[i]
		vulnerable, safe, err := s.affected(p)
		errs = append(errs, err)
		if len(vulnerable) == 0 {
			continue
		}
		available, err := s.available(p, safe)
		errs = append(errs, err)
		for _, v := range vulnerable {
			list = append(list, Update{From: v, To: choose(v, available, effort)})
		}
	}
	return list, errors.Join(errs...)
}

// available returns the visible unaffected ebuilds that are not installed, in
// ascending order, of each version the one that counts most.
func (s *System) available(p *Package, installed []*ebuild.Package) (list []*ebuild.Package, err error) {
	ebuilds, err := s.Ebuilds.Packages(p.CP)
	if err != nil {
		err = fmt.Errorf("ebuilds of %s: %w", p.CP, err)
	}
	for _, e := range ebuilds {
		have := slices.ContainsFunc(installed, func(i *ebuild.Package) bool { return i.CPV == e.CPV })
		if have || !matches(p.Unaffected, e.Candidate(nil)) || s.Visible != nil && !s.Visible(e) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].CPV == e.CPV {
			list[n-1] = e // of a repository with greater priority
			continue
		}
		list = append(list, e)
	}
	return list, err
}

// choose returns the safe version for an installed one, or nil.
func choose(installed *ebuild.Package, ascending []*ebuild.Package, effort Effort) (chosen *ebuild.Package) {
	for _, e := range ascending {
		if e.Slot != installed.Slot || e.CPV.Version.Compare(installed.CPV.Version) <= 0 {
			continue
		}
		if effort == LeastChange {
			return e
		}
		chosen = e
	}
	return chosen
}

// Upgrades returns the packages that Updates leads to, each once, in the order
// of the advisory.
func (s *System) Upgrades(a *Advisory, effort Effort) (list []*ebuild.Package, err error) {
	updates, err := s.Updates(a, effort)
	for _, u := range updates {
		if u.To != nil && !slices.Contains(list, u.To) {
			list = append(list, u.To)
		}
	}
	return list, err
}
