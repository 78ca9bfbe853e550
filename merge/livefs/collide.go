package livefs

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/profiles/fnmatch"
)

// A CollisionError says that an image would overwrite what is not the package's.
type CollisionError struct {
	// Paths are the files in the way, sorted.
	Paths []string
	// Owners are the installed packages they belong to, by path, as
	// "category/package-version:slot::repository".
	Owners map[string][]string
	// Links are the paths at which the image has a link and the root a folder.
	Links []string
}

// Error names the files and their owners.
func (e *CollisionError) Error() string {
	var parts []string
	for _, name := range e.Paths {
		part := name
		if slices.Contains(e.Links, name) {
			part += " (a link over a folder)"
		}
		if owners := e.Owners[name]; len(owners) > 0 {
			part += " of " + strings.Join(owners, " and ")
		}
		parts = append(parts, part)
	}
	return "file collision: " + strings.Join(parts, "; ")
}

// A ClashError says that two files of an image have one place in the root and
// differ.
type ClashError struct{ Path, A, B string }

// Error names the files.
func (e *ClashError) Error() string {
	return fmt.Sprintf("%s and %s of the image are both %s in the root, and differ", e.A, e.B, e.Path)
}

// A HardLinkError says that programs of the installed version which run with the
// rights of their owner have names that no package knows.
type HardLinkError struct{ Paths []string }

// Error names the files.
func (e *HardLinkError) Error() string {
	return "files that run with their owner's rights have further, unknown names: " + fileList(e.Paths)
}

// checkHardLinks looks for set-id files of instances that have more names than these
// own.
func (j *job) checkHardLinks(list []*instance) error {
	type found struct {
		paths map[string]bool
		links uint64
	}
	files := make(map[inode]*found)
	for _, in := range list {
		for real := range in.files {
			st, err := j.stat(real)
			if err != nil {
				return err
			}
			if st == nil || kindOf(st) != unix.S_IFREG || st.Nlink < 2 || st.Mode&(unix.S_ISUID|unix.S_ISGID) == 0 {
				continue
			}
			key := inode{st.Dev, st.Ino}
			if files[key] == nil {
				files[key] = &found{make(map[string]bool), uint64(st.Nlink)}
			}
			files[key].paths[real] = true
		}
	}
	var bad []string
	for _, f := range files {
		if uint64(len(f.paths)) < f.links {
			for name := range f.paths {
				bad = append(bad, name)
			}
		}
	}
	if len(bad) == 0 {
		return nil
	}
	slices.Sort(bad)
	return &HardLinkError{bad}
}

// A checker checks an image against the root.
type checker struct {
	*job
	mine      []*instance // may lose files to the image
	preserved map[string]bool
	ignore    []string
	paths     []string // in the way
	links     []string
}

// collisions checks that an image overwrites nothing that is not the package's. What
// may be overwritten all the same is noted.
func (j *job) collisions(items []*item, mine []*instance, preserved map[string]bool) error {
	c := &checker{job: j, mine: mine, preserved: preserved}
	for _, pattern := range j.CollisionIgnore {
		if j.fs.IsDir(path.Join("/", j.root.EPrefix, pattern)) {
			pattern = path.Clean(pattern) + "/*"
		}
		c.ignore = append(c.ignore, pattern)
	}
	for _, i := range items {
		if i.regular() || i.link() {
			if err := c.check(i); err != nil {
				return err
			}
		}
	}
	slices.Sort(c.paths)
	c.paths = slices.Compact(c.paths)
	if len(c.paths) == 0 {
		return nil
	}
	return c.judge()
}

func (c *checker) check(i *item) error {
	real := c.real(i.path)
	st, err := c.stat(real)
	if err != nil {
		return err
	}
	for dir := real; st == nil; { // a file may be where a folder is wanted
		if dir = path.Dir(dir); dir == "/" {
			return nil
		}
		if st, err = c.stat(dir); err != nil {
			return err
		}
		if st == nil {
			continue
		}
		if kindOf(st) == unix.S_IFDIR || kindOf(st) == unix.S_IFLNK && c.fs.IsDir(dir) {
			return nil
		}
		real = dir
	}
	if kindOf(st) == unix.S_IFDIR && i.link() {
		c.links = append(c.links, real)
		c.paths = append(c.paths, real)
		return nil
	}
	if c.preserved[real] || c.protect.Protected(real) || slices.ContainsFunc(c.mine, func(in *instance) bool { return in.owns(real) }) {
		return nil
	}
	name := strings.TrimPrefix(real, c.root.EPrefix)
	if slices.ContainsFunc(c.ignore, func(pattern string) bool { return fnmatch.Match(pattern, name) }) {
		return nil
	}
	c.paths = append(c.paths, real)
	return nil
}

// judge decides whether collisions end the merge.
func (c *checker) judge() error {
	all, err := c.db.All()
	if err != nil {
		return err
	}
	e := &CollisionError{Paths: c.paths, Owners: make(map[string][]string), Links: c.links}
	for _, p := range all {
		in := c.instance(p)
		for _, name := range c.paths {
			if in.owns(name) {
				text := fmt.Sprintf("%s:%s", p.CPV, p.Slot)
				if p.Repo != "" {
					text += "::" + p.Repo
				}
				e.Owners[name] = append(e.Owners[name], text)
			}
		}
	}
	if len(c.links) > 0 || c.feature("collision-protect") || c.feature("protect-owned") && len(e.Owners) > 0 {
		return e
	}
	c.result.note("overwritten, though not of this package: %s", fileList(c.paths))
	return nil
}

// clashes checks that no two files of the image with one place differ.
func (j *job) clashes(items []*item) error {
	first := make(map[string]*item)
	p := newPlacer(j, nil)
	for _, i := range items {
		if i.dir() {
			continue
		}
		real := j.real(i.path)
		a := first[real]
		if a == nil {
			first[real] = i
			continue
		}
		same := a.owner == i.owner && a.target == i.target
		if same && i.regular() {
			x, err := p.digestItem(a)
			if err != nil {
				return err
			}
			y, err := p.digestItem(i)
			if err != nil {
				return err
			}
			same = x == y
			if same && j.feature("xattr") {
				if same, err = p.sameAttributes(a.src, i.src); err != nil {
					return err
				}
			}
		}
		if !same {
			return &ClashError{real, a.path, i.path}
		}
	}
	return nil
}
