package session

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/merge/vdbindex"
	"github.com/tumpline/tumpline/profiles"
)

// LoadConfig reads the configuration of the target, and nothing else: for
// commands that are asked for a variable or a path. Package moves are not applied
// to the files of etc/portage.
func LoadConfig(o *Options) (*profiles.Config, error) {
	config, err := profiles.Load(o.configOptions())
	if err != nil {
		return nil, err
	}
	places := o.Places()
	places.Target = filepath.Clean(config.Get("ROOT"))
	if err := places.CheckSysroot(); err != nil {
		return nil, err
	}
	return config, nil
}

// CheckSysroot refuses a sysroot that is neither the root, which is known here, nor
// the build root.
func (p *Places) CheckSysroot() error {
	if p.Sysroot == p.Target || p.Sysroot == p.Build && p.Target != "" {
		return nil
	}
	return fmt.Errorf("SYSROOT is %s, which must be the root %s or the build root %s", p.Sysroot, p.Target, p.Build)
}

// configOptions says where the configuration of the target is.
func (o *Options) configOptions() profiles.Options {
	places := o.Places()
	return profiles.Options{
		ConfigRoot: places.Config, Root: places.Target, DefaultRoot: places.Build,
		Sysroot: places.Sysroot, EPrefix: places.EPrefix, Env: o.targetVars(),
		GlobalsDir: filepath.Join(places.Build, "usr/share/portage/config"), SourceRoot: places.Build,
	}
}

// OpenInstalled gives the database of what is installed below a root (EROOT) as
// it is recorded, without package moves, and reads no configuration. Nothing is
// read before it is asked for; only limits what will be.
func OpenInstalled(o *Options, eroot string, only vdb.Interest, now time.Time) *vdb.DB {
	dir := filepath.Join(eroot, "var/db/pkg")
	return vdb.New(vdb.Options{Dir: dir, Index: o.CacheDir, Only: only, Now: now, Owned: ownedBy(dir, o.CacheDir, now)})
}

// ownedBy finds the owners of files in a database, by an index if there is a place for
// one.
func ownedBy(dir, cache string, now time.Time) func(root string, paths []string) (map[string][]string, error) {
	if cache == "" {
		return nil
	}
	return vdbindex.Lookup(vdbindex.Options{Dir: dir, Cache: cache, Now: now})
}

// RepoOptions says where the configuration of the repositories is, for commands
// that need no more than that.
func RepoOptions(o *Options) (repos.Options, error) {
	return profiles.RepoOptions(o.configOptions())
}
