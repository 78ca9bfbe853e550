package imagetar

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A Listed is a file of a root that is packed.
type Listed struct {
	Path string // relative to the root, clean
	// IsDir says that it was installed as a folder: a link to one is packed as the
	// folder that it leads to.
	IsDir bool
	// Instead is packed in place of what a regular file has; nil: nothing is.
	Instead []byte
}

// WriteListed writes a tar of some files below Image, which is a root here, sorted
// by path. Devices and pipes are left out, as in Portage, and so are files that are
// not there, which are returned.
func (p *Packer) WriteListed(ctx context.Context, w io.Writer, files []Listed) (tally Tally, missing []string, err error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b Listed) int { return strings.Compare(a.Path, b.Path) })
	t := &tarWriter{Packer: p, tar: tar.NewWriter(w), links: map[inode]string{}, buf: make([]byte, 128<<10)}
	if len(files) == 0 {
		if err := t.write(&tar.Header{Name: p.Top + "/", Typeflag: tar.TypeDir, Mode: 0o755}); err != nil {
			return t.tally, nil, err
		}
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return t.tally, missing, err
		}
		there, err := t.listed(f)
		if err != nil {
			return t.tally, missing, fmt.Errorf("pack from %s: %w", p.Image, &MemberError{Member: f.Path, Err: err})
		}
		if !there {
			missing = append(missing, f.Path)
		}
	}
	return t.tally, missing, t.tar.Close()
}

// listed writes one file.
func (t *tarWriter) listed(f Listed) (there bool, err error) {
	path := filepath.Join(t.Image, f.Path)
	n := &node{name: f.Path}
	err = unix.Lstat(path, &n.st)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if f.IsDir && !n.isDir() {
		var behind unix.Stat_t
		if unix.Stat(path, &behind) == nil && behind.Mode&unix.S_IFMT == unix.S_IFDIR {
			n.st = behind
		}
	}
	switch n.st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFDIR, unix.S_IFLNK:
	default:
		return true, nil
	}
	if f.Instead == nil || n.st.Mode&unix.S_IFMT != unix.S_IFREG {
		return true, t.node(n, "", path)
	}
	h := t.header(n, "")
	h.Size = int64(len(f.Instead))
	if err := t.write(h); err != nil {
		return true, err
	}
	t.tally.Files++
	t.tally.Bytes += h.Size
	_, err = t.tar.Write(f.Instead)
	return true, err
}
