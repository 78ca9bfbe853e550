// Package scaletest makes package trees of the shape and size of large ebuild
// repositories, to measure how time and memory grow.
//
// A tree is a function of its seed and size alone. How many versions a name
// has, how many dependencies, USE flags and dependents, and how often each form
// of dependency is used follows what was counted in the md5-cache of a real
// repository. A tree can be solved: USE dependencies agree with the flags that
// the profile sets, versions that are demanded exist, and what is installed is
// closed under its dependencies. Some of it is older than what the tree has.
//
// The package holds the tree in memory, as sources, and writes it as files for
// whole processes. It knows no resolver.
package scaletest

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// Repo is the name of the repository of a tree.
const Repo = "scale"

// Arch is the architecture of a tree's profile.
const Arch = "amd64"

// A Size says how large a tree is.
type Size struct {
	Names     int // of packages
	Installed int // packages installed, about
	Outdated  int // percent of the installed packages that are older than they could be
	// Capped is how many atoms, for each atom of a package on average, refuse
	// the best version: these make conflicts, and a request may have no answer.
	Capped int
}

// OfVersions gives the size of a tree of about n versions, in the proportions
// of 20,000 names, 32,000 versions and 1,700 installed packages.
func OfVersions(n int) Size {
	return Size{Names: n * 5 / 8, Installed: n * 17 / 320, Outdated: 12}
}

// A Package is one ebuild or installed package.
type Package struct {
	CPV      atoms.CPV
	Metadata ebuild.Map
}

// A Tree is a repository with a profile, installed packages and a world file.
type Tree struct {
	Ebuilds   []Package
	Installed []Package
	USE       []string // flags that the profile sets
	System    []string // atoms of @system
	World     []string // lines of the world file
}

// Generate makes the tree of a seed.
func Generate(seed uint64, size Size) *Tree {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x7472656573)), size: size, t: &Tree{}}
	g.nameFlags()
	g.plan()
	for i := range g.names {
		g.describe(i)
	}
	g.install()
	return g.t
}

// EbuildSource returns the ebuilds as a source.
func (t *Tree) EbuildSource() *Source { return newSource(t.Ebuilds, ebuild.OriginEbuild) }

// InstalledSource returns the installed packages as a source.
func (t *Tree) InstalledSource() *Source { return newSource(t.Installed, ebuild.OriginInstalled) }

// A Source holds packages in memory; it is an ebuild.Source.
type Source struct {
	names []atoms.CP
	lists map[atoms.CP][]*ebuild.Package
}

func newSource(list []Package, origin ebuild.Origin) *Source {
	s := &Source{lists: make(map[atoms.CP][]*ebuild.Package)}
	pool := ebuild.NewPool()
	for _, p := range list {
		s.lists[p.CPV.CP] = append(s.lists[p.CPV.CP], ebuild.Make(ebuild.Input{
			CPV: p.CPV, Repo: Repo, Origin: origin, Metadata: p.Metadata, Pool: pool,
		}))
	}
	for _, l := range s.lists {
		slices.SortStableFunc(l, (*ebuild.Package).Compare)
	}
	s.names = slices.Sorted(maps.Keys(s.lists))
	return s
}

// Packages returns the packages of a name, ascending.
func (s *Source) Packages(cp atoms.CP) ([]*ebuild.Package, error) { return s.lists[cp], nil }

// CPs returns the names of all packages, sorted.
func (s *Source) CPs() ([]atoms.CP, error) { return s.names, nil }
