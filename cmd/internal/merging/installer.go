package merging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/envupdate"
	"github.com/tumpline/tumpline/merge/livefs"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/plan"
)

// keepUndo is how many transactions can be taken back with the files that they
// replaced.
const keepUndo = 3

// An Installer merges images into roots, and unmerges packages.
type Installer struct {
	*Works
	Blockers []plan.Blocker // of the plan
	// KeepSelected leaves world entries of unmerged packages alone (--deselect=n).
	KeepSelected bool
}

// Install implements merge.Installer.
func (i *Installer) Install(ctx context.Context, s *plan.Step, image *merge.Image, selected []string, progress merge.Progress) error {
	files := livefs.Image{Dir: image.Dir, Use: livefs.Keep}
	if config := i.Making.Root().Config; image.Release != nil && !config.Feature("noclean") && !config.Feature("keepwork") {
		files.Use = livefs.Consume // it is thrown away in the end
	}
	var j *build.Job
	switch made := image.Keep.(type) {
	case *build.Job:
		j = made
	case *unpacked:
		j, files.Owners, files.Order = made.Job, made.owners, made.order
	default:
		return fmt.Errorf("internal error: the image of %s has no job", s.CPV)
	}
	root := i.Root(s)
	o := i.options(root, j.Package)
	o.Holder = "merge " + s.CPV
	o.Blocked, o.Tell = i.blocked(s), i.acts(root, j.Say)
	if err := rootDirs(root, j); err != nil {
		return fmt.Errorf("%s: %w", s.CPV, err)
	}
	if err := mask(j, root, image, o.Features); err != nil {
		return fmt.Errorf("%s: apply INSTALL_MASK: %w", s.CPV, err)
	}
	for _, word := range selected {
		if strings.HasPrefix(word, sets.Prefix) {
			o.WorldSets.Add = append(o.WorldSets.Add, word)
		} else {
			o.World.Add = append(o.World.Add, word)
		}
	}
	scripts := &scripts{installer: i, step: s, job: j, progress: progress}
	o.Scripts = scripts.run
	result, err := livefs.Merge(ctx, place(root), files,
		livefs.Entry{CPV: j.Package.CPV, Slot: s.Slot, Info: image.Info}, *o)
	if err == nil {
		err = dangling(j, root, result.Contents)
	}
	i.refresh(root)
	i.tell(s.CPV, result)
	if err != nil {
		return err
	}
	if scripts.postinst != nil {
		return &merge.MergedError{Err: scripts.postinst}
	}
	return nil
}

// Remove implements merge.Installer.
func (i *Installer) Remove(ctx context.Context, s *plan.Step, progress merge.Progress) error {
	p, err := i.Package(s)
	if err != nil {
		return err
	}
	root := i.Root(s)
	o := i.options(root, p)
	o.Holder = "unmerge " + s.CPV
	if !i.KeepSelected {
		o.World.Remove = i.deselected(root, p)
	}
	o.Tell = i.acts(root, sayTo(i.making(s).Output))
	scripts := &scripts{installer: i, step: s, progress: progress}
	o.Scripts = scripts.run
	result, err := livefs.Unmerge(ctx, place(root), p.CPV, *o)
	i.refresh(root)
	i.tell(s.CPV, result)
	return err
}

func place(root *session.Root) livefs.Root {
	return livefs.Root{Dir: filepath.Clean(root.Path), EPrefix: root.EPrefix}
}

// deselected lists the world entries that only this package meets.
func (i *Installer) deselected(root *session.Root, p *ebuild.Package) (out []string) {
	world, _ := sets.ReadWorld(root.EROOT()) // what is wrong in it has been told
	list, err := i.Making.Installed(root).Packages(p.CPV.CP)
	if err != nil {
		return nil
	}
	for _, a := range world.Atoms {
		if a.CP != p.CPV.CP || !a.Match(p.Candidate(nil)) {
			continue
		}
		others := slices.ContainsFunc(list, func(q *ebuild.Package) bool { return q.CPV != p.CPV && a.Match(q.Candidate(nil)) })
		if !others {
			out = append(out, a.String())
		}
	}
	return out
}

