// Package build is the front of `tumpline build`: it builds packages, phase by
// phase, up to an image and what the package database will say about it.
//
// It finds the package in a session and says how it is built (Making); how a phase
// runs, what is fetched and what becomes of the image is the business of merge/.
package build

import (
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/bash"
	files "github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/merge/elog"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/accept"
	"github.com/tumpline/tumpline/profiles/use"
)

// A Making says how packages are built in a session.
type Making struct {
	Session *session.Session
	Env     *cli.Env       // the caller's surroundings
	Self    string         // this program, for the commands of phases
	Output  io.Writer      // what phases print; nil: only their logs have it
	Errors  io.Writer      // warnings and progress
	Launch  phase.Launcher // nil: phases are not confined

	SkipManifest bool // neither verify nor need Manifests
	ForceTest    bool // run src_test whatever FEATURES say
	Debug        bool // trace the shells of phases

	// For is the root that packages are for; nil: the target.
	For *session.Root

	said   sync.Map    // warnings that were told
	shells sync.Map    // versions of bash, by program
	digest elog.Digest // messages to be mailed at the end

	installed sync.Mutex
	fresh     map[*session.Root]*vdb.DB // where something was merged
}

// New makes a Making whose output goes to the streams of env as it comes.
func New(env *cli.Env, s *session.Session) (*Making, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return &Making{Session: s, Env: env, Self: self, Output: &live{to: env.Out}, Errors: &live{to: env.Err}, Launch: launcher(s)}, nil
}

// Of makes the Build of an ebuild. Nothing is written yet but the folder of
// commands.
func (m *Making) Of(p *ebuild.Package) (*phase.Build, error) {
	return m.with(p, m.Root().Use.State(p))
}

// with is Of for flags that need not be those that are configured.
func (m *Making) with(p *ebuild.Package, state *use.State) (*phase.Build, error) {
	if p.EAPI == nil {
		return nil, fmt.Errorf("%s: EAPI %s is not supported", p.CPV, p.EAPIName)
	}
	root := m.Root()
	b := &phase.Build{
		Category: p.CPV.CP.Category(), PN: p.CPV.CP.Name(), PV: p.CPV.PV(), PR: p.CPV.PR(), PVR: p.CPV.PVR(),
		Slot: p.Raw("SLOT"), Repo: p.Repo, EAPI: p.EAPI, Ebuild: p.Path, FilesDir: filepath.Join(filepath.Dir(p.Path), "files"),
		DefinedPhases: strings.Fields(p.Raw("DEFINED_PHASES")), Metadata: metadata(p),
		USE: state.EnabledFlags(), IUSEEffective: state.IUSEEffective(), Expanded: state.Expanded(),
		PackageUSE: root.Config.USE.UserWords(profiles.Candidate(p)),
		Variables:  make(map[string]string), Caller: m.Env.Vars, Features: make(map[string]bool),
		ConfigRoot: m.configRoot(), Output: m.Output, Launch: m.Launch, Roots: m.roots(), CPUs: runtime.NumCPU(),
	}
	variables := root.Config.PackageVars(profiles.Candidate(p))
	for _, name := range variables.Names() {
		b.Variables[name] = variables.Get(name)
	}
	b.Variables["ACCEPT_LICENSE"] = strings.Join(accept.New(root.Config).OwnLicenses(p, state.Enabled), " ")
	for _, f := range strings.Fields(b.Variables["FEATURES"]) {
		b.Features[f] = true
	}
	m.jobserver(b)
	if m.Debug {
		b.Variables["PORTAGE_DEBUG"] = "1"
	}
	b.Answers, b.ReplacingVersions = m.answers(p.EAPI), m.replaced(p)
	m.files(b, p)
	if err := m.sources(b, p, state); err != nil {
		return nil, fmt.Errorf("%s: %w", p.CPV, err)
	}
	if err := m.shell(b); err != nil {
		return nil, fmt.Errorf("%s: %w", p.CPV, err)
	}
	return b, nil
}

// Root is the root that packages are for.
func (m *Making) Root() *session.Root {
	if m.For != nil {
		return m.For
	}
	return m.Session.Target
}

func (m *Making) roots() phase.Roots {
	places := m.Session.Places
	if m.For != nil {
		root := slashless(m.For.Path)
		return phase.Roots{Root: root, Sysroot: root, Broot: slashless(places.Build), EPrefix: places.EPrefix}
	}
	return phase.Roots{Root: slashless(places.Target), Sysroot: slashless(places.Sysroot), Broot: slashless(places.Build), EPrefix: places.EPrefix}
}

// configRoot is the root whose etc/portage counts.
func (m *Making) configRoot() string {
	if m.For != nil {
		return filepath.Dir(filepath.Dir(filepath.Clean(m.For.Config.UserDir)))
	}
	return m.Session.Places.Config
}

// slashless gives "" for the root of the machine.
func slashless(path string) string { return strings.TrimRight(path, "/") }

