package livefs_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/merge/livefs"
)

// Variables of the process that is killed.
const (
	killedAction = "TUMPLINE_TEST_ACTION"
	killedRoot   = "TUMPLINE_TEST_ROOT"
	shownTree    = "TUMPLINE_TEST_SHOW"       // a file for the tree afterwards
	everyCall    = "TUMPLINE_TEST_EVERY_CALL" // set: kill at every call, not at some
)

// changing are the system calls that change a file system. Of openat only those that
// create count.
const changing = "renameat,renameat2,linkat,unlinkat,mkdirat,symlinkat,mknodat,fchmod,fchmodat,fchown,fchownat,lchown,utimensat,openat,ftruncate,fallocate,write,pwrite64,copy_file_range,setxattr,lsetxattr,fsync,fdatasync,syncfs"

// TestKilled is not a test: it is the process that TestKillVectors kills.
func TestKilled(t *testing.T) {
	name := os.Getenv(killedAction)
	if name == "" {
		t.Skip("runs only for TestKillVectors")
	}
	runtime.LockOSThread() // calls are counted by thread
	for _, a := range actions() {
		if a.name == name {
			if err := a.run(t, os.Getenv(killedRoot), options()); err != nil {
				t.Fatal(err)
			}
			if file := os.Getenv(shownTree); file != "" {
				write(t, show(t, os.Getenv(killedRoot)), file)
			}
		}
	}
}

// traced runs an action below strace, and tells how that ended.
func traced(t *testing.T, a action, root string, options ...string) error {
	t.Helper()
	cmd := exec.Command("strace", append(append([]string{"-f", "-qq"}, options...), os.Args[0], "-test.run", "^TestKilled$")...)
	cmd.Env = append(os.Environ(), killedAction+"="+a.name, killedRoot+"="+root, "GOMAXPROCS=1")
	return cmd.Run()
}

// On an overlay, whose lower layer holds the root, all comes out as elsewhere.
func TestOverlay(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting needs the superuser")
	}
	for _, a := range actions() {
		t.Run(a.name, func(t *testing.T) {
			top := scratch(t)
			start, whole := filepath.Join(top, "start"), filepath.Join(top, "whole")
			a.prepare(t, start)
			copyTree(t, start, whole)
			if err := a.run(t, whole, options()); err != nil {
				t.Fatal(err)
			}
			script := "set -e; cd " + top + "; mkdir u w m; mount -t overlay overlay -o lowerdir=start,upperdir=u,workdir=w m"
			if err := exec.Command("unshare", "-m", "sh", "-c", script).Run(); err != nil {
				t.Skipf("no overlay here: %v", err)
			}
			script = strings.Replace(script, "mkdir u w m;", "", 1)
			cmd := exec.Command("unshare", "-m", "sh", "-c", script+"; exec \"$0\" -test.run '^TestKilled$'", os.Args[0])
			shown := filepath.Join(top, "shown")
			cmd.Env = append(os.Environ(), killedAction+"="+a.name, killedRoot+"="+filepath.Join(top, "m"), shownTree+"="+shown)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if want, got := show(t, whole), read(t, shown); got != want {
				t.Error(difference(want, want, got))
			}
		})
	}
}

// A call is the n-th call of one name.
type call struct {
	name string
	n    int
}

var callLine = regexp.MustCompile(`^(\d+) +([a-z0-9]+)\(`)

// calls lists the calls of a trace that change something below root, by the thread
// that makes most of them.
func calls(t *testing.T, file, root string) []call {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	counts := make(map[string]int)
	found := make(map[string][]call)
	for s := bufio.NewScanner(f); s.Scan(); {
		m := callLine.FindStringSubmatch(s.Text())
		if m == nil {
			continue
		}
		counts[m[1]+m[2]]++
		if m[2] == "openat" && !strings.Contains(s.Text(), "O_CREAT") || !strings.Contains(s.Text(), root) {
			continue
		}
		found[m[1]] = append(found[m[1]], call{m[2], counts[m[1]+m[2]]})
	}
	var most []call
	for _, list := range found {
		if len(list) > len(most) {
			most = list
		}
	}
	return most
}

