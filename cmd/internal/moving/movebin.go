package moving

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/updates"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

// FixBinaries rewrites the metadata of binary packages that were renamed, or that
// depend on what was. As with Portage a package that gets a new name stays under the
// old one as well. Packages in gpkg format are refused.
func (r *Places) FixBinaries(ctx context.Context) error {
	m, err := r.mover(r.binaries())
	if err != nil {
		return err
	}
	type change struct {
		pkg    *ebuild.Package
		cpv    atoms.CPV
		values map[string]string
	}
	var changes []*change
	of := func(p *ebuild.Package) *change {
		if i := slices.IndexFunc(changes, func(c *change) bool { return c.pkg == p }); i >= 0 {
			return changes[i]
		}
		changes = append(changes, &change{p, p.CPV, map[string]string{}})
		return changes[len(changes)-1]
	}
	err = m.each(func(one moving) error {
		c := of(one.pkg)
		if one.command.Kind == updates.SlotMove {
			c.values["SLOT"] = newSlot(one.command, one.pkg) + "\n"
			return nil
		}
		c.cpv.CP = one.command.Move.To
		c.values["PF"], c.values["CATEGORY"] = c.cpv.PF()+"\n", c.cpv.CP.Category()+"\n"
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range m.packages {
		if now := m.outdated(p); len(now) > 0 {
			for key, value := range now {
				of(p).values[key] = value
			}
		}
	}
	for _, c := range changes {
		if err := r.rewriteBinary(ctx, c.pkg, c.cpv, c.values); err != nil {
			return err
		}
		switch {
		case c.cpv != c.pkg.CPV:
			r.done(Renamed)
		case c.values["SLOT"] != "":
			r.done(Slotted)
		default:
			r.done(Updated)
		}
	}
	return nil
}

// PKGDIR is where the root's binary packages are.
func (r *Places) PKGDIR() *binpkg.Dir {
	c := r.Root.Config
	return &binpkg.Dir{Path: c.Get("PKGDIR"), MultiInstance: c.Feature("binpkg-multi-instance"),
		CompressIndex: c.Feature("compress-index"), Header: binpkg.HeaderOf(c), CHOST: c.Get("CHOST")}
}

// rewriteBinary gives a binary package other metadata, and the name that goes with it.
func (r *Places) rewriteBinary(ctx context.Context, p *ebuild.Package, cpv atoms.CPV, values map[string]string) error {
	if binpkg.FormatOf(p.Path) != binpkg.FormatXPAK {
		return &cli.RefusedError{Program: "package moves", What: "a change of " + p.Path, Why: "only packages in xpak format can be changed"}
	}
	files, err := xpak.ReadFile(p.Path, nil)
	if err != nil {
		return err
	}
	for key, value := range values {
		files[key] = []byte(value)
	}
	if old, now := p.CPV.PF()+".ebuild", cpv.PF()+".ebuild"; old != now && files[old] != nil {
		files[now] = files[old]
		delete(files, old)
	}
	dir := r.PKGDIR()
	final := filepath.Join(filepath.Dir(filepath.Dir(p.Path)), string(cpv.CP.Category()), cpv.PF()+filepath.Ext(p.Path))
	if cpv == p.CPV || filepath.Base(filepath.Dir(p.Path)) == "All" {
		final = filepath.Join(filepath.Dir(p.Path), cpv.PF()+filepath.Ext(p.Path))
	}
	if dir.MultiInstance && cpv != p.CPV {
		return &cli.RefusedError{Program: "package moves", What: "a new name for " + p.Path, Why: "FEATURES has binpkg-multi-instance"}
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return err
	}
	if err := withSegment(p.Path, final, files); err != nil {
		return err
	}
	text := make(map[string]string, len(files))
	for name, content := range files {
		if name != "DESCRIPTION" { // as Portage has it
			text[name] = string(content)
		}
	}
	stanza, err := binpkg.NewStanza(cpv, text)
	if err != nil {
		return err
	}
	if err := stanza.Describe(final); err != nil {
		return err
	}
	return dir.Inject(ctx, final, final, stanza, r.Now)
}

// withSegment writes the tar of a package with other metadata after it.
func withSegment(from, to string, files map[string][]byte) error {
	segment, err := xpak.Segment(files)
	if err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // it is only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	size, err := xpak.TarSize(in, info.Size())
	if err != nil {
		return err
	}
	out, err := atomicfile.Create(to, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer out.Abort()
	if _, err := io.Copy(out, io.NewSectionReader(in, 0, size)); err != nil {
		return err
	}
	if _, err := out.Write(segment); err != nil {
		return err
	}
	return out.Commit()
}
