// Package profilestest lays out configurations for tests: those of the shared
// Flatcar corpus, and small ones written as txtar archives.
package profilestest

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
)

// Targets are the configurations of the corpus.
func Targets() []string { return []string{"sdk", "amd64-usr", "arm64-usr"} }

// Corpus copies a configuration of the corpus to a temporary directory,
// replaces its tokens, adds files below etc/portage, and returns the options to
// load it with.
func Corpus(tb testing.TB, target string, files map[string][]string) profiles.Options {
	tb.Helper()
	corpus := sharedtest.Path(tb, "corpus", "flatcar")
	root, trees := tb.TempDir(), filepath.Join(corpus, "trees")
	tokens := strings.NewReplacer(
		"${TREES}", trees, "../../../../../trees", trees,
		"${BOARD_ROOT}", root, `source "/etc`, `source "`+root+`/etc`)
	from := filepath.Join(corpus, "config", target)
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		Write(tb, filepath.Join(root, strings.TrimPrefix(path, from)), tokens.Replace(string(data)))
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	for name, lines := range files {
		Write(tb, filepath.Join(root, "etc/portage", name), strings.Join(lines, "\n")+"\n")
	}
	o := profiles.Options{ConfigRoot: root, Root: root, Sysroot: root}
	if target == "sdk" {
		o.Root, o.Sysroot = "/", "/"
	}
	return o
}

// Lay writes the files of a txtar archive below a temporary directory and
// returns the directory, see LayFiles.
func Lay(tb testing.TB, archive string) string {
	tb.Helper()
	files := make(map[string]string)
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = string(f.Data)
	}
	return LayFiles(tb, files)
}

// LayFiles writes files below a temporary directory and returns the directory.
// "${ROOT}" in a file stands for it. A file whose content is "-> target" is a
// symbolic link.
func LayFiles(tb testing.TB, files map[string]string) string {
	tb.Helper()
	root := tb.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		text = strings.ReplaceAll(text, "${ROOT}", root)
		target, link := strings.CutPrefix(text, "-> ")
		if !link {
			Write(tb, path, text)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.Symlink(strings.TrimSpace(target), path); err != nil {
			tb.Fatal(err)
		}
	}
	return root
}

// A Playground describes the small world of Portage's resolver tests: one
// repository with a profile for x86 and, below it, the active test profile.
type Playground struct {
	Layout   []string            // metadata/layout.conf of the repository
	Profile  map[string][]string // files of the active profile
	Profiles map[string][]string // other files below profiles/
	User     map[string][]string // files below etc/portage
}

// Lay writes the playground below a temporary directory, which it returns.
func (p Playground) Lay(tb testing.TB) string {
	tb.Helper()
	root := tb.TempDir()
	repo := filepath.Join(root, "repos/test_repo")
	active := filepath.Join(repo, "profiles/default/linux/x86/test_profile")
	put := func(dir, name string, lines ...string) {
		Write(tb, filepath.Join(dir, name), strings.Join(append(lines, ""), "\n"))
	}
	put(repo, "profiles/repo_name", "test_repo")
	put(repo, "profiles/arch.list", "x86")
	put(repo, "profiles/license_groups", "EULA TEST")
	put(repo, "metadata/layout.conf", append([]string{"masters ="}, p.Layout...)...)
	put(active, "eapi", "0")
	put(active, "make.defaults", `ARCH="x86"`, `ACCEPT_KEYWORDS="x86"`)
	put(active, "use.force", "x86")
	put(active, "parent", "..")
	put(root, "etc/portage/make.conf", append([]string{`ACCEPT_KEYWORDS="x86"`}, p.User["make.conf"]...)...)
	for name, lines := range p.Profile {
		put(active, name, lines...)
	}
	for name, lines := range p.Profiles {
		put(repo, filepath.Join("profiles", name), lines...)
	}
	for name, lines := range p.User {
		if name != "make.conf" {
			put(root, filepath.Join("etc/portage", name), lines...)
		}
	}
	if err := os.Symlink(active, filepath.Join(root, "etc/portage/make.profile")); err != nil {
		tb.Fatal(err)
	}
	return root
}

// Load loads the configuration laid out below root, see Options.
func Load(tb testing.TB, root string) *profiles.Config {
	tb.Helper()
	c, err := profiles.Load(Options(tb, root))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Records reads a file of unit vectors into list, a pointer to a slice.
func Records(tb testing.TB, name string, list any) {
	tb.Helper()
	data, err := os.ReadFile(sharedtest.Path(tb, "vectors", "unit", name))
	if err != nil {
		tb.Fatal(err)
	}
	var file struct{ Records json.RawMessage }
	if err := json.Unmarshal(data, &file); err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(file.Records, list); err != nil {
		tb.Fatal(err)
	}
}

// Options returns the options for a configuration laid out below root: the
// repositories are the directories of root/repos, in the order of names, the
// first of which is the main one.
func Options(tb testing.TB, root string) profiles.Options {
	tb.Helper()
	list, err := os.ReadDir(filepath.Join(root, "repos"))
	if err != nil {
		tb.Fatal(err)
	}
	var text strings.Builder
	for i, d := range list {
		if i == 0 {
			text.WriteString("[DEFAULT]\nmain-repo = " + d.Name() + "\n")
		}
		text.WriteString("[" + d.Name() + "]\nlocation = " + filepath.Join(root, "repos", d.Name()) + "\n")
	}
	conf := text.String()
	return profiles.Options{
		ConfigRoot: root, Root: root, Sysroot: root,
		Repos: repos.Load(repos.Options{Text: &conf}),
	}
}

// Write writes a file and the directories it is in.
func Write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}
