package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/filecopy"
	"github.com/tumpline/tumpline/merge/inroot"
)

// An Op is what a step does.
type Op uint8

const (
	OpSave   Op = iota // give the file at Path a second name, Old
	OpPlace            // rename New to Path; Old, if any, is where the file there was saved
	OpRemove           // rename Path to Old; nothing at Path is no error
	OpRmdir            // remove the folder Path if it is empty
	OpSwap             // exchange the folders Path and New
	OpTimes            // set the times of the file at Path
)

// String names the op.
func (o Op) String() string {
	switch o {
	case OpSave:
		return "save"
	case OpPlace:
		return "place"
	case OpRemove:
		return "remove"
	case OpRmdir:
		return "rmdir"
	case OpSwap:
		return "swap"
	case OpTimes:
		return "times"
	}
	return fmt.Sprintf("Op(%d)", uint8(o))
}

// A Part is a portion of a plan. Parts are made one after the other, with scripts
// between them.
type Part uint8

const (
	PartFiles   Part = iota // before the commit: new files
	PartEntry               // before the commit: what makes the change official
	PartOld                 // after the commit: old files go
	PartCleanup             // after the commit: old records go
)

// String names the part.
func (p Part) String() string {
	switch p {
	case PartFiles:
		return "files"
	case PartEntry:
		return "entry"
	case PartOld:
		return "old"
	case PartCleanup:
		return "cleanup"
	}
	return fmt.Sprintf("Part(%d)", uint8(p))
}

// committed says if a part belongs after the commit.
func (p Part) committed() bool { return p >= PartOld }

// A Step is one change. Paths are those of inroot, their folders without links.
type Step struct {
	Op   Op     `json:"op"`
	Part Part   `json:"part"`
	Path string `json:"path"`
	New  string `json:"new,omitempty"`
	Old  string `json:"old,omitempty"`
	// Tree lists what a placed folder holds, if others may come to put files
	// there: only these are taken back. Nil: the folder is taken back whole.
	Tree []Item `json:"tree"`
	Mark *Item  `json:"mark,omitempty"` // what a placed file, or Probe, is; noted by Seal
	// Mode is that of a file which gets 0 when it is removed, since other names
	// of it may grant rights; or of the file at Old if another name of that gets 0.
	// Of a folder that is removed: its mode.
	Mode     uint32 `json:"mode,omitempty"`
	UID, GID int    `json:",omitempty"` // of a removed folder
	NS       int64  `json:"ns,omitempty"`
	OldNS    int64  `json:"oldns,omitempty"` // times in nanoseconds
	// Probe is a file of the folders of OpSwap that differs in size or time.
	Probe string `json:"probe,omitempty"`
	Loose bool   `json:"loose,omitempty"` // may be changed by others and yet be taken back
}

// An Item is a file of a tree: its name there, and how it is recognised.
type Item struct {
	Name string `json:"n,omitempty"`
	Dir  bool   `json:"d,omitempty"`
	Size int64  `json:"s,omitempty"`
	NS   int64  `json:"t,omitempty"`
}

// do makes a step, unless it has been made.
func (s *Step) do(f *inroot.FS) error {
	switch s.Op {
	case OpSave:
		return save(f, s.Path, s.Old)
	case OpPlace:
		return s.place(f)
	case OpRemove:
		return s.remove(f)
	case OpRmdir:
		return rmdir(f, s.Path)
	case OpSwap:
		return s.swap(f, true)
	case OpTimes:
		return missing(f.Chtimes(s.Path, s.NS))
	}
	return fmt.Errorf("internal error: step %v", s.Op)
}

// undo takes a step back, unless it has been taken back or was never made.
func (s *Step) undo(f *inroot.FS) error {
	switch s.Op {
	case OpSave:
		return missing(f.Remove(s.Old))
	case OpPlace:
		return s.unplace(f)
	case OpRemove:
		return s.restore(f)
	case OpRmdir:
		return s.remake(f)
	case OpSwap:
		return s.swap(f, false)
	case OpTimes:
		return missing(f.Chtimes(s.Path, s.OldNS))
	}
	return fmt.Errorf("internal error: step %v", s.Op)
}

// missing drops the error that a file is not there.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func exists(f *inroot.FS, name string) (bool, error) {
	_, err := f.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return false, nil
	}
	return err == nil, err
}

// save gives a file a second name; where that cannot be, a copy.
func save(f *inroot.FS, name, old string) error {
	there, err := exists(f, old)
	if there || err != nil {
		return err
	}
	err = f.Link(name, old)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	st, serr := f.Lstat(name)
	if serr != nil {
		return serr
	}
	if err := duplicate(f, st, name, old+".part"); err != nil {
		return err
	}
	return f.Rename(old+".part", old)
}

