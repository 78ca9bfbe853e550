package index

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzDecode(f *testing.F) {
	s := &shard{next: "q", packages: []*Package{{Name: "p", Names: []string{"p-1"}, Entries: []Entry{{Name: "p-1", Text: "A=b\n"}}}}}
	f.Add(string(encodeShard(s).b))
	f.Add(string(encodeListing(&Listing{Stamp: Stamp{1, -2, 3}, Names: []string{"a", "b"}}).b))
	f.Add(string(encodeDigests(map[string]Digest{"p": {Stamp{4, 5, 6}, "x"}}).b))
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, data string) {
		if s, err := decodeShard("", data); err == nil {
			again, err := decodeShard("", string(encodeShard(s).b))
			if diff := cmp.Diff(s.packages, again.packages); diff != "" || err != nil {
				t.Fatalf("shard read again (-want +got):\n%s%v", diff, err)
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
