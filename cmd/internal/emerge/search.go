package emerge

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/distfiles"
	"github.com/tumpline/tumpline/resolver/render"
)

// search answers --search and --searchdesc: each word is looked for among the
// names, and perhaps descriptions, of packages and sets.
func (r *run) search(ctx context.Context) error {
	l := r.line
	l.imply(r.session.Target.Config.Feature)
	if r.json() {
		return &cli.RefusedError{Program: program, What: "--json with --search"}
	}
	if err := r.checkProfiles(); err != nil {
		return err
	}
	if len(l.Args) == 0 {
		_, err := fmt.Fprintln(r.env.Out, "emerge: no search terms provided.")
		return err
	}
	if err := r.useBinhosts(ctx, time.Now()); err != nil {
		return err
	}
	finder := r.newFinder()
	for _, word := range l.Args {
		if _, err := io.WriteString(r.env.Out, render.SearchBegin(word, r.look())+render.SearchNotice); err != nil {
			return err
		}
		key, err := l.parseSearchKey(word)
		if bad := (*patternError)(nil); errors.As(err, &bad) {
			return fmt.Errorf("emerge: %w", err)
		}
		if err != nil {
			return err
		}
		if _, err := io.WriteString(r.env.Out, finder.answer(key)); err != nil {
			return err
		}
	}
	for _, w := range r.session.Warnings() {
		if !l.Has("--quiet") {
			_, _ = fmt.Fprintf(r.env.Err, "emerge: warning: %s\n", w) // a closed standard error cannot be told anything
		}
	}
	return nil
}

// asRefused is errors.As, for a condition.
func asRefused(err error, target **cli.RefusedError) bool { return errors.As(err, target) }

// A finder looks packages up in the stores that the request uses.
type finder struct {
	*run
	ebuilds, binaries ebuild.Source // nil: not used
	stores            []ebuild.Source
	indexed           map[atoms.CP]string // descriptions of pkg_desc_index
}

// newFinder makes the finder of a run: ebuilds unless --usepkgonly, binary
// packages with --usepkg, and what is installed.
func (r *run) newFinder() *finder {
	f := &finder{run: r}
	target := r.session.Target
	if !r.line.Yes("--usepkgonly") {
		f.ebuilds = r.session.Repos
		f.stores = append(f.stores, f.ebuilds)
	}
	if r.line.Yes("--usepkg") {
		f.binaries = target.Binaries
		f.stores = append(f.stores, f.binaries)
	}
	f.stores = append(f.stores, target.Installed)
	return f
}

// answer is the text for one key.
func (f *finder) answer(key *searchKey) string {
	var b strings.Builder
	found, look := 0, f.look()
	for _, cp := range f.names() {
		if !key.findsPackage(string(cp)) && !(f.line.Has("--searchdesc") && key.pattern.MatchString(f.description(cp))) {
			continue
		}
		found++
		if m := f.describe(cp); m != nil {
			b.WriteString(m.Text(look))
		}
	}
	config := f.session.Target.Sets
	for _, name := range config.Declared() {
		description := config.Set(name).Description
		if key.pattern.MatchString(key.of(name)) || f.line.Has("--searchdesc") && key.pattern.MatchString(description) {
			found++
			b.WriteString(render.SearchSet(name, description, look))
		}
	}
	return b.String() + render.SearchEnd(found, look)
}

