package emerge

import (
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/preserved"
	"github.com/tumpline/tumpline/resolver"
)

// libraries looks for packages whose libraries others use (O36).
type libraries struct {
	*removal
	checked  bool // consumers were looked for
	searched bool // and there are any
}

// held says which packages of a clean list must stay for their libraries. With
// FEATURES=preserve-libs only those matter whose libraries are not preserved.
func (l *libraries) held(clean []*ebuild.Package) []resolver.LibraryUse {
	target := l.session.Target
	candidates := clean
	if target.Config.Feature("preserve-libs") {
		candidates = slices.DeleteFunc(slices.Clone(clean), func(p *ebuild.Package) bool { return !l.unpreserved(p) })
	}
	if len(candidates) == 0 {
		return nil
	}
	l.checked = true
	paths, err := linkage.DefaultPaths(target.EROOT(), target.Config.Get("LD_LIBRARY_PATH"))
	l.note(err)
	kept, problems := preserved.Read(filepath.Join(target.EROOT(), "var/lib/portage/preserved_libs_registry"), target.Path)
	links, more := linkage.Read(target.Installed, linkage.Options{Root: target.Path, Paths: paths, Preserved: kept})
	for _, err := range slices.Concat(problems, more) {
		l.note(err)
	}
	uses, searched := links.Held(clean, candidates)
	l.searched = searched
	var out []resolver.LibraryUse
	for _, u := range uses {
		out = append(out, resolver.LibraryUse{Package: u.Package, Consumer: u.Consumer, Sonames: u.Sonames})
	}
	return out
}

// unpreserved says if a package forbids to preserve its libraries.
func (l *libraries) unpreserved(p *ebuild.Package) bool {
	words, err := p.Restrict()
	if err != nil {
		return false
	}
	return slices.Contains(words.Leaves(l.session.Target.Use.State(p).Enabled), "preserve-libs")
}

// note keeps a warning for the end of the run.
func (l *libraries) note(err error) {
	if err != nil {
		l.notes = append(l.notes, err)
	}
}
