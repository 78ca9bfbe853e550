// Package eclass finds eclasses through the repositories that a repository sees,
// and tells their digests.
//
// Which folders those are, in which order, is decided by ebuild/repos: masters
// first, the repository itself next, overrides last; the last folder that has an
// eclass wins, as in Portage. The package refuses to read what is in an eclass.
package eclass

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// suffix of eclass file names.
const suffix = ".eclass"

// A Digester gives the md5 digest of the file at path in lower-case hexadecimal.
// It must be safe for concurrent use.
type Digester func(path string) (string, error)

// FileMD5 is the Digester that reads the file.
func FileMD5(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:]), nil
}

// A Set is the eclasses that one repository sees. Folders are listed and files
// digested on first use; after that the set does not notice changes. It is safe
// for concurrent use and implements md5cache.Digests.
type Set struct {
	paths  func() map[string]string // name to path of the winning file
	digest Digester

	mu      sync.Mutex
	digests map[string]string
}

// NewSet makes the set of the eclasses below the given repository locations;
// later ones win. A nil Digester means FileMD5.
func NewSet(locations []string, digest Digester) *Set {
	if digest == nil {
		digest = FileMD5
	}
	locations = append([]string(nil), locations...)
	return &Set{
		paths:   sync.OnceValue(func() map[string]string { return list(locations) }),
		digest:  digest,
		digests: make(map[string]string),
	}
}

func list(locations []string) map[string]string {
	paths := make(map[string]string)
	for _, location := range locations {
		dir := filepath.Join(location, "eclass")
		names, err := readNames(dir)
		if err != nil {
			continue // an unreadable eclass is a missing one: the cache entry counts as stale
		}
		for _, n := range names {
			if name, ok := strings.CutSuffix(n, suffix); ok {
				paths[name] = filepath.Join(dir, n)
			}
		}
	}
	return paths
}

func readNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

// Empty says whether no folder has any eclass.
func (s *Set) Empty() bool { return len(s.paths()) == 0 }

// Path gives the file of the named eclass.
func (s *Set) Path(name string) (string, bool) {
	p, ok := s.paths()[name]
	return p, ok
}

// MD5 gives the digest of the named eclass. An eclass that cannot be read is
// none.
func (s *Set) MD5(name string) (string, bool) {
	path, ok := s.Path(name)
	if !ok {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sum, known := s.digests[name]
	if !known {
		var err error
		if sum, err = s.digest(path); err != nil {
			sum = ""
		}
		s.digests[name] = sum
	}
	return sum, sum != ""
}
