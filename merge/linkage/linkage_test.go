package linkage_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/vdb"
)

// write writes a file below a folder.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// install makes a root with packages, each "cpv entry entry...", where an
// entry is a line of NEEDED.ELF.2 without machine.
func install(t *testing.T, packages []string) (root string, db *vdb.DB) {
	t.Helper()
	root = t.TempDir()
	for _, p := range packages {
		words := strings.Fields(p)
		dir := "var/db/pkg/" + words[0]
		contents, needed := "", ""
		for _, w := range words[1:] {
			file, _, _ := strings.Cut(w, ";")
			contents += "obj " + file + " d41d8cd98f00b204e9800998ecf8427e 1\n"
			needed += "X86_64;" + w + ";x86_64\n"
			write(t, root, file, words[0]+file)
		}
		write(t, root, dir+"/EAPI", "8\n")
		write(t, root, dir+"/SLOT", "0\n")
		write(t, root, dir+"/CONTENTS", contents)
		write(t, root, dir+"/NEEDED.ELF.2", needed)
	}
	return root, vdb.New(vdb.Options{Dir: filepath.Join(root, "var/db/pkg")})
}

func TestHeld(t *testing.T) {
	lib, other := "a/lib-1 /usr/lib/libx.so.1;libx.so.1;;libc.so.6", "a/other-1 /usr/lib/libx.so.1.2;libx.so.1;;"
	user := "a/user-1 /usr/bin/user;;;libx.so.1,libc.so.6"
	for _, c := range []struct {
		name      string
		packages  []string
		removed   string
		want      string
		consumers bool
	}{
		{"a user stays", []string{lib, user}, "a/lib-1", "a/lib-1 <- a/user-1 libx.so.1", true},
		{"a user goes as well", []string{lib, user}, "a/lib-1 a/user-1", "", true},
		{"the package itself is no user", []string{"a/lib-1 /usr/lib/libx.so.1;libx.so.1;; /usr/bin/x;;;libx.so.1"}, "a/lib-1", "", false},
		{"another package has it, too", []string{lib, other, user}, "a/lib-1", "", true},
		{"but not if that goes as well", []string{lib, other, user}, "a/lib-1 a/other-1",
			"a/lib-1 <- a/user-1 libx.so.1; a/other-1 <- a/user-1 libx.so.1", true},
		{"a folder that nobody searches", []string{"a/lib-1 /opt/x/libx.so.1;libx.so.1;;", user}, "a/lib-1", "", false},
		{"a run path", []string{"a/lib-1 /opt/x/libx.so.1;libx.so.1;;", "a/user-1 /opt/bin/user;;$ORIGIN/../x;libx.so.1"}, "a/lib-1",
			"a/lib-1 <- a/user-1 libx.so.1", true},
		{"a run path for one object serves its package only", []string{"a/lib-1 /opt/x/libx.so.1;libx.so.1;; /opt/x/liby.so;liby.so;;libx.so.1", user},
			"a/lib-1", "", false},
		{"no entry", []string{"a/lib-1", user}, "a/lib-1", "", false},
	} {
		root, db := install(t, c.packages)
		links, problems := linkage.Read(db, linkage.Options{Root: root, Paths: []string{"/usr/lib", "/lib"}})
		if len(problems) > 0 {
			t.Errorf("%s: Read: %v", c.name, problems)
		}
		var removed []*ebuild.Package
		all, err := db.All()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if strings.Contains(" "+c.removed+" ", " "+p.CPV.String()+" ") {
				removed = append(removed, p)
			}
		}
		uses, consumers := links.Held(removed, removed)
		var parts []string
		for _, u := range uses {
			parts = append(parts, fmt.Sprintf("%s <- %s %s", u.Package.CPV, u.Consumer.CPV, strings.Join(u.Sonames, ",")))
		}
		if got := strings.Join(parts, "; "); got != c.want || consumers != c.consumers {
			t.Errorf("%s: Held(%s) = %q, %t, want %q, %t", c.name, c.removed, got, consumers, c.want, c.consumers)
		}
	}
}

func TestReadTellsBadLines(t *testing.T) {
	root, db := install(t, []string{"a/lib-1 /usr/lib/libx.so.1;libx.so.1;;"})
	write(t, root, "var/db/pkg/a/lib-1/NEEDED.ELF.2", "no;entry\n")
	_, problems := linkage.Read(db, linkage.Options{Root: root})
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "NEEDED.ELF.2:1: ") {
		t.Errorf("Read: problems %v, want one of line 1", problems)
	}
}

func TestDefaultPaths(t *testing.T) {
	root := t.TempDir()
	write(t, root, "etc/ld.so.conf", "# comment\n/lib64 # here\ninclude ld.so.conf.d/*.conf\n/usr/local/lib\n")
	write(t, root, "etc/ld.so.conf.d/b.conf", "/opt/b\n")
	write(t, root, "etc/ld.so.conf.d/a.conf", "/opt/a\ninclude ../ld.so.conf\n")
	got, err := linkage.DefaultPaths(root, "/x:")
	want := "/x /lib64 /opt/a /opt/b /usr/local/lib /usr/lib /lib"
	if strings.Join(got, " ") != want || err != nil {
		t.Errorf("DefaultPaths = %q, %v, want %s", got, err, want)
	}
	if got, err := linkage.DefaultPaths(t.TempDir(), ""); strings.Join(got, " ") != "/usr/lib /lib" || err != nil {
		t.Errorf("DefaultPaths without ld.so.conf = %q, %v", got, err)
	}
}

func FuzzParseEntry(f *testing.F) {
	for _, line := range []string{
		"X86_64;/usr/bin/user;;$ORIGIN/../x:/y;libx.so.1,libc.so.6;x86_64", "386;/l;l;  -  ;", ";;;;", "a;b", "", "a;b;c;d;e;f;g",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := linkage.ParseEntry(line)
		if err != nil {
			return
		}
		again, err := linkage.ParseEntry(e.String())
		if err != nil || again.String() != e.String() {
			t.Errorf("ParseEntry(%q): %q does not parse to itself: %q, %v", line, e, again, err)
		}
	})
}
