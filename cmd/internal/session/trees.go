package session

import (
	"errors"
	"fmt"
	"time"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// Trees are ebuild repositories without a root or a configuration. Close them in the
// end.
type Trees struct {
	*ebuild.RepoSet

	sourcing *sourcing
}

// OpenTrees opens repositories by themselves. What has no cache is sourced, and kept in
// the index.
func OpenTrees(o *Options, config *repos.Config, now time.Time) (*Trees, error) {
	t := &Trees{sourcing: &sourcing{options: o, jobs: o.workers()}}
	set, err := ebuild.Open(config, ebuild.OpenOptions{Index: o.CacheDir, Now: now, Generator: t.sourcing, Jobs: o.workers()})
	if err != nil {
		return nil, fmt.Errorf("open repositories: %w", err)
	}
	t.RepoSet = set
	return t, nil
}

// Close closes the repositories and ends the shells. An error means only that the next
// run will be slower.
func (t *Trees) Close() error { return errors.Join(t.RepoSet.Close(), t.sourcing.close()) }
