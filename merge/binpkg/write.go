package binpkg

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/imagetar"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
	"github.com/tumpline/tumpline/profiles/installmask"
)

// WriteOptions say what becomes a package, and how. Paths are absolute.
type WriteOptions struct {
	Dir       *Dir // PKGDIR
	CPV       atoms.CPV
	Image     string // the folder D; it is not changed
	EPrefix   string // where in the image the patterns of Mask begin
	BuildInfo string // the folder build-info; it gets BUILD_ID and BINPKGMD5
	// Metadata stands for the files of build-info, if BuildInfo is empty.
	Metadata map[string][]byte
	// Pack writes the tar of the image, if Image is empty.
	Pack func(ctx context.Context, w io.Writer, f Format) error

	Format   Format             // BINPKG_FORMAT
	Method   compression.Method // BINPKG_COMPRESS
	Programs *compression.Programs
	Signer   gpkg.Signer // of gpkg packages (FEATURES=binpkg-signing); nil: none

	Mask         *installmask.Mask // PKG_INSTALL_MASK; nil: none
	Xattrs       bool              // FEATURES=xattr
	XattrExclude []string          // PORTAGE_XATTR_EXCLUDE
	// Attributes gives what is recorded of a file in place of what it has, see
	// imagetar.Packer.
	Attributes func(path string, a imagetar.Attributes) imagetar.Attributes
	// Latest is SOURCE_DATE_EPOCH: files of the image are not recorded as newer;
	// zero: as they are.
	Latest time.Time

	BuildID int       // the one preferred; 0: none is
	Taken   int       // the greatest BUILD_ID of the version that is known elsewhere
	Umask   uint32    // taken from the file's mode 0666; 0: the mode is 0644
	Now     time.Time // TIMESTAMP of the index
}

// A Written is a package that was made.
type Written struct {
	Path    string // of the file
	BuildID int    // 0 without binpkg-multi-instance
	Size    int64
	MD5     string // BINPKGMD5
	Stanza  *Stanza
	Tally   imagetar.Tally
}

// Write makes a package of an image, puts it into PKGDIR, and adds it to the
// index. Equal images and equal build-info, with equal programs, give equal bytes.
// On errors nothing stays behind.
func Write(ctx context.Context, o *WriteOptions) (*Written, error) {
	w := &writing{WriteOptions: o}
	done, err := w.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("make binary package of %s: %w", o.CPV, err)
	}
	return done, nil
}

// never says which files of build-info or of an installed package's entry are not
// part of a package.
func never(name string) bool {
	switch name {
	case "BINPKGMD5", "CONTENTS", "COUNTER", "metadata":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// ErrNoTime reports a build-info without BUILD_TIME, which members of a gpkg have.
var ErrNoTime = errors.New("no valid BUILD_TIME")

// A writing makes one package.
type writing struct {
	*WriteOptions
	metadata map[string][]byte
	built    time.Time
	tally    imagetar.Tally
}

func (w *writing) run(ctx context.Context) (*Written, error) {
	if err := w.collect(); err != nil {
		return nil, err
	}
	place, err := w.Dir.Allocate(w.CPV, w.Format, w.BuildID, max(w.Taken, w.Dir.Greatest(w.CPV)))
	if err != nil {
		return nil, err
	}
	done, err := w.fill(ctx, place)
	if err != nil && place.Reserved {
		os.Remove(place.Path) // the name was reserved by an empty file
	}
	return done, err
}

// collect reads build-info.
func (w *writing) collect() error {
	w.metadata = map[string][]byte{}
	for name, content := range w.Metadata {
		if !never(name) {
			w.metadata[name] = content
		}
	}
	if w.BuildInfo != "" {
		entries, err := os.ReadDir(w.BuildInfo)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if never(e.Name()) || !e.Type().IsRegular() {
				continue
			}
			if w.metadata[e.Name()], err = os.ReadFile(filepath.Join(w.BuildInfo, e.Name())); err != nil {
				return err
			}
		}
	}
	w.metadata["CATEGORY"] = []byte(w.CPV.CP.Category() + "\n")
	w.metadata["PF"] = []byte(w.CPV.PF() + "\n")
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(w.metadata["BUILD_TIME"])), 10, 64)
	if err != nil && w.Format == FormatGPKG {
		return fmt.Errorf("%w: %q", ErrNoTime, w.metadata["BUILD_TIME"])
	}
	w.built = time.Unix(seconds, 0)
	return nil
}

// fill writes the file and puts it into its place.
func (w *writing) fill(ctx context.Context, place Place) (*Written, error) {
	delete(w.metadata, "BUILD_ID")
	if place.BuildID > 0 {
		w.metadata["BUILD_ID"] = []byte(strconv.Itoa(place.BuildID))
	}
	stanza, err := NewStanza(w.CPV, w.values())
	if err != nil {
		return nil, err
	}
	if stanza.Get("SLOT") == "" {
		return nil, ErrIncomplete
	}
	f, err := w.temporary(place)
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name()) // it has another name if all went well
	err = w.write(ctx, f, place)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	done := &Written{Path: place.Path, BuildID: place.BuildID, Stanza: stanza, Tally: w.tally}
	if err := done.describe(f.Name()); err != nil {
		return nil, err
	}
	if err := w.note(done); err != nil {
		return nil, err
	}
	return done, w.Dir.Inject(ctx, f.Name(), place.Path, stanza, w.Now)
}

