package adapter

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// joined is several stores as one source: a package of an earlier store hides
// the same build in a later one.
type joined []*resolvertest.Store

// Packages returns the packages of a name, ascending.
func (j joined) Packages(cp atoms.CP) ([]*ebuild.Package, error) {
	var all []*ebuild.Package
	for _, s := range slices.Backward(j) {
		list, err := s.Packages(cp)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b *ebuild.Package) int { return a.CPV.Version.Compare(b.CPV.Version) })
	return all, nil
}

// CPs returns the names of all packages, sorted.
func (j joined) CPs() ([]atoms.CP, error) {
	var all []atoms.CP
	for _, s := range j {
		cps, err := s.CPs()
		if err != nil {
			return nil, err
		}
		all = append(all, cps...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
