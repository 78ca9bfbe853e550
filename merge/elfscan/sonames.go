package elfscan

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/profiles/fnmatch"
)

// Exclude lists shell patterns of PROVIDES_EXCLUDE or REQUIRES_EXCLUDE: each is a
// path in the image (the slash at its begin does not matter) or a soname.
type Exclude []string

func (e Exclude) match(name string) bool {
	for _, pattern := range e {
		if fnmatch.Match(strings.TrimLeft(pattern, "/"), name) {
			return true
		}
	}
	return false
}

// Provides gives the value of PROVIDES: by category, the sonames of the objects.
// Objects without a category are left out. It is "" if there are none.
func Provides(entries []linkage.Entry, exclude Exclude) string {
	m := make(map[string]map[string]bool)
	for i := range entries {
		e := &entries[i]
		if e.Soname != "" && !exclude.match(strings.TrimLeft(e.File, "/")) && !exclude.match(e.Soname) {
			add(m, e.Category, e.Soname)
		}
	}
	return format(m)
}

// Requires gives the value of REQUIRES: by category, the sonames that the objects
// need and that the package does not bring itself, be it as a soname or, found by
// a run path, as a file of that name.
func Requires(entries []linkage.Entry, exclude Exclude) string {
	own := make(map[string]map[string]bool)
	files := make(map[string][]*linkage.Entry) // by base name
	for i := range entries {
		e := &entries[i]
		add(own, e.Category, e.Soname)
		files[path.Base(e.File)] = append(files[path.Base(e.File)], e)
	}
	m := make(map[string]map[string]bool)
	for i := range entries {
		e := &entries[i]
		if exclude.match(strings.TrimLeft(e.File, "/")) {
			continue
		}
		for _, soname := range e.Needed {
			if !exclude.match(soname) && !own[e.Category][soname] && !inside(e, files[soname]) {
				add(m, e.Category, soname)
			}
		}
	}
	return format(m)
}

// inside says whether one of the files stands where the run path of e looks.
func inside(e *linkage.Entry, files []*linkage.Entry) bool {
	if len(files) == 0 {
		return false
	}
	origin := strings.NewReplacer("${ORIGIN}", path.Dir(e.File), "$ORIGIN", path.Dir(e.File))
	for _, f := range files {
		for _, dir := range e.RunPaths {
			if f.Category == e.Category && path.Clean(origin.Replace(dir)) == path.Dir(f.File) {
				return true
			}
		}
	}
	return false
}

func add(m map[string]map[string]bool, category, soname string) {
	if category == "" || soname == "" {
		return
	}
	if m[category] == nil {
		m[category] = make(map[string]bool)
	}
	m[category][soname] = true
}

func format(m map[string]map[string]bool) string {
	var words []string
	for _, category := range slices.Sorted(maps.Keys(m)) {
		words = append(words, category+":")
		words = append(words, slices.Sorted(maps.Keys(m[category]))...)
	}
	return strings.Join(words, " ")
}
