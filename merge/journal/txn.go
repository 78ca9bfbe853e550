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
	"strconv"

	"golang.org/x/sys/unix"
)

// A Txn is a transaction. It ends with Finish, or with Abort.
type Txn struct {
	ID    int
	log   *Log
	file  *file
	entry *Entry
	steps []Step
	next  int // number of the next staged or saved file

	settled bool // the folder of the transaction is durable, with all records but the last

	mounts map[string]uint64 // by folder
	stages map[uint64]string // by mount: the folder with new and old
}

// Begin starts a transaction. The title is for people, the facts are kept for the
// caller of Recover and Undo.
func (l *Log) Begin(title string, facts ...string) (*Txn, error) {
	list, err := l.History()
	if err != nil {
		return nil, err
	}
	t := &Txn{ID: 1, log: l, mounts: make(map[string]uint64), stages: make(map[uint64]string), entry: &Entry{State: Begun}}
	if len(list) > 0 {
		if last := list[len(list)-1]; last.State.unfinished() {
			return nil, fmt.Errorf("begin %s: transaction %d (%s) has to be recovered first", title, last.ID, last.Title)
		}
		t.ID = list[len(list)-1].ID + 1
	}
	if err := t.begin(record{State: Begun, Title: title, Time: l.Now.Unix(), Facts: facts}); err != nil {
		t.drop()
		return nil, fmt.Errorf("begin %s: %w", title, err)
	}
	return t, nil
}

func (t *Txn) begin(r record) error {
	dir := t.log.dir(t.ID)
	t.log.fault("begin")
	if err := t.log.FS.Mkdir(dir); err != nil {
		return err
	}
	var err error
	if t.file, err = createFile(t.log.FS, dir+"/journal"); err != nil {
		return err
	}
	if err := t.write(r); err != nil {
		return err
	}
	t.entry = entryOf(t.ID, []record{r})
	mount, err := t.log.FS.Mount(dir)
	if err != nil {
		return err
	}
	if err := t.makeStage(dir); err != nil {
		return err
	}
	t.stages[mount] = dir
	return nil
}

// add adds a record and makes it durable, with all before it.
func (t *Txn) add(r record) error {
	if err := t.write(r); err != nil {
		return err
	}
	if !t.settled {
		return t.settle(&flush{})
	}
	return t.file.sync()
}

// write adds a record, which becomes durable with the next one that is.
func (t *Txn) write(r record) error {
	t.log.fault("record " + string(r.State) + r.Script)
	if err := t.file.write(r); err != nil {
		return err
	}
	t.log.fault("recorded " + string(r.State) + r.Script)
	return nil
}

// settle makes the folder of a new transaction durable, with its records and what else
// a flush has taken in. Until then nothing has been done that would outlive a loss of
// power.
func (t *Txn) settle(f *flush) error {
	dir := t.log.dir(t.ID)
	defer f.drop()
	for _, name := range []string{dir + "/journal", dir, path.Dir(dir)} {
		if err := f.add(t.log.FS, name); err != nil {
			return err
		}
	}
	if err := f.run(); err != nil {
		return err
	}
	t.settled = true
	return nil
}

func (t *Txn) makeStage(dir string) error {
	for _, sub := range []string{"/new", "/old"} {
		if err := t.log.FS.Mkdir(dir + sub); err != nil {
			return err
		}
	}
	return nil
}

// Staged gives a path for a file that is to be renamed into an existing folder,
// which is on the same mount.
func (t *Txn) Staged(folder string) (string, error) { return t.name(folder, "/new/") }

// Saved gives a path for a file of an existing folder that is to be kept.
func (t *Txn) Saved(folder string) (string, error) { return t.name(folder, "/old/") }

func (t *Txn) name(folder, sub string) (string, error) {
	stage, err := t.stage(folder)
	if err != nil {
		return "", err
	}
	t.next++
	return stage + sub + strconv.Itoa(t.next), nil
}

