package vdb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/merge/vdb"
)

func ExampleParseContents() {
	contents, problems := vdb.ParseContents("CONTENTS", []byte(`dir /usr/share/my docs
obj /usr/share/my docs/a b d41d8cd98f00b204e9800998ecf8427e 1700000000
sym /usr/lib/libx.so -> libx.so.1 1700000001
bad /x
`))
	for _, c := range contents {
		fmt.Printf("%s %q %q\n", c.Kind, c.Path, c.Target)
	}
	fmt.Println(problems)
	// Output:
	// dir "/usr/share/my docs" ""
	// obj "/usr/share/my docs/a b" ""
	// sym "/usr/lib/libx.so" "libx.so.1"
	// [CONTENTS:4: unrecognized CONTENTS entry: "bad /x"]
}

func TestParseContentsLines(t *testing.T) {
	const tuple = "(41471, 1L, 2L, 1, 0, 0, 9L, 11, 12, 13)"
	for _, c := range []struct {
		line string
		want vdb.Content // Path "" for a problem
	}{
		{"dir /a", vdb.Content{Kind: vdb.KindDir, Path: "/a"}},
		{"dir /a b ", vdb.Content{Kind: vdb.KindDir, Path: "/a b "}},
		{"dir a", vdb.Content{Kind: vdb.KindDir, Path: "/a"}},
		{"dir /", vdb.Content{Kind: vdb.KindDir, Path: "/"}},
		{"fif /a//b/", vdb.Content{Kind: vdb.KindFIFO, Path: "/a/b"}},
		{"dev /a/./b/../c", vdb.Content{Kind: vdb.KindDevice, Path: "/a/c"}},
		{"dev /a/.b", vdb.Content{Kind: vdb.KindDevice, Path: "/a/.b"}},
		{"obj /a AB 5", vdb.Content{Kind: vdb.KindFile, Path: "/a", MD5: "ab", MTime: 5}},
		{"obj /a b c 5", vdb.Content{Kind: vdb.KindFile, Path: "/a b", MD5: "c", MTime: 5}},
		{"obj /a  c 5", vdb.Content{Kind: vdb.KindFile, Path: "/a ", MD5: "c", MTime: 5}},
		{"sym /a -> b 5", vdb.Content{Kind: vdb.KindSymlink, Path: "/a", Target: "b", MTime: 5}},
		{"sym /a -> b -> c 5", vdb.Content{Kind: vdb.KindSymlink, Path: "/a -> b", Target: "c", MTime: 5}},
		{"sym /a -> b ->  5", vdb.Content{Kind: vdb.KindSymlink, Path: "/a", Target: "b -> ", MTime: 5}},
		{"sym /a -> b " + tuple, vdb.Content{Kind: vdb.KindSymlink, Path: "/a", Target: "b", MTime: 12}},
		{"obj /a ab -5", vdb.Content{}},
		{"obj /a ab 5 ", vdb.Content{}},
		{"obj /a 5", vdb.Content{}},
		{"obj  a 5", vdb.Content{}},
		{"sym /a b 5", vdb.Content{}},
		{"sym /a -> b", vdb.Content{}},
		{"sym /a -> b (1, 2)", vdb.Content{}},
		{"dir", vdb.Content{}},
		{"dir ", vdb.Content{}},
		{"", vdb.Content{}},
		{" dir /a", vdb.Content{}},
		{"dir /a\x00", vdb.Content{}},
	} {
		got, problems := vdb.ParseContents("C", []byte("dir /first\n"+c.line+"\n"))
		if c.want.Path == "" {
			var p *linefile.Problem
			if len(got) != 1 || len(problems) != 1 || !errors.As(problems[0], &p) || p.Line != 2 {
				t.Errorf("%q: %v, %v, want a problem at line 2", c.line, got, problems)
			}
			continue
		}
		if len(problems) > 0 || len(got) != 2 || got[1] != c.want {
			t.Errorf("%q: %#v, %v, want %#v", c.line, got, problems, c.want)
		}
	}
}

func TestContentsTwiceAndParents(t *testing.T) {
	got, problems := vdb.ParseContents("C", []byte("obj /p/a/x 1 1\ndir /p/a\nobj /p/a/x 2 2\nobj /p/b/c/y 3 3\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var lines []string
	for _, c := range vdb.WithParents(got, "/p") {
		lines = append(lines, c.String())
	}
	want := []string{"obj /p/a/x 2 2", "dir /p/a", "obj /p/b/c/y 3 3", "dir /p/b/c", "dir /p/b"}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
}

// What is understood can be written and read again, the same.
func FuzzParseContents(f *testing.F) {
	f.Add("dir /a\nobj /b c 5\nsym /d -> e 6\nfif /f\ndev /g\n")
	f.Add("sym /a -> b -> c (1, 2L, 3L, 4, 5, 6, 7L, 8, 9, 10)\nobj //x/ y 1\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, _ := vdb.ParseContents("C", []byte(text))
		var b strings.Builder
		for _, c := range first {
			b.WriteString(c.String() + "\n")
		}
		second, problems := vdb.ParseContents("C", []byte(b.String()))
		if d := cmp.Diff(first, second); d != "" || len(problems) > 0 {
			t.Errorf("%q: %v\n%s", text, problems, d)
		}
	})
}
