// Package distfiles tells which distfiles an ebuild needs and how much of each
// is still to be fetched.
//
// Sizes come from the Manifest beside the ebuild; what is there is looked up in
// DISTDIR. The package fetches nothing and does not compare digests: a file of
// the right size counts as complete, as it does for Portage's sizes of downloads
// (dbapi/porttree.py: getfetchsizes).
package distfiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// partSuffix ends the name of a file that is being fetched.
const partSuffix = ".__download__"

// A File is a distfile of an ebuild.
type File struct {
	Name string
	Size int64 // bytes of the whole file
	Left int64 // bytes that are still to be fetched; 0 if it is complete
	// Free says that the file is exempt from RESTRICT=fetch.
	Free bool
}

// A Store answers about the distfiles of ebuilds. It keeps the Manifests and
// file sizes that it has read, so it describes one moment. It is safe for
// concurrent use.
type Store struct {
	repos    map[string]*ebuild.Repository
	distdir  string
	readOnly []string

	mu        sync.Mutex
	manifests map[string]*manifest.Manifest // by folder; nil if there is none
	left      map[sized]int64
}

type sized struct {
	name string
	size int64
}

// New returns the store of some repositories with the folders that hold
// distfiles: DISTDIR, and those of PORTAGE_RO_DISTDIRS. All are absolute.
func New(repos []*ebuild.Repository, distdir string, readOnly []string) *Store {
	s := &Store{
		repos: make(map[string]*ebuild.Repository), distdir: distdir, readOnly: readOnly,
		manifests: make(map[string]*manifest.Manifest), left: make(map[sized]int64),
	}
	for _, r := range repos {
		s.repos[r.Name] = r
	}
	return s
}

// Files returns the files that an ebuild needs if enabled tells its flags, in
// the order of SRC_URI, each once. Files that the Manifest does not list are
// left out, as their size is unknown.
func (s *Store) Files(p *ebuild.Package, enabled func(flag string) bool) ([]File, error) {
	tree, err := p.SrcURI()
	if err != nil {
		return nil, fmt.Errorf("%s: SRC_URI: %w", p.CPV, err)
	}
	uris := tree.Leaves(enabled)
	if len(uris) == 0 {
		return nil, nil
	}
	m, err := s.manifest(p)
	if m == nil || err != nil {
		return nil, err
	}
	var files []File
	index := make(map[string]int)
	for _, u := range uris {
		free := u.Override != atoms.URIPlain
		if i, known := index[u.Name]; known {
			files[i].Free = files[i].Free && free
			continue
		}
		entry, ok := m.Find(manifest.Dist, u.Name)
		if !ok {
			continue
		}
		index[u.Name] = len(files)
		files = append(files, File{Name: u.Name, Size: entry.Size, Left: s.remaining(u.Name, entry.Size), Free: free})
	}
	return files, nil
}

// manifest returns the Manifest of an ebuild's folder, nil if there is none.
func (s *Store) manifest(p *ebuild.Package) (*manifest.Manifest, error) {
	r := s.repos[p.Repo]
	if r == nil {
		return nil, nil
	}
	dir := filepath.Join(r.Location, p.CPV.CP.Category(), p.CPV.CP.Name())
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.manifests[dir]; ok {
		return m, nil
	}
	m, err := manifest.Read(filepath.Join(dir, "Manifest"))
	if errors.Is(err, fs.ErrNotExist) {
		m, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.manifests[dir] = m
	return m, nil
}

// remaining returns how many bytes of a file are missing. A file that is being
// fetched counts as far as it is there; one that is too large is of no use.
func (s *Store) remaining(name string, size int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := sized{name, size}
	left, ok := s.left[k]
	if !ok {
		left = s.look(name, size)
		s.left[k] = left
	}
	return left
}

func (s *Store) look(name string, size int64) int64 {
	path := filepath.Join(s.distdir, name)
	if sizeOf(path) == size {
		return 0
	}
	if part := sizeOf(path + partSuffix); part >= 0 {
		if part > size {
			return size
		}
		return size - part
	}
	for _, dir := range s.readOnly {
		if sizeOf(filepath.Join(dir, name)) == size {
			return 0
		}
	}
	return size
}

// sizeOf returns the size of a file, -1 if there is none.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}
