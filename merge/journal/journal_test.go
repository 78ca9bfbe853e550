package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/merge/inroot"
	"github.com/tumpline/tumpline/merge/journal"
)

func open(t *testing.T, root string) (*journal.Log, *inroot.FS) {
	t.Helper()
	f, err := inroot.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	l, err := journal.Open(t.Context(), f, journal.Options{Holder: "test", Now: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return l, f
}

// begin starts a transaction that puts a file in place.
func begin(t *testing.T, l *journal.Log, f *inroot.FS, name, text string) *journal.Txn {
	t.Helper()
	txn, err := l.Begin("put " + name)
	if err != nil {
		t.Fatal(err)
	}
	staged, err := txn.Staged("/")
	if err != nil {
		t.Fatal(err)
	}
	file, err := f.Create(staged, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	step := journal.Step{Op: journal.OpPlace, Path: name, New: staged}
	if _, err := f.Lstat(name); err == nil {
		if step.Old, err = txn.Saved("/"); err != nil {
			t.Fatal(err)
		}
		txn.Add(journal.Step{Op: journal.OpSave, Path: name, Old: step.Old})
	}
	txn.Add(step)
	return txn
}

func content(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return "nothing"
	}
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCommitAndUndo(t *testing.T) {
	root := t.TempDir()
	must(t, os.WriteFile(filepath.Join(root, "a"), []byte("old"), 0o644))
	l, f := open(t, root)
	defer l.Close()
	txn := begin(t, l, f, "/a", "new")
	must(t, txn.Seal())
	must(t, txn.Run(journal.PartFiles))
	if got := content(t, root, "a"); got != "new" {
		t.Errorf("a is %s", got)
	}
	must(t, txn.Commit())
	must(t, txn.Finish())
	_, err := l.Undo(0, journal.Careful)
	must(t, err)
	if got := content(t, root, "a"); got != "old" {
		t.Errorf("a is %s", got)
	}
}

func TestAbort(t *testing.T) {
	root := t.TempDir()
	l, f := open(t, root)
	defer l.Close()
	txn := begin(t, l, f, "/a", "new")
	must(t, txn.Seal())
	must(t, txn.Run(journal.PartFiles))
	must(t, txn.Abort())
	if got := content(t, root, "a"); got != "nothing" {
		t.Errorf("a is %s", got)
	}
	list, err := l.History()
	must(t, err)
	if len(list) != 1 || list[0].State != journal.Undone {
		t.Errorf("history %v", list)
	}
}

// A last line that a crash tore is as if it had not been written.
func TestTornJournal(t *testing.T) {
	for _, tail := range []string{"", "0000", "00000000 {\"state\":\"committed\"}\n", "\x00\x00\x00"} {
		root := t.TempDir()
		l, f := open(t, root)
		txn := begin(t, l, f, "/a", "new")
		must(t, txn.Seal())
		must(t, txn.Run(journal.PartFiles))
		l.Close()
		name := filepath.Join(root, "var/lib/tumpline/txn/000001/journal")
		file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		_, err = file.WriteString(tail)
		must(t, err)
		must(t, file.Close())

		l, _ = open(t, root)
		done, err := l.Recover(nil)
		must(t, err)
		if len(done) != 1 || done[0].Forward {
			t.Errorf("%q: recovered %v", tail, done)
		}
		if got := content(t, root, "a"); got != "nothing" {
			t.Errorf("%q: a is %s", tail, got)
		}
		l.Close()
	}
}

// A damaged plan is told and nothing is touched.
func TestDamagedPlan(t *testing.T) {
	root := t.TempDir()
	l, f := open(t, root)
	txn := begin(t, l, f, "/a", "new")
	must(t, txn.Seal())
	l.Close()
	must(t, os.WriteFile(filepath.Join(root, "var/lib/tumpline/txn/000001/plan"), []byte("[]"), 0o644))
	l, _ = open(t, root)
	defer l.Close()
	if _, err := l.Recover(nil); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("recover: %v", err)
	}
	if _, err := l.Begin("another"); err == nil {
		t.Error("begun over an unfinished transaction")
	}
}

func TestScripts(t *testing.T) {
	root := t.TempDir()
	l, f := open(t, root)
	defer l.Close()
	txn := begin(t, l, f, "/a", "new")
	fails := errors.New("fails")
	if err := txn.Script("one", func() error { return fails }); !errors.Is(err, fails) {
		t.Errorf("got %v", err)
	}
	must(t, txn.Script("two", func() error { return nil }))
	must(t, txn.Abort())
	list, err := l.History()
	must(t, err)
	s := list[0].Scripts
	if len(s) != 2 || s[0] != (journal.Script{Name: "one", Ended: true, Failed: "fails"}) || s[1] != (journal.Script{Name: "two", Ended: true}) {
		t.Errorf("scripts %v", s)
	}
}

// A placed file that somebody else has put there meanwhile is not overwritten.
func TestForeignFile(t *testing.T) {
	root := t.TempDir()
	l, f := open(t, root)
	defer l.Close()
	txn := begin(t, l, f, "/a", "new")
	must(t, txn.Seal())
	must(t, os.WriteFile(filepath.Join(root, "a"), []byte("foreign"), 0o644))
	if err := txn.Run(journal.PartFiles); err == nil {
		t.Error("overwritten")
	}
	must(t, txn.Abort())
	if got := content(t, root, "a"); got != "foreign" {
		t.Errorf("a is %s", got)
	}
}
