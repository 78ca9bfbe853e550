package livefs_test

import (
	"bufio"
	"crypto/md5"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/tumpline/tumpline/merge/envupdate"
	"github.com/tumpline/tumpline/merge/livefs"
	"github.com/tumpline/tumpline/profiles/installmask"
)

// sections splits a file at its lines "== name".
func sections(t testing.TB, file string) (names []string, lines map[string][]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines = make(map[string][]string)
	name := ""
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if n, ok := strings.CutPrefix(line, "== "); ok {
			name = n
			names = append(names, n)
			continue
		}
		lines[name] = append(lines[name], line)
	}
	return names, lines
}

// stampTime is when the files of images are from.
const stampTime = 1700000000

// portageTree lists a root as portage.py does.
func portageTree(t testing.TB, root string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil || rel == "." {
			return err
		}
		if slices.Contains([]string{"var/db", "var/cache", "var/lib/tumpline", "var/lib/portage/preserved_libs_registry"}, rel) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		line, err := portageLine(rel, name)
		out = append(out, line)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := filepath.Glob(filepath.Join(root, "var/db/pkg/*/*/CONTENTS"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range entries {
		pf := filepath.Base(filepath.Dir(name))
		category := filepath.Base(filepath.Dir(filepath.Dir(name)))
		for _, line := range strings.Split(strings.TrimSuffix(read(t, name), "\n"), "\n") {
			if strings.HasPrefix(line, "obj ") || strings.HasPrefix(line, "sym ") {
				i := strings.LastIndexByte(line, ' ')
				var mtime int64
				if _, err := fmt.Sscan(line[i:], &mtime); err != nil {
					t.Fatal(err)
				}
				line = line[:i]
				if mtime >= stampTime && mtime < stampTime+1e6 {
					line += fmt.Sprintf(" +%d", mtime-stampTime)
				}
			}
			out = append(out, fmt.Sprintf("CONTENTS %s/%s %s", category, pf, line))
		}
	}
	slices.Sort(out)
	return out
}

// portageLine describes one file.
func portageLine(rel, name string) (string, error) {
	var st syscall.Stat_t
	if err := syscall.Lstat(name, &st); err != nil {
		return "", err
	}
	line := rel + " " + modeText(st.Mode)
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFLNK:
		target, err := os.Readlink(name)
		return line + " -> " + target, err
	case syscall.S_IFREG:
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		line += fmt.Sprintf(" %x", md5.Sum(text))[:9]
		if st.Nlink > 1 {
			line += fmt.Sprintf(" links %d", st.Nlink)
		}
		if st.Mtim.Nsec == 123456789 {
			line += fmt.Sprintf(" +%d", st.Mtim.Sec-stampTime)
		}
	}
	return line, nil
}

// modeText writes a mode as ls does.
func modeText(mode uint32) string {
	kinds := map[uint32]byte{syscall.S_IFDIR: 'd', syscall.S_IFREG: '-', syscall.S_IFLNK: 'l', syscall.S_IFIFO: 'p', syscall.S_IFCHR: 'c', syscall.S_IFBLK: 'b'}
	out := []byte{kinds[mode&syscall.S_IFMT]}
	for i, c := range "rwxrwxrwx" {
		if mode&(1<<(8-i)) == 0 {
			c = '-'
		}
		out = append(out, byte(c))
	}
	for _, special := range []struct {
		bit  uint32
		at   int
		char byte
	}{{syscall.S_ISUID, 3, 's'}, {syscall.S_ISGID, 6, 's'}, {syscall.S_ISVTX, 9, 't'}} {
		if mode&special.bit != 0 {
			if out[special.at] == '-' {
				special.char -= 'a' - 'A'
			}
			out[special.at] = special.char
		}
	}
	return string(out)
}

// play runs the steps of a scenario.
func play(t *testing.T, root string, steps []string) (out []string) {
	o := options()
	o.Env = &envupdate.Options{}
	o.InfoDirs = []string{"/usr/share/info"}
	full := func(name string) string { return filepath.Join(root, name) }
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(steps); {
		word, rest, _ := strings.Cut(steps[i], " ")
		i++
		switch word {
		case "features":
			for _, f := range strings.Fields(rest) {
				o.Features[strings.TrimPrefix(f, "-")] = !strings.HasPrefix(f, "-")
			}
		case "protect":
			o.ConfigProtect = strings.Fields(rest)
		case "mask":
			o.ConfigProtectMask = strings.Fields(rest)
		case "installmask":
			o.InstallMask = installmask.Parse(rest)
		case "ignore":
			o.UninstallIgnore = strings.Fields(rest)
		case "write":
			name, text, _ := strings.Cut(rest, " = ")
			check(os.MkdirAll(filepath.Dir(full(name)), 0o755))
			write(t, text+"\n", full(name))
		case "remove":
			check(os.Remove(full(rest)))
		case "mkdir":
			check(os.MkdirAll(full(rest), 0o755))
		case "link":
			name, target, _ := strings.Cut(rest, " -> ")
			check(os.Symlink(target, full(name)))
		case "move":
			a, b, _ := strings.Cut(rest, " ")
			check(os.MkdirAll(filepath.Dir(full(b)), 0o755))
			check(os.Rename(full(a), full(b)))
		case "merge":
			p := pkg{}
			_, err := fmt.Sscan(rest, &p.cpv, &p.age)
			check(err)
			for ; i < len(steps) && strings.HasPrefix(steps[i], "  "); i++ {
				p.image += steps[i] + "\n"
			}
			_, err = merge(t, root, p, o)
			out = append(out, status(t, err))
		case "unmerge":
			_, err := livefs.Unmerge(t.Context(), livefs.Root{Dir: root}, cpv(t, rest), o)
			out = append(out, status(t, err))
		default:
			t.Fatalf("unknown step %s", word)
		}
	}
	return append(out, portageTree(t, root)...)
}

func status(t *testing.T, err error) string {
	if err != nil {
		t.Log(err)
		return "status 1"
	}
	return "status 0"
}

// Roots come out as Portage leaves them: files, modes, times, links, what is recorded
// and what is remembered. Answers: testdata/portage.py, Portage 3.0.82.
func TestPortageVectors(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the answers are those of the superuser")
	}
	names, steps := sections(t, "testdata/scenarios.txt")
	_, answers := sections(t, "testdata/portage.txt")
	same := 0
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			want, ok := answers[name]
			if !ok {
				t.Fatal("no answer")
			}
			root := filepath.Join(scratch(t), "root")
			for _, dir := range []string{"etc", "usr/bin", "usr/share", "run", "var/lib/portage", "var/cache/edb"} {
				if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			got := play(t, root, steps[name])
			for i, line := range got {
				if theirs, ok := departures()[line]; ok {
					got[i] = theirs
				}
			}
			if d := unlike(want, got); d != "" {
				t.Error(d)
				return
			}
			same++
		})
	}
	t.Logf("figure: merge-scenarios %d same as Portage (of %d)", same, len(names))
}

// departures are lines that differ from Portage's for a reason: a file that was merged
// aside is recorded where it is, so that it goes with the package.
func departures() map[string]string {
	return map[string]string{
		"CONTENTS a/b-1 obj /usr/other.backup.0000 bbe02f946d5455d74616fc9777557c22 +0": "CONTENTS a/b-1 obj /usr/other bbe02f946d5455d74616fc9777557c22 +0",
	}
}

// unlike lists the lines of one list that the other lacks. The memory counts only
// with something in it: Portage makes an empty file to lock it.
func unlike(want, got []string) string {
	trivial := func(line string) bool {
		return strings.HasPrefix(line, "var/lib/portage/config ") && strings.HasSuffix(line, " d41d8cd9")
	}
	var out strings.Builder
	for _, line := range want {
		if !slices.Contains(got, line) && !trivial(line) {
			out.WriteString("Portage has " + line + "\n")
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) && !trivial(line) {
			out.WriteString("we have     " + line + "\n")
		}
	}
	return out.String()
}
