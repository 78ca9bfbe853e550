package portageq

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
)

// rootPath is ROOT without a slash at the end.
func (c *call) rootPath() string { return strings.TrimSuffix(c.sources().Places().Target, "/") }

// installedPackage finds an installed package by name and version; nil if it is not
// installed.
func (c *call) installedPackage(name string) (*vdb.DB, *ebuild.Package, error) {
	cpv, err := atoms.ParseCPV(name)
	if err != nil {
		return nil, nil, nil
	}
	db := c.installed(vdb.Interest{Category: cpv.CP.Category(), Name: cpv.CP.Name()})
	list, err := db.Packages(cpv.CP)
	for _, p := range list {
		if p.CPV.String() == name {
			return db, p, err
		}
	}
	return db, nil, err
}

// contents lists the files of an installed package.
func contents(_ context.Context, c *call) error {
	db, p, err := c.installedPackage(c.args[0])
	if err != nil {
		return err
	}
	if p == nil {
		return failed(cli.StatusFailure, "Package not found: '%s'", c.args[0])
	}
	list, problems := db.Contents(p)
	for _, problem := range problems {
		c.warn("%v", problem)
	}
	paths := c.paths(list)
	if c.json {
		return Owned.Write(c.env.Out, &ownedDoc{Packages: []ownedFiles{{c.args[0], paths}}, Orphans: []string{}})
	}
	return c.lines(paths...)
}

// paths are the files of a package and the folders above, with the root, sorted.
func (c *call) paths(list []vdb.Content) []string {
	prefix := strings.TrimSuffix(strings.TrimPrefix(c.root, c.rootPath()), "/")
	out := []string{}
	for _, entry := range vdb.WithParents(list, prefix) {
		out = append(out, c.rootPath()+entry.Path)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// errOutside is about a file that is not below the root.
var errOutside = errors.New("ERROR: file paths must begin with <eroot>!")

// below makes a path absolute and checks that it is below the root.
func (c *call) below(name string) (string, error) {
	if !filepath.IsAbs(name) && c.env.Dir == "" {
		return "", errors.New("ERROR: cwd does not exist!")
	}
	name = c.env.Abs(name)
	if !strings.HasPrefix(name, c.root) {
		return "", errOutside
	}
	return name, nil
}

// A wanted is a file that owners are asked for: a name without slashes is every
// file that is called so.
type wanted struct {
	text string // as it is told if it has no owner
	base string // name without slashes; or
	path string // path below ROOT
}

func (c *call) wanted(word string) (wanted, error) {
	if !strings.Contains(filepath.Clean(word), "/") {
		return wanted{text: filepath.Clean(word), base: filepath.Clean(word)}, nil
	}
	name, err := c.below(word)
	if err != nil {
		return wanted{}, &cli.StatusError{Status: statusFew, Err: err}
	}
	return wanted{text: name, path: name[len(c.rootPath()):]}, nil
}

// owners tells which packages own files: the packages of the last file first, as
// in portageq.
func owners(_ context.Context, c *call) error {
	files := make([]wanted, 0, len(c.args))
	var paths []string
	for _, word := range c.args {
		f, err := c.wanted(word)
		if err != nil {
			return err
		}
		if files = append(files, f); f.path != "" {
			paths = append(paths, f.path)
		}
	}
	db := c.installed(vdb.Interest{})
	defer db.Close() // losing the index costs time, nothing else
	byPath, err := db.Owners(c.rootPath(), paths)
	if err != nil {
		return err
	}
	byBase, err := c.byBase(db, files)
	if err != nil {
		return err
	}
	doc := &ownedDoc{Packages: []ownedFiles{}, Orphans: []string{}}
	own := func(name, file string) {
		i := slices.IndexFunc(doc.Packages, func(o ownedFiles) bool { return o.Package == name })
		if i < 0 {
			i = len(doc.Packages)
			doc.Packages = append(doc.Packages, ownedFiles{Package: name})
		}
		doc.Packages[i].Files = append(doc.Packages[i].Files, file)
	}
	for _, f := range slices.Backward(files) {
		for _, p := range byPath[f.path] {
			own(p.CPV.String(), f.text)
		}
		for _, o := range byBase[f.base] {
			for _, file := range o.Files {
				own(o.Package, file)
			}
		}
		if len(byPath[f.path])+len(byBase[f.base]) == 0 {
			doc.Orphans = append(doc.Orphans, f.text)
		}
	}
	for i := range doc.Packages {
		slices.Sort(doc.Packages[i].Files)
		doc.Packages[i].Files = slices.Compact(doc.Packages[i].Files)
	}
	slices.Sort(doc.Orphans)
	doc.Orphans = slices.Compact(doc.Orphans)
	return c.owned(doc)
}

// byBase finds files by their last names.
func (c *call) byBase(db *vdb.DB, files []wanted) (map[string][]ownedFiles, error) {
	out := map[string][]ownedFiles{}
	if !slices.ContainsFunc(files, func(f wanted) bool { return f.base != "" }) {
		return out, nil
	}
	all, err := db.All()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		list, _ := db.Contents(p) // what cannot be read owns nothing
		for _, f := range files {
			var found []string
			for _, file := range c.paths(list) {
				if f.base != "" && path.Base(file) == f.base {
					found = append(found, file)
				}
			}
			if len(found) > 0 {
				out[f.base] = append(out[f.base], ownedFiles{p.CPV.String(), found})
			}
		}
	}
	return out, nil
}

// owned prints who owns what.
func (c *call) owned(doc *ownedDoc) error {
	var err error
	if c.json {
		err = Owned.Write(c.env.Out, doc)
	} else {
		for _, o := range doc.Packages {
			if err = c.lines(o.Package, "\t"+strings.Join(o.Files, "\n\t")); err != nil {
				return err
			}
		}
		if len(doc.Orphans) > 0 {
			c.warn("None of the installed packages claim these files:\n\t%s", strings.Join(doc.Orphans, "\n\t"))
		}
	}
	if err == nil && len(doc.Packages) == 0 {
		return no()
	}
	return err
}
