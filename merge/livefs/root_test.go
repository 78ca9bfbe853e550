package livefs_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/livefs"
)

// lay makes a tree from lines:
//
//	dir/                 a folder, "dir/ 0750" with its mode
//	file = text          a regular file, "file 4755 = text" with its mode
//	link -> target       a symbolic link
//	name => other        a further name of a regular file
//	name |               a named pipe
//
// All times are those of a fixed moment, so many seconds later as age says.
func lay(t testing.TB, dir, lines string, age int) {
	t.Helper()
	when := time.Unix(1700000000+int64(age), 123456789)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.MkdirAll(dir, 0o755))
	for _, line := range strings.Split(lines, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		full := filepath.Join(dir, name)
		check(os.MkdirAll(filepath.Dir(full), 0o755))
		var mode uint32
		if fields := strings.Fields(rest); len(fields) > 0 {
			if _, err := fmt.Sscanf(fields[0], "%o", &mode); err == nil {
				rest = strings.TrimSpace(strings.TrimPrefix(rest, fields[0]))
			}
		}
		switch {
		case strings.HasSuffix(name, "/"):
			check(os.MkdirAll(full, 0o755))
			if mode != 0 {
				check(syscall.Chmod(full, mode))
			}
			continue
		case strings.HasPrefix(rest, "-> "):
			check(os.Symlink(rest[3:], full))
			ts := unix.NsecToTimespec(when.UnixNano())
			check(unix.UtimesNanoAt(unix.AT_FDCWD, full, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW))
			continue
		case strings.HasPrefix(rest, "=> "):
			check(os.Link(filepath.Join(dir, rest[3:]), full))
			continue
		case rest == "|":
			check(syscall.Mkfifo(full, 0o600))
		default:
			text := strings.TrimSpace(strings.TrimPrefix(rest, "="))
			if text != "" {
				text += "\n"
			}
			check(os.WriteFile(full, []byte(text), 0o644))
		}
		if mode != 0 {
			check(syscall.Chmod(full, mode))
		}
		check(os.Chtimes(full, when, when))
	}
}

// scratch gives a folder in memory, if there is one: crash tests synchronise often.
func scratch(t testing.TB) string {
	t.Helper()
	if root := os.Getenv(killedRoot); root != "" { // whoever kills this process cleans up
		dir, err := os.MkdirTemp(filepath.Dir(root), "livefs")
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	dir, err := os.MkdirTemp("/dev/shm", "livefs")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// hidden says if a path belongs to how changes are made rather than to what is
// changed.
func hidden(rel string) bool {
	switch rel {
	case "var/lib/tumpline", "var/db/.pkg.portage_lockfile", "var/cache/edb/counter":
		return true
	}
	return false
}

// show lists a tree, one line for each path.
func show(t testing.TB, dir string) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil || rel == "." {
			return err
		}
		if hidden(rel) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s %v", rel, info.Mode())
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(name)
			if err != nil {
				return err
			}
			line += " -> " + target
		case info.Mode().IsRegular():
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			var kept []string
			for _, l := range strings.SplitAfter(string(text), "\n") {
				// Counters and stamps differ from run to run.
				if filepath.Base(name) != "metadata" || !strings.HasPrefix(l, "#dir_mtime=") && !strings.HasPrefix(l, "COUNTER=") {
					kept = append(kept, l)
				}
			}
			sum := sha256.Sum256([]byte(strings.Join(kept, "")))
			if filepath.Base(name) == "COUNTER" {
				sum = [32]byte{}
			}
			line += fmt.Sprintf(" %x", sum[:4])
			if !strings.HasPrefix(rel, "var/db/pkg/") && !strings.HasPrefix(rel, "var/lib/portage/") {
				line += fmt.Sprintf(" %d", info.ModTime().UnixNano())
			}
		}
		out = append(out, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func cpv(t testing.TB, s string) atoms.CPV {
	t.Helper()
	c, err := atoms.ParseCPV(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A pkg is an image with its build-info.
type pkg struct {
	cpv, slot string
	image     string // lines of lay
	age       int
	needed    string // NEEDED.ELF.2
}

// make lays image and build-info below dir.
func (p pkg) make(t testing.TB, dir string) (livefs.Image, livefs.Entry) {
	t.Helper()
	lay(t, filepath.Join(dir, "image"), p.image, p.age)
	c := cpv(t, p.cpv)
	slot := p.slot
	if slot == "" {
		slot = "0"
	}
	info := filepath.Join(dir, "build-info")
	lay(t, info, "SLOT = "+slot+"\nEAPI = 8\nCATEGORY = "+c.CP.Category()+"\nPF = "+c.PF()+"\nUSE = a b\nrepository = test", 0)
	if p.needed != "" {
		if err := os.WriteFile(filepath.Join(info, "NEEDED.ELF.2"), []byte(p.needed), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return livefs.Image{Dir: filepath.Join(dir, "image")}, livefs.Entry{CPV: c, Slot: slot, Info: info}
}

// options are those of a plain run.
func options() livefs.Options {
	features := make(map[string]bool)
	for _, f := range strings.Fields("config-protect-if-modified protect-owned unmerge-orphans preserve-libs xattr") {
		features[f] = true
	}
	o := livefs.Options{Features: features, ConfigProtect: []string{"/etc"}, Now: time.Unix(1750000000, 0), KeepUndo: 1, Holder: "the test", KeepLibraries: true}
	if os.Getuid() != 0 {
		o.Ownership = livefs.Record
	}
	return o
}

func merge(t testing.TB, root string, p pkg, o livefs.Options) (*livefs.Result, error) {
	t.Helper()
	image, entry := p.make(t, scratch(t))
	return livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, o)
}

func mustMerge(t testing.TB, root string, p pkg, o livefs.Options) *livefs.Result {
	t.Helper()
	r, err := merge(t, root, p, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range r.Problems {
		t.Errorf("merge %s: %v", p.cpv, problem)
	}
	return r
}