// A process that is killed at a system call which changes the file system leaves what
// the next run makes the old or the new state of.
func TestKillVectors(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		sharedtest.Lacking(t, "strace is missing")
	}
	killed, all := 0, 0
	for _, a := range actions() {
		t.Run(a.name, func(t *testing.T) {
			top := scratch(t)
			start, root := filepath.Join(top, "start"), filepath.Join(top, "root")
			a.prepare(t, start)
			before := show(t, start)
			copyTree(t, start, root)
			trace := filepath.Join(top, "trace")
			if err := traced(t, a, root, "-y", "-o", trace, "-e", "trace="+changing); err != nil {
				t.Skipf("tracing does not work here: %v", err)
			}
			after := show(t, root)
			list := calls(t, trace, root)
			if len(list) < 50 {
				t.Skipf("only %d calls seen: tracing does not work here", len(list))
			}
			all += len(list)
			step := len(list)/6 + 1
			if os.Getenv(everyCall) != "" {
				step = 1
			}
			for i := len(list) - 1; i >= 0; i -= step {
				c := list[i]
				if err := os.RemoveAll(root); err != nil {
					t.Fatal(err)
				}
				copyTree(t, start, root)
				err := traced(t, a, root, "-o", "/dev/null", "-e", "trace="+c.name, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", c.name, c.n))
				if err == nil || !strings.Contains(err.Error(), "killed") {
					t.Fatalf("not killed at %s %d: %v", c.name, c.n, err)
				}
				if _, err := livefs.Recover(t.Context(), livefs.Root{Dir: root}, options()); err != nil {
					t.Fatalf("killed at %s %d: recover: %v", c.name, c.n, err)
				}
				if got := show(t, root); got != before && got != after {
					t.Errorf("killed at %s %d: mixed state\n%s", c.name, c.n, difference(before, after, got))
				}
				killed++
			}
		})
	}
	if !t.Failed() && all > 0 {
		t.Logf("figure: crash-kills %d whole of %d (of %d system calls that change files)", killed, killed, all)
	}
}

// An error of any call that changes the file system (the disk is full, it fails) leaves
// the old or the new state too, at the latest after the next run.
func TestErrorVectors(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		sharedtest.Lacking(t, "strace is missing")
	}
	failed := 0
	for _, a := range actions()[:5] {
		t.Run(a.name, func(t *testing.T) {
			top := scratch(t)
			start, root := filepath.Join(top, "start"), filepath.Join(top, "root")
			a.prepare(t, start)
			before := show(t, start)
			copyTree(t, start, root)
			trace := filepath.Join(top, "trace")
			if err := traced(t, a, root, "-y", "-o", trace, "-e", "trace="+changing); err != nil {
				t.Skipf("tracing does not work here: %v", err)
			}
			after := show(t, root)
			list := calls(t, trace, root)
			step := len(list)/8 + 1
			if os.Getenv(everyCall) != "" {
				step = 1
			}
			for i := len(list) - 1; i >= 0; i -= step {
				c := list[i]
				if err := os.RemoveAll(root); err != nil {
					t.Fatal(err)
				}
				copyTree(t, start, root)
				// An action may fail: that is what is wanted.
				_ = traced(t, a, root, "-o", "/dev/null", "-e", "trace="+c.name, "-e", fmt.Sprintf("inject=%s:error=ENOSPC:when=%d", c.name, c.n))
				if _, err := livefs.Recover(t.Context(), livefs.Root{Dir: root}, options()); err != nil {
					t.Fatalf("error of %s %d: recover: %v", c.name, c.n, err)
				}
				if got := show(t, root); got != before && got != after {
					t.Errorf("error of %s %d: mixed state\n%s", c.name, c.n, difference(before, after, got))
				}
				failed++
			}
		})
	}
	if !t.Failed() && failed > 0 {
		t.Logf("figure: crash-errors %d whole of %d (system calls that fail with ENOSPC)", failed, failed)
	}
}
