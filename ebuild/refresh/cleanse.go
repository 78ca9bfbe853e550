package refresh

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// cleanse removes the entries that have no ebuild, and then the folders that are
// empty. With named packages only their entries go.
func (r *run) cleanse() {
	exist := make(map[string]bool, len(r.results))
	sourced := make(map[atoms.CP]bool)
	for _, result := range r.results {
		exist[result.Ebuild.CPV.CP.Category()+"/"+result.Ebuild.PF] = true
		sourced[result.Ebuild.CPV.CP] = true
	}
	named := make(map[atoms.CP]bool)
	for _, cp := range r.options.Packages {
		named[cp] = true
	}
	had := make(map[atoms.CP]bool)
	dead := func(entry string) bool {
		cpv, err := atoms.ParseCPV(entry)
		if err != nil {
			return false // no entry: not ours to remove
		}
		had[cpv.CP] = true
		return !exist[entry] && (r.options.Packages == nil || named[cpv.CP])
	}
	if !r.options.External {
		r.sweep(r.repository.CacheDir(), dead)
	}
	if dir := r.repository.UserCacheDir(); dir != "" {
		r.sweep(dir, dead)
	}
	slices.Sort(r.summary.Removed)
	r.summary.Removed = slices.Compact(r.summary.Removed)
	for _, cp := range slices.Compact(slices.Sorted(slices.Values(r.options.Packages))) {
		if !sourced[cp] && !had[cp] {
			r.summary.Unknown = append(r.summary.Unknown, cp)
		}
	}
}

// sweep removes the dead entries of one cache.
func (r *run) sweep(cache string, dead func(entry string) bool) {
	categories, err := os.ReadDir(cache)
	r.note(err)
	for _, c := range categories {
		if !c.IsDir() {
			continue
		}
		dir := filepath.Join(cache, c.Name())
		entries, err := os.ReadDir(dir)
		r.note(err)
		left := len(entries)
		for _, e := range entries {
			if name := c.Name() + "/" + e.Name(); !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && dead(name) {
				if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
					r.note(err)
					continue
				}
				r.summary.Removed = append(r.summary.Removed, name)
				left--
			}
		}
		if left == 0 {
			r.note(os.Remove(dir))
		}
	}
}

// note notes what could not be listed or removed.
func (r *run) note(err error) {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.summary.Problems = append(r.summary.Problems, err)
	}
}
