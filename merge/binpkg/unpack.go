package binpkg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/imagetar"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

// UnpackOptions say where a package goes. Paths are absolute; folders must exist
// and be empty.
type UnpackOptions struct {
	Image     string // what becomes of the tar; "": only the metadata is wanted
	BuildInfo string // what becomes of the metadata; "": it is only returned
	// CPV is what the package has to be; zero: anything.
	CPV       atoms.CPV
	MD5       string // of the file, if it is known
	Programs  *compression.Programs
	Signature gpkg.Policy
	Xattrs    bool  // FEATURES=xattr
	MaxBytes  int64 // of the image; 0: imagetar.DefaultMaxBytes
	MaxFiles  int   // of the image; 0: imagetar.DefaultMaxFiles
	// Owner and Record stand for setting owners, and Seen is told of members, see
	// imagetar.Unpacker.
	Owner  func(a imagetar.Attributes) (uid, gid int)
	Record func(path string, a imagetar.Attributes, device imagetar.Device)
	Seen   func(path string)
}

// An Unpacked is a package that was read.
type Unpacked struct {
	CPV      atoms.CPV
	Format   Format
	Signed   bool              // with signatures that were verified, if the policy says so
	MD5      string            // BINPKGMD5
	Metadata map[string][]byte // what build-info has, but BINPKGMD5
	Tally    imagetar.Tally
}

// ErrOther reports a package that is not what its place said.
var ErrOther = errors.New("the file has another package")

// Unpack verifies a package file and unpacks it: metadata first, then the image.
// Whatever the file has, nothing is written outside of the two folders. Errors name
// the file and, where there is one, the member. What was unpacked before an error
// stays.
func Unpack(ctx context.Context, file string, o *UnpackOptions) (*Unpacked, error) {
	u, err := unpack(ctx, file, o)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) && pe.Path == file {
			return nil, fmt.Errorf("unpack binary package: %w", err)
		}
		return nil, fmt.Errorf("unpack binary package %s: %w", file, err)
	}
	return u, nil
}

func unpack(ctx context.Context, file string, o *UnpackOptions) (*Unpacked, error) {
	sum := o.MD5
	if sum == "" {
		sums, _, err := digest(file)
		if err != nil {
			return nil, err
		}
		sum = sums[0]
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	u := &unpacking{UnpackOptions: o, f: f, size: st.Size()}
	u.done.MD5, u.done.Format = sum, FormatOf(file)
	switch u.done.Format {
	case FormatXPAK:
		err = u.xpak(ctx)
	case FormatGPKG:
		err = u.gpkg(ctx)
	default:
		err = ErrFormatName
	}
	return &u.done, err
}

// An unpacking reads one package.
type unpacking struct {
	*UnpackOptions
	f    *os.File
	size int64
	done Unpacked
}

func (u *unpacking) xpak(ctx context.Context) error {
	if u.Signature.Require {
		return gpkg.ErrUnsigned // there are no signatures in this format
	}
	files, err := xpak.Read(u.f, u.size, nil)
	if err != nil {
		return err
	}
	for name := range files {
		if !xpak.ValidName(name) {
			return &imagetar.MemberError{Member: name, Err: xpak.ErrFormat}
		}
	}
	if err := u.accept(files); err != nil || u.Image == "" {
		return err
	}
	end, err := xpak.TarSize(u.f, u.size)
	if err != nil {
		return err
	}
	head := make([]byte, compression.HeadSize)
	n, err := u.f.ReadAt(head[:min(int64(len(head)), end)], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	r, err := u.Programs.Reader(ctx, compression.Recognise(head[:n]), io.NewSectionReader(u.f, 0, end))
	if err != nil {
		return err
	}
	return u.image(ctx, r, ".", true)
}

func (u *unpacking) gpkg(ctx context.Context) error {
	c, err := gpkg.Open(ctx, u.f, u.size, u.Signature)
	if err != nil {
		return err
	}
	u.done.Signed = c.Signed
	files, err := c.Metadata(ctx, u.Programs)
	if err != nil {
		return err
	}
	if err := u.accept(files); err != nil || u.Image == "" {
		return err
	}
	r, err := c.Image(ctx, u.Programs)
	if err != nil {
		return err
	}
	return u.image(ctx, r, "image", false)
}

// accept checks the metadata and puts it into build-info.
func (u *unpacking) accept(files map[string][]byte) error {
	text := func(name string) string { return string(trimmed(files[name])) }
	want := u.CPV
	if !want.IsZero() {
		if _, ok := files["CATEGORY"]; !ok {
			files["CATEGORY"] = []byte(want.CP.Category() + "\n")
		}
		if _, ok := files["PF"]; !ok {
			files["PF"] = []byte(want.PF() + "\n")
		}
	}
	cpv, err := atoms.ParseCPV(text("CATEGORY") + "/" + text("PF"))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrIncomplete, err)
	case text("SLOT") == "":
		return ErrIncomplete
	case !want.IsZero() && cpv.String() != want.String():
		return fmt.Errorf("%w: %s, not %s", ErrOther, cpv, want)
	}
	for name := range files {
		if never(name) {
			delete(files, name)
		}
	}
	u.done.CPV, u.done.Metadata = cpv, files
	if u.BuildInfo == "" {
		return nil
	}
	for name, content := range files {
		if err := u.put(name, content); err != nil {
			return err
		}
	}
	return u.put("BINPKGMD5", []byte(u.done.MD5+"\n"))
}

// put makes a file of build-info, which must not exist.
func (u *unpacking) put(name string, content []byte) error {
	f, err := os.OpenFile(filepath.Join(u.BuildInfo, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// image unpacks the tar, and reads the rest of it so that a program comes to its
// end.
func (u *unpacking) image(ctx context.Context, r io.ReadCloser, top string, devices bool) error {
	x := &imagetar.Unpacker{Into: u.Image, Top: top, MaxBytes: u.MaxBytes, MaxFiles: u.MaxFiles, Devices: devices, Xattrs: u.Xattrs, Owner: u.Owner, Record: u.Record, Seen: u.Seen}
	var err error
	u.done.Tally, err = x.Read(ctx, r)
	if err == nil {
		_, err = io.CopyN(io.Discard, r, maxTail)
		if err == nil {
			err = fmt.Errorf("%w: more than %d bytes after the image", imagetar.ErrTooLarge, maxTail)
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if cerr := r.Close(); cerr != nil && (err == nil || errors.Is(err, io.ErrUnexpectedEOF)) {
		err = cerr // the program's own error tells more
	}
	if err != nil {
		return fmt.Errorf("image: %w", err)
	}
	return nil
}

// maxTail bounds what may follow the end of a tar: the rest of its last record.
const maxTail = 16 << 20

// trimmed takes white space off both ends.
func trimmed(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	return b
}
