package profiles_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/profiles"
)

// layOut copies a configuration of the corpus to a temporary directory and
// replaces its tokens. It returns the options to load it with.
func layOut(tb testing.TB, target string) profiles.Options {
	tb.Helper()
	corpus := sharedtest.Path(tb, "corpus", "flatcar")
	root := tb.TempDir()
	tokens := strings.NewReplacer("${TREES}", filepath.Join(corpus, "trees"), "${BOARD_ROOT}", root, `"/etc/portage`, `"`+root+"/etc/portage")
	from := filepath.Join(corpus, "config", target)
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		to := filepath.Join(root, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := tokens.Replace(string(data))
		if d.Name() == "parent" {
			text = strings.ReplaceAll(text, "../../../../../trees", filepath.Join(corpus, "trees"))
		}
		return os.WriteFile(to, []byte(text), 0o644)
	})
	if err != nil {
		tb.Fatal(err)
	}
	o := profiles.Options{ConfigRoot: root, Root: root, Sysroot: root}
	if target == "sdk" {
		o.Root, o.Sysroot = "/", "/"
	}
	return o
}

func TestCorpusLoads(t *testing.T) {
	for _, target := range []string{"sdk", "amd64-usr", "arm64-usr"} {
		c, err := profiles.Load(layOut(t, target))
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		for _, w := range c.Warnings() {
			t.Errorf("%s: warning: %v", target, w)
		}
		t.Log(target, len(c.Nodes), c.Get("USE"))
		t.Log(c.Get("ACCEPT_KEYWORDS"), c.Get("ACCEPT_LICENSE"), c.Get("PYTHON_TARGETS"), c.Get("FEATURES"))
	}
}

func BenchmarkLoad(b *testing.B) {
	o := layOut(b, "amd64-usr")
	for b.Loop() {
		if _, err := profiles.Load(o); err != nil {
			b.Fatal(err)
		}
	}
}
