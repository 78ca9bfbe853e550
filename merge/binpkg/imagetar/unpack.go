package imagetar

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Bounds of what is unpacked, if an Unpacker has none.
const (
	DefaultMaxBytes = 256 << 30
	DefaultMaxFiles = 16 << 20
)

// An Unpacker makes an image of a tar.
type Unpacker struct {
	Into     string // an empty folder; absolute
	Top      string // what the image is called in the tar: "." or "image"
	MaxBytes int64  // of regular files together; 0: DefaultMaxBytes
	MaxFiles int    // 0: DefaultMaxFiles
	Devices  bool   // devices and pipes are unpacked; otherwise they are an error
	Xattrs   bool   // extended attributes are set
	// Owner says who shall own a member: the ids recorded are replaced. nil: as
	// recorded. See Record.
	Owner func(a Attributes) (uid, gid int)
	// Record is told the attributes and device number of every member, in the
	// order of the tar, in place of setting owner, set-id bits and device: for
	// those who are not root. nil: they are set.
	Record func(path string, a Attributes, device Device)
	// Seen is told the path of every member, in the order of the tar; nil: nobody asks.
	Seen func(path string)
}

// A Device is what a device node stands for.
type Device struct {
	Type         byte // 'c', 'b', 'p' (a pipe), or 0: no device
	Major, Minor int64
}

// Reasons why a tar is refused.
var (
	ErrTooLarge = errors.New("more than is allowed")
	ErrTwice    = errors.New("the member is there twice")
	ErrKind     = errors.New("member of a kind that no package has")
	ErrParent   = errors.New("the member lies below something that is no folder")
)

// Read unpacks the tar r. On errors what was unpacked stays.
func (x *Unpacker) Read(ctx context.Context, r io.Reader) (Tally, error) {
	root, err := unix.Open(x.Into, dirFlags, 0)
	if err != nil {
		return Tally{}, fmt.Errorf("unpack into %s: %w", x.Into, err)
	}
	t := &tarReader{Unpacker: x, walk: walk{fds: []int{root}}, buf: make([]byte, 128<<10), uid: unix.Geteuid(), gid: unix.Getegid()}
	defer t.walk.close()
	if t.MaxBytes <= 0 {
		t.MaxBytes = DefaultMaxBytes
	}
	if t.MaxFiles <= 0 {
		t.MaxFiles = DefaultMaxFiles
	}
	if err := t.members(ctx, tar.NewReader(r)); err != nil {
		return t.tally, err
	}
	return t.tally, t.finish()
}

// A tarReader unpacks members.
type tarReader struct {
	*Unpacker
	walk     walk
	dirs     []directory // whose attributes come last
	tally    Tally
	buf      []byte
	uid, gid int // of this process
}

// A directory has attributes that are set when all is in it.
type directory struct {
	parts []string
	h     *tar.Header
}

func (t *tarReader) members(ctx context.Context, r *tar.Reader) error {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := t.member(r, h); err != nil {
			return &MemberError{Member: h.Name, Err: err}
		}
	}
}

// member unpacks one member.
func (t *tarReader) member(r *tar.Reader, h *tar.Header) error {
	parts, err := cutTop(h.Name, t.Top)
	if err != nil {
		return err
	}
	if t.tally.Files++; t.tally.Files > t.MaxFiles {
		return fmt.Errorf("%w: %d files", ErrTooLarge, t.MaxFiles)
	}
	if h.Typeflag == tar.TypeReg {
		if h.Size > t.MaxBytes-t.tally.Bytes {
			return fmt.Errorf("%w: %d bytes", ErrTooLarge, t.MaxBytes)
		}
		t.tally.Bytes += h.Size
	}
	if t.Seen != nil {
		t.Seen(strings.Join(parts, "/"))
	}
	if h.Typeflag != tar.TypeLink {
		t.record(parts, h)
	}
	if len(parts) == 0 {
		if h.Typeflag != tar.TypeDir {
			return ErrKind
		}
		t.dirs = append(t.dirs, directory{nil, h})
		return nil
	}
	dir, err := t.walk.parent(parts)
	if err != nil {
		return err
	}
	err = t.make(dir, parts, r, h)
	if errors.Is(err, unix.EEXIST) {
		return ErrTwice
	}
	return err
}