// stage gives the folder of staged files on the mount of a folder.
func (t *Txn) stage(folder string) (string, error) {
	mount, err := t.mount(folder)
	if err != nil {
		return "", err
	}
	if dir, ok := t.stages[mount]; ok {
		return dir, nil
	}
	top := folder
	for top != "/" {
		above, err := t.mount(path.Dir(top))
		if err != nil {
			return "", err
		}
		if above != mount {
			break
		}
		top = path.Dir(top)
	}
	dir := path.Join(top, fmt.Sprintf(".tumpline-%06d", t.ID))
	if err := t.add(record{Stage: dir}); err != nil {
		return "", err
	}
	t.entry.stages = append(t.entry.stages, dir)
	if err := t.log.FS.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if err := t.makeStage(dir); err != nil {
		return "", err
	}
	t.stages[mount] = dir
	return dir, nil
}

func (t *Txn) mount(folder string) (uint64, error) {
	if m, ok := t.mounts[folder]; ok {
		return m, nil
	}
	m, err := t.log.FS.Mount(folder)
	if err == nil {
		t.mounts[folder] = m
	}
	return m, err
}

// Add adds steps to the plan.
func (t *Txn) Add(steps ...Step) { t.steps = append(t.steps, steps...) }

// Seal makes what was staged and the plan durable. Nothing can be added to the
// parts before the commit afterwards.
func (t *Txn) Seal() error {
	for i := range t.steps {
		if err := t.steps[i].identify(t.log.FS); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
	}
	text, err := json.Marshal(t.steps)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	t.log.fault("plan")
	if err := t.writePlan(text); err != nil {
		return err
	}
	if err := t.syncStaged(); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	return t.state(record{State: Planned, Sum: hex.EncodeToString(sum[:])})
}

func (t *Txn) writePlan(text []byte) error {
	out, err := t.log.FS.Create(t.log.dir(t.ID)+"/plan", 0o644)
	if err != nil {
		return err
	}
	if _, err = out.Write(text); err != nil {
		out.Close() // the other error is told
	} else {
		err = out.Close()
	}
	if err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// state notes that the transaction has come to a state.
func (t *Txn) state(r record) error {
	if err := t.add(r); err != nil {
		return err
	}
	t.entry.State = r.State
	return nil
}

// fewFiles is how many files are synchronised one by one; more are faster done by
// synchronising their file system.
const fewFiles = 64

// syncStaged makes what was staged durable, and with it the plan and the records so
// far.
func (t *Txn) syncStaged() error {
	var f flush
	defer f.drop()
	for _, dir := range t.folders() {
		if err := t.addStaged(&f, dir); err != nil {
			return err
		}
	}
	if err := f.add(t.log.FS, t.log.dir(t.ID)+"/plan"); err != nil {
		return err
	}
	return t.settle(&f)
}

// addStaged takes what was staged in a folder into a flush; if it is much, its file
// system is synchronised.
func (t *Txn) addStaged(f *flush, dir string) error {
	err := errMany
	if t.next <= fewFiles {
		if err = t.addTree(f, dir+"/new"); err == nil {
			err = f.add(t.log.FS, dir)
		}
	}
	if errors.Is(err, errMany) {
		err = t.log.FS.SyncFS(dir)
	}
	return err
}

// folders lists the stage folders, sorted.
func (t *Txn) folders() (list []string) {
	for _, dir := range t.stages {
		list = append(list, dir)
	}
	slices.Sort(list)
	return list
}

var errMany = errors.New("many files")

// addTree takes a folder and what is in it into a flush, unless that is too much.
func (t *Txn) addTree(f *flush, dir string) error {
	names, err := t.log.FS.Names(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		name := path.Join(dir, n)
		if len(f.files) >= fewFiles {
			return errMany
		}
		st, err := t.log.FS.Lstat(name)
		if err != nil {
			return err
		}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFDIR:
			err = t.addTree(f, name)
		case unix.S_IFREG:
			err = f.add(t.log.FS, name)
		}
		if err != nil {
			return err
		}
	}
	return f.add(t.log.FS, dir)
}

