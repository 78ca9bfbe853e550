package build

import (
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/merge/vdb"
)

// answers answers has_version and best_version of an ebuild of an EAPI: only what
// is installed counts, package.provided does not.
func (m *Making) answers(e *eapi.Features) phase.Answers {
	return func(q phase.Question) (string, error) {
		atom, err := atoms.ParseAtom(q.Atom, atoms.AtomOptions{EAPI: e, AllowRepo: true})
		if err != nil {
			return "", err
		}
		best := m.best(m.asked(q), atom)
		if best == nil {
			return "", nil
		}
		return best.CPV.String(), nil
	}
}

// asked finds the root that a question is about. An ebuild may set ROOT before it
// asks.
func (m *Making) asked(q phase.Question) *session.Root {
	s := m.Session
	switch q.Root {
	case "-b":
		return s.Build
	case "-d":
		if m.For != nil {
			return m.For
		}
		return s.Sysroot
	}
	for _, r := range s.Roots() {
		if filepath.Clean("/"+q.ROOT) == filepath.Clean(r.Path) {
			return r
		}
	}
	return m.Root()
}

// Installed gives what is installed in a root by now.
func (m *Making) Installed(root *session.Root) *vdb.DB {
	m.installed.Lock()
	defer m.installed.Unlock()
	if db := m.fresh[root]; db != nil {
		return db
	}
	return root.Installed
}

// Refresh has the database of a root read anew when it is asked next: something was
// merged or unmerged.
func (m *Making) Refresh(root *session.Root) {
	m.installed.Lock()
	defer m.installed.Unlock()
	if m.fresh == nil {
		m.fresh = make(map[*session.Root]*vdb.DB)
	}
	m.fresh[root] = vdb.New(root.Installed.Options)
}

// best gives the best package that is installed by now and that an atom matches.
func (m *Making) best(root *session.Root, atom *atoms.Atom) *ebuild.Package {
	list, err := m.Installed(root).Packages(atom.CP)
	if err != nil {
		return nil // a database that cannot be read is told of elsewhere
	}
	var best *ebuild.Package
	for _, p := range list {
		if atom.Match(p.Candidate(root.Use.State(p))) {
			best = p
		}
	}
	return best
}
