package session

import (
	"io"
	"maps"
	"path/filepath"
	"slices"
)

// Options say where a run finds everything. They are the command line's words
// and the environment; paths may be relative.
type Options struct {
	// Vars is the environment. ROOT, PORTAGE_CONFIGROOT, SYSROOT and EPREFIX say
	// what the fields below leave open; the rest may override configuration.
	Vars map[string]string
	// Root and the like are options of the command line; nil: not given.
	Root, ConfigRoot, Sysroot, Prefix *string
	// BuildRoot is the root of the machine that builds; empty: /.
	BuildRoot string
	// CacheDir is where indexes are kept between runs; empty: nowhere.
	CacheDir string
	// Jobs is how many ebuilds are sourced at a time; 0: as many as there are
	// processors.
	Jobs int
	// Sourced is told, as each ebuild begins to be sourced, how many that are so
	// far; nil: nobody wants to know. It is not called twice at a time.
	Sourced func(count int)
	// Printed takes what ebuilds print while they are sourced; nil: nobody.
	Printed io.Writer
	// NoMoves leaves package moves out of account.
	NoMoves bool
	// Abs makes a path absolute.
	Abs func(path string) string
}

// Places are the roots of a run: absolute, clean paths.
type Places struct {
	Target  string // empty: what make.conf says, else the build root
	Config  string // holds etc/portage of the target
	Sysroot string // where DEPEND is looked for
	Build   string // the machine that builds
	EPrefix string // below the target; empty: none
}

// Places works out the roots. A path that is absent or empty is the build
// root, and so is a plain "/": that is how the build root can be moved.
func (o *Options) Places() Places {
	p := Places{Build: "/"}
	if o.BuildRoot != "" {
		p.Build = o.Abs(o.BuildRoot)
	}
	place := func(option *string, name string) (path string, given bool) {
		path, given = o.Vars[name]
		if option != nil {
			path, given = *option, true
		}
		if path == "" || o.Abs(path) == "/" {
			return p.Build, given
		}
		return o.Abs(path), true
	}
	var given bool
	if p.Target, given = place(o.Root, "ROOT"); !given {
		p.Target = "" // make.conf may know
	}
	p.Config, _ = place(o.ConfigRoot, "PORTAGE_CONFIGROOT")
	p.Sysroot, _ = place(o.Sysroot, "SYSROOT")
	prefix := o.Vars["EPREFIX"]
	if o.Prefix != nil {
		prefix = *o.Prefix
	}
	if prefix = filepath.Clean("/" + prefix); prefix != "/" {
		p.EPrefix = prefix
	}
	return p
}

// internalVariables never enter the configuration from the environment:
// Portage keeps them for itself and for ebuilds.
func internalVariables() []string {
	return []string{
		"A", "AA", "BASH_FUNC____in_portage_iuse%%", "BDEPEND", "BROOT", "CATEGORY", "DEPEND", "DESCRIPTION", "DOCS",
		"EAPI", "EBUILD_FORCE_TEST", "EBUILD_PHASE", "EBUILD_PHASE_FUNC", "EBUILD_SKIP_MANIFEST", "ED", "EMERGE_FROM",
		"EPREFIX", "EROOT", "GREP_OPTIONS", "HOMEPAGE", "IDEPEND", "INHERITED", "IUSE", "IUSE_EFFECTIVE", "KEYWORDS",
		"LICENSE", "MERGE_TYPE", "PDEPEND", "PF", "PKGUSE", "PORTAGE_BACKGROUND", "PORTAGE_BACKGROUND_UNMERGE",
		"PORTAGE_BUILDDIR_LOCKED", "PORTAGE_BUILT_USE", "PORTAGE_CONFIGROOT", "PORTAGE_EXPLICIT_INHERIT",
		"PORTAGE_INTERNAL_CALLER", "PORTAGE_IUSE", "PORTAGE_NONFATAL", "PORTAGE_PIPE_FD", "PORTAGE_REPO_NAME",
		"PORTAGE_USE", "PROPERTIES", "RDEPEND", "REPOSITORY", "REQUIRED_USE", "RESTRICT", "ROOT", "SANDBOX_LOG",
		"SLOT", "SRC_URI", "_",
	}
}

// buildVariables are the only ones that reach the configuration of the build
// root while packages are merged elsewhere: overrides are meant for the target.
func buildVariables() []string {
	return []string{
		"MAKEFLAGS", "PATH", "PORTAGE_GRPNAME", "PORTAGE_USERNAME", "PYTHONPATH", "SSH_AGENT_PID", "SSH_AUTH_SOCK",
		"TERM", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy",
	}
}

// targetVars is the environment that the target's configuration honours.
func (o *Options) targetVars() map[string]string {
	vars := maps.Clone(o.Vars)
	for _, name := range internalVariables() {
		delete(vars, name)
	}
	delete(vars, "SYSROOT")
	return vars
}

// buildVars is the environment that the build root's configuration honours.
func (o *Options) buildVars() map[string]string {
	allowed := buildVariables()
	vars := map[string]string{}
	for name, value := range o.Vars {
		if slices.Contains(allowed, name) {
			vars[name] = value
		}
	}
	return vars
}
