// Package linkage knows which installed objects use which shared libraries, as
// the files NEEDED.ELF.2 of the installed packages record it.
//
// A library is found as the dynamic linker would find it: by its soname, in
// the run paths of the object that needs it, then in the default ones. What is
// loaded while a program runs (dlopen) is not known here. Libraries that were
// kept for others when their package went stand in no such file; they are read
// themselves. PMS says nothing of this; Portage calls it the linkage map.
package linkage

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/preserved"
	"github.com/tumpline/tumpline/merge/vdb"
)

// Options say where objects are.
type Options struct {
	Root string // ROOT: absolute, clean
	// Paths are the folders that are searched by default, as the linker of
	// Root sees them: those of ld.so.conf and the like.
	Paths []string
	// Preserved are the libraries that were kept for others. Nil: they are left
	// out of account.
	Preserved []preserved.Record
}

// A Map is the objects of all installed packages of one root. It does not
// notice later changes, and is used from one goroutine at a time.
type Map struct {
	Options
	db       *vdb.DB
	objects  map[string]*object // by key
	order    []*object
	sonames  map[soname]*users
	keys     map[string]string // by path
	defaults map[string]bool   // keys of Paths
}

// An object is one file, however many paths lead to it.
type object struct {
	key      string
	category string
	soname   string
	needed   []string
	runPaths []string
	owner    *ebuild.Package // nil: of a preserved library whose package is not installed
	paths    []string
}

type soname struct{ category, name string }

type users struct{ providers, consumers []*object }

// Read reads what the installed packages of a database need. Lines that cannot
// be understood are problems and hide no others.
func Read(db *vdb.DB, o Options) (*Map, []error) {
	m := &Map{
		Options: o, db: db, objects: make(map[string]*object), sonames: make(map[soname]*users),
		keys: make(map[string]string), defaults: make(map[string]bool),
	}
	for _, p := range o.Paths {
		m.defaults[m.key(p)] = true
	}
	all, err := db.All()
	if err != nil {
		return m, []error{err}
	}
	kept, problems := m.preserved(all)
	// Of two packages that own one file the later one counts, and what is
	// preserved counts most.
	for _, k := range kept {
		var entries []Entry
		if k.owner != nil {
			var errs []error
			entries, errs = entriesOf(k.owner)
			problems = append(problems, errs...)
		}
		m.add(k.owner, append(entries, k.entries...))
	}
	for _, p := range slices.Backward(all) {
		if slices.ContainsFunc(kept, func(k keptBy) bool { return k.owner == p }) {
			continue
		}
		entries, errs := entriesOf(p)
		problems = append(problems, errs...)
		m.add(p, entries)
	}
	slices.Reverse(problems)
	return m, problems
}

// entriesOf reads the entries of a package.
func entriesOf(p *ebuild.Package) (list []Entry, problems []error) {
	n := 0
	for line := range strings.Lines(p.Raw("NEEDED.ELF.2")) {
		n++
		line = strings.TrimRight(line, "\n")
		if line == "" {
			continue
		}
		e, err := ParseEntry(line)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s:%d: %w", filepath.Join(p.Path, "NEEDED.ELF.2"), n, err))
			continue
		}
		e.File = path.Clean("/" + e.File)
		list = append(list, e)
	}
	return list, problems
}

// add adds the objects of a package. They find libraries of their own package
// wherever it keeps them.
func (m *Map) add(p *ebuild.Package, entries []Entry) {
	own := make(map[soname]string)
	for _, e := range slices.Backward(entries) {
		if e.Soname != "" {
			own[soname{e.MultilibCategory(), e.Soname}] = path.Dir(e.File)
		}
	}
	for _, e := range slices.Backward(entries) {
		key := m.key(e.File)
		if known := m.objects[key]; known != nil {
			known.paths = append(known.paths, e.File)
			continue
		}
		x := &object{key: key, category: e.MultilibCategory(), soname: e.Soname, needed: e.Needed, runPaths: e.runPaths(), owner: p, paths: []string{e.File}}
		for _, n := range e.Needed {
			if dir, ok := own[soname{x.category, n}]; ok && !slices.Contains(x.runPaths, dir) {
				x.runPaths = append(x.runPaths, dir)
			}
		}
		m.objects[key] = x
		m.order = append(m.order, x)
		if x.soname != "" {
			u := m.users(soname{x.category, x.soname})
			u.providers = append(u.providers, x)
		}
		for _, n := range x.needed {
			u := m.users(soname{x.category, n})
			if !slices.Contains(u.consumers, x) {
				u.consumers = append(u.consumers, x)
			}
		}
	}
}

func (m *Map) users(s soname) *users {
	u := m.sonames[s]
	if u == nil {
		u = &users{}
		m.sonames[s] = u
	}
	return u
}

// key identifies a file: by what it is if it exists, else by its path with
// links to folders followed as far as they lead.
func (m *Map) key(name string) string {
	if k, ok := m.keys[name]; ok {
		return k
	}
	full := filepath.Join(m.Root, name)
	k := full
	if info, err := os.Stat(full); err == nil {
		k = identity(info, full)
	} else if dir, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
		k = filepath.Join(dir, filepath.Base(full))
	}
	m.keys[name] = k
	return k
}

// consumers returns the objects that would load a library from the folder of
// one of its paths.
func (m *Map) consumers(lib *object) (list []*object) {
	u := m.sonames[soname{lib.category, lib.soname}]
	if lib.soname == "" || u == nil {
		return nil
	}
	for _, c := range u.consumers {
		if m.sees(c, lib) {
			list = append(list, c)
		}
	}
	return list
}

// providers returns the libraries that an object could load for a soname.
func (m *Map) providers(consumer *object, name string) (list []*object) {
	u := m.sonames[soname{consumer.category, name}]
	if u == nil {
		return nil
	}
	for _, p := range u.providers {
		if m.sees(consumer, p) {
			list = append(list, p)
		}
	}
	return list
}

// sees says if a library is in a folder that an object searches.
func (m *Map) sees(consumer, lib *object) bool {
	return slices.ContainsFunc(lib.paths, func(file string) bool { return m.searches(consumer, path.Dir(file)) })
}

// searches says if an object looks for libraries in a folder.
func (m *Map) searches(consumer *object, dir string) bool {
	key := m.key(dir)
	return m.defaults[key] || slices.ContainsFunc(consumer.runPaths, func(p string) bool { return m.key(p) == key })
}
