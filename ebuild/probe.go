package ebuild

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// probes bounds how many package folders are looked at to find out whether a
// repository has ebuilds.
const probes = 16

// hasEbuilds says whether the versions of the repository are its ebuild files. A
// repository without a cache has ebuilds or nothing. One with a cache may have
// been shipped without ebuilds; then its versions are the cache entries. As there
// is no file that tells, package folders are looked at until one has an ebuild:
// all of a small repository, some spread over the categories of a large one.
func (s *store) hasEbuilds() bool {
	cached, err := list(s.cache, wantFolders)
	if err != nil || len(cached.Names) == 0 {
		return true
	}
	step := (len(cached.Names) + probes - 1) / probes
	share := max(1, probes/len(cached.Names))
	for i := 0; i < len(cached.Names); i += step {
		if s.probe(cached.Names[i], share) {
			return true
		}
	}
	return false
}

// probe looks at the first folders of a category.
func (s *store) probe(category string, folders int) bool {
	dir, err := os.Open(filepath.Join(s.location, category))
	if err != nil {
		return false
	}
	defer dir.Close()
	names, err := dir.Readdirnames(folders)
	if err != nil {
		return false
	}
	for _, n := range names {
		if _, err := atoms.ParseCP(category + "/" + n); err == nil && holdsEbuild(filepath.Join(dir.Name(), n)) {
			return true
		}
	}
	return false
}

func holdsEbuild(path string) bool {
	dir, err := os.Open(path)
	if err != nil {
		return false
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return false
	}
	for _, n := range names {
		if strings.HasSuffix(n, ebuildSuffix) {
			return true
		}
	}
	return false
}
