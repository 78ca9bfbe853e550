package livefs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/livefs"
)

// What is told follows the order of the package; a link comes after what it leads to.
func TestTell(t *testing.T) {
	root := scratch(t)
	lay(t, root, "usr/share/\nusr/share/same = same\netc/keep.conf = mine", 0)
	var told []string
	o := options()
	o.Tell = func(a livefs.Act) {
		told = append(told, strings.Join(strings.Fields(fmt.Sprintln(a.Deed, a.Count, a.Mark, a.Kind, a.Path, a.Target, a.Why)), " "))
	}
	p := pkg{cpv: "app-misc/thing-1", image: "usr/share/same = same\nusr/bin/link -> tool\nusr/bin/tool = tool\netc/keep.conf = theirs"}
	image, entry := p.make(t, scratch(t))
	image.Order = []string{"", "usr", "usr/share", "usr/share/same", "usr/bin", "usr/bin/link", "usr/bin/tool", "etc", "etc/keep.conf"}
	if _, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, o); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"checking 4 changed dir",
		"merging 0 changed dir",
		"placed 0 left dir /usr",
		"placed 0 left dir /usr/share",
		"placed 0 same obj /usr/share/same",
		"placed 0 changed dir /usr/bin",
		"placed 0 changed obj /usr/bin/tool",
		"placed 0 left dir /etc",
		"placed 0 changed obj /etc/._cfg0000_keep.conf",
		"placed 0 changed sym /usr/bin/link tool",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("Merge told (-want +got):\n%s", diff)
	}
	contents, err := os.ReadFile(filepath.Join(root, "var/db/pkg/app-misc/thing-1/CONTENTS"))
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for l := range strings.Lines(string(contents)) {
		paths = append(paths, strings.Fields(l)[1])
	}
	if diff := cmp.Diff([]string{"/usr", "/usr/share", "/usr/share/same", "/usr/bin", "/usr/bin/tool", "/etc", "/etc/keep.conf", "/usr/bin/link"}, paths); diff != "" {
		t.Errorf("CONTENTS (-want +got):\n%s", diff)
	}

	told = nil
	if err := os.WriteFile(filepath.Join(root, "usr/bin/other"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	o.Features["unmerge-orphans"] = false
	lay(t, root, "usr/share/same = changed", 5)
	if _, err := livefs.Unmerge(t.Context(), livefs.Root{Dir: root}, cpv(t, "app-misc/thing-1"), o); err != nil {
		t.Fatal(err)
	}
	want = []string{
		"dropped 0 left obj /usr/share/same !mtime",
		"dropped 0 changed obj /usr/bin/tool",
		"dropped 0 changed sym /usr/bin/link",
		"dropped 0 left obj /etc/keep.conf !md5",
		"dropped 0 left dir /usr/share !empty",
		"dropped 0 left dir /usr/bin !empty",
		"dropped 0 left dir /usr !empty",
		"dropped 0 left dir /etc !empty",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("Unmerge told (-want +got):\n%s", diff)
	}
}
