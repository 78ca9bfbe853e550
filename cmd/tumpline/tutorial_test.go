package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/confine"
)

// TestTutorial runs the fenced commands of docs/tutorial.md, one after the other.
func TestTutorial(t *testing.T) {
	if missing := confine.Probe().Missing; len(missing) > 0 {
		sharedtest.Lacking(t, missing)
	}
	root := sharedtest.RepoRoot(t)
	text, err := os.ReadFile(filepath.Join(root, "docs/tutorial.md"))
	if err != nil {
		t.Fatal(err)
	}
	script := "set -euo pipefail\n"
	for i, part := range strings.Split(string(text), "\n```") {
		if block, ok := strings.CutPrefix(part, "sh\n"); ok && i%2 == 1 {
			script += block + "\n"
		}
	}
	clone := t.TempDir()
	for from, to := range map[string]string{filepath.Join(root, "testdata"): "testdata", os.Args[0]: "bin/tumpline"} {
		to = filepath.Join(clone, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(from, to); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = clone
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + clone, "TERM=dumb", "LC_ALL=C.UTF-8", runVariable + "=1"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"x86_64-board-linux-gnu", "hi from the board", "board-demo/hi-1", "merge board-demo/hi-1  (can be undone)", "1 package is merged twice",
		"board-demo/image-1-r1\n  RDEPEND board-demo/", "image/usr/bin/greet", "/usr/bin/hi: /bin/sh does not exist",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not told\n%s", want, out)
		}
	}
}