// blocked lists the installed packages that a merge blocks and that go.
func (i *Installer) blocked(s *plan.Step) (out []atoms.CPV) {
	for _, b := range i.Blockers {
		if b.Root != s.Root || !b.Satisfied || !slices.Contains(b.Blocking, s.CPV) {
			continue
		}
		for _, text := range b.Blocked {
			if cpv, err := atoms.ParseCPV(text); err == nil {
				out = append(out, cpv)
			}
		}
	}
	return out
}

// options are what the configuration of a root says about merging a package.
func (i *Installer) options(root *session.Root, p *ebuild.Package) *livefs.Options {
	vars := root.Config.PackageVars(profiles.Candidate(p))
	words := func(name string) []string { return strings.Fields(vars.Get(name)) }
	features := make(map[string]bool)
	for _, f := range words("FEATURES") {
		features[f] = true
	}
	o := &livefs.Options{
		Features: features, ConfigProtect: words("CONFIG_PROTECT"), ConfigProtectMask: words("CONFIG_PROTECT_MASK"),
		CollisionIgnore: words("COLLISION_IGNORE"),
		UninstallIgnore: words("UNINSTALL_IGNORE"), XattrExclude: words("PORTAGE_XATTR_EXCLUDE"), LibraryPath: vars.Get("LD_LIBRARY_PATH"),
		InfoDirs:     append(filepath.SplitList(vars.Get("INFOPATH")), filepath.SplitList(vars.Get("INFODIR"))...),
		IgnoreMemory: i.IgnoreMemory, KeepLibraries: features["preserve-libs"] && !i.restricts(root, p, "preserve-libs"),
		KeepUndo: keepUndo, Now: time.Now(),
		Waiting: func(holder string) { _, _ = fmt.Fprintf(i.Env.Err, "waiting for %s\n", holder) }, // a closed stream cannot be told anything
	}
	if os.Geteuid() != 0 {
		o.Ownership = livefs.Record
	}
	o.Env = &envupdate.Options{
		EPrefix: root.EPrefix, CHOST: vars.Get("CHOST"), CBUILD: vars.Get("CBUILD"), LibraryPath: vars.Get("LD_LIBRARY_PATH"),
		FindProgram: i.find, Run: i.runProgram, Now: time.Now(),
	}
	return o
}

func (i *Installer) restricts(root *session.Root, p *ebuild.Package, word string) bool {
	list, err := p.Restrict()
	return err == nil && slices.Contains(list.Leaves(root.Use.State(p).Enabled), word)
}

// find finds a program in the caller's PATH.
func (i *Installer) find(name string) string {
	for _, dir := range filepath.SplitList(i.Env.Vars["PATH"]) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// runProgram runs a program of the host.
func (i *Installer) runProgram(ctx context.Context, argv []string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = "/", []string{"PATH=" + i.Env.Vars["PATH"], "LC_ALL=C"}
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", argv[0], err, strings.TrimSpace(string(text)))
	}
	return nil
}

// tell tells what the user should know about a change of a root.
func (i *Installer) tell(cpv string, r *livefs.Result) {
	if r == nil {
		return
	}
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(i.Env.Err, format+"\n", args...) } // as above
	for _, x := range r.Recovered {
		say(" * %+v", x)
	}
	for _, n := range r.Notes {
		say(" * %s: %s", cpv, n)
	}
	if len(r.Offered) > 0 {
		say(" * %s: %d updates of protected configuration files wait: %s", cpv, len(r.Offered), strings.Join(r.Offered, " "))
	}
	for _, lib := range r.Preserved {
		say(" * %s: kept for other packages: %s", cpv, lib)
	}
	for _, err := range r.Problems {
		say("!!! %s: %v", cpv, err)
	}
}

