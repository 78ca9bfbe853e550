// Package merging gives the parts that carry out a plan in a session: what builds,
// fetches, unpacks and merges packages, and what keeps the list of merges.
//
// It puts the packages of merge/ and the session together, and decides nothing
// about the plan.
package merging

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A Works carries out plans in a session.
type Works struct {
	Session *session.Session
	Env     *cli.Env
	Making  *build.Making
	// BuildOnly says that packages are built for binary packages alone.
	BuildOnly bool
	// IgnoreMemory says that updates of protected files are offered again (--noconfmem).
	IgnoreMemory bool
	// FilesOnly says that files are fetched, and nothing else (--fetchonly).
	FilesOnly bool
	// AllFiles says that all files of SRC_URI are fetched (--fetch-all-uri).
	AllFiles bool

	// Verbose says that each file that is merged or removed is told (--verbose).
	Verbose bool
	// Format is the format of binary packages, if it is not BINPKG_FORMAT (--pkg-format).
	Format string

	others map[*session.Root]*build.Making // of the roots that are not the target

	mu      sync.Mutex
	told    []*build.Job
	indices map[string]*binpkg.Index // of PKGDIRs; nil: there is none
	packing sync.Mutex               // packages are compressed by many threads: one at a time
}

// New makes the Works of a session. With quiet what phases print goes to the logs
// alone.
func New(env *cli.Env, s *session.Session, output Output) (*Works, error) {
	m, err := build.New(env, s)
	if err != nil {
		return nil, err
	}
	if output == ToLogs {
		m.Output = nil
	}
	w := &Works{Session: s, Env: env, Making: m, others: make(map[*session.Root]*build.Making)}
	for _, root := range s.Roots()[1:] {
		other, err := build.New(env, s)
		if err != nil {
			return nil, err
		}
		other.For, other.Output, other.Errors = root, m.Output, m.Errors
		w.others[root] = other
	}
	return w, nil
}

// making makes the packages of a step's root.
func (w *Works) making(s *plan.Step) *build.Making {
	if other := w.others[w.Root(s)]; other != nil {
		return other
	}
	return w.Making
}

// refresh has what is installed in a root read anew.
func (w *Works) refresh(root *session.Root) {
	w.Making.Refresh(root)
	for _, other := range w.others {
		other.Refresh(root)
	}
}

// Settle has the session see what is installed now, at the end of a run.
func (w *Works) Settle() {
	for _, root := range w.Session.Roots() {
		root.Installed = w.Making.Installed(root)
	}
}

// Output says where what phases print goes.
type Output uint8

const (
	ToTerminal Output = iota // to standard output, and to the logs
	ToLogs                   // to the logs alone
)

// String names the choice.
func (o Output) String() string {
	if o == ToLogs {
		return "logs"
	}
	return "terminal"
}

// Root is the root that a step changes.
func (w *Works) Root(s *plan.Step) *session.Root {
	return w.root(s.Root)
}

func (w *Works) root(name plan.Root) *session.Root {
	switch name {
	case plan.RootBuild:
		return w.Session.Build
	case plan.RootSysroot:
		return w.Session.Sysroot
	}
	return w.Session.Target
}

// Package finds the package of a step.
func (w *Works) Package(s *plan.Step) (*ebuild.Package, error) {
	cpv, err := atoms.ParseCPV(s.CPV)
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", s.ID, err)
	}
	list, err := w.candidates(s, cpv.CP)
	for _, p := range list {
		if p.CPV.String() == s.CPV && (s.Origin != plan.OriginBinary || s.BuildID == 0 || int(s.BuildID) == p.BuildID) {
			return p, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.CPV, err)
	}
	return nil, fmt.Errorf("%s: the %s package is gone", s.CPV, s.Origin)
}

func (w *Works) candidates(s *plan.Step, cp atoms.CP) ([]*ebuild.Package, error) {
	switch s.Origin {
	case plan.OriginBinary:
		return w.Root(s).Binaries.Packages(cp)
	case plan.OriginInstalled:
		return w.Root(s).Installed.Packages(cp)
	}
	repo := w.Session.Repos.Get(s.Repo)
	if repo == nil {
		return nil, fmt.Errorf("there is no repository %q", s.Repo)
	}
	return repo.Packages(cp)
}