// names are the names of all packages, sorted. A store that cannot be read is a
// warning of the session.
func (f *finder) names() []atoms.CP {
	var all []atoms.CP
	for _, store := range f.stores {
		cps, _ := store.CPs()
		all = append(all, cps...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// description is the one that --searchdesc looks at: that of the index of
// descriptions, else that of the lowest version, and with --search-index=n of
// the highest one.
func (f *finder) description(cp atoms.CP) string {
	byIndex := f.line.Text("--search-index") != "n"
	for _, store := range f.stores {
		if store == f.ebuilds && byIndex {
			if text, ok := f.index()[cp]; ok {
				return text
			}
		}
		if packages, _ := store.Packages(cp); len(packages) > 0 {
			p := packages[len(packages)-1]
			if byIndex && store != f.binaries {
				p = packages[0]
			}
			return f.shown(p.CPV).Raw("DESCRIPTION")
		}
	}
	return ""
}

// index reads metadata/pkg_desc_index of all repositories, once. Lines are
// "category/package version...: description".
func (f *finder) index() map[atoms.CP]string {
	if f.indexed != nil {
		return f.indexed
	}
	f.indexed = make(map[atoms.CP]string)
	for _, repo := range f.session.Repos.All() {
		file, err := os.Open(filepath.Join(repo.Location, "metadata/pkg_desc_index"))
		if err != nil {
			continue // most have none; then their packages are read
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			head, text, ok := strings.Cut(lines.Text(), ":")
			cp, _, versions := strings.Cut(head, " ")
			if _, known := f.indexed[atoms.CP(cp)]; ok && versions && !known {
				f.indexed[atoms.CP(cp)] = strings.TrimSpace(text)
			}
		}
		_ = file.Close() // it was only read
	}
	return f.indexed
}

// shown is the package that speaks for a version: that of the first store which
// has it, and of the repository with the highest priority.
func (f *finder) shown(cpv atoms.CPV) *ebuild.Package {
	for _, store := range f.stores {
		packages, _ := store.Packages(cpv.CP)
		for _, p := range slices.Backward(packages) {
			if p.CPV == cpv {
				return p
			}
		}
	}
	return nil
}

// best is the highest version that is visible in its store, else the highest of all.
func (f *finder) best(cp atoms.CP) (cpv atoms.CPV, visible, any bool) {
	judge := f.session.Target.Judge
	var highest atoms.CPV
	for _, store := range f.stores {
		packages, _ := store.Packages(cp)
		last := atoms.CPV{}
		for _, p := range slices.Backward(packages) {
			if !any || highest.Version.Compare(p.CPV.Version) < 0 {
				highest, any = p.CPV, true
			}
			if p.CPV == last || !judge.Verdict(p).Visible() {
				last = p.CPV // of one version only the first repository counts
				continue
			}
			if !visible || p.CPV.Version.Compare(cpv.Version) >= 0 {
				cpv, visible = p.CPV, true
			}
			break
		}
	}
	if !visible {
		cpv = highest
	}
	return cpv, visible, any
}

// describe describes a package as emerge's search does; nil if there is none.
func (f *finder) describe(cp atoms.CP) *render.SearchMatch {
	cpv, visible, any := f.best(cp)
	if !any {
		return nil
	}
	p := f.shown(cpv)
	m := &render.SearchMatch{
		CP: string(cp), Masked: !visible, NoFiles: true,
		Homepage: p.Raw("HOMEPAGE"), Description: p.Raw("DESCRIPTION"), License: p.Raw("LICENSE"),
	}
	switch p.Origin {
	case ebuild.OriginEbuild:
		m.Available, m.NoFiles = withoutR0(p), false
		m.Size, m.SizeUnknown = f.filesSize(p)
	case ebuild.OriginBinary:
		m.Available = withoutR0(p)
		if info, err := os.Stat(p.Path); err == nil {
			m.Size, m.NoFiles = info.Size(), false
		}
	}
	// A database that cannot be read is a warning of the session.
	if installed, _ := f.session.Target.Installed.Packages(cp); len(installed) > 0 {
		highest := slices.MaxFunc(installed, func(a, b *ebuild.Package) int { return cmp.Or(a.CPV.Compare(b.CPV)) })
		m.Installed = withoutR0(highest)
	}
	return m
}

// filesSize is the size of the files that an ebuild needs.
func (f *finder) filesSize(p *ebuild.Package) (size int64, unknown string) {
	flags := f.session.Target.Use.State(p)
	// Whether they are in DISTDIR does not matter here.
	files, err := distfiles.New(f.session.Repos.All(), "", nil).Files(p, flags.Enabled)
	if err != nil {
		return 0, fmt.Sprintf("Unknown (%s)", err)
	}
	for _, file := range files {
		size += file.Size
	}
	return size, ""
}
