package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A Recovery is what was done about a transaction that a crash left.
type Recovery struct {
	Entry    *Entry
	Forward  bool // it was finished; else it was undone
	Problems error
}

// Recover finishes or undoes what earlier runs left. resume is called for those that
// are finished, when their steps are made, to do what followed them; it may be nil.
func (l *Log) Recover(resume func(*Txn) error) ([]Recovery, error) {
	list, err := l.History()
	if err != nil {
		return nil, err
	}
	var out []Recovery
	for _, e := range list {
		if !e.State.unfinished() {
			continue
		}
		r := Recovery{Entry: e, Forward: e.State == Committed}
		if err := l.recover(e, resume, &r); err != nil {
			return out, fmt.Errorf("recover transaction %d (%s): %w", e.ID, e.Title, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (l *Log) recover(e *Entry, resume func(*Txn) error, r *Recovery) error {
	if len(e.Title) == 0 { // not even its first record is there
		return l.FS.RemoveAll(l.dir(e.ID))
	}
	t, err := l.reopen(e)
	if err != nil {
		return err
	}
	defer t.close()
	if !r.Forward {
		return t.takeBack()
	}
	for part := PartOld; part <= PartCleanup; part++ {
		r.Problems = errors.Join(r.Problems, t.Run(part))
	}
	if resume != nil {
		r.Problems = errors.Join(r.Problems, resume(t))
	}
	return t.Finish()
}

// reopen continues a transaction of an earlier run.
func (l *Log) reopen(e *Entry) (*Txn, error) {
	t := &Txn{ID: e.ID, log: l, entry: e, mounts: make(map[string]uint64), stages: make(map[uint64]string)}
	var err error
	if t.file, err = reopenFile(l.FS, l.dir(e.ID)+"/journal"); err != nil {
		return nil, err
	}
	for _, dir := range append([]string{l.dir(e.ID)}, e.stages...) {
		if mount, err := l.FS.Mount(dir); err == nil {
			t.stages[mount] = dir
		}
	}
	if e.State == Begun || e.sum == "" {
		return t, nil
	}
	text, err := l.FS.ReadFile(l.dir(e.ID) + "/plan")
	if err == nil {
		sum := sha256.Sum256(text)
		if hex.EncodeToString(sum[:]) != e.sum {
			err = errors.New("the plan is damaged")
		} else {
			err = json.Unmarshal(text, &t.steps)
		}
	}
	if err != nil {
		t.close()
		return nil, fmt.Errorf("read plan: %w", err)
	}
	return t, nil
}

// Entry tells of the transaction.
func (t *Txn) Entry() *Entry { return t.entry }

// takeBack undoes all steps, last first, and drops the staged files.
func (t *Txn) takeBack() error {
	if t.entry.State != Begun && t.entry.sum == "" && t.entry.State != Planned {
		return t.drop()
	}
	if t.entry.State != Begun {
		if err := t.state(record{State: Undoing}); err != nil {
			return err
		}
		var errs []error
		for i := len(t.steps) - 1; i >= 0; i-- {
			s := &t.steps[i]
			t.log.fault("undo " + s.Op.String() + " " + s.Path)
			if err := s.undo(t.log.FS); err != nil {
				errs = append(errs, err)
			}
		}
		errs = append(errs, t.syncChanged(false), t.syncChanged(true))
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
	}
	if err := t.state(record{State: Undone}); err != nil {
		return err
	}
	return t.drop()
}

// drop removes all that a transaction has staged and saved.
func (t *Txn) drop() error {
	for _, dir := range t.entry.stages {
		t.log.fault("drop " + dir)
		if err := t.log.discard(dir); err != nil {
			return err
		}
	}
	dir := t.log.dir(t.ID)
	for _, sub := range []string{"/new", "/old"} {
		t.log.fault("drop " + dir + sub)
		if err := t.log.discard(dir + sub); err != nil {
			return err
		}
	}
	return nil
}

// discard removes a folder of staged or saved files.
func (l *Log) discard(dir string) error {
	if err := l.FS.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// A ChangedError says that a transaction cannot be taken back, since files that it
// placed have been changed.
type ChangedError struct {
	ID    int
	Paths []string // in the root, sorted
}

// Error names the files.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("transaction %d cannot be undone: changed since: %s", e.ID, strings.Join(e.Paths, ", "))
}

// ErrNotLast says that only the last transaction can be taken back.
var ErrNotLast = errors.New("a later transaction stands on it")

// ErrPruned says that the files which a transaction replaced are gone.
var ErrPruned = errors.New("what it replaced has not been kept")

// Undo takes back the last transaction that is done. An id of 0 is the last one, any
// other must be it. force takes it back even if files it placed have been changed.
func (l *Log) Undo(id int, force Force) (*Entry, error) {
	list, err := l.History()
	if err != nil {
		return nil, err
	}
	var last *Entry
	for _, e := range slices.Backward(list) {
		if e.State == Done {
			last = e
			break
		}
	}
	if last == nil {
		return nil, errors.New("undo: there is no transaction to take back")
	}
	if id != 0 && id != last.ID {
		return nil, fmt.Errorf("undo transaction %d: %w: %d (%s)", id, ErrNotLast, last.ID, last.Title)
	}
	if last.Pruned {
		return nil, fmt.Errorf("undo transaction %d (%s): %w", last.ID, last.Title, ErrPruned)
	}
	t, err := l.reopen(last)
	if err != nil {
		return nil, fmt.Errorf("undo transaction %d (%s): %w", last.ID, last.Title, err)
	}
	defer t.close()
	if changed := t.changed(); len(changed) > 0 && force == Careful {
		return nil, &ChangedError{last.ID, changed}
	}
	return last, t.takeBack()
}

// Force says what Undo does about files that have been changed.
type Force uint8

const (
	Careful Force = iota // refuse
	Forced               // take them back all the same
)

// String names the choice.
func (f Force) String() string {
	if f == Forced {
		return "forced"
	}
	return "careful"
}

// changed lists placed files that are not what they were.
func (t *Txn) changed() (list []string) {
	for i := range t.steps {
		list = append(list, t.steps[i].changed(t.log.FS)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Prune drops the saved files of all transactions but the last keep ones that are
// done, and the records of those long past.
func (l *Log) Prune(keep int) error {
	const records = 200
	list, err := l.History()
	if err != nil {
		return err
	}
	kept := 0
	for i, e := range slices.Backward(list) {
		if e.State.unfinished() {
			continue
		}
		if e.State == Done {
			if kept++; kept <= keep {
				continue
			}
		}
		if err := l.prune(e, len(list)-i > records); err != nil {
			return fmt.Errorf("prune transaction %d: %w", e.ID, err)
		}
	}
	return nil
}

func (l *Log) prune(e *Entry, all bool) error {
	dir := l.dir(e.ID)
	t := &Txn{ID: e.ID, log: l, entry: e, settled: true}
	if !e.Pruned {
		var err error
		if t.file, err = reopenFile(l.FS, dir+"/journal"); err != nil {
			return err
		}
		defer t.close()
		if err := t.add(record{Pruned: true}); err != nil {
			return err
		}
		if err := t.drop(); err != nil {
			return err
		}
		if err := l.FS.Remove(dir + "/plan"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if all {
		return l.FS.RemoveAll(path.Clean(dir))
	}
	return nil
}
