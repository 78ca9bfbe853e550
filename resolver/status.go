package resolver

import (
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Replaces returns the installed packages that merging p replaces: those of
// its slot, and one of the same name and version in another slot.
func (r *Result) Replaces(p *universe.Pkg) []*universe.Pkg {
	var list []*universe.Pkg
	for _, q := range r.InstalledVersions(p) {
		if q.Slot == p.Slot || q.CPV == p.CPV {
			list = append(list, q)
		}
	}
	return list
}

// InstalledVersions returns every installed package with the name of p in its
// root, ascending.
func (r *Result) InstalledVersions(p *universe.Pkg) []*universe.Pkg {
	list := slices.Clone(r.Universe.Store(p.Root, ebuild.OriginInstalled, p.CPV.CP))
	slices.Reverse(list)
	return list
}

// Status compares a package that is merged with what is installed (O29).
func (r *Result) Status(p *universe.Pkg) plan.Status {
	var inSlot *universe.Pkg
	installed := r.InstalledVersions(p)
	for _, q := range installed {
		if q.CPV == p.CPV {
			return plan.StatusReinstall
		}
		if q.Slot == p.Slot {
			inSlot = q
		}
	}
	switch {
	case inSlot != nil && inSlot.SameVersion(p):
		return plan.StatusReinstall
	case inSlot != nil && inSlot.CPV.Version.Compare(p.CPV.Version) < 0:
		return plan.StatusUpdate
	case inSlot != nil:
		return plan.StatusDowngrade
	case len(installed) > 0:
		return plan.StatusNewSlot
	default:
		return plan.StatusNew
	}
}
