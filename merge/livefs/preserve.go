package livefs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/preserved"
	"github.com/tumpline/tumpline/merge/vdb"
)

const neededName = "NEEDED.ELF.2"

// A keeping is the libraries of a replaced or removed version that stay.
type keeping struct {
	contents []vdb.Content   // for the new entry
	paths    map[string]bool // real
}

// registry reads the registry of preserved libraries.
func (j *job) registry() ([]preserved.Record, error) {
	text, err := j.fs.ReadFile(j.log.Path(preserved.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, problems := preserved.Parse(preserved.Name, text)
	for _, p := range problems {
		j.result.problem(p)
	}
	return list, nil
}

// preservedPaths gives the real paths of the preserved libraries.
func (j *job) preservedPaths() (map[string]bool, error) {
	list, err := j.registry()
	paths := make(map[string]bool)
	for _, r := range list {
		for _, p := range r.Paths {
			paths[j.real(p)] = true
		}
	}
	return paths, err
}

// A preserver decides about the libraries that a merge or removal would take, and
// about those that were kept before.
type preserver struct {
	*job
	olds     []*instance
	newest   *instance
	fresh    map[string]vdb.Content
	registry []preserved.Record
	going    []linkage.Entry
	staying  [][]linkage.Entry
	paths    map[string]bool // real paths to be kept of the instance and its record
	unread   map[string]bool // real paths of preserved files that cannot be understood
}

// planPreserved decides which libraries of the replaced versions are kept for others,
// and plans the new registry.
func (j *job) planPreserved(e Entry, contents []vdb.Content, fresh map[string]vdb.Content, olds []*instance) (keeping, error) {
	p := &preserver{job: j, olds: olds, newest: newest(olds), fresh: fresh, paths: make(map[string]bool), unread: make(map[string]bool)}
	text, ok := e.Files[neededName]
	if !ok {
		var err error
		if text, err = os.ReadFile(filepath.Join(e.Info, neededName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return keeping{}, err
		}
	}
	p.staying = append(p.staying, p.parse(e.CPV.String(), string(text)))
	key := fmt.Sprintf("%s:%s", e.CPV.CP, e.Slot)
	err := p.plan(preserved.Record{Key: key, CPV: e.CPV.String(), Counter: strconv.FormatInt(j.result.Counter, 10)})
	if err != nil {
		return keeping{}, fmt.Errorf("preserve libraries: %w", err)
	}
	k := keeping{paths: p.paths}
	if p.newest != nil {
		for _, c := range p.newest.contents {
			if p.paths[j.real(c.Path)] {
				k.contents = append(k.contents, c)
			}
		}
	}
	return k, nil
}

// planKept is planPreserved for a package that goes and is not replaced.
func (j *job) planKept(in *instance) (map[string]bool, error) {
	p := &preserver{job: j, olds: []*instance{in}, newest: in, paths: make(map[string]bool), unread: make(map[string]bool)}
	key := fmt.Sprintf("%s:%s", in.CPV.CP, in.Slot)
	err := p.plan(preserved.Record{Key: key, CPV: in.CPV.String(), Counter: strconv.FormatInt(in.Counter(), 10)})
	if err != nil {
		return nil, fmt.Errorf("preserve libraries: %w", err)
	}
	return p.paths, nil
}

// parse reads the text of a NEEDED.ELF.2. Lines that cannot be understood are noted.
func (p *preserver) parse(of, text string) (list []linkage.Entry) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		e, err := linkage.ParseEntry(line)
		if err != nil {
			p.result.note("%s of %s: %v", neededName, of, err)
			continue
		}
		e.File = path.Clean("/" + e.File)
		list = append(list, e)
	}
	return list
}

// plan decides, and plans registry, records and removals. mine is the record that
// kept libraries of the instance get.
func (p *preserver) plan(mine preserved.Record) error {
	var err error
	if p.registry, err = p.job.registry(); err != nil {
		return err
	}
	wanted := p.feature("preserve-libs") && p.KeepLibraries && p.newest != nil
	if !wanted && len(p.registry) == 0 {
		return nil
	}
	if err := p.collect(wanted, mine.Key); err != nil {
		return err
	}
	paths, err := linkage.DefaultPaths(path.Join(p.root.Dir, p.root.EPrefix), p.LibraryPath)
	if err != nil {
		p.result.note("%v", err)
	}
	removal := linkage.Removal{Going: p.going, Staying: p.staying, Paths: paths, Same: func(dir string) string { return path.Dir(p.real(dir + "/x")) }}
	kept := p.unread
	for _, e := range removal.Keep() {
		for _, name := range p.names(e) {
			kept[p.real(name)] = true
		}
	}
	if p.newest != nil {
		mine.Paths = p.keptOf(kept)
	}
	return p.rewrite(mine, kept)
}

// collect sorts all known objects into those that go and those that stay.
func (p *preserver) collect(wanted bool, key string) error {
	all, err := p.db.All()
	if err != nil {
		return err
	}
	registered := make(map[string]bool)
	for _, r := range p.registry {
		for _, name := range r.Paths {
			real := p.real(name)
			if _, over := p.fresh[real]; over || r.Key == key && !wanted {
				continue
			}
			registered[real] = true
			e, err := linkage.ReadObject(path.Join(p.root.Dir, real), name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				p.result.note("a preserved library that cannot be read is kept: %v", err)
				p.unread[real] = true
			}
			if e.Soname != "" {
				p.going = append(p.going, e)
			}
		}
	}
	for _, q := range all {
		entries := p.parse(q.CPV.String(), q.Raw(neededName))
		entries = slices.DeleteFunc(entries, func(e linkage.Entry) bool { return registered[p.real(e.File)] })
		if !slices.ContainsFunc(p.olds, func(in *instance) bool { return in.CPV == q.CPV }) {
			p.staying = append(p.staying, entries)
			continue
		}
		if !wanted || q.CPV != p.newest.CPV {
			continue
		}
		for _, e := range entries {
			if _, over := p.fresh[p.real(e.File)]; !over {
				p.going = append(p.going, e)
			}
		}
	}
	return nil
}

// names gives the paths of a library that are kept: its own, and the link in its
// folder that is named as it calls itself.
func (p *preserver) names(e linkage.Entry) []string {
	list := []string{e.File}
	link := path.Join(path.Dir(e.File), e.Soname)
	if link == e.File {
		return list
	}
	st, err := p.stat(p.real(link))
	if _, over := p.fresh[p.real(link)]; err != nil || st == nil || over || kindOf(st) != unix.S_IFLNK {
		return list
	}
	a, errA := p.fs.Stat(link)
	b, errB := p.fs.Stat(e.File)
	if errA == nil && errB == nil && a.Ino == b.Ino && a.Dev == b.Dev {
		list = append(list, link)
	}
	return list
}

// keptOf lists the kept paths of the instance, regular files first.
func (p *preserver) keptOf(kept map[string]bool) (files []string) {
	var links []string
	for _, c := range p.newest.contents {
		real := p.real(c.Path)
		if !kept[real] || c.Kind == vdb.KindDir {
			continue
		}
		p.paths[real] = true
		if c.Kind == vdb.KindSymlink {
			links = append(links, c.Path)
		} else {
			files = append(files, c.Path)
		}
	}
	slices.Sort(files)
	slices.Sort(links)
	files = append(files, links...)
	p.result.Preserved = append(p.result.Preserved, files...)
	return files
}

// rewrite plans the new registry: the record of the instance, and those of others
// without what is overwritten or not needed any more, which goes.
func (p *preserver) rewrite(mine preserved.Record, kept map[string]bool) error {
	list := []preserved.Record{mine}
	for _, r := range p.registry {
		var lost []string
		var stay []string
		for _, name := range r.Paths {
			real := p.real(name)
			switch _, over := p.fresh[real]; {
			case over:
				lost = append(lost, real)
			case kept[real]:
				stay = append(stay, name)
			default:
				lost = append(lost, real)
				if err := p.drop(real); err != nil {
					return err
				}
			}
		}
		if r.Key == mine.Key {
			for _, name := range stay {
				if !slices.Contains(list[0].Paths, name) {
					list[0].Paths = append(list[0].Paths, name)
				}
				p.paths[p.real(name)] = true
			}
			continue
		}
		if err := p.disown(r, lost); err != nil {
			return err
		}
		r.Paths = stay
		list = append(list, r)
	}
	text, err := preserved.Format(list)
	if err != nil || len(p.registry) == 0 && len(mine.Paths) == 0 {
		return err
	}
	return p.stageText(p.log.Path(preserved.Name), text, groupMode)
}

// drop plans that a library nobody needs any more goes, unless the instance that goes
// has it: then it goes with that.
func (p *preserver) drop(real string) error {
	st, err := p.stat(real)
	if err != nil || st == nil || slices.ContainsFunc(p.olds, func(in *instance) bool { return in.owns(real) }) {
		return err
	}
	return p.planGone(real, st)
}

// disown plans that a package's record loses libraries.
func (p *preserver) disown(r preserved.Record, lost []string) error {
	all, err := p.db.All()
	if err != nil || len(lost) == 0 {
		return err
	}
	for _, q := range all {
		if q.CPV.String() != r.CPV || slices.ContainsFunc(p.olds, func(in *instance) bool { return in.CPV == q.CPV }) {
			continue
		}
		if err := p.stageContents(p.instance(q), func(real string) bool { return slices.Contains(lost, real) }); err != nil {
			return err
		}
	}
	return nil
}
