package linkage

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
)

// A Use says that a package needs libraries of another one.
type Use struct {
	Package, Consumer *ebuild.Package
	Sonames           []string // sorted
}

// Held says which of the packages that shall go hold libraries that others
// need which stay, and that nobody else who stays has: one Use for each pair,
// by package and consumer. candidates are those of removed to look at.
// consumers is true if there is anyone who uses a library of theirs, outside
// of the package itself.
func (m *Map) Held(removed, candidates []*ebuild.Package) (uses []Use, consumers bool) {
	for _, p := range candidates {
		needs := make(map[*ebuild.Package][]string)
		for _, lib := range m.objectsOf(p) {
			for _, c := range m.consumers(lib) {
				if c.owner == p || c.owner == nil {
					continue
				}
				consumers = true
				if slices.Contains(removed, c.owner) || m.served(c, lib.soname, removed) {
					continue
				}
				if !slices.Contains(needs[c.owner], lib.soname) {
					needs[c.owner] = append(needs[c.owner], lib.soname)
				}
			}
		}
		var list []Use
		for owner, names := range needs {
			slices.Sort(names)
			list = append(list, Use{p, owner, names})
		}
		slices.SortFunc(list, func(a, b Use) int { return strings.Compare(a.Consumer.CPV.String(), b.Consumer.CPV.String()) })
		uses = append(uses, list...)
	}
	slices.SortStableFunc(uses, func(a, b Use) int { return strings.Compare(a.Package.CPV.String(), b.Package.CPV.String()) })
	return uses, consumers
}

// objectsOf returns the objects that a package lists, each once.
func (m *Map) objectsOf(p *ebuild.Package) (list []*object) {
	contents, _ := m.db.Contents(p) // lines that are not understood belong to nobody
	for _, c := range contents {
		if x := m.objects[m.key(c.Path)]; x != nil && !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}

// served says if a consumer has a soname from several packages of which one
// stays.
func (m *Map) served(c *object, name string, removed []*ebuild.Package) bool {
	var owners []*ebuild.Package
	for _, p := range m.providers(c, name) {
		if !slices.Contains(owners, p.owner) {
			owners = append(owners, p.owner)
		}
	}
	return len(owners) > 1 && slices.ContainsFunc(owners, func(o *ebuild.Package) bool { return !slices.Contains(removed, o) })
}
