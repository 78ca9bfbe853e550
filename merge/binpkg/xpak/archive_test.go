package xpak_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

func TestMembers(t *testing.T) {
	want := []xpak.Member{{Name: "USE", Offset: 0, Data: []byte("a b\n")}, {Name: "CHOST", Offset: 4, Data: []byte("x\n")}, {Name: "empty", Offset: 6, Data: []byte{}}}
	archive, err := xpak.Archive(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := xpak.Members(bytes.NewReader(archive), int64(len(archive)))
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("of an archive: %v %s", err, d)
	}
	file := build("SLOT", "0\n", "EAPI", "8\n")
	got, err = xpak.Members(bytes.NewReader(file), int64(len(file)))
	want = []xpak.Member{{Name: "SLOT", Offset: 0, Data: []byte("0\n")}, {Name: "EAPI", Offset: 2, Data: []byte("8\n")}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("of a package: %v %s", err, d)
	}
	for i := range archive[:len(archive)-8] {
		if _, err := xpak.Members(bytes.NewReader(archive[:i]), int64(i)); !errors.Is(err, xpak.ErrFormat) {
			t.Errorf("first %d bytes: %v", i, err)
		}
	}
	if _, err := xpak.Archive([]xpak.Member{{Name: "a/b"}}); !errors.Is(err, xpak.ErrFormat) {
		t.Errorf("a path as a name: %v", err)
	}
}

func FuzzMembers(f *testing.F) {
	f.Add(build("A", "1"))
	f.Add([]byte("XPAKPACK\x00\x00\x00\x00\x00\x00\x00\x00XPAKSTOP"))
	f.Fuzz(func(t *testing.T, file []byte) {
		members, err := xpak.Members(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		archive, err := xpak.Archive(members)
		if err != nil {
			return // names that only a damaged file has
		}
		again, err := xpak.Members(bytes.NewReader(archive), int64(len(archive)))
		if err != nil || len(again) != len(members) {
			t.Errorf("%d members, written and read %d, %v", len(members), len(again), err)
		}
	})
}
