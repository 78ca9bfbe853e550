// Package depcache keeps metadata of ebuilds outside of their repositories: the
// user-side cache that Portage calls depcachedir (/var/cache/edb/dep). An entry
// of repository /var/db/repos/gentoo lies at
//
//	/var/cache/edb/dep/var/db/repos/gentoo/CATEGORY/PF
//
// in the lines of an md5-dict entry, but with three words for each eclass in
// _eclasses_: name, folder, digest. Portage reads what is written here, and the
// other way round. Entries of old versions of Portage, which name modification
// times instead of digests, are read as well.
//
// What is given out is a plain [md5cache.Entry]. The package refuses to know how
// metadata is made, and believes no entry that does not fit the ebuild and the
// eclasses as they are.
//
// Files are replaced whole, but not synchronised: an entry is worth a hundredth
// of a second of work, a torn one lacks its digest, which comes last, and so
// counts for nothing.
package depcache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// Permissions of what is made. Who may write is decided by the group of the
// cache's folder, which its set-group-id bit hands on.
const (
	filePerm   = 0o664
	folderPerm = 0o775
)

// ErrStale reports that an entry does not fit the ebuild and its eclasses.
var ErrStale = errors.New("stale entry")

// A Cache is one depcachedir. It is safe for concurrent use, and by several
// processes.
type Cache struct {
	dir string
}

// Open gives the cache in a folder, which need not exist.
func Open(dir string) *Cache { return &Cache{dir: dir} }

// Dir gives the folder.
func (c *Cache) Dir() string { return c.dir }

// Location gives the folder of the entries of the repository at a location.
func (c *Cache) Location(repository string) string { return filepath.Join(c.dir, repository) }

// Eclasses tells of the eclasses that one repository sees; see eclass.Set.
type Eclasses interface {
	md5cache.Digests
	Path(name string) (path string, ok bool)
}

// An Ebuild is what an entry is compared with.
type Ebuild struct {
	Repository string // location of its repository
	Category   string
	PF         string // PN-PVR as the file spells it
	MD5        string // digest of the file
	MTime      int64  // modification time in seconds since 1970
	Eclasses   Eclasses
}

// path gives the file of the entry of an ebuild.
func (c *Cache) path(e *Ebuild) string {
	return filepath.Join(c.Location(e.Repository), e.Category, e.PF)
}

// Get gives the entry of an ebuild, as md5-dict has it. Without an entry the
// error is fs.ErrNotExist; one that does not fit gives ErrStale. An entry that is
// no entry is removed.
func (c *Cache) Get(e *Ebuild) (*md5cache.Entry, error) {
	path := c.path(e)
	raw, err := md5cache.Read(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			_ = os.Remove(path) // as Portage does; what cannot be removed is passed over again
		}
		return nil, err
	}
	if name := strings.TrimSpace(raw.Get("EAPI")); name != "" {
		if _, ok := eapi.Lookup(name); !ok {
			return nil, fmt.Errorf("%s: %w: EAPI %s", path, ErrStale, name)
		}
	}
	entry, err := e.adopt(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return entry, nil
}

// adopt makes an md5-dict entry of one of the cache, if it is fresh.
func (e *Ebuild) adopt(raw *md5cache.Entry) (*md5cache.Entry, error) {
	used, err := parseUsed(raw.Get(keyEclasses))
	if err != nil {
		return nil, err
	}
	if !e.fits(raw, used) {
		return nil, ErrStale
	}
	values := make(map[string]string)
	for _, k := range raw.Keys() {
		switch k {
		case keyMTime, keyEclasses, keyInherited:
		default:
			values[k] = raw.Get(k)
		}
	}
	values[keyMD5] = e.MD5
	pairs := make([]string, 0, 2*len(used))
	for _, u := range used {
		digest, _ := e.Eclasses.MD5(u.name) // there is one: the entry fits
		pairs = append(pairs, u.name, digest)
	}
	values[keyEclasses] = strings.Join(pairs, "\t")
	return md5cache.New(values)
}

// Put writes the entry of an ebuild. Folders are made as they are needed.
func (c *Cache) Put(e *Ebuild, entry *md5cache.Entry) error {
	text, err := e.text(entry)
	if err != nil {
		return fmt.Errorf("write cache entry of %s/%s: %w", e.Category, e.PF, err)
	}
	path := c.path(e)
	err = atomicfile.ReplaceFile(path, []byte(text), filePerm)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeFolders(filepath.Dir(path)); err == nil {
			err = atomicfile.ReplaceFile(path, []byte(text), filePerm)
		}
	}
	return err
}

// text writes an md5-dict entry as the cache has it.
func (e *Ebuild) text(entry *md5cache.Entry) (string, error) {
	used, err := entry.Eclasses()
	if err != nil {
		return "", err
	}
	values := make(map[string]string)
	for _, k := range entry.Keys() {
		values[k] = entry.Get(k)
	}
	words := make([]string, 0, 3*len(used))
	for _, u := range used {
		path, ok := e.Eclasses.Path(u.Name)
		if !ok {
			return "", fmt.Errorf("no eclass %s", u.Name)
		}
		words = append(words, u.Name, filepath.Dir(path), u.MD5)
	}
	values[keyEclasses] = strings.Join(words, "\t")
	out, err := md5cache.New(values)
	if err != nil {
		return "", err
	}
	return out.Text(), nil
}

// makeFolders makes a folder and those above it, with the cache's permissions
// where they are new.
func makeFolders(dir string) error {
	if st, err := os.Stat(dir); err == nil && st.IsDir() {
		return nil
	}
	if err := makeFolders(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, folderPerm); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another process was faster
		}
		return err
	}
	st, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return os.Chmod(dir, st.Mode()|folderPerm) // the process's mask does not apply
}
