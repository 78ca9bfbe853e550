package build

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/elfscan"
)

// sonames tells which files need libraries that no installed package provides, nor
// this one (FEATURES=qa-unresolved-soname-deps). It goes by what was written to
// build-info.
func (f *finisher) sonames(objects []elfscan.Object) error {
	if !f.Features["qa-unresolved-soname-deps"] {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(f.Dir.Info(), "REQUIRES"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	required, err := ebuild.ParseSonames(string(text))
	if err != nil {
		return err
	}
	installed, err := f.Installed(f.Root()).All()
	if err != nil {
		return err
	}
	missing := make(map[ebuild.Soname]bool)
	for _, s := range required {
		missing[s] = true
	}
	for _, p := range installed {
		provided, _ := ebuild.ParseSonames(p.Raw("PROVIDES")) // an entry that cannot be read provides nothing
		for _, s := range provided {
			delete(missing, s)
		}
	}
	if lines := needing(objects, missing); len(lines) > 0 {
		f.notice("Unresolved soname dependencies:", append(append([]string{""}, lines...), "")...)
	}
	return nil
}

// needing gives a line for each object that needs one of the sonames.
func needing(objects []elfscan.Object, missing map[ebuild.Soname]bool) (lines []string) {
	for i := range objects {
		o := &objects[i]
		var names []string
		for _, n := range o.Needed {
			if missing[ebuild.Soname{Category: o.Category, Name: n}] {
				names = append(names, n)
			}
		}
		if slices.Sort(names); len(names) > 0 {
			lines = append(lines, "\t"+o.File+": "+strings.Join(names, " "))
		}
	}
	slices.Sort(lines)
	return lines
}
