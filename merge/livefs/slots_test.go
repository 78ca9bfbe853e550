package livefs_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/livefs"
)

// What Portage has left half-made is told and let be.
func TestUnfinishedOfPortage(t *testing.T) {
	root := newRoot(t)
	left := filepath.Join(root, "var/db/pkg/app-misc/-MERGING-thing-1")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	r := mustMerge(t, root, first, options())
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "merge of app-misc/thing-1 unfinished") }) {
		t.Errorf("notes %q", r.Notes)
	}
	if _, err := os.Stat(left); err != nil {
		t.Error(err)
	}
}

// With FEATURES=parallel-install the slot is locked, too, as Portage does: in a merge,
// and in a removal.
func TestSlotIsLocked(t *testing.T) {
	root := newRoot(t)
	parallel := options()
	parallel.Features = map[string]bool{"parallel-install": true}
	if err := os.MkdirAll(filepath.Join(root, "var/db/pkg/app-misc"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "var/db/pkg/app-misc/.thing:0.portage_lockfile")
	held := func(do func() error) {
		t.Helper()
		lock, err := atomicfile.Acquire(t.Context(), file, atomicfile.Exclusive)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Remove()
		var locked *journal.LockedError
		if err := do(); !errors.As(err, &locked) || locked.File != file {
			t.Errorf("got %v, want that %s is locked", err, file)
		}
	}
	held(func() error { _, err := merge(t, root, first, parallel); return err })
	mustMerge(t, root, first, parallel)
	held(func() error {
		_, err := livefs.Unmerge(t.Context(), livefs.Root{Dir: root}, cpv(t, first.cpv), parallel)
		return err
	})
	if _, err := os.Stat(file); err == nil {
		t.Error("the lock file is left")
	}
	unmerge(t, root, first.cpv, parallel)
}
