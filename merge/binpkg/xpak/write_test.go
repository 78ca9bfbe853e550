package xpak_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

func TestSegment(t *testing.T) {
	want := map[string][]byte{"SLOT": []byte("0\n"), "EAPI": []byte("8\n"), "environment.bz2": []byte("\x00STOP"), "empty": {}}
	segment, err := xpak.Segment(want)
	if err != nil {
		t.Fatal(err)
	}
	file := append([]byte("the tar"), segment...)
	got, err := xpak.Read(bytes.NewReader(file), int64(len(file)), nil)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	if n, err := xpak.TarSize(bytes.NewReader(file), int64(len(file))); n != 7 || err != nil {
		t.Errorf("TarSize: %d, %v, want 7", n, err)
	}
	for _, name := range []string{"", ".", "..", "a/b", "a\x00"} {
		if _, err := xpak.Segment(map[string][]byte{name: nil}); err == nil {
			t.Errorf("%q is no error", name)
		}
	}
	if _, err := xpak.TarSize(bytes.NewReader(nil), 0); err == nil {
		t.Error("an empty file is no error")
	}
}
