package session_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tumpline/tumpline/cmd/internal/session"
)

// TestSetQueries asks the sets that need files, libraries, advisories and
// commands in a small root.
func TestSetQueries(t *testing.T) {
	root := t.TempDir()
	archive, err := txtar.ParseFile("testdata/queries.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		file := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(f.Data), "ROOT", root)
		if name, ok := strings.CutSuffix(file, ".hex"); ok { // an ELF library with a soname
			data, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
			if err != nil {
				t.Fatal(err)
			}
			file, text = name, string(data)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../../repo/profiles/base", filepath.Join(root, "etc/portage/make.profile")); err != nil {
		t.Fatal(err)
	}
	s, err := session.Open(&session.Options{
		Vars: map[string]string{"WORD": "printed"}, BuildRoot: root, Abs: filepath.Clean,
	}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() // there is no cache
	s.ReadAhead()
	for _, c := range []struct{ set, want, problems string }{
		{"security", "=cat/tar-2.2 =cat/zip-1-r2",
			"glsa-201301-04.xml:6: not a list of architectures: \"amd64,sparc\"\nglsa-201301-05.xml:4: unexpected EOF"},
		{"affected", "=cat/old-2 =cat/tar-2.2 =cat/zip-1-r2", "glsa-201301-04.xml:6\nglsa-201301-05.xml:4"},
		{"highest", "=cat/tar-2.3 =cat/zip-1.5", "glsa-201301-04.xml:6\nglsa-201301-05.xml:4"},
		{"module-rebuild", "cat/modules:0", ""},
		{"x11-module-rebuild", "cat/driver:0", ""},
		{"preserved-rebuild", "cat/user:0", "preserved_libs_registry:3: not a record"},
		{"users", "cat/user:0", ""},
		{"printed", "cat/printed", ""},
		{"failed", "", "sorry"},
	} {
		m := s.Target.Sets.Set(c.set)
		if m == nil {
			t.Errorf("no set %s", c.set)
			continue
		}
		members := m.Members()
		var got []string
		for _, a := range members.Atoms {
			got = append(got, a.String())
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("@%s = %s, want %s", c.set, text, c.want)
		}
		var want []string
		if c.problems != "" {
			want = strings.Split(c.problems, "\n")
		}
		if len(members.Problems) != len(want) {
			t.Errorf("@%s: problems %q, want %q", c.set, members.Problems, want)
			continue
		}
		for i, err := range members.Problems {
			if !strings.Contains(err.Error(), want[i]) {
				t.Errorf("@%s: problem %q, want %q", c.set, err, want[i])
			}
		}
	}
	for _, w := range s.Warnings() {
		t.Errorf("warning: %v", w)
	}
}
