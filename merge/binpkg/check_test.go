package binpkg_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/binpkg"
)

func TestCheck(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x-1.tbz2")
	if err := os.WriteFile(file, []byte("hello\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	const md5, sha1 = "b1946ac92492d2347c6235b4d2611184", "f572d396fae9206628714fb2ce00f72e94f2258f"
	for _, c := range []struct {
		values map[string]string
		names  []string
		wrong  string
	}{
		{map[string]string{"SIZE": "6", "MD5": md5, "SHA1": sha1}, []string{"MD5", "SHA1", "size"}, ""},
		{map[string]string{"SIZE": "6"}, []string{"size"}, ""},
		{map[string]string{"MD5": "0"}, nil, ""}, // without a size nothing is compared, as in Portage
		{map[string]string{"SIZE": "7", "MD5": md5}, nil, "size"},
		{map[string]string{"SIZE": "6", "MD5": "0" + md5[1:]}, nil, "MD5"},
		{map[string]string{"SIZE": "6", "MD5": md5, "SHA1": "0" + sha1[1:]}, nil, "SHA1"},
	} {
		cpv, err := atoms.ParseCPV("app-misc/x-1")
		if err != nil {
			t.Fatal(err)
		}
		s, err := binpkg.NewStanza(cpv, c.values)
		if err != nil {
			t.Fatal(err)
		}
		got, err := binpkg.Check(file, s)
		var wrong *binpkg.DigestError
		switch {
		case c.wrong != "":
			if !errors.As(err, &wrong) || wrong.What != c.wrong {
				t.Errorf("Check(%v) = %v, want another %s", c.values, err, c.wrong)
			}
		case err != nil:
			t.Errorf("Check(%v): %v", c.values, err)
		case !slices.Equal(got.Names, c.names) || got.MD5 != md5:
			t.Errorf("Check(%v) = %+v, want %v", c.values, got, c.names)
		}
	}
}