// duplicate copies a file with all that it has, durably.
func duplicate(f *inroot.FS, st *unix.Stat_t, name, to string) error {
	if err := missing(f.Remove(to)); err != nil {
		return err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		if err := copyFile(f, st, name, to); err != nil {
			return err
		}
	case unix.S_IFLNK:
		target, err := f.Readlink(name)
		if err != nil {
			return err
		}
		if err := f.Symlink(target, to); err != nil {
			return err
		}
		if err := f.Chown(to, int(st.Uid), int(st.Gid)); err != nil {
			return err
		}
	default:
		return &fs.PathError{Op: "save", Path: name, Err: unix.EMLINK}
	}
	return f.Chtimes(to, st.Mtim.Nano())
}

func copyFile(f *inroot.FS, st *unix.Stat_t, name, to string) error {
	src, err := f.Open(name)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := f.Create(to, 0o600)
	if err != nil {
		return err
	}
	defer dst.Close()
	if _, err := filecopy.Content(dst, src); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	if err := f.Chown(to, int(st.Uid), int(st.Gid)); err != nil {
		return err
	}
	if err := f.Chmod(to, st.Mode&0o7777); err != nil {
		return err
	}
	if err := filecopy.Attributes(dst.Name(), src.Name(), nil); err != nil {
		return err
	}
	return dst.Sync()
}

func (s *Step) place(f *inroot.FS) error {
	there, err := exists(f, s.New)
	if !there || err != nil {
		return err
	}
	if s.Old != "" {
		return f.Rename(s.New, s.Path)
	}
	err = f.RenameFree(s.New, s.Path)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return f.Rename(s.New, s.Path) // the file system knows no such condition
	}
	return err
}

func (s *Step) unplace(f *inroot.FS) error {
	if s.Tree != nil {
		return s.unplaceTree(f)
	}
	there, err := exists(f, s.New)
	if err != nil {
		return err
	}
	if s.Old == "" {
		switch {
		case !there:
			return missing(moveAside(f, s.Path, s.New))
		case s.Loose && isDir(f, s.New):
			return f.RemoveAll(s.Path) // it was copied, and is not quite gone
		}
		return nil
	}
	if there { // not placed: the file is the old one
		return nil
	}
	if s.Mode != 0 {
		if err := missing(f.Chmod(s.Old, s.Mode)); err != nil {
			return err
		}
	}
	return missing(f.Rename(s.Old, s.Path))
}

// unplaceTree takes back what a placed folder was made of, and the folder if
// nothing else is in it.
func (s *Step) unplaceTree(f *inroot.FS) error {
	there, err := exists(f, s.Path)
	if !there || err != nil {
		return err
	}
	if err := f.MkdirAll(s.New, 0o700); err != nil {
		return err
	}
	for _, item := range s.Tree {
		from, to := path.Join(s.Path, item.Name), path.Join(s.New, item.Name)
		if item.Dir {
			err = f.MkdirAll(to, 0o700)
		} else if err = missing(f.RenameFree(from, to)); errors.Is(err, fs.ErrExist) {
			err = nil // taken back before, and made anew by somebody
		}
		if err != nil {
			return err
		}
	}
	for i := len(s.Tree) - 1; i >= 0; i-- {
		if s.Tree[i].Dir {
			if err := rmdir(f, path.Join(s.Path, s.Tree[i].Name)); err != nil {
				return err
			}
		}
	}
	return rmdir(f, s.Path)
}

// rmdir removes a folder if it is empty; others stay.
func rmdir(f *inroot.FS, name string) error {
	err := f.Rmdir(name)
	for _, fine := range []error{unix.ENOTEMPTY, unix.EEXIST, unix.EBUSY, unix.ENOENT, unix.ENOTDIR, unix.EPERM, unix.EACCES, unix.EROFS, unix.EINVAL} {
		if errors.Is(err, fine) {
			return nil
		}
	}
	return err
}

func (s *Step) remove(f *inroot.FS) error {
	there, err := exists(f, s.Old)
	if err != nil {
		return err
	}
	if !there {
		err = missing(moveAside(f, s.Path, s.Old))
	} else if isDir(f, s.Old) {
		err = f.RemoveAll(s.Path) // it was copied, and is not quite gone
	}
	if err != nil {
		return err
	}
	if s.Mode != 0 {
		return missing(f.Chmod(s.Old, 0))
	}
	return nil
}

