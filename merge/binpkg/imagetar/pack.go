package imagetar

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/filecopy"
)

// A Packer writes an image as a tar.
type Packer struct {
	Image  string // the folder; absolute
	Top    string // what the folder is called in the tar: "." or "image"
	Format Format
	// Masked says what is left out: it is asked for paths relative to the image,
	// those of folders with a slash at the end. A folder is left out only if
	// nothing in it is kept. nil: nothing is masked.
	Masked func(path string) bool
	Xattrs bool // extended attributes are packed
	// XattrExclude are shell patterns of attributes that are not.
	XattrExclude []string
	Latest       time.Time // later mtimes become this one; zero: none does
	// Attributes gives what is recorded of a file in place of what it has, and its
	// user and group names; path is as for Masked. nil: as it is, without names.
	Attributes func(path string, a Attributes) Attributes
	NoDevices  bool // devices and pipes are an error
}

// ErrDevice reports a device or pipe where there must be none.
var ErrDevice = errors.New("device or named pipe")

// Write writes the tar.
func (p *Packer) Write(ctx context.Context, w io.Writer) (Tally, error) {
	top, err := p.list()
	if err != nil {
		return Tally{}, fmt.Errorf("pack %s: %w", p.Image, err)
	}
	t := &tarWriter{Packer: p, tar: tar.NewWriter(w), links: map[inode]string{}, buf: make([]byte, 128<<10)}
	if err := t.tree(ctx, top, "", p.Image); err != nil {
		return t.tally, fmt.Errorf("pack %s: %w", p.Image, err)
	}
	if err := t.tar.Close(); err != nil {
		return t.tally, fmt.Errorf("pack %s: %w", p.Image, err)
	}
	return t.tally, nil
}

// A node is a file of the image.
type node struct {
	name string
	st   unix.Stat_t
	in   []*node // of a folder: sorted
}

func (n *node) isDir() bool { return n.st.Mode&unix.S_IFMT == unix.S_IFDIR }

// list reads the tree, without what is masked.
func (p *Packer) list() (*node, error) {
	top := &node{}
	if err := unix.Stat(p.Image, &top.st); err != nil {
		return nil, err
	}
	if !top.isDir() {
		return nil, unix.ENOTDIR
	}
	_, err := p.fill(top, p.Image, "")
	return top, err
}

// fill reads a folder, and says whether it is to be kept.
func (p *Packer) fill(dir *node, path, relative string) (keep bool, err error) {
	entries, err := os.ReadDir(path) // sorted
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		n := &node{name: e.Name()}
		file := path + "/" + n.name
		if err := unix.Lstat(file, &n.st); err != nil {
			return false, &os.PathError{Op: "lstat", Path: file, Err: err}
		}
		keep := p.Masked == nil || !p.Masked(relative+n.name)
		if n.isDir() {
			if keep, err = p.fill(n, file, relative+n.name+"/"); err != nil {
				return false, err
			}
		}
		if keep {
			dir.in = append(dir.in, n)
		}
	}
	return len(dir.in) > 0 || p.Masked == nil || !p.Masked(relative), nil
}

type inode struct{ dev, ino uint64 }

// A tarWriter writes the members.
type tarWriter struct {
	*Packer
	tar   *tar.Writer
	links map[inode]string // names of files with several, which have been written
	tally Tally
	buf   []byte
}

// tree writes a node and what is in it. relative ends in a slash unless empty.
func (t *tarWriter) tree(ctx context.Context, n *node, relative, file string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := t.node(n, relative, file); err != nil {
		return &MemberError{Member: relative + n.name, Err: err}
	}
	if n.name != "" {
		relative += n.name + "/"
	}
	for _, c := range n.in {
		if err := t.tree(ctx, c, relative, file+"/"+c.name); err != nil {
			return err
		}
	}
	return nil
}

// node writes one member.
func (t *tarWriter) node(n *node, relative, file string) error {
	h := t.header(n, relative)
	switch n.st.Mode & unix.S_IFMT {
	case unix.S_IFSOCK:
		return nil // as GNU tar does
	case unix.S_IFLNK:
		target, err := os.Readlink(file)
		if err != nil {
			return err
		}
		h.Typeflag, h.Linkname = tar.TypeSymlink, target
	case unix.S_IFCHR, unix.S_IFBLK, unix.S_IFIFO:
		if t.NoDevices {
			return ErrDevice
		}
	case unix.S_IFREG:
		id := inode{n.st.Dev, n.st.Ino}
		if name, ok := t.links[id]; ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, name, 0
		} else if n.st.Nlink > 1 {
			t.links[id] = h.Name
		}
	}
	if err := t.attributes(h, file); err != nil {
		return err
	}
	if err := t.write(h); err != nil {
		return err
	}
	t.tally.Files++
	if h.Typeflag == tar.TypeReg {
		return t.content(file, h.Size)
	}
	return nil
}