// Run makes the steps of a part. Parts before the commit stop at the first error,
// after which Abort is due; later ones make what can be made.
func (t *Txn) Run(part Part) error {
	if part.committed() != (t.entry.State == Committed) || t.entry.State == Begun {
		return fmt.Errorf("internal error: part %v of a transaction that is %s", part, t.entry.State)
	}
	if err := t.save(part); err != nil {
		return err
	}
	var errs []error
	for i := range t.steps {
		s := &t.steps[i]
		if s.Part != part || s.Op == OpSave {
			continue
		}
		t.log.fault(s.Op.String() + " " + s.Path)
		if err := s.do(t.log.FS); err != nil {
			errs = append(errs, err)
			if !part.committed() {
				break
			}
		}
	}
	return errors.Join(errs...)
}

// save makes the saving steps of a part, and makes them durable.
func (t *Txn) save(part Part) error {
	saved := false
	for i := range t.steps {
		s := &t.steps[i]
		if s.Part != part || s.Op != OpSave {
			continue
		}
		t.log.fault("save " + s.Path)
		if err := s.do(t.log.FS); err != nil {
			return err
		}
		saved = true
	}
	if !saved {
		return nil
	}
	for _, dir := range t.folders() {
		if err := t.log.FS.SyncDir(dir + "/old"); err != nil {
			return err
		}
	}
	return nil
}

// Commit makes the steps so far durable, and official: from here the transaction
// only goes forward.
func (t *Txn) Commit() error {
	if err := t.syncChanged(false); err != nil {
		return err
	}
	return t.state(record{State: Committed})
}

// syncChanged makes the folders durable whose names were changed before the commit,
// or after it.
func (t *Txn) syncChanged(committed bool) error {
	dirs := make(map[string]bool)
	for i := range t.steps {
		s := &t.steps[i]
		if s.Part.committed() == committed {
			dirs[s.folder()] = true
		}
	}
	if len(dirs) > fewFiles {
		for _, dir := range t.folders() {
			if err := t.log.FS.SyncFS(dir); err != nil {
				return err
			}
		}
		return nil
	}
	list := make([]string, 0, len(dirs))
	for dir := range dirs {
		list = append(list, dir)
	}
	slices.Sort(list)
	var f flush
	defer f.drop()
	for _, dir := range list {
		if err := f.add(t.log.FS, dir); err != nil {
			return err
		}
	}
	return f.run()
}

// Script runs a script and records that it starts and how it ends. Its error is
// returned as it is. How it ended becomes durable with what comes next: after a loss of
// power until then it counts as one that was cut off.
func (t *Txn) Script(name string, run func() error) error {
	if err := t.add(record{Script: name}); err != nil {
		return err
	}
	r := record{Script: name, Ended: true}
	err := run()
	t.log.FS.Forget()
	if err != nil {
		r.Failed = err.Error()
	}
	return errors.Join(err, t.write(r))
}

// Finish makes everything durable and ends the transaction. The saved files stay,
// see Prune.
func (t *Txn) Finish() error {
	if err := t.syncChanged(true); err != nil {
		return err
	}
	if err := t.state(record{State: Done}); err != nil {
		return err
	}
	return t.close()
}

// Leave lets go of a transaction as it is: the next run takes it up.
func (t *Txn) Leave() error { return t.close() }

func (t *Txn) close() error {
	if t.file == nil {
		return nil
	}
	err := t.file.f.Close()
	t.file = nil
	return err
}

// Abort takes everything back. Before Commit it can always be called; the
// transaction is over then.
func (t *Txn) Abort() error {
	if t.entry.State == Committed || !t.entry.State.unfinished() {
		return fmt.Errorf("internal error: abort of a transaction that is %s", t.entry.State)
	}
	defer t.close()
	return t.takeBack()
}

// Swapped gives the path where the folder is that was exchanged at a path.
func (t *Txn) Swapped(name string) string {
	for i := range t.steps {
		s := &t.steps[i]
		if s.Op != OpSwap || s.Path != name {
			continue
		}
		if there, err := exists(t.log.FS, s.Old); err == nil && there {
			return s.Old
		}
		return s.New
	}
	return name
}
