package adapter

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/binrepos"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// joined is the binary packages of several stores as one source: those of a
// later store count as indexed later.
type joined []filtered

// filtered is a store of which a filter lets only some packages pass.
type filtered struct {
	store  *resolvertest.Store
	filter binrepos.Filter
}

// Packages returns the packages of a name, by version and build time.
func (j joined) Packages(cp atoms.CP) ([]*ebuild.Package, error) {
	var all []*ebuild.Package
	for _, f := range j {
		list, err := f.store.Packages(cp)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if f.filter.Passes(p) {
				all = append(all, p)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *ebuild.Package) int {
		return cmp.Or(a.CPV.Version.Compare(b.CPV.Version), cmp.Compare(a.BuildTime(), b.BuildTime()))
	})
	return all, nil
}

// CPs returns the names of all packages, sorted.
func (j joined) CPs() ([]atoms.CP, error) {
	var all []atoms.CP
	for _, f := range j {
		cps, err := f.store.CPs()
		if err != nil {
			return nil, err
		}
		all = append(all, cps...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// binaries returns the binary packages that a request may use: the local ones,
// and with --getbinpkg those of the binhosts, the most important one first.
func (s *session) binaries(o resolvertest.Options) (ebuild.Source, error) {
	local := joined{{store: s.world.Binary}}
	if !o.Yes("--getbinpkg") {
		return local, nil
	}
	var exclude, include []*atoms.Atom
	for _, x := range []struct {
		name string
		list *[]*atoms.Atom
	}{{"--getbinpkg-exclude", &exclude}, {"--getbinpkg-include", &include}} {
		list, err := params.ParseList(x.name, o.List(x.name), false)
		if err != nil {
			return nil, err
		}
		*x.list = list
	}
	exclude, include, _ = binrepos.Disjoint(exclude, include)
	repos, _ := binrepos.Read(binrepos.Options{
		UserPath: filepath.Join(s.world.ConfigRoot, "etc/portage/binrepos.conf"), Root: "/", ConfigRoot: s.world.ConfigRoot,
		Binhost: s.target.config.Get("PORTAGE_BINHOST"),
	})
	for _, repo := range slices.Backward(repos) {
		i := slices.IndexFunc(s.world.Binhosts, func(b resolvertest.Binhost) bool { return b.Name == repo.Name })
		if i < 0 {
			continue
		}
		filter, _ := repo.Filter(exclude, include)
		local = append(local, filtered{s.world.Binhosts[i].Packages, filter})
	}
	return local, nil
}