func metadata(p *ebuild.Package) map[string]string {
	m := make(map[string]string)
	for _, name := range []string{"SLOT", "KEYWORDS", "LICENSE", "DEFINED_PHASES", "INHERITED"} {
		m[name] = p.Raw(name)
	}
	return m
}

// files are those that the shell sources besides the ebuild: eclasses, and the
// bashrc files of profile and user, weakest first.
func (m *Making) files(b *phase.Build, p *ebuild.Package) {
	b.Eclasses = make(map[string]string)
	if repo := m.Session.Repos.Get(p.Repo); repo != nil {
		set := repo.Eclasses()
		for _, name := range set.Names() {
			if path, ok := set.Path(name); ok {
				b.Eclasses[name] = path
			}
		}
	}
	b.Bashrcs = slices.Clone(m.Root().Config.Bashrcs(profiles.Candidate(p)))
	etc := m.Root().Config.UserDir
	slot, _, _ := strings.Cut(b.Slot, "/")
	env := filepath.Join(etc, "env", b.Category)
	candidates := []string{filepath.Join(etc, "bashrc"), filepath.Join(env, b.PN), filepath.Join(env, b.PN+":"+slot),
		filepath.Join(env, b.P()), filepath.Join(env, b.PF())}
	for _, file := range candidates {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			b.Bashrcs = append(b.Bashrcs, file)
		}
	}
}

// sources is what the build starts from, reduced by USE.
func (m *Making) sources(b *phase.Build, p *ebuild.Package, flags atoms.FlagState) error {
	uris, err := p.SrcURI()
	if err != nil {
		return err
	}
	for _, u := range uris.Leaves(flags.Enabled) {
		if !slices.Contains(b.Distfiles, u.Name) {
			b.Distfiles = append(b.Distfiles, u.Name)
		}
	}
	for u := range uris.All() {
		if !slices.Contains(b.Sources, u.Name) {
			b.Sources = append(b.Sources, u.Name)
		}
	}
	restrict, err := p.Restrict()
	if err != nil {
		return err
	}
	properties, err := p.Properties()
	if err != nil {
		return err
	}
	b.Restrict, b.Properties = sorted(restrict.Leaves(flags.Enabled)), sorted(properties.Leaves(flags.Enabled))
	tmpdir := m.tmpdir(b)
	b.Dir, b.DistDir = phase.NewDir(tmpdir, b.Category, b.PF()), b.Variables["DISTDIR"]
	b.Commands = filepath.Join(tmpdir, "portage", commandsName(m.Self))
	return nil
}

// tmpdir is PORTAGE_TMPDIR without links.
func (m *Making) tmpdir(b *phase.Build) string {
	dir := b.Variables["PORTAGE_TMPDIR"]
	if dir == "" {
		dir = "/var/tmp"
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}

// policy is what the repository of an ebuild and the user ask of Manifests.
func (m *Making) policy(p *ebuild.Package) files.Policy {
	repo := m.Session.Repos.Get(p.Repo)
	if repo == nil {
		return files.Policy{Unused: true}
	}
	return manifest.Policy(repo, m.Root().Config)
}

// replaced gives the versions that are installed in the package's slot, or are it.
func (m *Making) replaced(p *ebuild.Package) []string {
	list, err := m.Installed(m.Root()).Packages(p.CPV.CP)
	if err != nil {
		return nil // a database that cannot be read is told of elsewhere
	}
	var out []string
	for _, q := range list {
		if q.Slot == p.Slot || q.CPV.String() == p.CPV.String() {
			out = append(out, q.CPV.PVR())
		}
	}
	return out
}

// commandsName names the folder of commands. Another copy of this program that builds
// at the same time has one of its own.
func commandsName(self string) string {
	h := fnv.New32a()
	_, _ = io.WriteString(h, self) // a hash takes everything
	return fmt.Sprintf(".commands-%08x", h.Sum32())
}

func sorted(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// shell finds bash and the programs that builds may call.
func (m *Making) shell(b *phase.Build) error {
	b.Path = filepath.SplitList(m.Env.Vars["PATH"])
	want, err := bash.ParseVersion(b.EAPI.BashVersion)
	if err != nil {
		return fmt.Errorf("internal error: %w", err)
	}
	for _, program := range session.Shells(m.Env.Vars) {
		if v, ok := m.version(program); ok && v.AtLeast(want) {
			b.Bash = program
			return phase.WriteCommands(b.Commands, m.Self)
		}
	}
	return fmt.Errorf("EAPI %s needs bash %s or newer, and there is none in PATH", b.EAPI.Name, want)
}

// version is that of a shell, which is asked once.
func (m *Making) version(program string) (bash.Version, bool) {
	if v, ok := m.shells.Load(program); ok {
		return v.(bash.Version), true
	}
	v, err := bash.AskVersion(program)
	if err != nil {
		return v, false
	}
	m.shells.Store(program, v)
	return v, true
}
