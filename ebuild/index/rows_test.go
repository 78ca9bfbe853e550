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
		_ = decodeDigests(data, map[string]Digest{}) // must not panic
	})
}
