package vdb_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/vdb"
)

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFormatContents(t *testing.T) {
	list := []vdb.Content{
		{Kind: vdb.KindFile, Path: "/usr/b c", MD5: "0123", MTime: 12},
		{Kind: vdb.KindSymlink, Path: "/usr/a", Target: "b c", MTime: 7},
		{Kind: vdb.KindDir, Path: "/usr"},
		{Kind: vdb.KindFIFO, Path: "/run/x"},
		{Kind: vdb.KindDevice, Path: "/dev/null"},
	}
	const want = "dev /dev/null\nfif /run/x\ndir /usr\nsym /usr/a -> b c 7\nobj /usr/b c 0123 12\n"
	got := string(vdb.FormatContents(list))
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	again, problems := vdb.ParseContents("CONTENTS", []byte(got))
	if len(problems) > 0 || string(vdb.FormatContents(again)) != got {
		t.Errorf("read again: %v, %v", again, problems)
	}
}

// The file metadata is complete and stamped, and stays so when a file is replaced.
func TestConsolidate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a/b-1")
	for name, text := range map[string]string{"SLOT": "0/1\n", "EAPI": "8\n", "USE": "a  b\n", "COUNTER": "3", "CONTENTS": "dir /usr\n", "NEEDED": "x\n"} {
		put(t, filepath.Join(dir, name), text)
	}
	if err := vdb.Consolidate(dir); err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "metadata"))
		if err != nil {
			t.Fatal(err)
		}
		stamp := "#dir_mtime=" + strconv.FormatInt(info.ModTime().UnixNano(), 10) + "\n"
		if got := string(text); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, stamp) {
			t.Errorf("metadata %q, want %q", got, want+stamp)
		}
	}
	check("#format=1\nCOUNTER=3\nEAPI=8\nSLOT=0/1\nUSE=a b\n")
	if err := vdb.ReplaceFile(dir, "environment.bz2", []byte("x")); err != nil {
		t.Fatal(err)
	}
	check("#format=1\nCOUNTER=3\nEAPI=8\nSLOT=0/1\nUSE=a b\n")
	if err := vdb.ReplaceFile(dir, "SLOT", []byte("2\n")); err != nil {
		t.Fatal(err)
	}
	check("#format=1\nCOUNTER=3\nEAPI=8\nSLOT=2\nUSE=a b\n")
}

func TestNextCounter(t *testing.T) {
	top := t.TempDir()
	db, file := filepath.Join(top, "db"), filepath.Join(top, "counter")
	for _, want := range []int64{0, 1} {
		if got, err := vdb.NextCounter(db, file); got != want || err != nil {
			t.Errorf("NextCounter = %d, %v; want %d", got, err, want)
		}
	}
	put(t, filepath.Join(db, "a/b-1/COUNTER"), "41")
	put(t, filepath.Join(db, "a/.c-1/COUNTER"), "99")
	if got, err := vdb.NextCounter(db, file); got != 42 || err != nil {
		t.Errorf("NextCounter = %d, %v; want 42", got, err)
	}
	put(t, file, "damaged")
	if got, err := vdb.NextCounter(db, file); got != 42 || err != nil {
		t.Errorf("NextCounter = %d, %v; want 42", got, err)
	}
}

func TestEditWorld(t *testing.T) {
	got := string(vdb.EditWorld([]byte("# mine\nb/c\na/b\n\n"), []string{"a/a", "a/b"}, []string{"b/c"}))
	if want := "a/a\na/b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
