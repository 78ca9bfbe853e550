// Package repos finds ebuild repositories: it reads repos.conf (or the text of
// PORTAGE_REPOSITORIES), metadata/layout.conf, profiles/repo_name and categories
// files, and joins them to one [Config] with priorities, masters and aliases as
// Portage's lib/portage/repository/config.py does.
//
// What is wrong with one repository, file or option never hides the others: it
// is told in Config.Problems, and the rest is used. Here the package departs
// from Portage, which drops all of repos.conf for one syntax error. The package
// reads no ebuild and no profile, and never talks to the network: options of
// synchronisation are kept as text.
package repos

import (
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/tumpline/tumpline/ebuild/ini"
)

// Options says where the configuration of repositories is. All paths are
// absolute.
type Options struct {
	Text       *string // PORTAGE_REPOSITORIES; replaces all files, PORTDIR and overlays if not nil
	GlobalPath string  // the packaged repos.conf (file or folder); if missing, a built-in one is used
	UserPath   string  // /etc/portage/repos.conf below the configuration root (file or folder)

	Root, EPrefix, ConfigRoot string // values of %(ROOT)s, %(EPREFIX)s, %(PORTAGE_CONFIGROOT)s, %(EROOT)s
	RsyncExtraOpts            string // PORTAGE_RSYNC_EXTRA_OPTS: default of sync-rsync-extra-opts

	Portdir  string   // PORTDIR, deprecated; empty if unset
	Overlays []string // PORTDIR_OVERLAY, deprecated, split into words

	// Raw keeps repositories that cannot be used, such as those whose folder is
	// missing: they may be there elsewhere, or later.
	Raw bool
}

// A Config is all usable repositories.
type Config struct {
	Repos    []*Repo // ascending priority: later ones win; equal priorities by name
	Main     *Repo   // the main repository, or nil
	Defaults []Option
	Problems []error // what was left out or is odd; mostly *linefile.Problem

	names map[string]*Repo // names and aliases
}

// Get gives the repository of that name or alias, or nil.
func (c *Config) Get(name string) *Repo { return c.names[name] }

// Names lists all names and aliases, sorted.
func (c *Config) Names() []string {
	names := make([]string, 0, len(c.names))
	for n := range c.names {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// An Option is one option of a section of repos.conf, or of layout.conf. A
// section inherits options of [DEFAULT].
type Option = ini.Option

// A Repo is one configured repository.
type Repo struct {
	Name            string
	Section         string // its section of repos.conf; empty for PORTDIR and overlays
	Location        string // absolute, symbolic links resolved
	UserLocation    string // as configured
	Priority        int
	Masters         []*Repo  // from repos.conf, else layout.conf, else the main repository; never the repository itself
	Aliases         []string // those in force, sorted
	EclassOverrides []string // names of repositories
	EclassLocations []string // repository locations to search for eclasses; later ones win
	Options         []Option // everything in the section, sorted by key
	AutoSync        bool
	StrictDigests   bool // strict-misc-digests
	Format          string
	MissingName     bool // profiles/repo_name is missing
	Layout          Layout
	// DefaultEAPI is the EAPI of profile folders without an eapi file.
	DefaultEAPI string
	// ProfileDirs says that files of profiles may be folders ("portage-1",
	// "portage-2" or EAPI 7). DirsWarned says that this is only tolerated because
	// profile-formats is not given ("portage-1-compat").
	ProfileDirs, DirsWarned bool

	masters     []string // names, before they are found
	ownPlace    int      // of the repository among its masters; -1 if it does not name itself
	mastersSet  bool
	prioritySet bool
	aliases     []string // as configured, with "-alias" removals
}

// Option gives the value of an option of repos.conf, or "".
func (r *Repo) Option(key string) string {
	i, ok := slices.BinarySearchFunc(r.Options, key, func(o Option, k string) int { return strings.Compare(o.Key, k) })
	if !ok {
		return ""
	}
	return r.Options[i].Value
}

// Profiles is the folder profiles/ of the repository.
func (r *Repo) Profiles() string { return filepath.Join(r.Location, "profiles") }

// LayoutPath is the path of metadata/layout.conf.
func (r *Repo) LayoutPath() string { return filepath.Join(r.Location, "metadata", "layout.conf") }

// IsMaster says whether m is a master of the repository.
func (r *Repo) IsMaster(m *Repo) bool { return slices.Contains(r.Masters, m) }
