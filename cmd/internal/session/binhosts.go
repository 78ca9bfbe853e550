package session

import (
	"context"
	"path/filepath"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/binhost"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

// UseBinhosts adds the packages of the configured binhosts to the binary
// packages of every root. The atoms are those of --getbinpkg-exclude and
// --getbinpkg-include. It has to be called before a binary package is asked
// for. A binhost that cannot be reached is told, and left out unless there is a
// copy of its index. Each index is fetched once.
func (s *Session) UseBinhosts(ctx context.Context, exclude, include []*atoms.Atom, now time.Time) []error {
	exclude, include, _ = binrepos.Disjoint(exclude, include)
	var problems []error
	indices := make(map[string]*binpkg.Index)
	for _, root := range s.Roots() {
		repos, more := binrepos.Read(binrepos.Options{
			GlobalPath: filepath.Join(s.globals, "binrepos.conf"), UserPath: filepath.Join(root.Config.UserDir, "binrepos.conf"),
			Root: root.Path, EPrefix: root.EPrefix, ConfigRoot: filepath.Dir(filepath.Dir(root.Config.UserDir)),
			Binhost: root.Config.Get("PORTAGE_BINHOST"),
		})
		problems = append(problems, more...)
		fetcher := &binhost.Fetcher{Now: now, Cache: filepath.Join(root.EROOT(), "var/cache/edb/binhost")}
		var remotes []binpkg.Remote
		for _, repo := range repos {
			index, known := indices[repo.SyncURI]
			if !known {
				var err error
				if index, err = fetcher.Index(ctx, repo); err != nil {
					problems = append(problems, err)
				}
				indices[repo.SyncURI] = index
			}
			if index == nil {
				continue
			}
			filter, _ := repo.Filter(exclude, include)
			remotes = append(remotes, binpkg.Remote{Repo: repo, Index: index, Filter: filter})
		}
		root.Binaries.store.Remotes = remotes
	}
	return problems
}

// Remotes are the binhosts in use, as UseBinhosts found them.
func (b *Binaries) Remotes() []binpkg.Remote { return b.store.Remotes }
