package index

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzDecode(f *testing.F) {
	p := &Package{Name: "p", Names: []string{"p-1"}, Entries: []Entry{{Name: "p-1", Text: "A=b\n"}}}
	f.Add(string(encodePackage(p).b))
	f.Add(string(encodeListing(&Listing{Stamp: Stamp{1, -2, 3}, Names: []string{"a", "b"}}).b))
	f.Add(string(encodeDigests(map[string]Digest{"p": {Stamp{4, 5, 6}, "x"}}).b))
	f.Add(string(encodeInstalled(sampleInstalled()).b))
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, data string) {
		if p, err := decodePackage(data); err == nil {
			again, err := decodePackage(string(encodePackage(p).b))
			if diff := cmp.Diff(p, again); diff != "" || err != nil {
				t.Fatalf("package read again (-want +got):\n%s%v", diff, err)
			}
		}
		if l, err := decodeListing(data); err == nil {
			again, err := decodeListing(string(encodeListing(l).b))
			if diff := cmp.Diff(l, again); diff != "" || err != nil {
				t.Fatalf("listing read again (-want +got):\n%s%v", diff, err)
			}
		}
		if n, err := decodeInstalled(data); err == nil {
			again, err := decodeInstalled(string(encodeInstalled(n).b))
			if diff := cmp.Diff(n, again); diff != "" || err != nil {
				t.Fatalf("installed packages read again (-want +got):\n%s%v", diff, err)
			}
		}
		_ = decodeDigests(data, map[string]Digest{}) // must not panic
	})
}

func sampleInstalled() *Installed {
	return &Installed{Keys: []string{"SLOT", "USE"}, Categories: []InstalledCategory{
		{Name: "a", Stamp: Stamp{1, 2, 0}, Entries: []InstalledEntry{
			{Name: "p-1", Dir: Stamp{3, 4, 0}, Files: []File{{0, Stamp{5, 6, 2}, "0"}, {1, Stamp{7, 8, 3}, "f g"}}},
			{Name: "q-1", Dir: Stamp{3, 4, 0}, Snapshot: true, Files: []File{{Key: 0, Value: "1"}}},
			{Name: "r-1", Files: []File{}},
		}},
		{Name: "b", Stamp: Stamp{9, 9, 0}, Entries: []InstalledEntry{}},
	}}
}

func TestInstalled(t *testing.T) {
	want := sampleInstalled()
	got, err := decodeInstalled(string(encodeInstalled(want).b))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	for _, bad := range []string{"", "\x00", string(encodeInstalled(want).b) + "x", "\x00\x01\x01\x01\x01a\x00\x00\x00\x01\x01p\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"} {
		if n, err := decodeInstalled(bad); err == nil {
			t.Errorf("decodeInstalled(%q) = %v", bad, n)
		}
	}
	want.settle(5)
	first := want.Categories[0]
	if first.Stamp == (Stamp{}) || first.Entries[0].Dir != (Stamp{}) || !first.Entries[1].Snapshot || want.Categories[1].Stamp != (Stamp{}) {
		t.Errorf("settled: %+v", want)
	}
}
