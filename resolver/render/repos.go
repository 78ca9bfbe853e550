package render

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A repoLegend numbers repositories in the order in which lines name them
// (O50).
type repoLegend struct {
	dirs    []string
	unknown bool
	shown   bool // a line says something else than "0"
}

// number returns the number of a repository, "?" if its place is unknown.
func (r *repoLegend) number(dir string) string {
	if dir == "" {
		r.unknown = true
		return "?"
	}
	i := slices.Index(r.dirs, dir)
	if i < 0 {
		i = len(r.dirs)
		r.dirs = append(r.dirs, dir)
	}
	return itoa(i)
}

// repo returns the number of a line's repository, "0=>1" if the installed
// package came from another one, "" without --quiet-repo-display.
func (l *list) repo(ln *line) string {
	if !l.o.QuietRepos {
		return ""
	}
	var s string
	old, ok := ln.reference()
	if ln.Origin == plan.OriginInstalled || !ok || old.RepoDir == ln.RepoDir {
		s = l.repos.number(ln.RepoDir)
	} else {
		s = l.repos.number(old.RepoDir) + "=>" + l.repos.number(ln.RepoDir)
	}
	l.repos.shown = l.repos.shown || s != "0"
	return s
}

// text returns the legend below the totals, "" if every line says "0".
func (r *repoLegend) text(o *Options) string {
	if !r.shown {
		return ""
	}
	s := "Repositories:\n"
	for i, dir := range r.dirs {
		s += " " + o.paint("teal", "["+itoa(i)+"]") + " " + dir + "\n"
	}
	if r.unknown {
		s += " " + o.paint("teal", "[?]") + " indicates that the source repository could not be determined\n"
	}
	return s
}