// scripts runs the scripts of one merge.
type scripts struct {
	installer *Installer
	step      *plan.Step
	job       *build.Job // of the new package; nil: nothing is merged
	progress  merge.Progress
	old       *build.Job
	postinst  error
}

// run implements livefs.Scripts.
func (x *scripts) run(ctx context.Context, c livefs.Call) error {
	switch c.Phase {
	case livefs.Preinst, livefs.Postinst:
		b := x.job.Build
		b.ReplacingVersions = nil
		for _, cpv := range c.Replaced {
			b.ReplacingVersions = append(b.ReplacingVersions, cpv.PVR())
		}
		if c.Phase == livefs.Preinst {
			return x.phase(ctx, x.job, phase.Preinst)
		}
		x.postinst = x.phase(ctx, x.job, phase.Postinst)
		if x.postinst == nil && x.installer.Verbose {
			x.job.Say(">>> %s merged.", c.CPV)
		}
		return errors.Join(x.postinst, x.keepState(c.Entry))
	case livefs.Prerm, livefs.Postrm:
		return x.remove(ctx, c)
	}
	return fmt.Errorf("internal error: script %s", c.Phase)
}

// keepState puts the state that pkg_postinst has left into the entry, where pkg_prerm
// will find it.
func (x *scripts) keepState(entry string) error {
	now, err := os.ReadFile(filepath.Join(x.job.Build.Dir.Info(), phase.InstalledState))
	if err != nil {
		return nil // there is none: no phase of this package has run
	}
	if then, err := os.ReadFile(filepath.Join(entry, phase.InstalledState)); err == nil && bytes.Equal(then, now) {
		return nil
	}
	return vdb.ReplaceFile(entry, phase.InstalledState, now)
}

func (x *scripts) phase(ctx context.Context, j *build.Job, p phase.Phase) error {
	if !j.HasScript(p) {
		return nil
	}
	x.progress(p.String())
	return j.One(ctx, p)
}

// remove runs a script of an installed package, if its entry has what is needed.
func (x *scripts) remove(ctx context.Context, c livefs.Call) error {
	if c.Phase == livefs.Prerm {
		x.old = nil
		j, err := x.opened(ctx, c)
		if j == nil || err != nil {
			return err
		}
		x.old = j
		return x.phase(ctx, j, phase.Prerm)
	}
	if x.old == nil {
		return nil
	}
	defer x.old.Close()
	err := x.phase(ctx, x.old, phase.Postrm)
	x.installer.remember(x.old)
	return errors.Join(err, x.old.Clean(ctx))
}

// opened makes the way of an installed package to its end; nil if no script of it
// can be run, or there is none.
func (x *scripts) opened(ctx context.Context, c livefs.Call) (*build.Job, error) {
	i := x.installer
	p := i.installed(x.step, c.CPV)
	if p == nil || p.EAPI == nil {
		return nil, nil
	}
	if _, err := os.Stat(filepath.Join(c.Entry, c.CPV.PF()+".ebuild")); err != nil {
		return nil, nil // as in Portage
	}
	j, err := i.making(x.step).JobOfInstalled(p, c.Entry)
	if err != nil {
		return nil, err
	}
	if !j.HasScript(phase.Prerm) && !j.HasScript(phase.Postrm) {
		return nil, nil
	}
	if j.Build.ReplacedBy = ""; !c.By.IsZero() {
		j.Build.ReplacedBy = c.By.PVR()
	}
	if err := j.Start(ctx); err != nil {
		return nil, err
	}
	if err := j.Restore(c.Entry); err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

// installed finds an installed package of a step's root.
func (w *Works) installed(s *plan.Step, cpv atoms.CPV) *ebuild.Package {
	list, err := w.Making.Installed(w.Root(s)).Packages(cpv.CP)
	if err != nil {
		return nil
	}
	for _, p := range list {
		if p.CPV == cpv {
			return p
		}
	}
	return nil
}
