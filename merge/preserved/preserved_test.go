package preserved_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/preserved"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want, problems string }{
		{"", "", ""},
		{" \n", "", ""},
		{"{}", "", ""},
		{`{"b/x:0": ["b/x-1", "12 ", ["/usr/lib/b.so"]], "a/x:0": ["a/x-1", 7, ["/a.so", "/a.so.1"]]}`,
			"a/x:0 a/x-1 7 /a.so /a.so.1; b/x:0 b/x-1 12 /usr/lib/b.so", ""},
		{"{\n\"a/x:0\": [\"a/x-1\", \"1\"],\n\"b/x:0\": [\"b/x-1\", \"1\", [\"/b\"]]}", "b/x:0 b/x-1 1 /b",
			`reg:2: not a record of preserved libraries: "a/x:0"`},
		{"{\"a/x:0\": [\"a/x-1\", \"1\", [\"/a\"]],\n\"b/x:0\": [}", "a/x:0 a/x-1 1 /a", "reg:2: not JSON: "},
		{`{"a/x:0": ["a/x-1", "1", ["/a"]]`, "a/x:0 a/x-1 1 /a", "reg:1: not JSON: "},
		{`{} {}`, "", "reg:1: not JSON: text after the end"},
		{`[]`, "", "reg:1: not a record"},
		{`nonsense`, "", "reg:1: not JSON: "},
	} {
		list, problems := preserved.Parse("reg", []byte(c.text))
		var parts []string
		for _, r := range list {
			parts = append(parts, fmt.Sprintf("%s %s %s %s", r.Key, r.CPV, r.Counter, strings.Join(r.Paths, " ")))
		}
		if got := strings.Join(parts, "; "); got != c.want {
			t.Errorf("Parse(%q) = %q, want %q", c.text, got, c.want)
		}
		if c.problems == "" && len(problems) > 0 || c.problems != "" && (len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), c.problems)) {
			t.Errorf("Parse(%q): problems %v, want %q", c.text, problems, c.problems)
		}
	}
}

// Files count if they exist, links if they lead to a file of the same record.
func TestRead(t *testing.T) {
	root := t.TempDir()
	lib := filepath.Join(root, "usr/lib")
	if err := os.MkdirAll(filepath.Join(lib, "dir.so"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x.so.1.0", "other.so"} {
		if err := os.WriteFile(filepath.Join(lib, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"x.so.1": "x.so.1.0", "x.so": "other.so", "abs.so": "/usr/lib/x.so.1.0"} {
		if err := os.Symlink(target, filepath.Join(lib, name)); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(root, "registry")
	if list, problems := preserved.Read(file, root); list != nil || problems != nil {
		t.Errorf("Read of no file = %v, %v, want nothing", list, problems)
	}
	text := `{"a/x:0": ["a/x-2", "5", ["/usr/lib/x.so.1", "/usr/lib/x.so", "/usr/lib/abs.so", "/usr/lib/x.so.1.0", "/usr/lib/gone.so", "/usr/lib/dir.so"]],
"a/gone:0": ["a/gone-1", "5", ["/usr/lib/gone.so"]]}`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	list, problems := preserved.Read(file, root)
	want := []preserved.Record{{Key: "a/x:0", CPV: "a/x-2", Counter: "5", Paths: []string{"/usr/lib/x.so.1.0", "/usr/lib/x.so.1", "/usr/lib/abs.so"}}}
	if !reflect.DeepEqual(list, want) || problems != nil {
		t.Errorf("Read = %v, %v, want %v", list, problems, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "{}", `{"a/x:0": ["a/x-1", "1", ["/a"]], "b": 1}`, `{"a":[1,2,3]}`, "[", `{"a/x:0": ["a/x-1", 1e3, ["/a"]]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, _ := preserved.Parse("reg", []byte(text))
		for i, r := range list {
			if r.CPV == "" || i > 0 && list[i-1].Key >= r.Key {
				t.Errorf("Parse(%q) = %v: an empty package or a key out of order", text, list)
			}
		}
	})
}
