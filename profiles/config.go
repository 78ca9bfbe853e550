package profiles

import (
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// A Config is the configuration of one root: profile, repositories' defaults
// and user files. It is immutable and safe for concurrent use; the exported
// fields must not be changed.
type Config struct {
	Vars   *Vars
	Nodes  []*Node // parents first, etc/portage/profile last; empty without a profile
	Masks  *MaskFiles
	Accept *AcceptFiles
	USE    USEStacks

	// ProfilePath is make.profile as configured, or empty.
	ProfilePath string
	// UserDir is etc/portage below the configuration root.
	UserDir string

	features     map[string]bool
	warnings     []error
	moreFeatures []Word // on top of all layers

	repos        repoTable
	repoDefaults map[string]scope // profiles/make.defaults
	repoScopes   map[string]scope // the same on top of those of the masters
	repoUSE      map[string]*useFiles
	nodeUSE      []*useFiles
	useOrder     []Layer // weakest first
	expand       useExpand
	defaults     FlagStack // what profile nodes say about USE
	layerOps     [layerCount][]Op
	userUSE      *Table

	userEnv    *Table
	envVars    shellconf.Env   // what files of package.env may refer to
	userMayNot map[string]bool // PROFILE_ONLY_VARIABLES
	packageEnv *sync.Map       // joined names of files -> *envFiles

	bashrcs  []bashrcNode
	provided map[atoms.CP][]atoms.CPV
	sonames  map[string]bool
}

// Get returns the final value of a variable, or "".
func (c *Config) Get(name string) string { return c.Vars.Get(name) }

// Words returns the final value of a variable split into words.
func (c *Config) Words(name string) []string { return strings.Fields(c.Vars.Get(name)) }

// Feature says if FEATURES has a word, package.env left aside.
func (c *Config) Feature(name string) bool { return c.features[name] }

// Features returns the words of FEATURES, sorted.
func (c *Config) Features() []string { return c.Words("FEATURES") }

// Arch returns ARCH of the profile, or "" without one.
func (c *Config) Arch() string { return c.Vars.layers[LayerDefaults].get("ARCH") }

// Repos returns the repositories that the configuration was loaded with.
func (c *Config) Repos() *repos.Config { return c.repos.config }

// Warnings returns what is wrong in the files without preventing use, in the
// order it was met. Problems in files are *linefile.Problem values.
func (c *Config) Warnings() []error { return slices.Clone(c.warnings) }

// Provided returns the versions that package.provided lists for a name.
func (c *Config) Provided(cp atoms.CP) []atoms.CPV { return c.provided[cp] }

// SonameProvided says if soname.provided of the profile lists a soname, given
// as "category: soname".
func (c *Config) SonameProvided(soname string) bool { return c.sonames[soname] }

// RepoChain returns the names of a repository and its masters, the strongest
// first. An unknown one stands alone.
func (c *Config) RepoChain(name string) []string {
	r := c.repos.byName[name]
	if r == nil {
		return []string{name}
	}
	var list []string
	for _, x := range slices.Backward(r.chain()) {
		list = append(list, x.Name)
	}
	return list
}
