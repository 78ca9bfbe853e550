package eclean

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// cleanDistfiles removes source files that are not needed.
func (c *cleaner) cleanDistfiles() error {
	dir := c.system.Root.Config.Get("DISTDIR")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return c.failed(dir+" does not appear to be a directory.", "Please set DISTDIR to a sane value.", "(Check your make.conf file and environment).")
	}
	if err := c.permitted(dir); err != nil {
		return err
	}
	c.info("Building file list for distfiles cleaning...")
	s := &sources{cleaner: c, dir: dir, uris: map[string]string{}, gone: map[string]string{}}
	found, saved, checkouts, err := s.find()
	if err != nil {
		return err
	}
	if err := c.removeAll("distfiles", found, checkouts); err != nil {
		return err
	}
	if len(saved) > 0 && !c.quiet {
		c.print("")
		c.print(c.style.Emph("   The following ") + c.style.Paint("yellow", "unavailable") +
			c.style.Emph(" files were saved from cleaning due to exclusion file entries"))
		size := c.list(saved, deprecatedColours)
		c.total(size, fmt.Sprintf("Total space from %s package files\n   Re-run the last command with the -D option to clean them as well",
			c.style.Paint("red", fmt.Sprint(len(saved)))))
	}
	if len(s.gone) > 0 && !c.quiet {
		c.print("")
		c.print(c.style.Emph("   The following ") + c.style.Paint("yellow", "unavailable") + c.style.Emph(" installed packages were found"))
		for _, cpv := range slices.Sorted(maps.Keys(s.gone)) {
			note := ""
			if s.gone[cpv] == "" {
				note = " ...distfile name(s) not known/saved"
			}
			c.print(strings.Repeat(" ", 12) + " " + c.style.Paint("yellow", cpv) + note)
		}
		c.print("")
	}
	return nil
}

// sources finds out which source files are needed.
type sources struct {
	*cleaner
	dir  string
	uris map[string]string // SRC_URI of the packages whose files are kept, by CATEGORY/PF
	gone map[string]string // of installed packages without ebuild
}

// find gives the files that nothing needs, those that only their package's name keeps,
// and checkouts that nothing needs.
func (s *sources) find() (found, saved map[string][]string, checkouts []string, err error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read DISTDIR: %w", err)
	}
	if len(entries) == 0 {
		return nil, nil, nil, nil
	}
	if err := s.gather(); err != nil {
		return nil, nil, nil, err
	}
	s.tell(fmt.Sprintf("...checking limits for %d ebuild sources", len(s.uris)))
	checkouts, err = s.checkouts()
	if err != nil {
		return nil, nil, nil, err
	}
	found = s.withinLimits(entries)
	s.tell(fmt.Sprintf("...removing protected sources from %d candidates to clean", len(found)))
	for _, uri := range s.uris {
		for _, name := range fileNamesOf(uri) {
			delete(found, name)
		}
	}
	saved = map[string][]string{}
	if !s.deprecated && s.exclude != nil && len(found) > 0 {
		s.tell(fmt.Sprintf("...checking final for exclusion from %d remaining candidates to clean", len(found)))
		err = s.saveNamed(found, saved)
	}
	return found, saved, checkouts, err
}

// gather collects SRC_URI of the packages whose files are kept.
func (s *sources) gather() error {
	scope := gentoolkit.Scope{Installed: true, Tree: true, Overlay: true}
	every := func(string) bool { return true }
	installed, err := s.system.All(gentoolkit.Scope{Installed: true}, every)
	if err != nil {
		return err
	}
	if !s.deep || s.fetchRestricted {
		s.tell("...non-destructive type search")
		s.tell("   - getting complete ebuild list")
		all, err := s.system.All(scope, every)
		if err != nil {
			return err
		}
		if !s.deep {
			s.tell(fmt.Sprintf("   - getting source file names for %d ebuilds", len(all)))
			s.add(all)
			return nil
		}
		s.tell(fmt.Sprintf("   - getting source file names for %d installed ebuilds", len(installed)))
		s.add(installed)
		s.tell(fmt.Sprintf("   - getting fetch-restricted source file names for %d remaining ebuilds", len(all)-len(installed)))
		s.add(slices.DeleteFunc(all, func(p *gentoolkit.Package) bool {
			return p.Ebuild() == nil || !strings.Contains(p.TreeValue("RESTRICT"), "fetch")
		}))
	}
	s.tell(fmt.Sprintf("...destructive type search: %d packages already found", len(s.uris)))
	if !s.fetchRestricted {
		if err := s.addInstalled(installed); err != nil {
			return err
		}
	}
	s.tell("   - processing excluded")
	cps, err := s.system.Session.Repos.CPs()
	if err != nil {
		return err
	}
	return s.addNames(s.exclude.names(cps))
}

