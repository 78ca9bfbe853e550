package binpkg

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// A Dir is a PKGDIR that packages are put into and taken from. Several processes,
// Portage among them, may do so at the same time.
type Dir struct {
	Path          string // absolute
	MultiInstance bool   // FEATURES=binpkg-multi-instance
	CompressIndex bool   // FEATURES=compress-index
	// Header are the variables of the index's header, as HeaderOf gives them; nil:
	// they stay as they are.
	Header []HeaderVar
	CHOST  string // of the configuration: for an index that does not exist yet
}

// A Place is the name that a package gets in a Dir.
type Place struct {
	Path    string // absolute
	BuildID int    // 0 without binpkg-multi-instance
	// Reserved says that an empty file was made, which keeps the name.
	Reserved bool
}

// suffix returns the end of the names of files.
func (d *Dir) suffix(f Format) string {
	switch {
	case f == FormatGPKG:
		return ".gpkg.tar"
	case d.MultiInstance:
		return ".xpak"
	}
	return ".tbz2"
}

// Allocate finds a name for a package. With binpkg-multi-instance it is reserved by
// an empty file: with the BUILD_ID preferred, if that is greater than 0 and free,
// else with the first free one above taken, the greatest that is known.
func (d *Dir) Allocate(cpv atoms.CPV, f Format, preferred, taken int) (Place, error) {
	if !d.MultiInstance {
		path := filepath.Join(d.Path, cpv.String()+d.suffix(f))
		return Place{Path: path}, d.makeFolder(filepath.Dir(path))
	}
	folder := filepath.Join(d.Path, string(cpv.CP))
	if err := d.makeFolder(folder); err != nil {
		return Place{}, err
	}
	ids := []int{preferred}
	for id := max(taken, 0) + 1; ; id++ {
		for _, id := range append(ids, id) {
			if id <= 0 {
				continue
			}
			path := filepath.Join(folder, fmt.Sprintf("%s-%d%s", cpv.PF(), id, d.suffix(f)))
			file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, 0o644)
			if err == nil {
				return Place{Path: path, BuildID: id, Reserved: true}, file.Close()
			}
			if !errors.Is(err, fs.ErrExist) {
				return Place{}, fmt.Errorf("reserve a name in PKGDIR: %w", err)
			}
		}
		ids = nil
	}
}

// Greatest returns the greatest BUILD_ID of a version that the index knows, 0 if
// there is none. What binhosts have is left to the caller.
func (d *Dir) Greatest(cpv atoms.CPV) int {
	x, err := ReadIndex(filepath.Join(d.Path, "Packages"))
	if err != nil {
		return 0 // the names of files decide then
	}
	greatest := 0
	for _, s := range x.Stanzas {
		if id, err := strconv.Atoi(s.Get("BUILD_ID")); err == nil && s.CPV.String() == cpv.String() {
			greatest = max(greatest, id)
		}
	}
	return greatest
}

// makeFolder makes a folder in PKGDIR, with its group and that group's rights.
func (d *Dir) makeFolder(path string) error {
	if err := os.MkdirAll(d.Path, 0o755); err != nil {
		return fmt.Errorf("make PKGDIR: %w", err)
	}
	relative, err := filepath.Rel(d.Path, path)
	if err != nil {
		return err
	}
	at := d.Path
	for part := range strings.SplitSeq(relative, "/") {
		at = filepath.Join(at, part)
		err := os.Mkdir(at, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("make a folder in PKGDIR: %w", err)
		}
		d.share(at, 0o2070)
	}
	return nil
}

// share gives a file the group of PKGDIR and those of the group's rights that mask
// lets through. Who may not do that leaves it, as Portage does.
func (d *Dir) share(path string, mask uint32) {
	var dir, st unix.Stat_t
	if unix.Stat(d.Path, &dir) != nil || unix.Lstat(path, &st) != nil {
		return
	}
	if st.Gid != dir.Gid {
		_ = unix.Lchown(path, -1, int(dir.Gid)) // see above
	}
	if want := st.Mode&0o7777 | dir.Mode&mask; want != st.Mode&0o7777 {
		_ = unix.Chmod(path, want) // see above
	}
}

