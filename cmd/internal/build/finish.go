package build

import (
	"context"
	"fmt"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/buildinfo"
	"github.com/tumpline/tumpline/merge/doccompress"
	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/merge/imagefix"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/merge/strip"
)

// finish makes of what src_install left an image that can be merged or packed, and
// completes build-info. now is the time that becomes BUILD_TIME.
func (m *Making) finish(ctx context.Context, b *phase.Build, p *ebuild.Package, now time.Time) error {
	lists, err := b.Dir.Lists()
	if err != nil {
		return err
	}
	fix := &imagefix.Options{D: b.Dir.Image(), EPrefix: b.Roots.EPrefix, FixLibtool: b.Features["fixlafiles"],
		NoEmptyFolders: b.EAPI.IDEPEND || b.Features["strict-keepdir"], Builder: builder(b), Inst: installer(b)}
	fixed, err := imagefix.First(fix)
	if err != nil {
		return err
	}
	if err := imagefix.Last(fix, fixed); err != nil {
		return err
	}
	m.tell(fixed)
	if err := m.compress(ctx, b, lists); err != nil {
		return err
	}
	objects, problems, err := elfscan.Scan(b.Dir.Image())
	if err != nil {
		return err
	}
	for _, problem := range problems {
		fmt.Fprintf(m.Output, " * QA Notice: %v\n", problem)
	}
	if err := m.strip(ctx, b, lists, objects); err != nil {
		return err
	}
	return buildinfo.Write(b.Dir.Info(), m.facts(b, p, objects, fixed.Size, now))
}

// tell prints what was changed in the image.
func (m *Making) tell(r *imagefix.Result) {
	for _, name := range r.Renamed {
		fmt.Fprintf(m.Output, " * QA Notice: file name with characters that are not UTF-8, renamed: %s\n", name)
	}
	for _, la := range r.BadLa {
		fmt.Fprintf(m.Output, " * QA Notice: invalid .la file found: %s\n", la)
	}
}

func builder(b *phase.Build) imagefix.Owner {
	name := b.Variables["PORTAGE_USERNAME"]
	if name == "" {
		name = "portage"
	}
	u, err := user.Lookup(name)
	if err != nil {
		return imagefix.Owner{}
	}
	return imagefix.Owner{UID: number(u.Uid), GID: number(u.Gid)}
}

func installer(b *phase.Build) imagefix.Owner {
	return imagefix.Owner{UID: number(b.Variables["PORTAGE_INST_UID"]), GID: number(b.Variables["PORTAGE_INST_GID"])}
}

// number gives 0 for what is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// toolEnv is the environment of programs that work on the image.
func (m *Making) toolEnv(b *phase.Build) []string {
	return []string{"PATH=" + strings.Join(b.Path, ":"), "TMPDIR=" + b.Dir.Temp()}
}

func (m *Making) compress(ctx context.Context, b *phase.Build, lists *phase.Lists) error {
	program, set := b.Variables["PORTAGE_COMPRESS"]
	if !set {
		program = "bzip2"
	}
	if program == "" || !b.EAPI.Docompress || !b.Features["binpkg-docompress"] {
		return nil
	}
	jobs := runtime.NumCPU()
	flags := doccompress.DefaultFlags(program, jobs)
	if own, ok := b.Variables["PORTAGE_COMPRESS_FLAGS"]; ok {
		flags = strings.Fields(own)
	}
	res, err := doccompress.Compress(ctx, &doccompress.Options{D: b.Dir.Image(), EPrefix: b.Roots.EPrefix, Paths: lists.Compress, Skip: lists.CompressSkip,
		Program: append([]string{program}, flags...), SizeLimit: 128, ExcludeSuffixes: lists.CompressExclude, Temp: b.Dir.Temp(), Env: m.toolEnv(b), Jobs: jobs})
	if err != nil {
		return err
	}
	if len(res.Collisions) > 0 {
		fmt.Fprintf(m.Output, " * QA Notice: Colliding files found by ecompress:\n * \n * %s\n", strings.Join(res.Collisions, "\n * "))
	}
	return nil
}

func (m *Making) strip(ctx context.Context, b *phase.Build, lists *phase.Lists, objects []elfscan.Object) error {
	restricted := func(word string) bool {
		for _, r := range b.Restrict {
			if r == word {
				return true
			}
		}
		return false
	}
	o := &strip.Options{D: b.Dir.Image(), EPrefix: b.Roots.EPrefix, Objects: objects, Paths: lists.Strip, Skip: lists.StripSkip, Mask: lists.StripMask,
		Strip:          b.Features["binpkg-dostrip"] && !b.Features["nostrip"] && !restricted("strip"),
		SplitDebug:     b.Features["splitdebug"] && !restricted("splitdebug"),
		CompressDebug:  b.Features["compressdebug"],
		DedupDebug:     b.Features["dedupdebug"] && !restricted("dedupdebug"),
		InstallSources: b.Features["installsources"] && !restricted("installsources"),
		Xattr:          b.Features["xattr"],
		Salt:           b.CPV() + ":" + b.Slot, Name: b.CPV(), WorkDir: b.Dir.Work(), Temp: b.Dir.Temp(), Jobs: runtime.NumCPU(),
		Tools: strip.FindTools(strings.Join(b.Path, ":"), b.Variables["CHOST"], m.toolEnv(b)),
	}
	if !b.EAPI.Dostrip {
		o.Paths, o.Skip = []string{"/"}, nil
	}
	if flags, ok := b.Variables["PORTAGE_STRIP_FLAGS"]; ok {
		o.Tools.Flags = strings.Fields(flags)
	}
	if len(objects) == 0 {
		return nil
	}
	res, err := strip.Run(ctx, o)
	if err != nil {
		return err
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(m.Output, " * %s\n", w)
	}
	return nil
}

func (m *Making) facts(b *phase.Build, p *ebuild.Package, objects []elfscan.Object, size int64, now time.Time) *buildinfo.Facts {
	best := func(root *session.Root) func(*atoms.Atom) *ebuild.Package {
		return func(a *atoms.Atom) *ebuild.Package { return bestInstalled(root, a) }
	}
	state := m.Session.Target.Use.State(p)
	return &buildinfo.Facts{
		Package: p, Enabled: state.Enabled, IUSEEffective: b.IUSEEffective, CHOST: b.Variables["CHOST"], Built: now, Size: size,
		Installed: best(m.Session.Target), Running: best(m.Session.Build), LibC: m.libc(p), Revisions: "{}", Objects: objects,
	}
}

// libc gives the installed packages of the target that virtual/libc stands for.
func (m *Making) libc(p *ebuild.Package) []*ebuild.Package {
	root := m.Session.Target
	atom, err := atoms.ParseAtom("virtual/libc", atoms.AtomOptions{})
	if err != nil {
		return nil
	}
	v := bestInstalled(root, atom)
	if v == nil {
		return nil
	}
	dep, err := v.Deps(atoms.RDepend)
	if err != nil {
		return nil
	}
	var out []*ebuild.Package
	for a := range dep.All() {
		if q := bestInstalled(root, a); q != nil && a.Blocker == atoms.BlockNone {
			out = append(out, q)
		}
	}
	return out
}

// bestInstalled gives the best installed package that an atom matches.
func bestInstalled(root *session.Root, atom *atoms.Atom) *ebuild.Package {
	list, err := root.Installed.Packages(atom.CP)
	if err != nil {
		return nil
	}
	var best *ebuild.Package
	for _, p := range list {
		if atom.Match(p.Candidate(root.Use.State(p))) {
			best = p
		}
	}
	return best
}
