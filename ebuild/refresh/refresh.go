// Package refresh brings the md5-dict cache of a repository up to date: what an
// ebuild has no fresh entry for is made, entries without an ebuild are removed,
// and everything else is left alone, times included.
//
// The metadata comes from the repository itself: from the user's side, else by
// sourcing the ebuild. The package refuses to know how that is done, and how
// loaded the machine is: [Options.Admit] says.
//
// Entries are replaced whole, but not synchronised one by one. A crash of the
// machine may leave some empty or cut; an entry ends with the digest of its ebuild
// and is stale without it, so that such a one is made again.
package refresh

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// Status is what became of an ebuild.
type Status uint8

const (
	Fresh       Status = iota // it had a fresh entry
	Adopted                   // its metadata was known on the user's side, and is in the entry now
	Generated                 // it was sourced
	Unsupported               // its EAPI is not known; it has no entry, which is no error
	Failed                    // it has no metadata, or that could not be written
)

// String names the status in lower case.
func (s Status) String() string {
	switch s {
	case Fresh:
		return "fresh"
	case Adopted:
		return "adopted"
	case Generated:
		return "generated"
	case Unsupported:
		return "unsupported"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("Status(%d)", uint8(s))
}

// A Result is what became of one ebuild.
type Result struct {
	Ebuild ebuild.Ebuild
	Status Status
	// Written says whether an entry was written. One that had the right content
	// is not written again.
	Written bool
	// Err says why there is no metadata.
	Err error
	// WriteErr says why the entry could not be written.
	WriteErr error
}

// Options say what is to be done. The zero value updates everything, one ebuild
// at a time.
type Options struct {
	Packages []atoms.CP // only these; nil: all, and entries of no package are removed
	Jobs     int        // ebuilds at a time
	// External leaves the repository alone: metadata goes to the user-side cache.
	External bool
	// Admit is asked before an ebuild is sourced, and waits until it may be. It is
	// told how many are being sourced.
	Admit func(ctx context.Context, running int) error
	// Report is told of every ebuild, in ascending order of packages and versions,
	// as soon as all before it are done. It is not called twice at a time.
	Report func(*Result)
	// Progress is told after each ebuild how many of those without a fresh entry are
	// done. It is not called twice at a time.
	Progress func(done, total int)
}

// A Summary is what was done.
type Summary struct {
	Count   [Failed + 1]int // by Status
	Written int             // entries
	Removed []string        // entries without an ebuild, as CATEGORY/PF, sorted
	// Unknown are the named packages that have neither ebuilds nor entries, sorted.
	Unknown []atoms.CP
	// Problems are files that could not be read, listed, written or removed.
	Problems []error
}

// Repository brings the cache of a repository up to date. The error is that of
// the context, or says why nothing could be done; what is wrong with single
// ebuilds is reported, what is wrong with files is in the summary.
func Repository(ctx context.Context, r *ebuild.Repository, o *Options) (*Summary, error) {
	if !r.HasEbuilds() {
		return nil, fmt.Errorf("repository %s was shipped as a cache without ebuilds: there is nothing to make it from", r.Name)
	}
	if formats := r.Layout.CacheFormats; !o.External && len(formats) > 0 && !slices.Contains(formats, "md5-dict") {
		return nil, fmt.Errorf("repository %s wants its cache as %s: only md5-dict is known", r.Name, strings.Join(formats, " "))
	}
	run := &run{repository: r, options: o, summary: &Summary{}}
	if err := run.scan(ctx); err != nil {
		return nil, err
	}
	if err := run.writable(); err != nil {
		return nil, err
	}
	if err := run.update(ctx); err != nil {
		return nil, err
	}
	run.cleanse()
	slices.SortFunc(run.summary.Problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return run.summary, nil
}

// Permissions of what is made, as in Portage.
const (
	filePerm   = 0o644
	folderPerm = 0o755
)

// writable says before any work is done that all of it would be lost: none of the
// folders where entries belong can be written to or made.
func (r *run) writable() error {
	if r.options.External {
		return nil
	}
	var problem error
	seen := ""
	for _, i := range r.stale {
		dir := filepath.Dir(r.results[i].Ebuild.EntryPath)
		if dir == seen {
			continue
		}
		seen = dir
		err := r.mayWrite(dir)
		if err == nil {
			return nil
		}
		problem = cmp.Or(problem, err)
	}
	if problem != nil {
		return fmt.Errorf("repository %s: its cache cannot be written: %w", r.repository.Name, problem)
	}
	return nil
}

// mayWrite asks whether files may be made in a folder of the repository, which
// may have to be made before.
func (r *run) mayWrite(dir string) error {
	err := unix.Access(dir, unix.W_OK|unix.X_OK)
	for errors.Is(err, fs.ErrNotExist) && dir != r.repository.Location {
		dir = filepath.Dir(dir)
		err = unix.Access(dir, unix.W_OK|unix.X_OK)
	}
	if err != nil {
		return &fs.PathError{Op: "write to", Path: dir, Err: err}
	}
	return nil
}

// write puts an entry where it belongs, if it is not there. A folder is made when
// it is needed.
func (r *run) write(e *ebuild.Ebuild, entry *md5cache.Entry) (written bool, err error) {
	if r.options.External {
		return r.repository.Keep(e, entry)
	}
	text := []byte(entry.Text())
	if old, err := os.ReadFile(e.EntryPath); err == nil && bytes.Equal(old, text) {
		return false, nil
	}
	err = atomicfile.ReplaceFile(e.EntryPath, text, filePerm)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(e.EntryPath), folderPerm); err == nil {
			err = atomicfile.ReplaceFile(e.EntryPath, text, filePerm)
		}
	}
	return err == nil, err
}
