package linkage

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/ebuild"
)

// ErrUnknown reports a path at which no installed package has an object and no
// library is preserved.
var ErrUnknown = errors.New("no known object")

// Consumers returns the paths of the objects that use the library at a path,
// relative to ROOT, and would find no other of its soname. If the soname leads
// to another file in the folder of the library, nobody uses it.
func (m *Map) Consumers(name string) ([]string, error) {
	name = path.Clean("/" + name)
	lib, err := m.object(name)
	if err != nil {
		return nil, err
	}
	u := m.sonames[soname{lib.category, lib.soname}]
	if lib.soname == "" || u == nil || m.shadowed(name, lib) {
		return nil, nil
	}
	var list []string
	for _, c := range u.consumers {
		if m.searches(c, path.Dir(name)) && !m.satisfied(c, lib, u.providers) {
			list = append(list, c.paths...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// Owner returns the installed package of the object at a path; nil if it is
// preserved and its package is gone.
func (m *Map) Owner(name string) (*ebuild.Package, error) {
	x, err := m.object(path.Clean("/" + name))
	if err != nil {
		return nil, err
	}
	return x.owner, nil
}

// object returns the object at a path.
func (m *Map) object(name string) (*object, error) {
	if x := m.objects[m.key(name)]; x != nil {
		return x, nil
	}
	return nil, fmt.Errorf("%s: %w", name, ErrUnknown)
}

// shadowed says if the linker finds another file under the library's soname.
func (m *Map) shadowed(name string, lib *object) bool {
	link, err := os.Stat(filepath.Join(m.Root, path.Dir(name), lib.soname))
	if err != nil {
		return false
	}
	file, err := os.Stat(filepath.Join(m.Root, name))
	return err == nil && !os.SameFile(link, file)
}

// satisfied says if an object finds another one of the providers of a soname.
func (m *Map) satisfied(consumer, lib *object, providers []*object) bool {
	return slices.ContainsFunc(providers, func(p *object) bool { return p != lib && m.sees(consumer, p) })
}
