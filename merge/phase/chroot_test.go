package phase_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestChroot runs the tests of the sandbox in a chroot, as builds run in that of an
// SDK: its mounts are not those at the root of the machine.
func TestChroot(t *testing.T) {
	confined(t)
	if os.Getuid() != 0 {
		t.Skip("chroot(2) is for root alone")
	}
	for _, program := range []string{"unshare", "mount", "chroot"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const script = `mount --rbind / "$1" && exec chroot "$1" "$2" -test.run='^(TestSandboxed|TestBreakout)$' -test.v`
	out, err := exec.Command("unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", t.TempDir(), self).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestSandboxed") {
		t.Errorf("%v\n%s", err, out)
	}
}
