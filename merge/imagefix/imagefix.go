// Package imagefix brings an image into the form in which it is merged: names that
// any locale can read, the right owners, libraries with the modes that they need,
// libtool archives that mention no build directory twice, no empty folders.
//
// These are the changes that Portage makes after src_install; checks that only tell
// are not made here. Links are never followed: an image may hold any.
package imagefix

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Options say what is done.
type Options struct {
	D       string
	EPrefix string
	// Builder are the ids under which phases ran, Inst those that stand for them in
	// the image: a file of the one becomes one of the other.
	Builder, Inst  Owner
	FixLibtool     bool // FEATURES=fixlafiles
	NoEmptyFolders bool // EAPI 8 and later, or FEATURES=strict-keepdir
}

// Owner is a user and a group.
type Owner struct{ UID, GID int }

// A Result is what the user should know.
type Result struct {
	Size     int64    // bytes of regular files, each counted once
	Renamed  []string // names that were no UTF-8, as they are now
	Libtool  []string // .la files that were changed
	BadLa    []string // .la files that could not be understood
	Modes    []string // libraries whose execution bits were changed
	Unlinked []string // empty folders that are gone
}

// First is what comes right after src_install: names, libtool archives, owners, and
// the size, which is taken before anything is compressed or stripped.
func First(o *Options) (*Result, error) {
	res := &Result{}
	if err := o.names(o.D, res); err != nil {
		return nil, err
	}
	type inode struct{ dev, ino uint64 }
	seen := make(map[inode]bool)
	err := filepath.WalkDir(o.D, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == o.D {
			return err
		}
		if o.FixLibtool && d.Type().IsRegular() && strings.HasSuffix(p, ".la") {
			if err := o.libtool(p, res); err != nil {
				return err
			}
		}
		info, err := os.Lstat(p)
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		if key := (inode{uint64(st.Dev), st.Ino}); info.Mode().IsRegular() && !seen[key] {
			seen[key] = true
			res.Size += info.Size()
		}
		return o.owner(p, st)
	})
	return res, err
}

func (o *Options) inside(p string) string {
	return "/" + strings.TrimLeft(strings.TrimPrefix(p, o.D), "/")
}

// names renames what is no UTF-8: each bad byte becomes "?".
func (o *Options) names(dir string, res *Result) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p := filepath.Join(dir, e.Name())
		if !utf8.ValidString(e.Name()) {
			p = filepath.Join(dir, readable(e.Name()))
			if _, err := os.Lstat(p); err == nil {
				return fmt.Errorf("%s: two names of the image are the same once they are UTF-8", o.inside(p))
			}
			if err := os.Rename(filepath.Join(dir, e.Name()), p); err != nil {
				return err
			}
			res.Renamed = append(res.Renamed, o.inside(p))
		}
		if e.IsDir() {
			if err := o.names(p, res); err != nil {
				return err
			}
		}
	}
	return nil
}

// readable puts a question mark for each byte that is no part of a character.
func readable(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && size == 1 {
			b.WriteByte('?')
		} else {
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	return b.String()
}

// owner maps the builder's ids. chown clears setuid and setgid: they are put back.
func (o *Options) owner(p string, st *syscall.Stat_t) error {
	uid, gid := -1, -1
	if o.Builder.UID != 0 && int(st.Uid) == o.Builder.UID {
		uid = o.Inst.UID
	}
	if o.Builder.GID != 0 && int(st.Gid) == o.Builder.GID {
		gid = o.Inst.GID
	}
	if uid == -1 && gid == -1 {
		return nil
	}
	if err := os.Lchown(p, uid, gid); err != nil {
		return err
	}
	if st.Mode&syscall.S_IFMT == syscall.S_IFLNK {
		return nil
	}
	return syscall.Chmod(p, st.Mode&0o7777)
}

func (o *Options) libtool(p string, res *Result) error {
	text, err := os.ReadFile(p)
	if err != nil {
		return err
	}
	fixed, err := Libtool(string(text))
	if err != nil {
		first, _, _ := strings.Cut(string(text), "\n")
		if strings.Contains(first, ".la - a libtool library file") {
			res.BadLa = append(res.BadLa, o.inside(p)+": "+err.Error())
		}
		return nil // whatever it is, it is none of libtool's
	}
	if fixed == string(text) {
		return nil
	}
	res.Libtool = append(res.Libtool, o.inside(p))
	return os.WriteFile(p, []byte(fixed), 0o644) // the file is there: its mode stays
}

// Last is what comes with the checks of the image: modes of libraries, the index of
// info files, empty folders.
func Last(o *Options, res *Result) error {
	if err := o.libraries(res); err != nil {
		return err
	}
	info := filepath.Join(o.D, o.EPrefix, "usr/share/info")
	for _, name := range []string{"dir", "dir.info"} {
		for _, ending := range []string{"", ".Z", ".gz", ".bz2", ".lzma", ".lz", ".xz", ".zst"} {
			if err := os.Remove(filepath.Join(info, name+ending)); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
				return err
			}
		}
	}
	if !o.NoEmptyFolders {
		return nil
	}
	_, err := o.empty(filepath.Join(o.D, o.EPrefix), res)
	return err
}

// libraries makes shared libraries executable, and static ones and libtool's not:
// those that lie directly in library folders.
func (o *Options) libraries(res *Result) error {
	ed := filepath.Join(o.D, o.EPrefix)
	for _, pattern := range []string{"opt/*/lib*", "lib*", "usr/lib*"} {
		dirs, err := filepath.Glob(filepath.Join(escape(ed), pattern))
		if err != nil {
			return fmt.Errorf("internal error: %w", err)
		}
		for _, dir := range dirs {
			if info, err := os.Stat(dir); err != nil || !info.IsDir() || !within(o.D, dir) {
				continue
			}
			if err := o.modes(dir, res); err != nil {
				return err
			}
		}
	}
	return nil
}

// within says whether a folder lies in the image once links are followed.
func within(d, dir string) bool {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	top, err := filepath.EvalSymlinks(d)
	return err == nil && strings.HasPrefix(real, top+"/")
}

// escape takes the meaning of patterns from a path.
func escape(p string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(p)
}

func (o *Options) modes(dir string, res *Result) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		p := filepath.Join(dir, e.Name())
		info, err := e.Info()
		if err != nil {
			return err
		}
		mode := info.Mode()
		switch {
		case strings.Contains(e.Name(), ".so.") || strings.HasSuffix(e.Name(), ".so"):
			if mode&0o111 == 0 {
				mode |= 0o111
			}
		case strings.HasSuffix(e.Name(), ".a") || strings.HasSuffix(e.Name(), ".la"):
			mode &^= 0o111
		}
		if mode != info.Mode() {
			if err := os.Chmod(p, mode); err != nil {
				return err
			}
			res.Modes = append(res.Modes, o.inside(p))
		}
	}
	return nil
}

// empty removes folders in which there is nothing, innermost first, and says
// whether dir itself has become empty.
func (o *Options) empty(dir string, res *Result) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
		return false, err
	}
	left := len(entries)
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		p := path.Join(dir, e.Name())
		gone, err := o.empty(p, res)
		if err != nil {
			return false, err
		}
		if gone {
			if err := os.Remove(p); err != nil {
				return false, err
			}
			res.Unlinked = append(res.Unlinked, o.inside(p))
			left--
		}
	}
	slices.Sort(res.Unlinked)
	return left == 0, nil
}