// Inject puts the package file at path under its name in PKGDIR, unless it is there
// already, and its stanza into the index.
func (d *Dir) Inject(ctx context.Context, path, final string, s *Stanza, now time.Time) error {
	relative, err := filepath.Rel(d.Path, final)
	if err != nil || !filepath.IsLocal(relative) {
		return fmt.Errorf("inject %s: not in %s", final, d.Path)
	}
	s.set("PATH", relative)
	d.share(path, 0o060)
	return d.update(ctx, now, func(x *Index) error {
		if path != final {
			if err := os.Rename(path, final); err != nil {
				return err
			}
			if err := atomicfile.SyncDir(filepath.Dir(final)); err != nil {
				return err
			}
		}
		x.drop(s.CPV, relative)
		s.header = x.Header
		x.Stanzas = append(x.Stanzas, s)
		return nil
	})
}

// Remove takes a package file out of the index and then out of PKGDIR; relative is
// its path there. A file that is gone already is no error.
func (d *Dir) Remove(ctx context.Context, cpv atoms.CPV, relative string, now time.Time) error {
	if !filepath.IsLocal(relative) {
		return fmt.Errorf("remove %s: not in PKGDIR", relative)
	}
	err := d.update(ctx, now, func(x *Index) error {
		x.drop(cpv, relative)
		return nil
	})
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(d.Path, relative)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// drop takes stanzas of a path away.
func (x *Index) drop(cpv atoms.CPV, relative string) {
	kept := x.Stanzas[:0:0]
	for _, s := range x.Stanzas {
		if path := s.Get("PATH"); path != relative && (path != "" || s.CPV.String() != cpv.String() || s.Path() != relative) {
			kept = append(kept, s)
		}
	}
	x.Stanzas = kept
}

// update changes the index under its lock.
func (d *Dir) update(ctx context.Context, now time.Time, change func(*Index) error) error {
	if err := os.MkdirAll(d.Path, 0o755); err != nil {
		return fmt.Errorf("make PKGDIR: %w", err)
	}
	lock, err := atomicfile.Acquire(ctx, filepath.Join(d.Path, ".Packages.portage_lockfile"), atomicfile.Exclusive)
	if err != nil {
		return fmt.Errorf("update the index of %s: %w", d.Path, err)
	}
	defer lock.Remove()
	d.share(filepath.Join(d.Path, ".Packages.portage_lockfile"), 0o060)
	x, err := d.read()
	if err == nil {
		err = change(x)
	}
	if err == nil {
		err = d.write(x, now)
	}
	if err != nil {
		return fmt.Errorf("update the index of %s: %w", d.Path, err)
	}
	return nil
}

// read reads the index; one of an unknown version counts as none, as in Portage.
func (d *Dir) read() (*Index, error) {
	path := filepath.Join(d.Path, "Packages")
	x, err := ReadIndex(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && x.Stanzas == nil {
		x, err = ParseIndex(path, []byte("VERSION: 0\n")), nil
		x.Header.set("CHOST", d.CHOST)
	}
	return x, err
}

// write writes the index, the compressed one first: who reads both sees the newer
// one where Portage looks first.
func (d *Dir) write(x *Index, now time.Time) error {
	for _, v := range d.Header {
		x.Header.set(v.Name, v.Value)
	}
	x.Header.set("VERSION", "0")
	x.Header.set("TIMESTAMP", strconv.FormatInt(now.Unix(), 10))
	x.Header.set("PACKAGES", strconv.Itoa(len(x.Stanzas)))
	text := x.Format()
	compressed := filepath.Join(d.Path, "Packages.gz")
	if d.CompressIndex {
		b, err := gzipped(text, now)
		if err == nil {
			err = d.put(compressed, b, now)
		}
		if err != nil {
			return err
		}
	} else if err := os.Remove(compressed); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.put(filepath.Join(d.Path, "Packages"), text, now)
}

// put replaces a file whose time is that of the index.
func (d *Dir) put(path string, text []byte, now time.Time) error {
	f, err := atomicfile.Create(path, 0o644)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(text); err != nil {
		return err
	}
	d.share(f.Name(), 0o060)
	at := time.Unix(now.Unix(), 0)
	if err := os.Chtimes(f.Name(), at, at); err != nil {
		return err
	}
	return f.Commit()
}

// gzipped compresses as Portage does: without a name, with the time of the index.
func gzipped(text []byte, now time.Time) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	z.ModTime = now
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}
