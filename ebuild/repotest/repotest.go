// Package repotest builds ebuild repositories from txtar text for tests, and
// holds the conformance suite that everything that yields packages must pass.
//
// The first part of a file name is the repository. A file "repo/category/PF" is
// a package: lines KEY=value that make its cache entry, to which EAPI=8 and
// SLOT=0 are added if they are not there. "repo/category/PF.ebuild" is the same
// with an ebuild beside it that the entry is fresh for. All other files are
// written as they are:
//
//	-- gentoo/dev-libs/lib-2 --
//	SLOT=0/2
//	-- gentoo/app-misc/app-1 --
//	RDEPEND=dev-libs/lib:=
//	-- gentoo/profiles/package.mask --
//	dev-libs/lib
//	-- local/app-misc/app-2.ebuild --
//	KEYWORDS=~amd64
//
// The first repository is the main one. Unless given, profiles/repo_name holds
// the name, profiles/categories the categories of the packages, and
// metadata/layout.conf the masters: the main repository, or none for itself.
package repotest

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// A Tree is repositories on disk.
type Tree struct {
	Dir  string // holds a folder for each repository
	Conf string // text of a repos.conf that configures them
}

// Write lays out the repositories of a txtar text in a temporary folder, which
// goes with the test.
func Write(tb testing.TB, text string) *Tree {
	tb.Helper()
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	w := &writer{tb: tb, dir: dir, given: map[string]bool{}, categories: map[string][]string{}}
	for _, f := range txtar.Parse([]byte(text)).Files {
		w.file(f.Name, string(f.Data))
	}
	for _, r := range w.repos {
		w.defaults(r)
	}
	return &Tree{Dir: dir, Conf: w.conf()}
}

// Repo is the location of a repository.
func (t *Tree) Repo(name string) string { return filepath.Join(t.Dir, name) }

// Config reads the configuration of the repositories. Problems fail the test.
func (t *Tree) Config(tb testing.TB) *repos.Config {
	tb.Helper()
	cfg := repos.Load(repos.Options{Text: &t.Conf})
	for _, p := range cfg.Problems {
		tb.Errorf("repotest: %v", p)
	}
	return cfg
}

// Open opens the repositories; they are closed with the test.
func (t *Tree) Open(tb testing.TB, o ebuild.OpenOptions) *ebuild.RepoSet {
	tb.Helper()
	set, err := ebuild.Open(t.Config(tb), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := set.Close(); err != nil {
			tb.Errorf("close repositories: %v", err)
		}
	})
	return set
}

// Build writes and opens repositories, without an index.
func Build(tb testing.TB, text string) *ebuild.RepoSet {
	tb.Helper()
	return Write(tb, text).Open(tb, ebuild.OpenOptions{})
}

// Package gives one package of a set, or fails the test.
func Package(tb testing.TB, s ebuild.Source, cpv string) *ebuild.Package {
	tb.Helper()
	parsed, err := atoms.ParseCPV(cpv)
	if err != nil {
		tb.Fatal(err)
	}
	list, err := s.Packages(parsed.CP)
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range list {
		if p.CPV == parsed {
			return p
		}
	}
	tb.Fatalf("no package %s among %v", cpv, list)
	return nil
}

// A writer lays out files.
type writer struct {
	tb         testing.TB
	dir        string
	repos      []string            // in order of appearance
	given      map[string]bool     // names of files
	categories map[string][]string // of each repository
}

func (w *writer) file(name, text string) {
	w.tb.Helper()
	repo, rest, ok := strings.Cut(name, "/")
	if !ok {
		w.tb.Fatalf("repotest: file %q is in no repository", name)
	}
	if !slices.Contains(w.repos, repo) {
		w.repos = append(w.repos, repo)
	}
	cpv, err := atoms.ParseCPV(strings.TrimSuffix(rest, ".ebuild"))
	if err != nil || strings.Count(rest, "/") != 1 {
		w.given[name] = true
		w.write(name, text)
		return
	}
	w.categories[repo] = append(w.categories[repo], cpv.CP.Category())
	text = complete(text)
	if strings.HasSuffix(rest, ".ebuild") {
		w.write(filepath.Join(repo, string(cpv.CP), cpv.PF()+".ebuild"), text)
		text += "_md5_=" + MD5(text) + "\n"
	}
	w.write(filepath.Join(repo, "metadata/md5-cache", cpv.CP.Category(), cpv.PF()), text)
}

// complete adds what every entry has.
func complete(text string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	for _, line := range []string{"EAPI=8", "SLOT=0"} {
		key, _, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(text, key+"=") && !strings.Contains(text, "\n"+key+"=") {
			text += line + "\n"
		}
	}
	return text
}

// MD5 gives the digest of an ebuild as cache entries have it.
func MD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (w *writer) write(name, text string) {
	w.tb.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.tb.Fatal(err)
	}
}

func (w *writer) defaults(repo string) {
	w.tb.Helper()
	masters := "masters =\n"
	if repo != w.repos[0] {
		masters = "masters = " + w.repos[0] + "\n"
	}
	categories := slices.Compact(slices.Sorted(slices.Values(w.categories[repo])))
	for _, f := range []struct{ name, text string }{
		{"profiles/repo_name", repo + "\n"},
		{"profiles/categories", strings.Join(append(categories, ""), "\n")},
		{"metadata/layout.conf", masters},
	} {
		if name := repo + "/" + f.name; !w.given[name] {
			w.write(name, f.text)
		}
	}
}

func (w *writer) conf() string {
	var b strings.Builder
	if len(w.repos) > 0 {
		fmt.Fprintf(&b, "[DEFAULT]\nmain-repo = %s\n", w.repos[0])
	}
	for _, r := range w.repos {
		fmt.Fprintf(&b, "[%s]\nlocation = %s\n", r, filepath.Join(w.dir, r))
	}
	return b.String()
}
