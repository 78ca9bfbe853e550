package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// partSuffix ends the name of a file that is being fetched.
const partSuffix = ".__download__"

// partFlags open the part to write. A link that somebody put in its place is not
// followed: others than the caller may write to DISTDIR.
const partFlags = os.O_WRONLY | os.O_CREATE | unix.O_NOFOLLOW

// fileMode is that of fetched files.
const fileMode fs.FileMode = 0o664

// A job is the fetching of one file.
type job struct {
	f       *Fetcher
	request *Request
	file    *File
	result  *Result

	final, part string // paths: of the file, and of what is there of it
	resume      bool   // part may be continued
	readOnly    bool   // DISTDIR cannot be written to
}

// run gets the file, see Portage's async_fetch.
func (j *job) run(ctx context.Context) error {
	s := &j.f.set
	if s.MirrorMode && j.request.Restrict.Mirror {
		j.result.State = Skipped
		return nil
	}
	if !j.file.known() && !s.Unlisted {
		return &UnlistedError{Name: j.file.Name, Manifest: j.file.Manifest}
	}
	if j.file.Name == "" || filepath.Base(j.file.Name) != j.file.Name {
		return fmt.Errorf("%q is no name of a distfile", j.file.Name)
	}
	if j.file.known() && len(j.file.Entry.Names(s.Filter)) == 0 {
		return &UnlistedError{Name: j.file.Name, Manifest: j.file.Manifest}
	}
	j.final = filepath.Join(s.Distdir, j.file.Name)
	j.part = j.final + partSuffix
	if s.DirectWrite {
		j.part = j.final
	}
	defer j.f.alone(j.file.Name)()
	if j.readOnly = unix.Access(s.Distdir, unix.W_OK) != nil; j.readOnly {
		return j.inReadOnly(ctx)
	}
	unlock, err := j.lock(ctx)
	if errors.Is(err, atomicfile.ErrLocked) {
		j.result.State = Busy
		return nil
	}
	if err != nil {
		return err
	}
	defer unlock()
	return j.locked(ctx)
}

// A ReadOnlyError says that a file is not in DISTDIR, which cannot be written to.
type ReadOnlyError struct {
	Name, Dir string
	Partial   bool // something is there under the name, but it is not right
}

// Error tells what is there.
func (e *ReadOnlyError) Error() string {
	what := "is not there"
	if e.Partial {
		what = "is not right"
	}
	return fmt.Sprintf("%s %s, and %s cannot be written to", e.Name, what, e.Dir)
}

// inReadOnly is all that can be done without writing.
func (j *job) inReadOnly(ctx context.Context) error {
	bad := &ReadOnlyError{Name: j.file.Name, Dir: j.f.set.Distdir}
	st, err := os.Stat(j.final)
	if err != nil {
		return bad
	}
	ok, err := j.right(ctx, j.final, st)
	if ok || err != nil {
		j.result.State = Present
		return err
	}
	bad.Partial = true
	return bad
}

// locked gets the file while nobody else does.
func (j *job) locked(ctx context.Context) error {
	there, err := j.present(ctx)
	if there || err != nil {
		j.result.State = Present
		return err
	}
	if err := j.examinePart(); err != nil {
		return err
	}
	if linked, err := j.link(ctx); linked || err != nil {
		return err
	}
	if err := j.checkSpace(); err != nil {
		return err
	}
	if err := j.copyLocal(); err != nil {
		return err
	}
	if done, err := j.usePart(ctx); done || err != nil {
		return err
	}
	return j.download(ctx)
}

// lock takes the lock that Portage takes, and gives what lets go of it.
func (j *job) lock(ctx context.Context) (unlock func(), err error) {
	s := &j.f.set
	if !s.Locks || s.DirectWrite {
		return func() {}, nil
	}
	path := filepath.Join(s.Distdir, "."+j.file.Name+".portage_lockfile")
	l, err := atomicfile.TryAcquire(path, atomicfile.Exclusive)
	if errors.Is(err, atomicfile.ErrLocked) && !s.NoWait {
		j.f.event(Event{Kind: EventWait, Name: j.file.Name, CPV: j.request.CPV, Path: path})
		l, err = atomicfile.Acquire(ctx, path, atomicfile.Exclusive)
	}
	if err != nil {
		return nil, err
	}
	return l.Remove, nil
}

// present says whether the file is there and right. A wrong one is set aside.
func (j *job) present(ctx context.Context) (bool, error) {
	st, err := os.Stat(j.final)
	if err == nil && !j.file.Force {
		ok, err := j.right(ctx, j.final, st)
		if err != nil {
			return false, err
		}
		if ok {
			j.permit(j.final)
			return true, nil
		}
	}
	link, lerr := os.Lstat(j.final)
	switch {
	case errors.Is(lerr, fs.ErrNotExist):
		return false, nil
	case lerr != nil:
		return false, fmt.Errorf("look for %s: %w", j.final, lerr)
	case link.Mode()&fs.ModeSymlink != 0:
		return false, os.Remove(j.final)
	case link.IsDir():
		return false, fmt.Errorf("fetch %s: a folder is in the way: %s", j.file.Name, j.final)
	case j.file.Force:
		return false, nil // it is replaced when the new one is there
	}
	return false, j.SetAside(j.final)
}