// record tells attributes to those who want them.
func (t *tarReader) record(parts []string, h *tar.Header) {
	if t.Record == nil {
		return
	}
	var d Device
	switch h.Typeflag {
	case tar.TypeChar:
		d = Device{'c', h.Devmajor, h.Devminor}
	case tar.TypeBlock:
		d = Device{'b', h.Devmajor, h.Devminor}
	case tar.TypeFifo:
		d = Device{Type: 'p'}
	}
	t.Record(strings.Join(parts, "/"), attributesOf(h), d)
}

func attributesOf(h *tar.Header) Attributes {
	return Attributes{UID: h.Uid, GID: h.Gid, User: h.Uname, Group: h.Gname, Mode: uint32(h.Mode) & 0o7777}
}

// make makes what a member is in its folder.
func (t *tarReader) make(dir int, parts []string, r *tar.Reader, h *tar.Header) error {
	name := parts[len(parts)-1]
	switch h.Typeflag {
	case tar.TypeReg:
		return t.file(dir, name, r, h)
	case tar.TypeDir:
		t.dirs = append(t.dirs, directory{slices.Clone(parts), h})
		return makeDir(dir, name)
	case tar.TypeSymlink:
		if err := unix.Symlinkat(h.Linkname, dir, name); err != nil {
			return err
		}
		return t.setAt(dir, name, h)
	case tar.TypeLink:
		return t.link(dir, name, h)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return t.device(dir, name, h)
	}
	return ErrKind
}

// makeDir makes a folder; one that is there already will do.
func makeDir(dir int, name string) error {
	err := unix.Mkdirat(dir, name, 0o700)
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil || st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return err
	}
	return unix.EEXIST
}

// file writes a regular file.
func (t *tarReader) file(dir int, name string, r io.Reader, h *tar.Header) error {
	fd, err := unix.Openat(dir, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	err = t.content(fd, r)
	if err == nil {
		err = t.set(fd, h)
	}
	if cerr := unix.Close(fd); err == nil {
		err = cerr
	}
	return err
}

// content writes the bytes of the member.
func (t *tarReader) content(fd int, r io.Reader) error {
	for {
		n, err := r.Read(t.buf)
		for b := t.buf[:n]; len(b) > 0; {
			k, werr := unix.Write(fd, b)
			if werr != nil && !errors.Is(werr, unix.EINTR) {
				return werr
			}
			b = b[max(k, 0):]
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// link makes another name of a file that was unpacked before.
func (t *tarReader) link(dir int, name string, h *tar.Header) error {
	target, err := cutTop(h.Linkname, t.Top)
	if err != nil || len(target) == 0 {
		return fmt.Errorf("hard link to %q: %w", h.Linkname, ErrParent)
	}
	w := walk{fds: []int{t.walk.fds[0]}}
	defer w.shrink(0)
	from, err := w.existing(target)
	if err == nil {
		err = unix.Linkat(from, target[len(target)-1], dir, name, 0)
	}
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("hard link to %q: %w", h.Linkname, err)
	}
	return err
}

// device makes a device node or pipe.
func (t *tarReader) device(dir int, name string, h *tar.Header) error {
	if !t.Devices {
		return ErrDevice
	}
	mode := map[byte]uint32{tar.TypeChar: unix.S_IFCHR, tar.TypeBlock: unix.S_IFBLK, tar.TypeFifo: unix.S_IFIFO}[h.Typeflag]
	if t.Record != nil && h.Typeflag != tar.TypeFifo {
		return nil
	}
	if err := unix.Mknodat(dir, name, mode|0o600, int(unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)))); err != nil {
		return err
	}
	return t.setAt(dir, name, h)
}

// finish sets the attributes of folders, the deepest first, so that none is shut
// before its content is complete.
func (t *tarReader) finish() error {
	for _, d := range slices.Backward(t.dirs) {
		if err := t.finishDir(d); err != nil {
			return &MemberError{Member: d.h.Name, Err: err}
		}
	}
	t.walk.shrink(0)
	return nil
}

func (t *tarReader) finishDir(d directory) error {
	fd, err := t.walk.existing(append(d.parts, ""))
	if err != nil {
		return err
	}
	return t.set(fd, d.h)
}