// addInstalled adds the installed packages, or all versions of their names.
func (s *sources) addInstalled(installed []*gentoolkit.Package) error {
	if !s.names {
		s.tell(fmt.Sprintf("   - processing %d installed ebuilds", len(installed)))
		s.add(installed)
		return nil
	}
	var cps []atoms.CP
	for _, p := range installed {
		if cp := atoms.CP(p.CP()); !slices.Contains(cps, cp) {
			cps = append(cps, cp)
		}
	}
	s.tell(fmt.Sprintf("   - processing %d installed packages", len(cps)))
	return s.addNames(cps)
}

// addNames adds the ebuilds of some names.
func (s *sources) addNames(cps []atoms.CP) error {
	for _, cp := range cps {
		list, err := s.system.Session.Repos.Packages(cp)
		if err != nil && len(list) == 0 {
			return err
		}
		for _, p := range list {
			s.add([]*gentoolkit.Package{s.system.Get(p.CPV)})
		}
	}
	return nil
}

func (s *sources) add(list []*gentoolkit.Package) {
	for _, p := range list {
		s.uris[p.CPV] = p.TreeValue("SRC_URI")
		if p.Ebuild() == nil {
			s.gone[p.CPV] = s.uris[p.CPV]
		}
	}
}

// fileNamesOf gives the names of the files of a SRC_URI, whatever their conditions.
func fileNamesOf(uri string) []string {
	words := strings.Fields(uri)
	var out []string
	for i := 0; i < len(words); i++ {
		if i+2 < len(words) && words[i+1] == "->" {
			out = append(out, words[i+2])
			i += 2
			continue
		}
		out = append(out, path.Base(words[i]))
	}
	return out
}

// withinLimits gives the regular files that no limit keeps.
func (s *sources) withinLimits(entries []fs.DirEntry) map[string][]string {
	out := map[string][]string{}
	for _, e := range entries {
		info, err := e.Info()
		switch name := e.Name(); {
		case err != nil, !info.Mode().IsRegular(), s.exclude.keepsFile(name),
			s.size != 0 && info.Size() >= s.size, s.since != 0 && info.ModTime().Unix() >= s.since,
			!s.deep && strings.HasPrefix(name, "."):
		default:
			out[name] = []string{filepath.Join(s.dir, name)}
		}
	}
	return out
}

// saveNamed moves files to saved whose name begins with that of a package that is kept.
func (s *sources) saveNamed(found, saved map[string][]string) error {
	cps, err := s.system.Session.Repos.CPs()
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, cp := range cps {
		if slices.Contains(s.exclude.categories, cp.Category()) {
			names[cp.Name()] = true
		}
	}
	for _, cp := range s.exclude.packages {
		names[path.Base(cp)] = true
	}
	for _, file := range slices.Sorted(maps.Keys(found)) {
		if name := packageOf(file); name != "" && names[name] {
			saved[file] = found[file]
			delete(found, file)
			s.tell("   ...Saved excluded package filename: " + file)
		}
	}
	return nil
}

// checkouts gives the folders in git3-src that no installed live package uses.
func (s *sources) checkouts() ([]string, error) {
	dir := filepath.Join(s.dir, "git3-src")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkouts: %w", err)
	}
	installed, err := s.system.All(gentoolkit.Scope{Installed: true}, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, p := range installed {
		if p.Value("PROPERTIES") == "live" {
			for _, word := range strings.Fields(strings.Trim(p.Value("EVCS_STORE_DIRS"), "()")) {
				used[strings.Trim(word[strings.LastIndexByte(word, '=')+1:], `"'`)] = true
			}
		}
	}
	var out []string
	for _, e := range entries {
		if full := filepath.Join(dir, e.Name()); e.IsDir() && !used[full] {
			out = append(out, full)
		}
	}
	return out, nil
}
