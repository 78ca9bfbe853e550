package profiles

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// Candidate gives a package as the atoms of configuration files match it: USE
// does not count, and a package of an unknown repository matches atoms of any.
func Candidate(p *ebuild.Package) atoms.Candidate {
	c := p.Candidate(nil)
	if c.Repo == ebuild.UnknownRepo {
		c.Repo = ""
	}
	return c
}

// bySpecificity sorts entries that match a package so that the least specific
// atom comes first, whatever the order of the lines (S88). It is Portage's
// repeated choice of the best match; of equals the one listed first is the
// most specific.
func bySpecificity(entries []*Entry, p atoms.Candidate) {
	if len(entries) < 2 {
		return
	}
	list := make([]*atoms.Atom, len(entries))
	byAtom := make(map[*atoms.Atom]*Entry, len(entries))
	for i, e := range entries {
		list[i] = e.Atom
		byAtom[e.Atom] = e
	}
	for i := len(entries) - 1; i >= 0; i-- {
		best := atoms.BestMatch(list, p)
		entries[i] = byAtom[best]
		list = slices.Delete(list, slices.Index(list, best), slices.Index(list, best)+1)
	}
}
