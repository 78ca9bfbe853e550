// Package trees lays out copies of ebuild repositories in which caches can be
// made, and compares these caches with expected ones: those of a flatcar/scripts
// checkout, which carry no cache of their own, and those of the sample.
package trees

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Trees are repositories that can be changed, and a configuration of them.
type Trees struct {
	Config string            // holds etc/portage
	Repos  map[string]string // location by name
}

// flatcarTrees is where a flatcar/scripts checkout has its repositories.
const flatcarTrees = "sdk_container/src/third_party"

// Flatcar copies the two repositories of a flatcar/scripts checkout below dir.
func Flatcar(scripts, dir string) (*Trees, error) {
	t, err := lay(filepath.Join(scripts, flatcarTrees), dir, "portage-stable", "coreos-overlay")
	if err != nil {
		return nil, err
	}
	profile := filepath.Join(t.Repos["portage-stable"], "profiles/default/linux/amd64/23.0")
	return t, os.Symlink(profile, filepath.Join(t.Config, "etc/portage/make.profile"))
}

// Sample copies the repositories of the sample, without their caches, below dir.
func Sample(repository, dir string) (*Trees, error) {
	return lay(filepath.Join(repository, "testdata/sample/repos"), dir, "sample", "sample-board")
}

// lay copies repositories, the main one first, and configures them.
func lay(from, dir string, names ...string) (*Trees, error) {
	t := &Trees{Config: filepath.Join(dir, "config"), Repos: map[string]string{}}
	conf := fmt.Sprintf("[DEFAULT]\nmain-repo = %s\n", names[0])
	for _, name := range names {
		location := filepath.Join(dir, "trees", name)
		if err := os.CopyFS(location, os.DirFS(filepath.Join(from, name))); err != nil {
			return nil, err
		}
		if err := os.RemoveAll(filepath.Join(location, "metadata/md5-cache")); err != nil {
			return nil, err
		}
		t.Repos[name] = location
		conf += fmt.Sprintf("[%s]\nlocation = %s\n", name, location)
	}
	etc := filepath.Join(t.Config, "etc/portage")
	if err := os.MkdirAll(etc, 0o755); err != nil {
		return nil, err
	}
	return t, os.WriteFile(filepath.Join(etc, "repos.conf"), []byte(conf), 0o644)
}

// Compare counts the entries that are the same, byte for byte, as those of the
// repositories below the folder want, and all those. An entry that is not
// expected is an error.
func (t *Trees) Compare(want string) (same, total int, err error) {
	var errs []error
	for name, location := range t.Repos {
		expected := filepath.Join(want, name, "metadata/md5-cache")
		errs = append(errs, entries(expected, func(entry string, text []byte) error {
			total++
			if got, err := os.ReadFile(filepath.Join(location, "metadata/md5-cache", entry)); err == nil && bytes.Equal(got, text) {
				same++
			}
			return nil
		}))
		errs = append(errs, entries(filepath.Join(location, "metadata/md5-cache"), func(entry string, _ []byte) error {
			if _, err := os.Stat(filepath.Join(expected, entry)); err != nil {
				return fmt.Errorf("entry that is not expected: %w", err)
			}
			return nil
		}))
	}
	return same, total, errors.Join(errs...)
}

// entries calls visit for every file below a folder, by its path there.
func entries(dir string, visit func(entry string, text []byte) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return visit(strings.TrimPrefix(path, dir+"/"), text)
	})
}
