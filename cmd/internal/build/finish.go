package build

import (
	"context"
	"io"
	"runtime"
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
	"github.com/tumpline/tumpline/profiles/use"
)

// finish makes of what src_install left an image that can be merged or packed, and
// completes build-info. now is the time that becomes BUILD_TIME. An image that must
// not be merged is an error.
func (m *Making) finish(ctx context.Context, b *phase.Build, p *ebuild.Package, state *use.State, now time.Time) error {
	f := &finisher{Making: m, Build: b, out: output(b)}
	lists, err := b.Dir.Lists()
	if err != nil {
		return err
	}
	if err := f.scanLog(); err != nil {
		return err
	}
	fix := &imagefix.Options{D: b.Dir.Image(), EPrefix: b.Roots.EPrefix, FixLibtool: b.Features["fixlafiles"],
		NoEmptyFolders: b.EAPI.IDEPEND || b.Features["strict-keepdir"], Builder: builder(b), Inst: installer(b)}
	fixed, err := imagefix.First(fix)
	if err != nil {
		return err
	}
	objects, err := f.objects()
	if err != nil {
		return err
	}
	if err := f.check(ctx, p, objects); err != nil {
		return err
	}
	if err := imagefix.Last(fix, fixed); err != nil {
		return err
	}
	f.tell(fixed)
	if err := f.compress(ctx, b, lists); err != nil {
		return err
	}
	if err := f.strip(ctx, b, lists, objects); err != nil {
		return err
	}
	if err := buildinfo.Write(b.Dir.Info(), m.facts(b, p, state, objects, fixed.Size, now)); err != nil {
		return err
	}
	return f.sonames(objects)
}

// A finisher is the finishing of one image.
type finisher struct {
	*Making
	*phase.Build
	out io.Writer // both the user's and the log
}

// output gives where a build prints to.
func output(b *phase.Build) io.Writer {
	var to []io.Writer
	for _, w := range []io.Writer{b.Output, b.Log} {
		if w != nil {
			to = append(to, w)
		}
	}
	return io.MultiWriter(to...)
}

// notice prints what the packager should know, and keeps it as a message.
func (f *finisher) notice(text string, more ...string) {
	notice(f.Build, phase.Install, text, more...)
}

// tell prints what was changed in the image.
func (f *finisher) tell(r *imagefix.Result) {
	if len(r.Renamed) > 0 {
		f.notice("file names with characters that are not UTF-8; renamed to", quoteAll(r.Renamed)...)
	}
	if len(r.BadLa) > 0 {
		f.notice("invalid .la files", quoteAll(r.BadLa)...)
	}
}

// toolEnv is the environment of programs that work on the image.
func (f *finisher) toolEnv(b *phase.Build) []string {
	return []string{"PATH=" + strings.Join(b.Path, ":"), "TMPDIR=" + b.Dir.Temp()}
}

func (f *finisher) compress(ctx context.Context, b *phase.Build, lists *phase.Lists) error {
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
		Program: append([]string{program}, flags...), SizeLimit: 128, ExcludeSuffixes: lists.CompressExclude, Temp: b.Dir.Temp(), Env: f.toolEnv(b), Jobs: jobs})
	if err != nil {
		return err
	}
	if len(res.Collisions) > 0 {
		f.notice("files that are there compressed and plain", quoteAll(res.Collisions)...)
	}
	return nil
}

func (f *finisher) strip(ctx context.Context, b *phase.Build, lists *phase.Lists, objects []elfscan.Object) error {
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
		Tools: strip.FindTools(strings.Join(b.Path, ":"), b.Variables["CHOST"], f.toolEnv(b)),
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
		line(f.out, " * %s", w)
	}
	return nil
}

func (m *Making) facts(b *phase.Build, p *ebuild.Package, state *use.State, objects []elfscan.Object, size int64, now time.Time) *buildinfo.Facts {
	best := func(root *session.Root) func(*atoms.Atom) *ebuild.Package {
		return func(a *atoms.Atom) *ebuild.Package { return m.best(root, a) }
	}
	return &buildinfo.Facts{
		Package: p, Enabled: state.Enabled, IUSEEffective: b.IUSEEffective, CHOST: b.Variables["CHOST"], Built: now, Size: size,
		Installed: best(m.Root()), Running: best(m.Session.Build), LibC: m.libc(p), Revisions: m.revisions(p), Objects: objects,
	}
}

// libc gives the installed packages of the target that virtual/libc stands for.
func (m *Making) libc(p *ebuild.Package) []*ebuild.Package {
	root := m.Root()
	atom, err := atoms.ParseAtom("virtual/libc", atoms.AtomOptions{})
	if err != nil {
		return nil
	}
	v := m.best(root, atom)
	if v == nil {
		return nil
	}
	dep, err := v.Deps(atoms.RDepend)
	if err != nil {
		return nil
	}
	var out []*ebuild.Package
	for a := range dep.All() {
		if q := m.best(root, a); q != nil && a.Blocker == atoms.BlockNone {
			out = append(out, q)
		}
	}
	return out
}