// right says whether a file is what the Manifest says.
func (j *job) right(ctx context.Context, path string, st fs.FileInfo) (bool, error) {
	switch {
	case !st.Mode().IsRegular():
		return false, nil
	case !j.file.known():
		return st.Size() > 0, nil
	case j.f.set.SizeOnly:
		return st.Size() == j.file.Entry.Size, nil
	}
	err := j.check(ctx, path)
	var file *manifest.FileError
	if errors.As(err, &file) {
		return false, nil
	}
	return err == nil, err
}

func (j *job) check(ctx context.Context, path string) error {
	return j.file.manifest().CheckFile(ctx, j.file.Entry, path, j.f.set.Filter)
}

// examinePart looks at what another run left of the file: what is too small to be
// worth it, or too large, is set aside.
func (j *job) examinePart() error {
	if j.f.set.DirectWrite {
		return nil
	}
	st, err := os.Lstat(j.part)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a partial file: %w", err)
	}
	if st.IsDir() {
		return fmt.Errorf("fetch %s: a folder is in the way: %s", j.file.Name, j.part)
	}
	switch size := st.Size(); {
	case size == 0 || !st.Mode().IsRegular():
		return os.Remove(j.part)
	case j.file.known() && (size < j.f.set.ResumeMin && size < j.file.Entry.Size || size > j.file.Entry.Size):
		return j.SetAside(j.part)
	}
	return nil
}

// link links to a right file in a read-only folder.
func (j *job) link(ctx context.Context) (bool, error) {
	if j.f.set.DirectWrite {
		return false, nil
	}
	for _, dir := range j.f.set.ReadOnly {
		path := inFolder(dir, j.file)
		st, err := os.Stat(path)
		if err != nil {
			continue
		}
		ok, err := j.right(ctx, path, st)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		if err := os.Remove(j.final); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		j.result.State, j.result.From = Linked, dir
		return true, os.Symlink(path, j.final)
	}
	return false, nil
}

// copyLocal copies the file from a mirror that is a folder; whether it is right is
// seen later.
func (j *job) copyLocal() error {
	if _, err := os.Lstat(j.final); err == nil {
		return nil
	}
	for _, dir := range j.f.set.folders() {
		path := inFolder(dir, j.file)
		in, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			j.try(path, err)
			continue
		}
		err = j.copyFrom(in)
		in.Close() // it was only read
		if err != nil {
			return fmt.Errorf("copy %s: %w", path, err)
		}
		j.result.From = dir
		return nil
	}
	return nil
}

func (j *job) copyFrom(in *os.File) error {
	if st, err := in.Stat(); err != nil || !st.Mode().IsRegular() {
		return errors.Join(err, errors.New("not a regular file"))
	}
	out, err := os.OpenFile(j.part, partFlags|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	n, err := out.ReadFrom(in)
	j.result.Bytes += n
	return errors.Join(err, out.Close())
}

// usePart decides about what is there of the file: it may be all of it, or be
// continued.
func (j *job) usePart(ctx context.Context) (done bool, err error) {
	st, err := os.Stat(j.part)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !j.file.known():
		j.resume = !j.file.Force
		return false, nil
	case st.Size() < j.file.Entry.Size && !j.request.Restrict.Fetch:
		j.resume = true
		return false, nil
	}
	err = j.check(ctx, j.part)
	var wrong *manifest.FileError
	switch {
	case err == nil:
		j.result.State = Fetched
		return true, j.admit()
	case !errors.As(err, &wrong):
		return false, err
	case j.result.From != "":
		j.try(j.result.From, err)
		j.result.From = ""
	}
	return false, j.SetAside(j.part)
}

// admit makes the part the file.
func (j *job) admit() error {
	j.permit(j.part)
	if j.part == j.final {
		return nil
	}
	f, err := os.Open(j.part)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(j.part, j.final)
	}
	if err != nil {
		return fmt.Errorf("admit %s: %w", j.file.Name, err)
	}
	return atomicfile.SyncDir(j.f.set.Distdir)
}

// permit gives a file to the group of Portage. Where that is not allowed the file
// is of use nevertheless.
func (j *job) permit(path string) {
	st, err := os.Lstat(path)
	if err != nil || !st.Mode().IsRegular() {
		return
	}
	if mode := st.Mode().Perm(); mode&fileMode != fileMode || mode&0o002 != 0 {
		_ = os.Chmod(path, mode&^0o002|fileMode)
	}
	if j.f.set.Group >= 0 {
		_ = os.Lchown(path, -1, j.f.set.Group)
	}
}

func (j *job) try(uri string, err error) {
	j.result.Tried = append(j.result.Tried, Try{URI: uri, Err: err})
	j.f.event(Event{Kind: EventTry, Name: j.file.Name, CPV: j.request.CPV, URI: uri, Err: err})
}

// setAside keeps a wrong file under a name that says so. One that is the same as
// an earlier one is dropped.
func (j *job) SetAside(path string) error {
	if j.f.set.DirectWrite {
		return nil
	}
	to, err := SetAside(path, filepath.Join(j.f.set.Distdir, j.file.Name))
	if err != nil {
		return fmt.Errorf("set wrong file aside: %w", err)
	}
	j.f.event(Event{Kind: EventSetAside, Name: j.file.Name, CPV: j.request.CPV, Path: to})
	return nil
}
