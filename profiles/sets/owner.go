package sets

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// owner makes the set of packages that own some files and none of others.
func (b *builder) owner() (*Set, error) {
	value, err := b.need("files")
	if err != nil {
		return nil, err
	}
	files, err := shellconf.Split(value)
	if err != nil {
		return nil, err
	}
	exclude, err := shellconf.Split(b.get("exclude-files", ""))
	if err != nil {
		return nil, err
	}
	return &Set{Unmerge: true, load: func(c *collector) {
		if b.Queries.Owners == nil {
			c.fail(unanswered("owners of files"))
			return
		}
		without := map[*ebuild.Package]bool{}
		for _, list := range b.owners(c, exclude) {
			for _, p := range list {
				without[p] = true
			}
		}
		for _, list := range b.owners(c, files) {
			for _, p := range list {
				if !without[p] {
					c.addSlot(p)
				}
			}
		}
	}}, nil
}

// owners returns the packages that own what patterns match below EROOT.
func (b *builder) owners(c *collector, patterns []string) map[string][]*ebuild.Package {
	if len(patterns) == 0 {
		return nil
	}
	var paths []string
	for _, pattern := range patterns {
		paths = append(paths, b.glob(c, pattern)...)
	}
	owners, err := b.Queries.Owners(paths)
	c.fail(err)
	return owners
}

// glob returns the paths, relative to ROOT, that a pattern below EROOT matches.
func (b *builder) glob(c *collector, pattern string) []string {
	eroot := filepath.Join(b.Root, b.EPrefix)
	pattern = filepath.Clean("/" + pattern)
	if !strings.ContainsAny(pattern, "*?[") {
		if _, err := os.Lstat(filepath.Join(eroot, pattern)); err != nil {
			return nil
		}
		return []string{filepath.Join("/", b.EPrefix, pattern)}
	}
	found, err := fs.Glob(os.DirFS(eroot), strings.TrimPrefix(pattern, "/"))
	if err != nil {
		c.fail(fmt.Errorf("%s: %w", pattern, err))
	}
	for i := range found {
		found[i] = filepath.Join("/", b.EPrefix, found[i])
	}
	return found
}

// libraries makes the sets of packages that use preserved or given libraries.
func (b *builder) libraries(class string) (*Set, error) {
	files, err := shellconf.Split(b.get("files", ""))
	if err != nil {
		return nil, err
	}
	if class == classConsumers && len(files) == 0 {
		return nil, fmt.Errorf("%w: files", ErrOption)
	}
	return &Set{Unmerge: true, load: func(c *collector) {
		l := b.Queries.Libraries
		if l == nil {
			c.fail(unanswered("libraries"))
			return
		}
		if class == classConsumers {
			b.addConsumers(c, files, nil)
			return
		}
		preserved, err := l.Preserved()
		c.fail(err)
		// A package need not be built again because it holds preserved
		// libraries that happen to use other preserved libraries.
		without := make(map[string]bool, len(preserved))
		for _, path := range preserved {
			without[path] = true
		}
		b.addConsumers(c, preserved, without)
	}}, nil
}

// addConsumers adds the packages whose objects use libraries, except objects
// in without.
func (b *builder) addConsumers(c *collector, libraries []string, without map[string]bool) {
	for _, library := range libraries {
		consumers, err := b.Queries.Libraries.Consumers(library)
		c.fail(err)
		for _, path := range consumers {
			if without[path] {
				continue
			}
			owners, err := b.Queries.Libraries.Owners(path)
			c.fail(err)
			for _, p := range owners {
				c.addSlot(p)
			}
		}
	}
}
