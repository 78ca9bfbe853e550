package checkroot

import (
	"strings"
	"testing"
)

func TestBuiltInRules(t *testing.T) {
	r, err := readRules(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.sonames) == 0 || len(r.shebangs) == 0 || len(r.symlinks) == 0 {
		t.Errorf("%d, %d and %d rules", len(r.sonames), len(r.shebangs), len(r.symlinks))
	}
}

func FuzzRules(f *testing.F) {
	f.Add("soname a/b x86_64 c.so\nshebang */x\n# no\nsymlink /y")
	f.Add("soname a")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRules("x", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x:") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if r.text != text {
			t.Errorf("%q became %q", text, r.text)
		}
	})
}
