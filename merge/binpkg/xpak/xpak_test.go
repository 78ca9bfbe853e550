package xpak_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

// build makes a package file out of names and contents in turn.
func build(files ...string) []byte {
	var index, data []byte
	for i := 0; i < len(files); i += 2 {
		index = binary.BigEndian.AppendUint32(index, uint32(len(files[i])))
		index = append(index, files[i]...)
		index = binary.BigEndian.AppendUint32(index, uint32(len(data)))
		index = binary.BigEndian.AppendUint32(index, uint32(len(files[i+1])))
		data = append(data, files[i+1]...)
	}
	out := []byte("the tar" + "XPAKPACK")
	out = binary.BigEndian.AppendUint32(out, uint32(len(index)))
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	out = append(append(append(out, index...), data...), "XPAKSTOP"...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(out)-len("the tar")))
	return append(out, "STOP"...)
}

func ExampleRead() {
	file := build("SLOT", "0\n", "EAPI", "8\n", "environment.bz2", "...")
	m, err := xpak.Read(bytes.NewReader(file), int64(len(file)), func(name string) bool { return name != "environment.bz2" })
	fmt.Printf("%q %v\n", m, err)
	// Output: map["EAPI":"8\n" "SLOT":"0\n"] <nil>
}

func TestReadTwice(t *testing.T) {
	file := build("A", "1", "../B", "", "A", "22")
	got, err := xpak.Read(bytes.NewReader(file), int64(len(file)), nil)
	want := map[string][]byte{"A": []byte("22"), "../B": {}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Error(err, d)
	}
}

func TestDamaged(t *testing.T) {
	whole := build("SLOT", "0\n", "EAPI", "8\n")
	for i := range whole {
		if _, err := xpak.Read(bytes.NewReader(whole[:i]), int64(i), nil); !errors.Is(err, xpak.ErrFormat) {
			t.Errorf("first %d bytes: %v", i, err)
		}
	}
	for _, at := range []int{7, 18, 22, 23 + 3, 23 + 11, 23 + 15, len(whole) - 5, len(whole) - 1, len(whole) - 16} {
		b := bytes.Clone(whole)
		b[at] ^= 0x41
		if _, err := xpak.Read(bytes.NewReader(b), int64(len(b)), nil); !errors.Is(err, xpak.ErrFormat) {
			t.Errorf("changed byte %d: %v", at, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x-1.tbz2")
	if err := os.WriteFile(path, build("A", "1"), 0o666); err != nil {
		t.Fatal(err)
	}
	if m, err := xpak.ReadFile(path, nil); err != nil || string(m["A"]) != "1" {
		t.Errorf("%q, %v", m, err)
	}
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var pe *fs.PathError
	if _, err := xpak.ReadFile(path, nil); !errors.Is(err, xpak.ErrFormat) || !errors.As(err, &pe) || pe.Path != path {
		t.Errorf("empty file: %v", err)
	}
	if _, err := xpak.ReadFile(path+"x", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(build("A", "1"))
	f.Add(build())
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := xpak.Read(bytes.NewReader(file), int64(len(file)), nil)
		if err != nil && (m != nil || !errors.Is(err, xpak.ErrFormat)) {
			t.Errorf("%v, %v", m, err)
		}
		name, content := string(file), string(bytes.ToUpper(file))
		file = build(name, content)
		m, err = xpak.Read(bytes.NewReader(file), int64(len(file)), nil)
		if err != nil || string(m[name]) != content {
			t.Errorf("%q, %v", m, err)
		}
	})
}
