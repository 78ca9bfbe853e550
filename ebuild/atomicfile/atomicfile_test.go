package atomicfile_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

func TestWriteFile(t *testing.T) {
	for name, write := range map[string]func(string, []byte, os.FileMode) error{
		"WriteFile": atomicfile.WriteFile, "ReplaceFile": atomicfile.ReplaceFile,
	} {
		path := filepath.Join(t.TempDir(), "f")
		for _, text := range []string{"one", "", "three"} {
			if err := write(path, []byte(text), 0o640); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != text {
				t.Errorf("after %s(%q): %q, %v", name, text, got, err)
			}
		}
		if st, _ := os.Stat(path); st.Mode().Perm() != 0o640 {
			t.Errorf("%s: mode %v, want 0640", name, st.Mode())
		}
		only(t, filepath.Dir(path), "f")
	}
}

func TestAbortKeepsOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := atomicfile.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := atomicfile.Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("new"))
	f.Abort()
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("after Abort: %q, want old", got)
	}
	if err := f.Commit(); err == nil {
		t.Error("Commit after Abort succeeded")
	}
	only(t, filepath.Dir(path), "f")
}

func TestCommitOverDirectory(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "d")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.WriteFile(path, nil, 0o600); err == nil {
		t.Error("WriteFile over a directory succeeded")
	}
	only(t, dir, "d")
}

func TestMissingFolder(t *testing.T) {
	for _, write := range []func(string, []byte, os.FileMode) error{atomicfile.WriteFile, atomicfile.ReplaceFile} {
		if err := write(filepath.Join(t.TempDir(), "no", "f"), nil, 0o600); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("write into a missing folder: %v", err)
		}
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	a := acquire(t, path, atomicfile.Exclusive)
	if _, err := atomicfile.TryAcquire(path, atomicfile.Exclusive); !errors.Is(err, atomicfile.ErrLocked) {
		t.Errorf("second exclusive lock: %v, want ErrLocked", err)
	}
	if _, err := atomicfile.TryAcquire(path, atomicfile.Shared); !errors.Is(err, atomicfile.ErrLocked) {
		t.Errorf("shared beside exclusive: %v, want ErrLocked", err)
	}
	a.Release()
	a.Release()
	b, c := acquire(t, path, atomicfile.Shared), acquire(t, path, atomicfile.Shared)
	if _, err := atomicfile.TryAcquire(path, atomicfile.Exclusive); !errors.Is(err, atomicfile.ErrLocked) {
		t.Errorf("exclusive beside shared: %v, want ErrLocked", err)
	}
	b.Release()
	c.Release()
	acquire(t, path, atomicfile.Exclusive).Release()
}

func TestAcquireGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	defer acquire(t, path, atomicfile.Exclusive).Release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := atomicfile.Acquire(ctx, path, atomicfile.Shared); !errors.Is(err, context.Canceled) {
		t.Errorf("Acquire with a done context: %v", err)
	}
}

func TestAcquireWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held := acquire(t, path, atomicfile.Exclusive)
	got := make(chan error, 1)
	go func() {
		l, err := atomicfile.Acquire(t.Context(), path, atomicfile.Exclusive)
		if err == nil {
			l.Release()
		}
		got <- err
	}()
	held.Release()
	if err := <-got; err != nil {
		t.Errorf("Acquire after release: %v", err)
	}
}

// TestLockExcludesPortage asks Python's fcntl.lockf, which Portage uses.
func TestLockExcludesPortage(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		sharedtest.Lacking(t, "no python3 to take an fcntl lock with")
	}
	path := filepath.Join(t.TempDir(), "lock")
	try := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		return exec.CommandContext(ctx, python, "-c",
			"import fcntl,sys; fcntl.lockf(open(sys.argv[1],'a'), fcntl.LOCK_EX|fcntl.LOCK_NB)", path).Run()
	}
	l := acquire(t, path, atomicfile.Exclusive)
	if try() == nil {
		t.Error("lockf got a lock that is held")
	}
	l.Release()
	if err := try(); err != nil {
		t.Errorf("lockf of a free lock: %v", err)
	}
}

func acquire(t *testing.T, path string, mode atomicfile.Mode) *atomicfile.Lock {
	t.Helper()
	l, err := atomicfile.TryAcquire(path, mode)
	if err != nil {
		t.Fatalf("TryAcquire(%v): %v", mode, err)
	}
	return l
}

// only checks that dir holds nothing but the given names: no temporary is left.
func only(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if len(got) != len(want) {
		t.Errorf("folder holds %q, want %q", got, want)
	}
}
