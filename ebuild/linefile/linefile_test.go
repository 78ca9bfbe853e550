package linefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string
	}{
		{"", nil},
		{"  \t ", nil},
		{"# all comment", nil},
		{"  # indented comment", nil},
		{"a b", []string{"a", "b"}},
		{"a # rest", []string{"a"}},
		{"a #rest b", []string{"a"}},
		{"a#b c", []string{"a#b", "c"}},
		{"a#b#c #d", []string{"a#b#c"}},
		{"a\x1cb\u00a0c", []string{"a", "b", "c"}},
		{"\u00a0# x", nil},
	} {
		if got := linefile.Words(c.line); strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("Words(%q) = %q, want %q", c.line, got, c.want)
		}
	}
}

func TestParseText(t *testing.T) {
	for _, c := range []struct {
		in       string
		lines    []string
		problems []string
	}{
		{"", nil, nil},
		{"\n", []string{""}, nil},
		{"a", []string{"a"}, nil},
		{"a\nb\n", []string{"a", "b"}, nil},
		{"a\r\nb\r\n", []string{"a", "b"}, []string{"f:1: carriage return at the end of a line"}},
		{"a\nb\rc\n", []string{"a", "b", "c"}, []string{"f:2: carriage return at the end of a line"}},
		{"a\nb\xff\xfe\n", []string{"a", "b\uFFFD"}, []string{"f:2: invalid UTF-8"}},
		{"a\n\n\n", []string{"a", "", ""}, nil},
	} {
		got := linefile.ParseText("f", []byte(c.in))
		if diff := cmp.Diff(c.lines, got.Lines); diff != "" {
			t.Errorf("ParseText(%q) lines (-want +got):\n%s", c.in, diff)
		}
		if diff := cmp.Diff(c.problems, texts(got.Problems)); diff != "" {
			t.Errorf("ParseText(%q) problems (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestWordLinesKeepComments(t *testing.T) {
	text := linefile.ParseText("m", []byte("# license\n\n# why\n#more\na/b\na/c # note\n\nd/e\n# x\nf/g\n"))
	var got []string
	for _, l := range text.WordLines() {
		got = append(got, l.Pos()+" "+l.Text()+" {"+strings.Join(l.Comment, ";")+"}")
	}
	want := []string{
		"m:5 a/b {# why;#more}",
		"m:6 a/c {# why;#more}",
		"m:8 d/e {}",
		"m:10 f/g {# x}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("WordLines (-want +got):\n%s", diff)
	}
}

func TestReadTree(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"p/10-b":        "b\n",
		"p/10-a/2":      "a2\n",
		"p/10-a/1":      "a1\n",
		"p/backup~":     "no\n",
		"p/.hidden":     "no\n",
		"p/.git/config": "no\n",
		"p/CVS/Entries": "no\n",
		"p/x/SCCS/y":    "no\n",
		"p/z":           "z\r\n",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	symlink(t, "..", filepath.Join(dir, "p/10-a/loop"))
	symlink(t, "nowhere", filepath.Join(dir, "p/dangling"))
	lines, problems := linefile.Read(filepath.Join(dir, "p"), linefile.FileOrTree)
	var got []string
	for _, l := range lines {
		rel, _ := filepath.Rel(dir, l.File)
		got = append(got, rel+" "+l.Text())
	}
	want := []string{"p/10-a/1 a1", "p/10-a/2 a2", "p/10-b b", "p/z z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Read (-want +got):\n%s", diff)
	}
	if len(problems) != 2 || !errors.Is(problems[0], linefile.ErrLoop) || !errors.Is(problems[1], linefile.ErrCarriageReturn) {
		t.Errorf("Read problems = %v, want a loop and a carriage return", problems)
	}
}

func TestReadShapes(t *testing.T) {
	dir := t.TempDir()
	if lines, problems := linefile.Read(filepath.Join(dir, "none"), linefile.FileOnly); lines != nil || problems != nil {
		t.Errorf("Read of a missing file = %v, %v", lines, problems)
	}
	_, problems := linefile.Read(dir, linefile.FileOnly)
	if len(problems) != 1 || !errors.Is(problems[0], linefile.ErrDirectory) {
		t.Errorf("Read(dir, FileOnly) problems = %v, want %v", problems, linefile.ErrDirectory)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("permissions do not bind root")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "p/a"), "a\n")
	write(t, filepath.Join(dir, "p/b"), "b\n")
	if err := os.Chmod(filepath.Join(dir, "p/a"), 0); err != nil {
		t.Fatal(err)
	}
	lines, problems := linefile.Read(filepath.Join(dir, "p"), linefile.FileOrTree)
	if len(lines) != 1 || len(problems) != 1 {
		t.Errorf("Read = %v, %v; want one line, one problem", lines, problems)
	}
}

func FuzzParseText(f *testing.F) {
	for _, s := range []string{"", "a b # c\n", "# x\n\na\r\nb\xff", "\r", "a\x1cb"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text := linefile.ParseText("f", data)
		for _, l := range text.WordLines() {
			if len(l.Words) == 0 || l.Number < 1 || l.Number > len(text.Lines) {
				t.Fatalf("bad line %+v of %q", l, data)
			}
			if again := linefile.Words(l.Text()); cmp.Diff(l.Words, again) != "" {
				t.Fatalf("words %q read again as %q", l.Words, again)
			}
		}
		for _, p := range text.Problems {
			_ = p.Error()
		}
	})
}

func texts(errs []error) []string {
	var s []string
	for _, e := range errs {
		s = append(s, e.Error())
	}
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}