// temporary makes the file, beside the name it will get.
func (w *writing) temporary(place Place) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(place.Path), filepath.Base(place.Path)+"*."+strconv.Itoa(os.Getpid()))
	if err != nil {
		return nil, err
	}
	mode := fs.FileMode(0o644)
	if w.Umask != 0 {
		mode = fs.FileMode(0o666 &^ w.Umask)
	}
	if err := f.Chmod(mode); err != nil {
		f.Close()           // nothing was written
		os.Remove(f.Name()) // nor is it of use
		return nil, err
	}
	return f, nil
}

// write writes the package and makes it durable.
func (w *writing) write(ctx context.Context, f *os.File, place Place) error {
	var err error
	switch w.Format {
	case FormatXPAK:
		err = w.writeXPAK(ctx, f)
	case FormatGPKG:
		base := w.CPV.PF()
		if place.BuildID > 0 {
			base += "-" + strconv.Itoa(place.BuildID)
		}
		err = gpkg.Create(ctx, f, &gpkg.Contents{
			Base: base, Metadata: w.metadata, Method: w.Method, Programs: w.Programs, Time: w.built, Signer: w.Signer,
			Image: func(out io.Writer) error { return w.pack(ctx, out) },
		})
	default:
		err = ErrFormatName
	}
	if err != nil {
		return err
	}
	return f.Sync()
}

func (w *writing) writeXPAK(ctx context.Context, f *os.File) error {
	out, err := w.Programs.Writer(ctx, w.Method, f)
	if err != nil {
		return err
	}
	err = w.pack(ctx, out)
	if cerr := out.Close(); cerr != nil {
		err = cerr // the program's own error tells more than that of the pipe
	}
	if err != nil {
		return err
	}
	segment, err := xpak.Segment(w.metadata)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	_, err = f.Write(segment)
	return err
}

// pack writes the tar of the image.
func (w *writing) pack(ctx context.Context, out io.Writer) error {
	if w.Image == "" {
		return w.Pack(ctx, out, w.Format)
	}
	p := &imagetar.Packer{Image: w.Image, Top: ".", Format: imagetar.GNU, Xattrs: w.Xattrs, XattrExclude: w.XattrExclude, Latest: w.Latest, Attributes: w.Attributes}
	if w.Format == FormatGPKG {
		p.Top, p.Format, p.NoDevices = "image", imagetar.Ustar, true
	}
	if w.Mask != nil && !w.Mask.Empty() {
		p.Masked = w.masked
	}
	var err error
	w.tally, err = p.Write(ctx, out)
	return err
}

// masked says whether PKG_INSTALL_MASK has a path of the image.
func (w *writing) masked(path string) bool {
	if prefix := strings.Trim(w.EPrefix, "/"); prefix != "" {
		var ok bool
		if path, ok = strings.CutPrefix(path, prefix+"/"); !ok {
			return false
		}
	}
	return path != "" && w.Mask.Match(path)
}

// values gives build-info as text.
func (w *writing) values() map[string]string {
	values := make(map[string]string, len(w.metadata))
	for name, content := range w.metadata {
		if allowed(name) && fileKeys(name) && name != "DESCRIPTION" || name == "REPO_REVISIONS" {
			values[name] = string(content)
		}
	}
	delete(values, "SIZE")
	return values
}

// describe adds what is known of the file itself.
func (d *Written) describe(path string) error {
	if err := d.Stanza.Describe(path); err != nil {
		return err
	}
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	d.MD5, d.Size = d.Stanza.Get("MD5"), st.Size()
	return nil
}

// Describe sets what an index says of the file of a package: digests, size, time.
func (s *Stanza) Describe(path string) error {
	sums, st, err := digest(path)
	if err != nil {
		return err
	}
	s.set("MD5", sums[0])
	s.set("SHA1", sums[1])
	s.set("SIZE", strconv.FormatInt(st.Size(), 10))
	s.set("_mtime_", strconv.FormatInt(st.ModTime().Unix(), 10))
	return nil
}

// digest returns MD5 and SHA1 of a file, in hexadecimal.
func digest(path string) ([]string, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close() // only read from
	sums := []hash.Hash{md5.New(), sha1.New()}
	if _, err := io.CopyBuffer(io.MultiWriter(sums[0], sums[1]), struct{ io.Reader }{f}, make([]byte, 256<<10)); err != nil {
		return nil, nil, err
	}
	st, err := f.Stat()
	return []string{hex.EncodeToString(sums[0].Sum(nil)), hex.EncodeToString(sums[1].Sum(nil))}, st, err
}

// note writes into build-info what the entry of the installed package is to have.
func (w *writing) note(done *Written) error {
	if w.BuildInfo == "" {
		return nil
	}
	if done.BuildID > 0 {
		if err := os.WriteFile(filepath.Join(w.BuildInfo, "BUILD_ID"), w.metadata["BUILD_ID"], 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(w.BuildInfo, "BINPKGMD5"), []byte(done.MD5+"\n"), 0o644)
}
