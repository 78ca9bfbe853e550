package profiles_test

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
)

// The configuration in testdata/example: a profile with USE="ssl", which
// make.conf takes back.
func ExampleLoad() {
	root, err := filepath.Abs("testdata/example")
	if err != nil {
		fmt.Println(err)
		return
	}
	conf := "[DEFAULT]\nmain-repo = example\n[example]\nlocation = " + root + "/repo\n"
	c, err := profiles.Load(profiles.Options{
		ConfigRoot: root,
		Repos:      repos.Load(repos.Options{Text: &conf}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	use, _ := c.Vars.Lookup("USE")
	for _, w := range use.Words {
		fmt.Println(w.Text, strings.TrimPrefix(w.Pos.String(), root+"/"))
	}
	// Output:
	// amd64 repo/profiles/base/make.defaults:1
	// zstd etc/portage/make.conf:1
}
