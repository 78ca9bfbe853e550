package build

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
)

// Find gives the best visible ebuild for an atom, or for a name that only one
// category has.
func (m *Making) Find(word string) (*ebuild.Package, error) {
	atom, err := m.atom(word)
	if err != nil {
		return nil, err
	}
	list, err := m.Session.Repos.Packages(atom.CP)
	if err != nil {
		return nil, err
	}
	var best *ebuild.Package
	var masked []string
	for _, p := range list {
		if !atom.Match(profiles.Candidate(p)) {
			continue
		}
		if v := m.Root().Judge.Verdict(p); v.Visible() {
			best = p
		} else {
			masked = append(masked, fmt.Sprintf("%s (%s)", p.CPV, strings.Join(v.Texts(), ", ")))
		}
	}
	switch {
	case best != nil:
		return best, nil
	case len(masked) > 0:
		return nil, fmt.Errorf("%s: all ebuilds are masked: %s", word, strings.Join(masked, ", "))
	}
	return nil, fmt.Errorf("%s: there is no such ebuild", word)
}

func (m *Making) atom(word string) (*atoms.Atom, error) {
	if strings.Contains(word, "/") {
		return atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true})
	}
	var found []string
	for _, category := range m.Session.Repos.Categories() {
		list, err := m.Session.Repos.Packages(atoms.CP(category + "/" + word))
		if err == nil && len(list) > 0 {
			found = append(found, category+"/"+word)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%s: no category has such a package", word)
	case 1:
		return atoms.ParseAtom(found[0], atoms.AtomOptions{})
	}
	return nil, fmt.Errorf("%s is ambiguous: %s", word, strings.Join(found, " "))
}
