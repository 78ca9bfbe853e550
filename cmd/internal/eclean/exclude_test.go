package eclean

import (
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms"
)

func TestExclude(t *testing.T) {
	x, err := parseExclude("# note\n\napp-misc\ndev-libs/*\n!app-misc/no\nvirtual/yes\nfile-1.*gz\nplain[\n", func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		cp   atoms.CP
		want bool
	}{{"app-misc/a", true}, {"app-misc/no", false}, {"dev-libs/b", true}, {"virtual/yes", true}, {"virtual/no", false}} {
		if got := x.keepsPackage(test.cp); got != test.want {
			t.Errorf("keeps %s: %v", test.cp, got)
		}
	}
	for name, want := range map[string]bool{"file-1.0.tar.gz": true, "a-file-1.gz": false, "plain[": true, "plain[x": true, "plain": false} {
		if got := x.keepsFile(name); got != want {
			t.Errorf("keeps %s: %v", name, got)
		}
	}
	if got := x.names([]atoms.CP{"app-misc/a", "app-misc/no", "sys-libs/x"}); !slices.Equal(got, []atoms.CP{"app-misc/a", "virtual/yes"}) {
		t.Errorf("names: %v", got)
	}
	if _, err := parseExclude("a-b/c\nno-such\n", func(string) bool { return false }); err == nil || err.Error() != "Invalid category: no-such @line # 2" {
		t.Errorf("unknown category: %v", err)
	}
	var none *exclude
	if none.keepsPackage("a/b") || none.keepsFile("x") || none.names(nil) != nil {
		t.Error("no file keeps something")
	}
}

func FuzzExclude(f *testing.F) {
	f.Add("app-misc/*\n!a-b/c\n(", "a-1.tar")
	f.Fuzz(func(t *testing.T, text, name string) {
		x, err := parseExclude(text, func(c string) bool { return len(c) < 9 })
		if err == nil {
			x.keepsFile(name)
		}
		packageOf(name)
	})
}

func TestPackageOf(t *testing.T) {
	for name, want := range map[string]string{
		"foo-1.2.tar.gz": "foo", "foo_1.2.tar": "foo", "foo-bar-2.zip": "foo-bar", "foo12.tar": "foo", "README": "", "foo.1.tar": "foo",
	} {
		if got := packageOf(name); got != want {
			t.Errorf("packageOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	for text, want := range map[string]int64{"10": 10, "2K": 2048, "3m": 3 << 20, "1G": 1 << 30, "5b": 5} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("parseSize(%q) = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "K", "-1", "1T", "99999999999G"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("parseSize(%q) = %d", text, got)
		}
	}
}