// header makes the header of a node.
func (t *tarWriter) header(n *node, relative string) *tar.Header {
	path := relative + n.name
	h := &tar.Header{Name: t.Top + "/" + path, Typeflag: tar.TypeReg, Size: n.st.Size}
	switch n.st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		h.Typeflag = tar.TypeDir
		if n.name != "" {
			h.Name += "/"
			path += "/"
		}
	case unix.S_IFCHR:
		h.Typeflag = tar.TypeChar
	case unix.S_IFBLK:
		h.Typeflag = tar.TypeBlock
	case unix.S_IFIFO:
		h.Typeflag = tar.TypeFifo
	}
	if h.Typeflag != tar.TypeReg {
		h.Size = 0
	}
	if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
		h.Devmajor, h.Devminor = int64(unix.Major(n.st.Rdev)), int64(unix.Minor(n.st.Rdev))
	}
	a := Attributes{UID: int(n.st.Uid), GID: int(n.st.Gid), Mode: n.st.Mode & 0o7777}
	if t.Attributes != nil {
		a = t.Attributes(path, a)
	}
	h.Uid, h.Gid, h.Uname, h.Gname, h.Mode = a.UID, a.GID, a.User, a.Group, int64(a.Mode&0o7777)
	h.ModTime = clamp(time.Unix(n.st.Mtim.Unix()), t.Latest)
	return h
}

// xattrPrefix begins the records of extended attributes, as in GNU tar.
const xattrPrefix = "SCHILY.xattr."

// attributes adds the extended attributes.
func (t *tarWriter) attributes(h *tar.Header, file string) error {
	if !t.Xattrs || h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeDir {
		return nil
	}
	names, err := filecopy.Names(file)
	if err != nil {
		return fmt.Errorf("list extended attributes: %w", err)
	}
	for _, name := range names {
		if excluded(name, t.XattrExclude) {
			continue
		}
		value, err := filecopy.Value(file, name)
		if err != nil {
			return fmt.Errorf("read extended attribute %s: %w", name, err)
		}
		if h.PAXRecords == nil {
			h.PAXRecords = map[string]string{}
		}
		h.PAXRecords[xattrPrefix+name] = string(value)
	}
	return nil
}

func excluded(name string, patterns []string) bool {
	for _, pattern := range patterns {
		if ok, err := filepath.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}

// write writes a header in the format that is wanted, or the next that can hold it.
func (t *tarWriter) write(h *tar.Header) error {
	formats := []tar.Format{tar.FormatUSTAR, tar.FormatGNU, tar.FormatPAX}
	switch {
	case h.PAXRecords != nil:
		formats = formats[2:]
	case t.Format == GNU:
		formats = formats[1:]
	}
	var err error
	for _, h.Format = range formats {
		// An error of writing itself comes again with every other format.
		if err = t.tar.WriteHeader(h); err == nil {
			return nil
		}
	}
	return err
}

// content writes the bytes of a file, which must be as many as its size was.
func (t *tarWriter) content(file string, size int64) error {
	if size == 0 {
		return nil
	}
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd) // only read from
	for left := size; left > 0; {
		n, err := unix.Read(fd, t.buf[:min(left, int64(len(t.buf)))])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		case n == 0:
			return fmt.Errorf("the file became shorter: %d of %d bytes", size-left, size)
		}
		if _, err := t.tar.Write(t.buf[:n]); err != nil {
			return err
		}
		left -= int64(n)
		t.tally.Bytes += int64(n)
	}
	return nil
}

// cutTop takes the name of the image off the name of a member; the rest is a
// sequence of names, without "." and empty ones.
func cutTop(name, top string) ([]string, error) {
	if strings.HasPrefix(name, "/") {
		return nil, errors.New("absolute name")
	}
	if strings.IndexByte(name, 0) >= 0 {
		return nil, errors.New("name with a NUL")
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "", ".":
		case "..":
			return nil, errors.New("name with .. in it")
		default:
			parts = append(parts, part)
		}
	}
	if top == "." {
		return parts, nil
	}
	if len(parts) == 0 || parts[0] != top {
		return nil, fmt.Errorf("not below %s/", top)
	}
	return parts[1:], nil
}
