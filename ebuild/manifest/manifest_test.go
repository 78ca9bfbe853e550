package manifest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/manifest"
)

const signed = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

AUX fix.patch 12 SHA512 ab
DIST a-1.tar.gz 100 BLAKE2B 00 SHA512 11
DIST a-1.tar.gz 101 SHA512 22 WHIRLPOOL 33
EBUILD a-1.ebuild 5 SHA512 cd
MISC metadata.xml 0 SHA512 ef
TIMESTAMP 2026-01-01T00:00:00Z
IGNORE distfiles
-----BEGIN PGP SIGNATURE-----

iQKTBAEBCgB9FiEE
-----END PGP SIGNATURE-----
`

func TestParse(t *testing.T) {
	m := manifest.Parse("Manifest", []byte(signed))
	if len(m.Problems) > 0 {
		t.Errorf("problems: %v", m.Problems)
	}
	var got []string
	for _, e := range m.Entries {
		got = append(got, fmt.Sprintf("%d %v", e.Line, e))
	}
	want := []string{
		"4 AUX fix.patch 12 SHA512 ab",
		"6 DIST a-1.tar.gz 101 BLAKE2B 00 SHA512 22 WHIRLPOOL 33",
		"7 EBUILD a-1.ebuild 5 SHA512 cd",
		"8 MISC metadata.xml 0 SHA512 ef",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	e, ok := m.Find(manifest.Dist, "a-1.tar.gz")
	if !ok || e.Hash("SHA512") != "22" || e.Hash("MD5") != "" {
		t.Errorf("Find = %v, %v", e, ok)
	}
	if _, ok := m.Find(manifest.Aux, "a-1.tar.gz"); ok {
		t.Error("Find ignores the type")
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"DIST a", `M:1: expected a tag, a name, a size, and pairs of hash name and value: "DIST a"`},
		{"DIST a 1", `M:1: expected a tag, a name, a size, and pairs of hash name and value: "DIST a 1"`},
		{"DIST a 1 SHA512", `M:1: expected a tag, a name, a size, and pairs of hash name and value: "DIST a 1 SHA512"`},
		{"DIST a x SHA512 00", `M:1: size is not a number of bytes: "DIST a x SHA512 00"`},
		{"DIST a -1 SHA512 00", `M:1: size is not a number of bytes: "DIST a -1 SHA512 00"`},
		{"DIST a 99999999999999999999 SHA512 00", `M:1: size is not a number of bytes: "DIST a 99999999999999999999 SHA512 00"`},
		{"DIST  a 1 SHA512", `M:1: fields must be parted by single spaces: "DIST  a 1 SHA512"`},
		{"DIST a\tb 1 SHA512 00", `M:1: fields must be parted by single spaces: "DIST a\tb 1 SHA512 00"`},
		{"DIST a 1 SHA512 \xff", `M:1: invalid UTF-8`},
	} {
		m := manifest.Parse("M", []byte(c.line+"\nDIST good 1 SHA512 00\n"))
		if len(m.Problems) != 1 || m.Problems[0].Error() != c.want {
			t.Errorf("Parse(%q) problems = %v, want %s", c.line, m.Problems, c.want)
		}
		if _, ok := m.Find(manifest.Dist, "good"); !ok {
			t.Errorf("Parse(%q) lost the good line", c.line)
		}
	}
}

func TestReadMissing(t *testing.T) {
	if _, err := manifest.Read(t.TempDir() + "/Manifest"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of a missing file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(signed))
	f.Add([]byte("DIST a 1 SHA512 00\r\nDIST"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := manifest.Parse("M", data)
		var b strings.Builder
		for _, e := range m.Entries {
			b.WriteString(e.String() + "\n")
		}
		again := manifest.Parse("M", []byte(b.String()))
		if len(again.Problems) > 0 || len(again.Entries) != len(m.Entries) {
			t.Fatalf("%q written as %q, read as %v with problems %v", data, b.String(), again.Entries, again.Problems)
		}
		for i, e := range m.Entries {
			if again.Entries[i].String() != e.String() {
				t.Fatalf("entry %v read again as %v", e, again.Entries[i])
			}
		}
	})
}
