package shellconf_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

func ExampleParse() {
	env := shellconf.Env{"EPREFIX": "/opt/gentoo"}
	f, err := shellconf.Parse("make.conf", []byte(`
CFLAGS="-O2 -pipe"
export CXXFLAGS="${CFLAGS} -fno-rtti" # C++ only
DISTDIR=$EPREFIX/distfiles
`), shellconf.Options{Env: env})
	if err != nil {
		fmt.Println(err)
		return
	}
	for v := range f.All() {
		fmt.Printf("%s:%d: %s=%s\n", v.File, v.Line, v.Name, v.Value)
	}
	// Output:
	// make.conf:2: CFLAGS=-O2 -pipe
	// make.conf:3: CXXFLAGS=-O2 -pipe -fno-rtti
	// make.conf:4: DISTDIR=/opt/gentoo/distfiles
}

func ExampleExpand() {
	text, err := shellconf.Expand(`${HOME}/x '${HOME}' \$HOME`, shellconf.Env{"HOME": "/h"})
	fmt.Println(text, err)
	// Output: /h/x '${HOME}' $HOME <nil>
}

func TestErrorsNameFileAndLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"A=1\nB 2\n", `f:2: invalid token where "=" belongs: "2"`},
		{"A=1\n\nB", `f:3: no "=" after a name: "B"`},
		{"A=1\nB=\n", `f:2: unexpected end of file: variable without a value: "B"`},
		{"A=\nB=1\n", `f:2: invalid token where "=" belongs: "1"`},
		{"\n1A=x\n", `f:2: invalid variable name: "1A"`},
		{"A='x\ny\n", `f:1: no closing quotation`},
		{"A=x\nsource missing\n", `f:2: source: file does not exist: "missing"`},
		{"source f\n", `f:1: source: file sources itself: "f"`},
		{"source", `f:1: source: no file given`},
		{"source ${A}\n", `f:1: source: no file given: "${A}"`},
		{"source bad\n", `bad:2: no "=" after a name: "B"`},
	} {
		_, err := shellconf.Parse("f", []byte(c.text), shellconf.Options{Source: true, Open: open})
		if got := fmt.Sprint(err); got != c.want {
			t.Errorf("Parse(%q) = %s, want %s", c.text, got, c.want)
		}
	}
}

// open serves a few files.
func open(path string) ([]byte, error) {
	switch path {
	case "bad":
		return []byte("A=1\nB"), nil
	case "loop":
		return []byte("source loop2\n"), nil
	case "loop2":
		return []byte("source loop\n"), nil
	}
	return nil, fs.ErrNotExist
}

func TestTolerantKeepsWhatItHas(t *testing.T) {
	for _, c := range []struct {
		text     string
		vars     string
		warnings int
	}{
		{"A=1\nB 2\nC=3\n", "A=1", 1},
		{"A=1\nsource missing\nC=3\n", "A=1 C=3", 1},
		{"A=1\n1B=2\nC=3\n", "A=1 C=3", 1},
		{"A=1\nB=$.\nC=3\n", "A=1 B= C=3", 1},
		{"A=1\nB='x\n", "A=1", 1},
		{"A=1\nsource loop\nC=3\n", "A=1", 1},
	} {
		f, err := shellconf.Parse("f", []byte(c.text), shellconf.Options{Tolerant: true, Source: true, Open: open})
		if err != nil {
			t.Errorf("Parse(%q): %v", c.text, err)
			continue
		}
		if got := flat(f); got != c.vars || len(f.Warnings) != c.warnings {
			t.Errorf("Parse(%q) = %s, warnings %v; want %s, %d", c.text, got, f.Warnings, c.vars, c.warnings)
		}
	}
}

// flat writes the variables of f on one line.
func flat(f *shellconf.File) string {
	var out []string
	for v := range f.All() {
		out = append(out, v.Name+"="+v.Value)
	}
	return strings.Join(out, " ")
}

func TestLineOf(t *testing.T) {
	f, err := shellconf.Parse("f", []byte("X=y\nUSE=\"a -b\n  c \\\n  ab $X\n  $X\n\"\n"), shellconf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	use, _ := f.Lookup("USE")
	for _, c := range []struct {
		word string
		want int
	}{{"a", 2}, {"-b", 2}, {"b", 2}, {"c", 3}, {"ab", 4}, {"y", 2}, {"", 2}} {
		if got := use.LineOf(c.word); got != c.want {
			t.Errorf("LineOf(%q) = %d, want %d", c.word, got, c.want)
		}
	}
}

func TestReadTree(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"10-a": "A=1\nB=1\nsource sub/inc\n", "20/b": "B=\"$A$B\"\n", "20/c~": "(", ".hidden": "(",
		"sub/inc": "C=$A\n",
	} {
		path := filepath.Join(dir, "make.conf", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f, err := shellconf.ReadTree(filepath.Join(dir, "make.conf"), shellconf.Options{Source: true})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("A=1 B=11 C=1", flat(f)); d != "" {
		t.Error(d)
	}
	if v, _ := f.Lookup("C"); v.File != filepath.Join(dir, "make.conf/sub/inc") || v.Line != 1 {
		t.Errorf("C comes from %s:%d", v.File, v.Line)
	}
	for _, read := range []func(string, shellconf.Options) (*shellconf.File, error){shellconf.ReadTree, shellconf.ReadFile} {
		if _, err := read(filepath.Join(dir, "none"), shellconf.Options{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("missing file: %v", err)
		}
	}
	if _, err := shellconf.ReadFile(dir, shellconf.Options{}); err == nil {
		t.Error("a directory was read as a file")
	}
}

// A shell-quoted value evaluates to itself, whatever else is in the file.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"A=1\n", "A='x'\"y\"\\ z # c\n", "export A=${B}\n", "source f\n", "A=\"\\\"$\\\n\"", "é=(\r\n", "A=\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := shellconf.Options{Source: true, Tolerant: true, Open: func(string) ([]byte, error) { return []byte(text), nil }}
		if _, err := shellconf.Parse("f", []byte(text), o); err != nil {
			t.Errorf("Parse(%q), tolerant: %v", text, err)
		}
		if strings.ContainsAny(text, "'\r") || strings.ToValidUTF8(text, "") != text {
			return
		}
		got, err := shellconf.Parse("f", []byte("A='"+text+"'"), shellconf.Options{Literal: true})
		if err != nil || got.Get("A") != text {
			t.Errorf("A='%s' gives %q, %v", text, got.Get("A"), err)
		}
	})
}

func FuzzExpand(f *testing.F) {
	f.Add("$A ${B} '$A' \\$ \\\\\" \\\n", "v")
	f.Add("${", "$")
	f.Fuzz(func(t *testing.T, text, value string) {
		got, err := shellconf.Expand(text, shellconf.Env{"A": value})
		if err != nil && got != "" {
			t.Errorf("Expand(%q) = %q with error %v", text, got, err)
		}
		if !strings.ContainsAny(text, "$\\\n") && got != text {
			t.Errorf("Expand(%q) = %q", text, got)
		}
	})
}
