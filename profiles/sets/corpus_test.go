package sets_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/sets"
)

func TestSystemAsPortage(t *testing.T) {
	text, err := os.ReadFile("testdata/system.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{} // "profile set" to atoms, one on a line
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); fields[0] != "#" {
			want[fields[0]+" "+sets.System] += ""
			want[fields[0]+" "+sets.Profile] += ""
			want[fields[0]+" "+fields[1]] += fields[2] + "\n"
		}
	}
	if len(want) != 6 {
		t.Fatalf("%d sets", len(want))
	}
	trees := sharedtest.Path(t, "corpus", "flatcar", "trees")
	dir := profilestest.LayFiles(t, map[string]string{"etc/portage/repos.conf": fmt.Sprintf(
		"[DEFAULT]\nmain-repo = portage-stable\n[portage-stable]\nlocation = %s/portage-stable\n[coreos-overlay]\nlocation = %s/coreos-overlay\n", trees, trees)})
	for key, atoms := range want {
		profile, name, _ := strings.Cut(key, " ")
		cfg, err := profiles.Load(profiles.Options{ConfigRoot: dir, Root: dir, Profile: filepath.Join(trees, "coreos-overlay/profiles", profile)})
		if err != nil {
			t.Fatal(err)
		}
		c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir, Nodes: cfg.Nodes, Repos: cfg.Repos()})
		got := strings.ReplaceAll(members(c, name), " ", "\n")
		if d := cmp.Diff(strings.TrimSpace(atoms), got); d != "" {
			t.Errorf("@%s of %s: (-want +got)\n%s", name, profile, d)
		}
	}
}
