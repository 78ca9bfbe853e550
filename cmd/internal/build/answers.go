package build

import (
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/phase"
)

// answers answers has_version and best_version of an ebuild of an EAPI: only what
// is installed counts, package.provided does not.
func (m *Making) answers(e *eapi.Features) phase.Answers {
	return func(q phase.Question) (string, error) {
		atom, err := atoms.ParseAtom(q.Atom, atoms.AtomOptions{EAPI: e, AllowRepo: true})
		if err != nil {
			return "", err
		}
		best := bestInstalled(m.asked(q), atom)
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
		return s.Sysroot
	}
	if filepath.Clean("/"+q.ROOT) == filepath.Clean(s.Build.Path) {
		return s.Build
	}
	return s.Target
}
