package repos

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// main finds the main repository and gives it its priority. PORTDIR is the main
// repository if repos.conf names none that can be used.
func (l *loader) main(portdir string) *Repo {
	r := l.configuredMain()
	if r == nil && portdir != "" {
		for _, key := range l.order {
			if l.repos[key].UserLocation == filepath.Clean(portdir) {
				r = l.repos[key]
				break
			}
		}
	}
	if r != nil && !r.prioritySet {
		r.Priority, r.prioritySet = MainPriority, true
	}
	return r
}

func (l *loader) configuredMain() *Repo {
	for _, o := range l.ini.Defaults() {
		if o.Key != "main-repo" {
			continue
		}
		r := l.repos[o.Value]
		if r == nil && o.File != builtInName {
			l.problems = append(l.problems, &linefile.Problem{File: o.File, Line: o.Line, Text: o.Value, Err: errors.New("main-repo is not a usable repository")})
		}
		return r
	}
	return nil
}

// ordered gives each repository once, by ascending priority, then name. One that
// is only known by an alias (its own name belongs to another) is left out.
func (l *loader) ordered() []*Repo {
	var list []*Repo
	for _, key := range l.order {
		if r := l.repos[key]; r.Name == key {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b *Repo) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.Name, b.Name))
	})
	return list
}

// findMasters turns the names of masters into repositories. Without a masters
// setting the main repository is the master. A repository that names itself only
// says where it stands among its masters when eclasses are looked for.
func (l *loader) findMasters(main *Repo) {
	for _, r := range l.distinct() {
		r.ownPlace = -1
		if !r.mastersSet {
			if main != nil && r != main {
				r.Masters = []*Repo{main}
				l.layoutProblem(r, "", errors.New("masters is not set; taking the main repository "+main.Name))
			}
			continue
		}
		for _, name := range r.masters {
			switch m := l.repos[name]; {
			case m == nil:
				l.layoutProblem(r, name, errors.New("master repository of "+r.Name+" is not available"))
			case m == r:
				r.ownPlace = len(r.Masters)
			case !slices.Contains(r.Masters, m):
				r.Masters = append(r.Masters, m)
			}
		}
	}
}

// distinct gives each repository once, in the order of the configuration.
func (l *loader) distinct() []*Repo {
	var list []*Repo
	for _, key := range l.order {
		if r := l.repos[key]; !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// layoutProblem records a problem with the masters of a repository, at the
// option that gave them.
func (l *loader) layoutProblem(r *Repo, culprit string, err error) {
	p := &linefile.Problem{File: r.LayoutPath(), Text: culprit, Err: err}
	for _, o := range r.Options {
		if o.Key == "masters" {
			p.File, p.Line = o.File, o.Line
		}
	}
	l.problems = append(l.problems, p)
}

// checkLoops reports each loop of masters once, at its first repository. Masters
// are not inherited, so a loop does no harm by itself.
func (l *loader) checkLoops(all []*Repo) {
	done := map[*Repo]bool{}
	var path []*Repo
	var visit func(r *Repo)
	visit = func(r *Repo) {
		if i := slices.Index(path, r); i >= 0 {
			l.layoutProblem(r, loopText(append(slices.Clone(path[i:]), r)), errors.New("loop of masters"))
			return
		}
		if done[r] {
			return
		}
		path = append(path, r)
		for _, m := range r.Masters {
			visit(m)
		}
		path = path[:len(path)-1]
		done[r] = true
	}
	for _, r := range all {
		visit(r)
	}
}

func loopText(loop []*Repo) string {
	names := make([]string, len(loop))
	for i, r := range loop {
		names[i] = r.Name
	}
	return strings.Join(names, " -> ")
}

// findEclasses lists where each repository looks for eclasses: masters, itself,
// overrides; the last wins.
func (l *loader) findEclasses() {
	for _, r := range l.distinct() {
		for _, m := range r.Masters {
			r.EclassLocations = append(r.EclassLocations, m.Location)
		}
		if r.ownPlace >= 0 {
			r.EclassLocations = slices.Insert(r.EclassLocations, r.ownPlace, r.Location)
		} else if !slices.Contains(r.EclassLocations, r.Location) {
			r.EclassLocations = append(r.EclassLocations, r.Location)
		}
		for _, name := range r.EclassOverrides {
			o := l.repos[name]
			if o == nil {
				l.wrong(r, name, errors.New("repository of eclass-overrides is not available"))
				continue
			}
			r.EclassLocations = append(r.EclassLocations, o.Location)
		}
	}
}
