package vdb

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tumpline/tumpline/atoms/sharedtest"
)

func TestSaved(t *testing.T) {
	text := `declare -x A="one"
declare B='it'
C=bare words
declare -r D="two
lines \"quoted\"
end"
export E="\\"
f () 
{ 
    A=inner
A=here-document
}
declare -- G="a=b"
not an assignment
declare H="never closed
`
	want := map[string]string{
		"A": "one", "B": "it", "C": "bare words", "D": "two\nlines \\\"quoted\\\"\nend", "E": `\\`, "G": "a=b", "H": "never closed",
	}
	got := saved([]byte(text), func(string) bool { return true })
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got = saved([]byte(text), func(name string) bool { return name == "G" })
	if d := cmp.Diff(map[string]string{"G": "a=b"}, got); d != "" {
		t.Error(d)
	}
}

func TestSavedFile(t *testing.T) {
	dir := t.TempDir()
	all := func(string) bool { return true }
	if got, err := Saved(dir, all); got != nil || err != nil {
		t.Errorf("without a file: %v, %v", got, err)
	}
	file := filepath.Join(dir, "environment")
	if err := os.WriteFile(file, []byte("declare -x PVR=\"1-r2\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("bzip2", file).CombinedOutput(); err != nil {
		sharedtest.Lacking(t, fmt.Sprintf("bzip2: %v %s", err, out))
	}
	if got, err := Saved(dir, all); err != nil || got["PVR"] != "1-r2" {
		t.Errorf("%v, %v", got, err)
	}
	if err := os.WriteFile(file+".bz2", []byte("BZh9nonsense"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Saved(dir, all); err == nil {
		t.Error("a broken file is read without error")
	}
}

func FuzzSaved(f *testing.F) {
	f.Add("declare -x A=\"one\nx\"\nf () \n{\n}\nB='")
	f.Fuzz(func(t *testing.T, text string) {
		for name := range saved([]byte(text), func(string) bool { return true }) {
			if name == "" {
				t.Error("a variable without a name")
			}
		}
	})
}
