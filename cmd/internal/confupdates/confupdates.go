// Package confupdates finds the updates of protected configuration files that merges
// have left beside them: ._cfg0000_NAME.
package confupdates

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An Update is one waiting file.
type Update struct {
	Path, Dir    string
	Prefix, Base string // "._cfg0000_", and the name of the file that it is for
}

// Live is the file that the update is for.
func (u *Update) Live() string { return filepath.Join(u.Dir, u.Base) }

// prefixLength is that of "._cfg0000_".
const prefixLength = 10

// is says if a name is that of an update of a file, base, or of any if base is empty.
func is(name, base string, fold bool) bool {
	if len(name) <= prefixLength || !strings.HasPrefix(name, "._cfg") || name[prefixLength-1] != '_' {
		return false
	}
	rest := name[prefixLength:]
	return (base == "" || rest == base || fold && strings.EqualFold(rest, base)) &&
		!strings.HasSuffix(name, "~") && !strings.HasSuffix(strings.ToLower(name), ".bak")
}

// Find lists the updates below a folder, hidden folders left out, or those of a file,
// by folder, name and number. fold takes no account of case. Folders that cannot be
// read are problems.
func Find(path string, fold bool) (list []Update, problems []error) {
	add := func(file string) {
		dir, name := filepath.Split(file)
		list = append(list, Update{file, filepath.Clean(dir), name[:prefixLength], name[prefixLength:]})
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		dir := filepath.Dir(path)
		names, err := os.ReadDir(dir)
		if err != nil {
			return nil, nil // protected although it is not there
		}
		for _, e := range names {
			if is(e.Name(), filepath.Base(path), fold) {
				add(filepath.Join(dir, e.Name()))
			}
		}
		return list, nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, []error{err}
	}
	err = filepath.WalkDir(real, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			problems = append(problems, err)
		case d.IsDir() && file != real && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case file != real && is(d.Name(), "", fold):
			add(path + strings.TrimPrefix(file, real))
		}
		return nil
	})
	if err != nil {
		problems = append(problems, err) // the function above returns no other errors
	}
	slices.SortFunc(list, func(a, b Update) int {
		return cmp.Or(strings.Compare(a.Dir, b.Dir), strings.Compare(a.Base, b.Base), strings.Compare(a.Prefix, b.Prefix))
	})
	return list, problems
}
