package emerge

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
)

// pathArguments makes arguments of a path of the command line (S9 to S11).
func (r *run) pathArguments(t Target, f *frame) ([]resolver.Arg, error) {
	switch t.Kind {
	case TargetEbuild:
		p, msg := r.ebuildAt(t.Path)
		if msg != "" {
			return nil, r.rejectPath(t, f, fmt.Sprintf(msg, t.Text))
		}
		return []resolver.Arg{{Text: t.Text, Package: p}}, nil
	case TargetBinary:
		p, msg := r.binaryAt(t)
		if msg != "" {
			return nil, r.rejectPath(t, f, fmt.Sprintf(msg, t.Text))
		}
		return []resolver.Arg{{Text: t.Text, Package: p}}, nil
	default:
		return r.owners(t, f)
	}
}

func (r *run) rejectPath(t Target, f *frame, text string) error {
	return f.reject(plan.Problem{Kind: plan.ProblemInvalidArgument, Atoms: []string{t.Text}}, text)
}

// The messages about paths, with the argument as given.
const (
	noEbuild    = "\n\n!!! '%s' is not in a valid ebuild repository hierarchy or does not exist\n"
	otherRepo   = "\n*** You need to adjust repos.conf to emerge this package: %s\n\n"
	noBinary    = "\n\n!!! Binary package '%s' does not exist.\n!!! Please ensure the binpkg exists as specified.\n\n"
	otherPkgdir = "\n*** You need to adjust PKGDIR to emerge this package: %s\n\n"
	outside     = "\n\n!!! '%s' does not start with $EROOT.\n"
)

// ebuildAt returns the package of an ebuild file, or a message. It has to be
// the one that the repositories have for its version.
func (r *run) ebuildAt(path string) (*ebuild.Package, string) {
	dir := filepath.Dir(path)
	name := strings.TrimSuffix(filepath.Base(path), ".ebuild")
	cpv, err := atoms.ParseCPV(filepath.Base(filepath.Dir(dir)) + "/" + name)
	if err != nil || cpv.CP.Name() != filepath.Base(dir) || !session.Exists(path) {
		return nil, noEbuild
	}
	tree, err := filepath.EvalSymlinks(filepath.Dir(filepath.Dir(dir)))
	if err != nil {
		return nil, noEbuild
	}
	repos := r.system.Target.Repos
	for i := len(repos) - 1; i >= 0; i-- {
		list, _ := repos[i].Packages(cpv.CP) // what cannot be read is not found; it is told when it is used
		for _, p := range list {
			if p.CPV != cpv {
				continue
			}
			if real, err := filepath.EvalSymlinks(repos[i].Location); err != nil || real != tree {
				return nil, otherRepo
			}
			return p, ""
		}
	}
	return nil, noEbuild
}

// binaryAt returns the package of a binary package file in PKGDIR, or a message.
func (r *run) binaryAt(t Target) (*ebuild.Package, string) {
	root := r.session.Target
	pkgdir := root.Config.Get("PKGDIR")
	path := t.Path
	for _, p := range []string{t.Path, filepath.Join(pkgdir, "All", t.Text), filepath.Join(pkgdir, t.Text)} {
		if path = p; session.Exists(p) {
			break
		}
	}
	if !session.Exists(path) {
		return nil, noBinary
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, noBinary
	}
	cps, _ := root.Binaries.CPs() // problems of the store are told where it is used
	for _, cp := range cps {
		list, _ := root.Binaries.Packages(cp)
		for _, p := range list {
			if p.Remote != "" || filepath.Base(p.Path) != filepath.Base(path) {
				continue
			}
			if other, err := filepath.EvalSymlinks(p.Path); err == nil && other == real {
				return p, ""
			}
		}
	}
	return nil, otherPkgdir
}

// owners returns the installed packages that a path belongs to: all of those
// of a folder, one of those of a file.
func (r *run) owners(t Target, f *frame) ([]resolver.Arg, error) {
	root := r.session.Target
	if !strings.HasPrefix(t.Path, root.EROOT()) {
		return nil, r.rejectPath(t, f, fmt.Sprintf(outside, t.Text))
	}
	relative := "/" + strings.TrimPrefix(t.Path, strings.TrimSuffix(root.Path, "/")+"/")
	owners, err := root.Installed.Owners(root.Path, []string{relative})
	if err != nil {
		return nil, err
	}
	var args []resolver.Arg
	for _, p := range owners[relative] {
		a := atoms.NewAtom(p.CPV.CP).WithSlot(p.Slot, "", atoms.SlotOpNone)
		args = append(args, resolver.Arg{Text: a.String(), Atom: a})
		if !session.IsDir(t.Path) {
			break
		}
	}
	if len(args) == 0 {
		return nil, r.rejectPath(t, f, render.Unowned(filepath.Clean(t.Path)))
	}
	return args, nil
}
