package resolvertest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// A Store yields packages that are held in memory: installed or binary ones.
// It has the methods of a source of packages; it never fails and is
// safe for concurrent use.
type Store struct {
	cps      []atoms.CP
	packages map[atoms.CP][]*ebuild.Package
}

// newStore makes a store; versions ascend, and packages that compare as equal
// keep the order of their build ids, then that of the list.
func newStore(list []*ebuild.Package) *Store {
	s := &Store{packages: map[atoms.CP][]*ebuild.Package{}}
	for _, p := range list {
		if _, known := s.packages[p.CP()]; !known {
			s.cps = append(s.cps, p.CP())
		}
		s.packages[p.CP()] = append(s.packages[p.CP()], p)
	}
	slices.Sort(s.cps)
	for _, l := range s.packages {
		slices.SortStableFunc(l, func(a, b *ebuild.Package) int {
			if c := a.Compare(b); c != 0 {
				return c
			}
			return a.BuildID - b.BuildID
		})
	}
	return s
}

// Packages returns the packages of a name, ascending; none if it is unknown.
func (s *Store) Packages(cp atoms.CP) ([]*ebuild.Package, error) { return s.packages[cp], nil }

// CPs returns the names of all packages, sorted.
func (s *Store) CPs() ([]atoms.CP, error) { return s.cps, nil }

// All returns all packages, by name and version.
func (s *Store) All() []*ebuild.Package {
	var out []*ebuild.Package
	for _, cp := range s.cps {
		out = append(out, s.packages[cp]...)
	}
	return out
}

// A Binhost is a remote binary repository of a world.
type Binhost struct {
	Name     string // its section in binrepos.conf
	URI      string // its sync-uri
	Packages *Store
}

// The test bench sets the time of files in remote repositories, so that they
// are never the same instance as a local package.
const (
	localMTime  = "1700000000"
	remoteMTime = "1000000000"
)

// A storeMaker makes the packages of one world.
type storeMaker struct {
	pool *ebuild.Pool
	eapi string // of packages that name none
}

func (m *storeMaker) make(p *Package, origin ebuild.Origin, remote string, metadata ebuild.Map) (*ebuild.Package, error) {
	name, repo := splitRepo(p.CPV)
	cpv, err := atoms.ParseCPV(name)
	if err != nil {
		return nil, fmt.Errorf("%s package %s: %w", origin, p.CPV, err)
	}
	for key, value := range p.Metadata {
		// Portage stores values with white space as it is and reads them as one line.
		metadata[key] = strings.Join(strings.Fields(value), " ")
	}
	metadata["repository"] = repo
	return ebuild.Make(ebuild.Input{CPV: cpv, Repo: repo, Origin: origin, Metadata: metadata, Remote: remote, Pool: m.pool}), nil
}

// installed makes the store of installed packages.
func (m *storeMaker) installed(list []Package) (*Store, error) {
	var out []*ebuild.Package
	for i := range list {
		p, err := m.make(&list[i], ebuild.OriginInstalled, "",
			ebuild.Map{"SLOT": "0", "BUILD_TIME": "0", "COUNTER": "0", "KEYWORDS": "~x86", "EAPI": m.eapi})
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return newStore(out), nil
}

// binary makes the store of binary packages of one folder. A package replaces
// one of the same name and build id, because they share a file.
func (m *storeMaker) binary(list []Package, remote string) (*Store, error) {
	var out []*ebuild.Package
	for i := range list {
		meta := ebuild.Map{"SLOT": "0", "KEYWORDS": "x86", "BUILD_TIME": "0", "EAPI": m.eapi, "_mtime_": localMTime}
		if remote != "" {
			meta["_mtime_"] = remoteMTime
		}
		p, err := m.make(&list[i], ebuild.OriginBinary, remote, meta)
		if err != nil {
			return nil, err
		}
		same := func(q *ebuild.Package) bool { return q.CPV == p.CPV && q.BuildID == p.BuildID }
		out = append(slices.DeleteFunc(out, same), p)
	}
	return newStore(out), nil
}
