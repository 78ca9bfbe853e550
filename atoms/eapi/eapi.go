// Package eapi says what each EAPI allows, as a table of named features.
//
// The table follows the feature tables of the Package Manager Specification
// for EAPI 0 to 9. Code elsewhere asks for a feature and never compares EAPI
// names. The package knows nothing of profiles, ebuilds or how a feature is
// carried out.
//
// It departs from PMS in one place: Permissive is a set of features that
// belongs to no EAPI, for text whose EAPI is unknown.
package eapi

import "sync"

// Lookup returns the features of the named EAPI. It reports false for a name
// that is no EAPI known here. The result is shared and must not be changed;
// two calls with one name return the same pointer.
func Lookup(name string) (*Features, bool) {
	for _, f := range table() {
		if f.Name == name {
			return f, true
		}
	}
	return nil, false
}

// Names returns the names of all known EAPIs, oldest first.
func Names() []string {
	fs := table()
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.Name
	}
	return names
}

// Permissive returns the features used for text that belongs to no ebuild, or
// to one of an unknown EAPI: every syntax is allowed, as Portage does when no
// EAPI is given. Its Name is empty.
func Permissive() *Features { return permissive() }

// String returns the name of the EAPI, or "permissive".
func (f *Features) String() string {
	if f == nil || f.Name == "" {
		return "permissive"
	}
	return f.Name
}

// table and permissive hold values that never change; building them waits
// for the first use.
var (
	table = sync.OnceValue(func() []*Features {
		steps := []func(*Features){since0, since1, since2, since3, since4, since5, since6, since7, since8, since9}
		fs := make([]*Features, len(steps))
		var f Features
		for i, step := range steps {
			step(&f)
			f.Name = string(rune('0' + i))
			row := f
			fs[i] = &row
		}
		return fs
	})
	permissive = sync.OnceValue(func() *Features {
		f := *table()[len(table())-1]
		f.Name = ""
		f.RepoDeps = true
		f.PackageProvided = true
		f.ProfileFileDirs = false
		f.ProfileDefaultEAPI = false
		f.BDEPEND, f.IDEPEND = false, false
		f.IUSEEffective = false
		return &f
	})
)
