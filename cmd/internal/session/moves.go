package session

import (
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/ebuild/updates"
	"github.com/tumpline/tumpline/merge/vdb"
)

// moves tells what names of the user's files in one root have become.
type moves struct {
	session   *Session
	installed *vdb.DB
}

// loadUpdates reads the package moves of the repositories, once.
func (s *Session) loadUpdates(config *repos.Config) {
	s.moving.Lock()
	defer s.moving.Unlock()
	if s.updates == nil {
		s.updates = updates.Load(config)
	}
}

// updatesRead returns the package moves once they have been read.
func (s *Session) updatesRead() *updates.Set {
	s.moving.Lock()
	defer s.moving.Unlock()
	return s.updates
}

// movesIn returns the moves that concern a root, with its package database.
func (s *Session) movesIn(eroot string) *moves {
	s.moving.Lock()
	defer s.moving.Unlock()
	m := s.moves[eroot]
	if m == nil {
		dir := filepath.Join(eroot, "var/db/pkg")
		m = &moves{session: s, installed: vdb.New(vdb.Options{
			Dir: dir, Pool: s.Pool, Updates: s.updatesRead,
			Index: s.cache, Now: s.now, Owned: ownedBy(dir, s.cache, s.now),
		})}
		s.moves[eroot] = m
	}
	return m
}

// moved is profiles.Options.Moved.
func (s *Session) moved(config *repos.Config, eroot string, a *atoms.Atom) *atoms.Atom {
	s.loadUpdates(config)
	return s.movesIn(eroot).atom(a)
}

// atom returns what an atom of a user's file is today. The file is left as it
// is: what Portage writes into it is made up for at each reading.
func (m *moves) atom(a *atoms.Atom) *atoms.Atom {
	o := atoms.AtomOptions{AllowWildcard: true, AllowRepo: true, AllowBuildID: true}
	text, applied := m.session.updatesRead().Atom(a.String(), o, m.repo)
	if len(applied) == 0 {
		return a
	}
	now, err := atoms.ParseAtom(text, o)
	if err != nil {
		return a // a move to a name that is none was reported when it was read
	}
	return now
}

// repo tells which repository the best installed match of an atom came from.
func (m *moves) repo(a *atoms.Atom) (repo string, ok bool) {
	list, _ := m.installed.Packages(a.CP) // what is broken is told where packages are used
	var best *ebuild.Package
	for _, p := range list {
		if a.Match(p.Candidate(nil)) && (best == nil || p.Compare(best) >= 0) {
			best = p
		}
	}
	if best == nil {
		return "", false
	}
	return best.Repo, true
}
