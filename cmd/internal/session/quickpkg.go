package session

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// Quickpkg is --quickpkg-direct: what one root has installed is offered to the
// target as binary packages.
type Quickpkg struct {
	Root string // --quickpkg-direct-root: absolute; "" is the build root
}

// root is the root whose packages are offered, and is the build root for "/" as
// in Places.
func (s *Session) quickpkgRoot(q Quickpkg) string {
	if q.Root == "" || q.Root == "/" {
		return s.Build.Path
	}
	return filepath.Clean(q.Root)
}

// FixesBuild says if the offer demands that the build root stays as it is: its
// packages are offered to another root.
func (s *Session) FixesBuild(q Quickpkg) bool {
	root := s.quickpkgRoot(q)
	return root == s.Build.Path && root != s.Target.Path
}

// Offer adds the offered packages to the target's binary packages. It has to be
// called before a binary package is asked for. As in Portage the target itself
// stands for the build root, and has nothing to offer if it is that.
func (s *Session) Offer(q Quickpkg) {
	root := s.quickpkgRoot(q)
	switch {
	case root == s.Target.Path && s.Build == s.Target:
	case root == s.Target.Path || root == s.Build.Path:
		s.Target.Binaries.added = s.Build.Installed
	default:
		s.Target.Binaries.added = s.movesIn(slash(filepath.Join(root, s.Places.EPrefix))).installed
	}
}

// withAdded gives binary packages with those of a name that another root offers,
// in the order of a store.
func (b *Binaries) withAdded(cp atoms.CP, list []*ebuild.Package) ([]*ebuild.Package, error) {
	installed, err := b.added.Packages(cp)
	if err != nil || len(installed) == 0 {
		return list, err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if all, ok := b.offered[cp]; ok {
		return all, nil
	}
	all := slices.Clone(list)
	for _, p := range installed {
		all = append(all, p.As(ebuild.OriginBinary))
	}
	slices.SortStableFunc(all, func(p, q *ebuild.Package) int {
		return cmp.Or(p.CPV.Version.Compare(q.CPV.Version), cmp.Compare(p.BuildTime(), q.BuildTime()))
	})
	if b.offered == nil {
		b.offered = make(map[atoms.CP][]*ebuild.Package)
	}
	b.offered[cp] = all
	return all, nil
}
