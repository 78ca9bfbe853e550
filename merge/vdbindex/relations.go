package vdbindex

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/vdb"
)

// watched are the files that tell the relations of an entry. The folder itself ("")
// tells whether the file metadata is to be believed.
func watched() []string {
	return []string{"", "metadata", "DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND", "NEEDED.ELF.2"}
}

// relations are what all entries say of others.
type relations struct {
	entries []relation // by name
	changed bool
	errs    []error
}

// A relation is what one entry says of others.
type relation struct {
	name     string
	stamps   []index.Stamp // of watched
	depends  []string      // names of packages, sorted
	provides []string      // sonames, with the multilib category before: "x86_64 libc.so.6"
	needs    []string
}

// Dependents lists the entries that name a package in any of their dependencies,
// blockers too, whatever versions or flags they ask for.
func (x *Index) Dependents(cp atoms.CP) ([]string, error) {
	return x.related(func(r *relation) bool { _, ok := slices.BinarySearch(r.depends, string(cp)); return ok })
}

// Providers lists the entries that have a library of a soname, in a multilib category
// ("x86_64", "arm_64").
func (x *Index) Providers(category, soname string) ([]string, error) {
	return x.related(func(r *relation) bool { _, ok := slices.BinarySearch(r.provides, category+" "+soname); return ok })
}

// Needing lists the entries that have an object which needs a soname.
func (x *Index) Needing(category, soname string) ([]string, error) {
	return x.related(func(r *relation) bool { _, ok := slices.BinarySearch(r.needs, category+" "+soname); return ok })
}

func (x *Index) related(is func(*relation) bool) ([]string, error) {
	if err := x.loadRelations(); err != nil {
		return nil, err
	}
	var out []string
	for i := range x.relations.entries {
		if r := &x.relations.entries[i]; is(r) {
			out = append(out, r.name)
		}
	}
	return out, errors.Join(x.relations.errs...)
}

func (x *Index) loadRelations() error {
	if x.relations != nil {
		return nil
	}
	if err := x.list(); err != nil {
		return err
	}
	recorded := x.readRelations()
	next := &relations{}
	x.relations = next
	var stale []string
	for _, name := range x.names {
		i, ok := slices.BinarySearchFunc(recorded, name, func(r relation, n string) int { return strings.Compare(r.name, n) })
		if ok && slices.Equal(recorded[i].stamps, x.stampsOf(name)) {
			next.entries = append(next.entries, recorded[i])
			continue
		}
		stale = append(stale, name)
	}
	next.changed = len(stale) > 0 || len(recorded) != len(next.entries)
	return x.readEntries(stale)
}

func (x *Index) stampsOf(name string) []index.Stamp {
	stamps := make([]index.Stamp, 0, len(watched()))
	for _, file := range watched() {
		stamps = append(stamps, x.stamp(name, file))
	}
	return stamps
}

// readEntries reads what some entries say.
func (x *Index) readEntries(names []string) error {
	if len(names) == 0 {
		return nil
	}
	stamps := make(map[string][]index.Stamp)
	for _, name := range names {
		stamps[name] = x.stampsOf(name)
	}
	all, err := vdb.New(vdb.Options{Dir: x.options.Dir, Workers: x.options.Workers}).All()
	if err != nil {
		return err
	}
	for _, p := range all {
		name, err := filepath.Rel(x.options.Dir, p.Path)
		if err != nil || stamps[name] == nil {
			continue
		}
		r := relation{name: name, stamps: stamps[name]}
		for _, class := range []atoms.DepClass{atoms.Depend, atoms.BDepend, atoms.RDepend, atoms.PDepend, atoms.IDepend} {
			tree, err := p.Deps(class)
			if err != nil {
				x.relations.errs = append(x.relations.errs, fmt.Errorf("%s: %w", name, err))
				r.stamps = nil // to be told each time
				continue
			}
			for _, a := range tree.Leaves(func(string) bool { return true }) {
				r.depends = append(r.depends, string(a.CP))
			}
		}
		r.objects(filepath.Join(p.Path, "NEEDED.ELF.2"))
		for _, list := range []*[]string{&r.depends, &r.provides, &r.needs} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
		x.relations.entries = append(x.relations.entries, r)
	}
	slices.SortFunc(x.relations.entries, func(a, b relation) int { return strings.Compare(a.name, b.name) })
	return nil
}

// objects takes the sonames of a file NEEDED.ELF.2. Without one, and in lines that are
// wrong, there are none.
func (r *relation) objects(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		e, err := linkage.ParseEntry(strings.TrimRight(line, "\n"))
		if err != nil {
			continue
		}
		category := e.MultilibCategory()
		if e.Soname != "" {
			r.provides = append(r.provides, category+" "+e.Soname)
		}
		for _, n := range e.Needed {
			r.needs = append(r.needs, category+" "+n)
		}
	}
}

const relationsRow = "relations"

func (x *Index) readRelations() (list []relation) {
	row, ok := x.store.Get(relationsRow)
	if !ok {
		return nil
	}
	r := &reader{s: row}
	for n := r.uint(); n > 0 && !r.bad; n-- {
		e := relation{name: r.text()}
		for range watched() {
			e.stamps = append(e.stamps, r.stamp())
		}
		e.depends, e.provides, e.needs = r.texts(), r.texts(), r.texts()
		list = append(list, e)
	}
	if r.bad {
		return nil
	}
	return list
}

// relationRows writes the row of relations; if none were asked for, the one that is
// there stays.
func (x *Index) relationRows(rows map[string][]byte) {
	var list []relation
	if x.relations == nil {
		list = x.readRelations()
	} else {
		list = x.relations.entries
	}
	list = slices.DeleteFunc(slices.Clone(list), func(r relation) bool {
		return len(r.stamps) == 0 || slices.ContainsFunc(r.stamps, func(s index.Stamp) bool { return !x.settled(s) })
	})
	w := &writer{}
	w.uint(uint64(len(list)))
	for _, r := range list {
		w.text(r.name)
		for _, s := range r.stamps {
			w.stamp(s)
		}
		w.texts(r.depends)
		w.texts(r.provides)
		w.texts(r.needs)
	}
	rows[relationsRow] = w.b
}
