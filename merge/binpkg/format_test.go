package binpkg_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

// TestFormat writes indices anew that Portage wrote.
func TestFormat(t *testing.T) {
	scenario, err := os.ReadFile(sharedtest.Path(t, "realbuild", "scenario", "2-Packages.txt"))
	must(t, err)
	texts := map[string]string{"scenario": string(scenario)}
	files, err := filepath.Glob(sharedtest.Path(t, "corpus", "flatcar", "states") + "/*.tar.gz")
	must(t, err)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".tar.gz")
		if text, err := os.ReadFile(filepath.Join(pkgdir(t, name), "Packages")); err == nil {
			texts[name] = string(text)
		}
	}
	for name, text := range texts {
		x := binpkg.ParseIndex(name, []byte(text))
		// What only the record just injected has is lost, as in Portage.
		var want strings.Builder
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "REPO_REVISIONS:") {
				want.WriteString(line)
			}
		}
		if d := cmp.Diff(want.String(), string(x.Format())); d != "" {
			t.Errorf("%s: %.2000s", name, d)
		}
	}
	t.Logf("%d indices", len(texts))
}

// TestHeaderOf compares the header that a configuration makes with Portage's.
func TestHeaderOf(t *testing.T) {
	text, err := os.ReadFile(sharedtest.Path(t, "realbuild", "scenario", "2-Packages.txt"))
	must(t, err)
	head, _, _ := strings.Cut(string(text), "\n\n")
	o := profilestest.Corpus(t, "arm64-usr", nil)
	c, err := profiles.Load(o)
	must(t, err)
	got := map[string]string{}
	for _, v := range binpkg.HeaderOf(c) {
		if v.Value != "" {
			got[v.Name] = v.Value
		}
	}
	want := map[string]string{}
	for line := range strings.Lines(head + "\n") {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		want[key] = value
	}
	// Of the file itself, or of the place and the day where it was recorded.
	for _, key := range []string{"CHOST", "GENTOO_MIRRORS", "PACKAGES", "PROFILE", "TIMESTAMP", "VERSION"} {
		delete(want, key)
		delete(got, key)
	}
	if d := cmp.Diff(want, got); d != "" || len(want) < 15 {
		t.Error(d)
	}
}