func (s *Step) restore(f *inroot.FS) error {
	there, err := exists(f, s.Old)
	if !there || err != nil {
		return err
	}
	if s.Mode != 0 {
		if err := f.Chmod(s.Old, s.Mode); err != nil {
			return err
		}
	}
	if isDir(f, s.Old) {
		if err := f.RemoveAll(s.Path); err != nil {
			return err
		}
	}
	err = f.RenameFree(s.Old, s.Path)
	switch {
	case errors.Is(err, unix.EXDEV):
		return copyWhole(f, s.Old, s.Path) // Old stays until the transaction is dropped
	case errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS):
		return f.Rename(s.Old, s.Path)
	}
	return err
}

// remake makes a removed folder again.
func (s *Step) remake(f *inroot.FS) error {
	there, err := exists(f, s.Path)
	if there || err != nil {
		return err
	}
	if err := f.RemoveAll(s.Old); err != nil {
		return err
	}
	if err := f.Mkdir(s.Old); err != nil {
		return err
	}
	if err := f.Chown(s.Old, s.UID, s.GID); err != nil && !errors.Is(err, unix.EPERM) {
		return err
	}
	if err := f.Chmod(s.Old, s.Mode); err != nil {
		return err
	}
	if err := f.Chtimes(s.Old, s.OldNS); err != nil {
		return err
	}
	return f.Rename(s.Old, s.Path)
}

// swap makes sure that the new folder (or the old one) is in place. Where folders
// cannot be exchanged, the old one is moved to Old first.
func (s *Step) swap(f *inroot.FS, forward bool) error {
	placed := s.matches(f, path.Join(s.Path, s.Probe))
	aside, err := exists(f, s.Old)
	if err != nil {
		return err
	}
	switch {
	case placed && forward:
		return nil
	case forward:
		return s.swapIn(f, aside)
	case placed && !aside:
		err := f.Exchange(s.New, s.Path)
		if !errors.Is(err, unix.EXDEV) {
			return err
		}
		if err := copyWhole(f, s.New, s.Old); err != nil {
			return err
		}
	case !aside:
		return nil
	}
	// What is in place is the new folder, or an old one that may be cut short.
	if err := f.RemoveAll(s.Path); err != nil {
		return err
	}
	err = f.Rename(s.Old, s.Path)
	if errors.Is(err, unix.EXDEV) {
		return copyWhole(f, s.Old, s.Path)
	}
	return err
}

// swapIn puts the new folder in place of the old one. aside says that the old one has
// been moved to Old.
func (s *Step) swapIn(f *inroot.FS, aside bool) error {
	if !aside {
		err := f.Exchange(s.New, s.Path)
		if !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EXDEV) {
			return err
		}
		if err := moveAside(f, s.Path, s.Old); err != nil {
			return err
		}
	}
	if err := f.RemoveAll(s.Path); err != nil {
		return err
	}
	return f.Rename(s.New, s.Path)
}

// matches says if a file is the one that Seal has marked.
func (s *Step) matches(f *inroot.FS, name string) bool {
	st, err := f.Lstat(name)
	return err == nil && s.Mark != nil && st.Size == s.Mark.Size && inroot.MTime(st) == s.Mark.NS
}

// identify notes what a staged file or folder is.
func (s *Step) identify(f *inroot.FS) error {
	if s.Op != OpPlace && s.Op != OpSwap {
		return nil
	}
	st, err := f.Lstat(s.New)
	if err != nil {
		return err
	}
	if s.Op == OpSwap {
		st, err = f.Lstat(path.Join(s.New, s.Probe))
		if err != nil {
			return err
		}
		s.Mark = &Item{Size: st.Size, NS: inroot.MTime(st)}
		return nil
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		for i := range s.Tree {
			item := &s.Tree[i]
			if item.Dir {
				continue
			}
			st, err := f.Lstat(path.Join(s.New, item.Name))
			if err != nil {
				return err
			}
			item.Size, item.NS = st.Size, inroot.MTime(st)
		}
		return nil
	}
	s.Mark = &Item{Size: st.Size, NS: inroot.MTime(st)}
	return nil
}

// changed lists the placed files that are not what they were.
func (s *Step) changed(f *inroot.FS) (list []string) {
	if s.Op != OpPlace || s.Loose {
		return nil
	}
	differs := func(name string, mark Item) bool {
		st, err := f.Lstat(name)
		return err != nil || st.Size != mark.Size || inroot.MTime(st) != mark.NS
	}
	if s.Mark != nil && differs(s.Path, *s.Mark) {
		list = append(list, s.Path)
	}
	for _, item := range s.Tree {
		if name := path.Join(s.Path, item.Name); !item.Dir && differs(name, item) {
			list = append(list, name)
		}
	}
	return list
}

// folder is the folder whose names a step changes.
func (s *Step) folder() string { return path.Dir(s.Path) }
