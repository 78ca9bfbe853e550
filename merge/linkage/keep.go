package linkage

import (
	"path"
	"slices"
)

// ReadObject reads from an object what NEEDED.ELF.2 would say of it, for a library
// that stands in none: full is its path in the host's terms, name that in the root.
// What is no ELF object has an entry with nothing but its name.
func ReadObject(full, name string) (Entry, error) { return readEntry(full, name) }

// A Removal is what is known of objects when some are about to go.
type Removal struct {
	Going   []Entry   // libraries that would go, and programs with them
	Staying [][]Entry // what will be there afterwards, package by package
	Paths   []string  // folders that are searched by default
	// Same gives one name for all paths of a folder.
	Same func(dir string) string
}

// A keeper decides what of a Removal is kept.
type keeper struct {
	*Removal
	defaults  map[string]bool
	providers map[soname][]string // folders of libraries that stay, by what they are
	going     map[soname][]int
	kept      []bool
}

// Keep gives the libraries of Going which objects that stay need and find nowhere
// else, and the libraries of Going that these need in turn, in the order of Going.
func (r *Removal) Keep() []Entry {
	k := &keeper{Removal: r, defaults: make(map[string]bool), providers: make(map[soname][]string), going: make(map[soname][]int), kept: make([]bool, len(r.Going))}
	for _, p := range r.Paths {
		k.defaults[r.Same(p)] = true
	}
	for _, list := range r.Staying {
		for _, e := range list {
			if e.Soname != "" {
				key := soname{e.MultilibCategory(), e.Soname}
				k.providers[key] = append(k.providers[key], r.Same(path.Dir(e.File)))
			}
		}
	}
	for i, e := range r.Going {
		if e.Soname != "" {
			key := soname{e.MultilibCategory(), e.Soname}
			k.going[key] = append(k.going[key], i)
		}
	}
	for _, list := range r.Staying {
		for _, e := range list {
			k.need(e, list)
		}
	}
	var out []Entry
	for i, e := range r.Going {
		if k.kept[i] {
			out = append(out, e)
		}
	}
	return out
}

// need keeps what an object needs and does not find among what stays. own are the
// objects of its package: their folders are searched too.
func (k *keeper) need(e Entry, own []Entry) {
	for _, name := range e.Needed {
		key := soname{e.MultilibCategory(), name}
		candidates := k.going[key]
		if len(candidates) == 0 {
			continue
		}
		search := make(map[string]bool)
		for _, dir := range e.runPaths() {
			search[k.Same(dir)] = true
		}
		for _, o := range own {
			if o.Soname == name && o.MultilibCategory() == e.MultilibCategory() {
				search[k.Same(path.Dir(o.File))] = true
			}
		}
		seen := func(dir string) bool { return k.defaults[dir] || search[dir] }
		if slices.ContainsFunc(k.providers[key], seen) {
			continue
		}
		for _, i := range candidates {
			lib := k.Going[i]
			if k.kept[i] || !seen(k.Same(path.Dir(lib.File))) {
				continue
			}
			k.kept[i] = true
			k.need(lib, k.Going)
		}
	}
}
