// Package infoindex brings the index of folders of GNU info up to date: the file dir,
// made by install-info from all info files of the folder.
//
// As in Portage a folder is looked at if its time is not the one noted after the last
// look, and is left alone if a file in it begins with .keepinfodir. Other than there the
// new index is made aside and renamed into place, so that there is always a whole one,
// and links are passed over, wherever they lead.
// The package knows neither what was merged nor who runs the program.
package infoindex

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/inroot"
)

// Options say what is indexed, and how.
type Options struct {
	Dirs []string // in the root: INFOPATH and INFODIR; empty ones are passed over
	// Times are those of folders after the last look, in seconds, by the path on the
	// host. Update changes them.
	Times map[string]int64
	// Install runs install-info with arguments, and gives what it printed.
	Install func(ctx context.Context, args ...string) (string, error)
}

// A Result tells what was done.
type Result struct {
	Folders int      // looked at
	Files   int      // info files in them
	Errors  []string // what install-info complained of
}

// aside is the name of an index that is being made.
const aside = ".dir.tumpline"

// endings are those of an index that may be compressed.
func endings() []string { return []string{"", ".gz", ".bz2", ".xz", ".lz", ".lz4", ".zst", ".lzma"} }

// Update indexes the folders that have changed.
func Update(ctx context.Context, f *inroot.FS, o Options) (*Result, error) {
	r := &Result{}
	for _, dir := range o.Dirs {
		if dir == "" || !f.IsDir(dir) {
			continue
		}
		if err := update(ctx, f, path.Clean(dir), &o, r); err != nil {
			return r, fmt.Errorf("index of %s: %w", dir, err)
		}
	}
	return r, nil
}

func update(ctx context.Context, f *inroot.FS, dir string, o *Options, r *Result) error {
	key := path.Join(f.Root(), dir)
	names, err := f.Names(dir)
	if err != nil {
		return err
	}
	st, err := f.Stat(dir)
	if err != nil {
		return err
	}
	if noted, ok := o.Times[key]; ok && noted == st.Mtim.Sec || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, ".keepinfodir") }) {
		return nil
	}
	host, err := f.Host(dir)
	if err != nil || unix.Access(host, unix.W_OK) != nil {
		return err
	}
	r.Folders++
	if err := rebuild(ctx, f, dir, names, o, r); err != nil {
		return err
	}
	if st, err = f.Stat(dir); err != nil {
		return err
	}
	o.Times[key] = st.Mtim.Sec
	return nil
}

// rebuild makes the index of a folder anew. One that would have no entries is not made.
func rebuild(ctx context.Context, f *inroot.FS, dir string, names []string, o *Options, r *Result) error {
	fresh := path.Join(dir, aside)
	if err := gone(f.Remove(fresh)); err != nil {
		return err
	}
	into, err := f.Host(dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, n := range names {
		st, err := f.Lstat(path.Join(dir, n))
		if err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || strings.HasPrefix(n, ".") || isIndex(n) {
			continue
		}
		said, err := o.Install(ctx, "--dir-file="+path.Join(into, aside), path.Join(into, n))
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), gone(f.Remove(fresh)))
		}
		r.Files++
		if complaint := complaint(said, err); complaint != "" {
			r.Errors = append(r.Errors, complaint)
		}
	}
	if err := replace(f, dir, fresh); err != nil {
		return err
	}
	for _, ending := range endings() {
		if err := gone(f.Remove(path.Join(dir, "dir"+ending+".old"))); err != nil {
			return err
		}
	}
	return nil
}

// replace puts a new index in place of the old one, if there is a new one.
func replace(f *inroot.FS, dir, fresh string) error {
	if st, err := f.Lstat(fresh); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return gone(err)
	}
	if err := f.Rename(fresh, path.Join(dir, "dir")); err != nil {
		return err
	}
	for _, ending := range endings()[1:] {
		if err := gone(f.Remove(path.Join(dir, "dir"+ending))); err != nil {
			return err
		}
	}
	return nil
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func isIndex(name string) bool {
	return slices.ContainsFunc(endings(), func(e string) bool { return name == "dir"+e || name == "dir"+e+".old" })
}

var harmless = regexp.MustCompile("already exists, for file `|^install-info: warning: no info dir entry in ")

// complaint is what is worth telling of what install-info said.
func complaint(said string, err error) string {
	said = strings.TrimRight(said, "\n")
	switch {
	case harmless.MatchString(said):
		return ""
	case said == "" && err != nil:
		return err.Error()
	}
	return said
}