// Job makes the way of an ebuild with the flags of its step.
func (w *Works) Job(s *plan.Step) (*build.Job, error) {
	p, err := w.Package(s)
	if err != nil {
		return nil, err
	}
	state := w.Root(s).Use.State(p)
	var on, off []string
	for _, flag := range s.Use {
		if !state.Enabled(flag) {
			on = append(on, flag)
		}
	}
	for _, flag := range s.Disabled {
		if state.Enabled(flag) {
			off = append(off, flag)
		}
	}
	if len(on)+len(off) > 0 {
		state = state.Switched(on, off)
	}
	j, err := w.making(s).JobWith(p, state)
	if err != nil {
		return nil, err
	}
	j.SkipSourceless = true
	if w.BuildOnly {
		j.Build.MergeType = phase.BuildOnly
	}
	return j, nil
}

// Met says whether a need of a step is met by what is installed.
func (w *Works) Met(s *plan.Step, n *plan.Need) bool {
	atom, err := atoms.ParseAtom(n.Atom, atoms.AtomOptions{AllowRepo: true})
	if err != nil {
		return false
	}
	root := w.root(n.Root)
	// What cannot be read meets nothing.
	list, _ := w.Making.Installed(root).Packages(atom.CP)
	return slices.ContainsFunc(list, func(p *ebuild.Package) bool { return atom.Match(p.Candidate(root.Use.State(p))) })
}

// Libc says whether a step merges what virtual/libc stands for.
func (w *Works) Libc(s *plan.Step) bool {
	return s.Operation == plan.OpMerge && strings.HasPrefix(s.CP, "sys-libs/") && slices.Contains([]string{"sys-libs/glibc", "sys-libs/musl", "sys-libs/uclibc-ng"}, s.CP)
}

// remember keeps a job whose messages are to be shown at the end.
func (w *Works) remember(j *build.Job) {
	j.Done()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, j)
}

// ShowTold shows the messages of packages (PORTAGE_ELOG_SYSTEM=echo).
func (w *Works) ShowTold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.told {
		j.ShowTold(w.Env.Err)
	}
	w.told = nil
}

// watched tells of the phases that are launched on the way to an image.
type watched struct {
	phase.Launcher
	progress func(phase string)
}

// Launch implements phase.Launcher.
func (l *watched) Launch(ctx context.Context, r phase.Request) (phase.Process, error) {
	if r.Phase.Source() || r.Phase == phase.Setup {
		l.progress(r.Phase.String())
	}
	return l.Launcher.Launch(ctx, r)
}

// Parts are the parts that this program has for a plan.
func (w *Works) Parts(p *plan.Plan, keeper *Keeper) merge.Parts {
	k := &Packer{w}
	b := &Builder{Works: w, Packing: k.Pack}
	return merge.Parts{Builder: b, Fetcher: b, Packer: k, Installer: &Installer{Works: w, Blockers: p.Blockers}, Keeper: keeper}
}

// Place tells the EROOT of a step, and the file that it is made from.
func (w *Works) Place(s *plan.Step) (root, file string) {
	if p, err := w.Package(s); err == nil {
		file = p.Path
	}
	return w.Root(s).EROOT(), file
}

// Packs says whether a binary package is made of a step where all are to be made.
// Live ebuilds have none without FEATURES=buildpkg-live.
func (w *Works) Packs(s *plan.Step, exclude []*atoms.Atom) bool {
	p, err := w.Package(s)
	if err != nil {
		return false
	}
	root := w.Root(s)
	if slices.ContainsFunc(exclude, func(a *atoms.Atom) bool { return a.Match(p.Candidate(nil)) }) {
		return false
	}
	properties, err := p.Properties()
	if err != nil {
		return false
	}
	live := slices.Contains(properties.Leaves(root.Use.State(p).Enabled), "live")
	return !live || root.Config.Feature("buildpkg-live")
}
