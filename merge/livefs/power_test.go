package livefs_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/livefs"
)

// poweredDir names the folder of the process that TestPowerVectors starts.
const poweredDir = "TUMPLINE_TEST_POWER"

// TestPowerVectors takes a copy of the disk at every point of an action: what a loss of
// power leaves there, as nothing that was not synchronised need be on it. The next run
// finds the old or the new state in each, and the new one in a copy made afterwards.
func TestPowerVectors(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting needs the superuser")
	}
	lost := 0
	for _, a := range actions() {
		t.Run(a.name, func(t *testing.T) {
			dir := scratch(t)
			script := `set -e; cd "$1"; mkdir disk copy; truncate -s 48M disk.img; mkfs.ext4 -q -E lazy_itable_init=0 disk.img; mount -o loop disk.img disk; touch ready; exec "$0" -test.run '^TestPowered$'`
			cmd := exec.Command("unshare", "-m", "--propagation", "private", "sh", "-c", script, os.Args[0], dir)
			cmd.Env = append(os.Environ(), killedAction+"="+a.name, poweredDir+"="+dir, killedRoot+"="+filepath.Join(dir, "disk/root"))
			out, err := cmd.CombinedOutput()
			if _, missing := os.Stat(filepath.Join(dir, "ready")); missing != nil {
				t.Skipf("no file system in a file here: %v: %s", err, out)
			}
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			count := 0
			for s := bufio.NewScanner(strings.NewReader(string(out))); s.Scan(); {
				if n := 0; count == 0 && strings.HasPrefix(s.Text(), "copies ") {
					if _, err := fmt.Sscanf(s.Text(), "copies %d", &n); err == nil {
						count = n
					}
				}
			}
			if count == 0 {
				t.Fatalf("no copies were made: %s", out)
			}
			lost += count
		})
	}
	if !t.Failed() && lost > 0 {
		t.Logf("figure: crash-power %d whole of %d (copies of the disk at every change and record)", lost, lost)
	}
}

// TestPowered is not a test: it is the process that TestPowerVectors starts, where a
// disk of its own is mounted.
func TestPowered(t *testing.T) {
	dir := os.Getenv(poweredDir)
	if dir == "" {
		t.Skip("runs only for TestPowerVectors")
	}
	for _, a := range actions() {
		if a.name == os.Getenv(killedAction) {
			powered(t, a, dir)
		}
	}
}

func powered(t *testing.T, a action, dir string) {
	root := filepath.Join(dir, "disk/root")
	a.prepare(t, root)
	before := show(t, root)
	unix.Sync()
	o, copies := options(), 0
	cut := func() {
		copyTree(t, filepath.Join(dir, "disk.img"), filepath.Join(dir, fmt.Sprintf("%d.img", copies)))
		copies++
	}
	o.Fault = func(string) { cut() }
	if err := a.run(t, root, o); err != nil {
		t.Fatal(err)
	}
	cut()
	after := show(t, root)
	forward := 0
	for n := range copies {
		got := restarted(t, dir, n)
		switch {
		case got == after:
			forward++
		case got != before:
			t.Fatalf("power lost at point %d of %d: mixed state\n%s", n, copies, difference(before, after, got))
		case n == copies-1:
			t.Error("what was done is lost")
		}
	}
	if forward == 0 || forward == copies {
		t.Errorf("%d of %d losses of power led forward", forward, copies)
	}
	fmt.Printf("copies %d\n", copies)
}

// restarted gives the tree of a copy after the next run.
func restarted(t *testing.T, dir string, n int) string {
	t.Helper()
	image, place := filepath.Join(dir, fmt.Sprintf("%d.img", n)), filepath.Join(dir, "copy")
	if out, err := exec.Command("mount", "-o", "loop", image, place).CombinedOutput(); err != nil {
		t.Fatalf("mount the copy of point %d: %v: %s", n, err, out)
	}
	defer func() {
		// Lazily: folders that were open are closed when memory is collected.
		if out, err := exec.Command("umount", "-l", place).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if err := os.Remove(image); err != nil {
			t.Error(err)
		}
	}()
	root := filepath.Join(place, "root")
	if _, err := livefs.Recover(t.Context(), livefs.Root{Dir: root}, options()); err != nil {
		t.Fatalf("power lost at point %d: recover: %v", n, err)
	}
	return show(t, root)
}
