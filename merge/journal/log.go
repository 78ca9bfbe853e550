package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/inroot"
)

// Folder is where transactions are, below EROOT.
const Folder = "var/lib/tumpline"

// Options say whose log it is.
type Options struct {
	EPrefix string    // absolute, "" for none
	Holder  string    // what others are told who has the lock: "process 12: emerge foo"
	Now     time.Time // the time of the run
	// Slots are locked before the root is: "category/name:slot" of what is merged or
	// removed, where FEATURES=parallel-install has Portage lock these alone.
	Slots []string
	// Waiting is told who has the lock before Open waits for it. Nil: Open does not
	// wait.
	Waiting func(holder string)
	// Fault is called before every change, for tests. It may be nil.
	Fault func(point string)
}

// A LockedError says that somebody else is changing the root.
type LockedError struct {
	File   string // the lock
	Holder string // "" if unknown
}

// Error names the holder.
func (e *LockedError) Error() string {
	holder := e.Holder
	if holder == "" {
		holder = "another process"
	}
	return fmt.Sprintf("%s is locked by %s", e.File, holder)
}

// Unwrap is atomicfile.ErrLocked.
func (e *LockedError) Unwrap() error { return atomicfile.ErrLocked }

// A Log is the transactions of a root, held by this run alone until Close.
type Log struct {
	Options
	FS    *inroot.FS
	lock  *atomicfile.Lock
	slots []*atomicfile.Lock
}

// Open takes the lock of a root. It changes nothing but makes the folders that it
// needs. Call Recover before anything is read.
func Open(ctx context.Context, f *inroot.FS, o Options) (*Log, error) {
	l := &Log{Options: o, FS: f}
	for _, dir := range []string{"var/db", Folder + "/txn"} {
		if err := f.MkdirAll(l.path(dir), 0o755); err != nil {
			return nil, err
		}
	}
	dir, err := f.Host(l.path("var/db"))
	if err == nil {
		err = l.lockSlots(ctx)
	}
	if err == nil {
		l.lock, err = l.acquire(ctx, path.Join(dir, ".pkg.portage_lockfile"), l.holder)
	}
	if err != nil {
		l.releaseSlots()
		return nil, err
	}
	if err := l.sign(); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// lockSlots locks slots in the order of their names, and always before the root: so
// nobody waits for somebody who waits for him.
func (l *Log) lockSlots(ctx context.Context) error {
	slots := slices.Clone(l.Slots)
	slices.Sort(slots)
	for _, slot := range slices.Compact(slots) {
		category, rest, ok := strings.Cut(slot, "/")
		if !ok {
			return fmt.Errorf("internal error: slot %q", slot)
		}
		folder := l.path("var/db/pkg/" + category)
		if err := l.FS.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		dir, err := l.FS.Host(folder)
		if err != nil {
			return err
		}
		lock, err := l.acquire(ctx, path.Join(dir, "."+rest+".portage_lockfile"), l.slotHolder)
		if err != nil {
			return err
		}
		l.slots = append(l.slots, lock)
	}
	return nil
}

func (l *Log) releaseSlots() {
	for _, lock := range l.slots {
		lock.Remove()
	}
	l.slots = nil
}

// acquire takes a lock, at once or when its holder lets go, who is named by a
// function.
func (l *Log) acquire(ctx context.Context, file string, who func(file string) string) (*atomicfile.Lock, error) {
	lock, err := atomicfile.TryAcquire(file, atomicfile.Exclusive)
	if !errors.Is(err, atomicfile.ErrLocked) {
		return lock, err
	}
	holder := who(file)
	if l.Waiting == nil {
		return nil, &LockedError{file, holder}
	}
	l.Waiting(holder)
	lock, err = atomicfile.Acquire(ctx, file, atomicfile.Exclusive)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", &LockedError{file, who(file)}, err)
	}
	return lock, nil
}

// sign tells others who has the lock.
func (l *Log) sign() error {
	dir, err := l.FS.Host(l.path(Folder))
	if err != nil {
		return err
	}
	return atomicfile.ReplaceFile(path.Join(dir, "holder"), []byte(l.Holder+"\n"), 0o644)
}

// Close lets go of the lock.
func (l *Log) Close() {
	if err := l.FS.Remove(l.path(Folder + "/holder")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.Holder = "" // a name that stays is a wrong hint, nothing worse
	}
	l.lock.Remove()
	l.releaseSlots()
}

// path gives the path in the root of a name below EROOT.
func (l *Log) path(name string) string { return path.Join("/", l.EPrefix, name) }

// Path gives the path in the root of a name below EROOT.
func (l *Log) Path(name string) string { return l.path(name) }

// dir is the folder of a transaction.
func (l *Log) dir(id int) string { return l.path(fmt.Sprintf("%s/txn/%06d", Folder, id)) }

func (l *Log) fault(point string) {
	if l.Fault != nil {
		l.Fault(point)
	}
}

// History lists the transactions of a root, oldest first. It needs no lock.
func History(f *inroot.FS, eprefix string) ([]*Entry, error) {
	l := &Log{Options: Options{EPrefix: eprefix}, FS: f}
	names, err := f.Names(l.path(Folder + "/txn"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list transactions: %w", err)
	}
	var list []*Entry
	for _, n := range names {
		id, err := strconv.Atoi(n)
		if err != nil || id <= 0 {
			continue
		}
		text, err := f.ReadFile(l.dir(id) + "/journal")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read transaction: %w", err)
		}
		records, _ := parseRecords(text)
		list = append(list, entryOf(id, records))
	}
	slices.SortFunc(list, func(a, b *Entry) int { return a.ID - b.ID })
	return list, nil
}

// History lists the transactions, oldest first.
func (l *Log) History() ([]*Entry, error) { return History(l.FS, l.EPrefix) }

// slotHolder names who has the lock of a slot: the process that the kernel names, which
// is Portage's, else who says so.
func (l *Log) slotHolder(file string) string {
	if name := kernelHolder(file); name != "" {
		return name
	}
	return l.holder(file)
}

// holder names who has a lock: who says so, else the process that the kernel names.
func (l *Log) holder(file string) string {
	text, err := l.FS.ReadFile(l.path(Folder + "/holder"))
	if name := strings.TrimSpace(string(text)); err == nil && name != "" {
		return name
	}
	return kernelHolder(file)
}
