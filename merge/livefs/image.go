package livefs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/installmask"
)

// An item is a file of an image.
type item struct {
	path   string // absolute in the root: "/usr/bin/x"
	src    string // in the host's terms
	st     unix.Stat_t
	target string // of a link
	owner  Owner
	md5    string // of a regular file, once it is known
}

func (i *item) kind() uint32 { return i.st.Mode & unix.S_IFMT }

func (i *item) regular() bool { return i.kind() == unix.S_IFREG }

func (i *item) link() bool { return i.kind() == unix.S_IFLNK }

func (i *item) dir() bool { return i.kind() == unix.S_IFDIR }

// contentKind is what CONTENTS calls it.
func (i *item) contentKind() vdb.Kind {
	switch i.kind() {
	case unix.S_IFDIR:
		return vdb.KindDir
	case unix.S_IFLNK:
		return vdb.KindSymlink
	case unix.S_IFIFO:
		return vdb.KindFIFO
	case unix.S_IFCHR, unix.S_IFBLK:
		return vdb.KindDevice
	}
	return vdb.KindFile
}

// errLine says that a name cannot stand in CONTENTS.
var errLine = errors.New("the name or target has a line end")

// walkImage lists an image without what the mask keeps out, folders before what is
// in them, by name.
func walkImage(image Image, mask *installmask.Mask) ([]*item, error) {
	var items []*item
	err := filepath.WalkDir(image.Dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == image.Dir {
			return nil
		}
		rel := strings.TrimPrefix(name[len(image.Dir):], "/")
		i, err := newItem(image, name, "/"+rel)
		if err != nil {
			return err
		}
		if mask != nil && !i.dir() && mask.Match(rel) {
			return nil
		}
		items = append(items, i)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read image: %w", err)
	}
	return withoutMaskedDirs(items, mask), nil
}

func newItem(image Image, name, rel string) (*item, error) {
	i := &item{path: rel, src: name}
	if err := unix.Lstat(name, &i.st); err != nil {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	if i.link() {
		var err error
		if i.target, err = os.Readlink(name); err != nil {
			return nil, err
		}
		// An absolute link into the image means the root.
		if strings.HasPrefix(i.target, image.Dir+"/") {
			i.target = i.target[len(image.Dir):]
		}
	}
	if i.kind() == unix.S_IFSOCK {
		return nil, &fs.PathError{Op: "merge", Path: name, Err: errors.New("is a socket")}
	}
	if strings.ContainsAny(rel, "\n\r") || strings.ContainsAny(i.target, "\n\r") {
		return nil, &fs.PathError{Op: "merge", Path: fmt.Sprintf("%q", rel), Err: errLine}
	}
	i.owner = Owner{UID: int(i.st.Uid), GID: int(i.st.Gid), Mode: i.st.Mode, Dev: i.st.Rdev}
	if o, ok := image.Owners[rel]; ok {
		i.owner = o
	}
	return i, nil
}

// withoutMaskedDirs leaves masked folders out that hold nothing any more.
func withoutMaskedDirs(items []*item, mask *installmask.Mask) []*item {
	if mask == nil || mask.Empty() {
		return items
	}
	used := make(map[string]bool)
	var kept []*item
	for n := len(items) - 1; n >= 0; n-- {
		i := items[n]
		if i.dir() && !used[i.path] && mask.Match(strings.TrimPrefix(i.path, "/")+"/") {
			continue
		}
		used[filepath.Dir(i.path)] = true
		kept = append(kept, i)
	}
	for a, b := 0, len(kept)-1; a < b; a, b = a+1, b-1 {
		kept[a], kept[b] = kept[b], kept[a]
	}
	return kept
}
