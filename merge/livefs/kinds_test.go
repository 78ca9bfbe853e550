package livefs_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/livefs"
)

// capability is CAP_NET_RAW, permitted and effective, as the kernel stores it.
var capability = []byte{1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

// layKinds makes an image of everything but plain files, below an offset prefix.
func layKinds(t *testing.T, dir string) {
	t.Helper()
	lay(t, dir, `
opt/p/usr/bin/ping = ping
opt/p/usr/lib/a/one = same
opt/p/usr/share/b/two => opt/p/usr/lib/a/one
opt/p/var/pipe |
opt/p/var/private/ 2750
opt/p/var/private/x 6711 = x
`, 0)
	big, err := os.Create(filepath.Join(dir, "opt/p/var/sparse"))
	if err != nil {
		t.Fatal(err)
	}
	defer big.Close()
	if _, err := big.WriteAt([]byte("end"), 64<<20); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setxattr(filepath.Join(dir, "opt/p/usr/bin/ping"), "user.note", []byte("kept\x00"), 0); err != nil {
		t.Skipf("no attributes here: %v", err)
	}
	if os.Getuid() != 0 {
		return
	}
	if err := unix.Mknod(filepath.Join(dir, "opt/p/var/null"), unix.S_IFCHR|0o640, int(unix.Mkdev(1, 3))); err != nil {
		t.Skipf("no devices here: %v", err)
	}
	if err := unix.Setxattr(filepath.Join(dir, "opt/p/usr/bin/ping"), "security.capability", capability, 0); err != nil {
		t.Skipf("no capabilities here: %v", err)
	}
}

// Devices, pipes, holes, attributes, capabilities, names of one file in several folders
// and modes come into an offset prefix as they are in the image, whichever way files go.
func TestKinds(t *testing.T) {
	for _, use := range []livefs.Use{livefs.Keep, livefs.Consume} {
		t.Run(use.String(), func(t *testing.T) {
			top := t.TempDir() // not in memory: attributes of users need a disk
			root := filepath.Join(top, "root")
			base(t, root)
			image, entry := pkg{cpv: "app-misc/kinds-1"}.make(t, top)
			layKinds(t, image.Dir)
			image.Use = use
			want := show(t, image.Dir)
			result, err := livefs.Merge(t.Context(), livefs.Root{Dir: root, EPrefix: "/opt/p"}, image, entry, options())
			if err != nil || len(result.Problems) > 0 {
				t.Fatal(err, result.Problems)
			}
			checkKinds(t, root, want)
		})
	}
}

func checkKinds(t *testing.T, root, want string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(root, "opt/p", name) }
	stat := func(name string) (st unix.Stat_t) {
		if err := unix.Lstat(at(name), &st); err != nil {
			t.Fatal(err)
		}
		return st
	}
	tree := filepath.Join(t.TempDir(), "opt/p")
	for _, name := range []string{"usr", "var/pipe", "var/private", "var/sparse", "var/null"} {
		if _, err := os.Lstat(at(name)); os.IsNotExist(err) && name == "var/null" && os.Getuid() != 0 {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(tree, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		copyTree(t, at(name), filepath.Join(tree, name))
	}
	if got := show(t, filepath.Dir(filepath.Dir(tree))); got != want {
		t.Error(difference(want, want, got))
	}
	if one, two := stat("usr/lib/a/one"), stat("usr/share/b/two"); one.Ino != two.Ino || one.Nlink < 2 {
		t.Errorf("two names of one file became two files")
	}
	if st := stat("var/sparse"); st.Size != 64<<20+3 || st.Blocks > 1<<11 {
		t.Errorf("a file with a hole has %d bytes in %d blocks", st.Size, st.Blocks)
	}
	wanted := map[string][]byte{"user.note": []byte("kept\x00")}
	if os.Getuid() == 0 {
		wanted["security.capability"] = capability
		if st := stat("var/null"); st.Rdev != unix.Mkdev(1, 3) || st.Mode != unix.S_IFCHR|0o640 {
			t.Errorf("device: number %x, mode %o", st.Rdev, st.Mode)
		}
	}
	for name, value := range wanted {
		got := make([]byte, 100)
		n, err := unix.Lgetxattr(at("usr/bin/ping"), name, got)
		if err != nil || !bytes.Equal(got[:n], value) {
			t.Errorf("attribute %s: %q, %v; want %q", name, got[:max(n, 0)], err, value)
		}
	}
}
