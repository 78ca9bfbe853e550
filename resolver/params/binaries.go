package params

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

// RepoBinaries says of which packages of a repository binary packages may be
// used: usepkg-exclude and usepkg-include of repos.conf.
type RepoBinaries struct {
	Repo             string
	Exclude, Include []*atoms.Atom // names, slot atoms and wildcards, without ::repo
}

// ReadRepoBinaries parses the two options of a repository. An atom in both
// lists is in neither. The errors name what was left out.
func ReadRepoBinaries(repo, exclude, include string) (RepoBinaries, []error) {
	b := RepoBinaries{Repo: repo}
	var errs []error
	read := func(key, words string) []*atoms.Atom {
		var list []*atoms.Atom
		for _, word := range strings.Fields(words) {
			a, err := atoms.ParseAtomOrName(word, atoms.AtomOptions{AllowWildcard: true})
			if err != nil || a.Op != atoms.OpNone || a.Blocker != atoms.BlockNone || len(a.USE) > 0 {
				errs = append(errs, fmt.Errorf("%s of repository %s: not a name or slot atom: %s", key, repo, word))
				continue
			}
			list = append(list, a)
		}
		return list
	}
	b.Exclude, b.Include = read("usepkg-exclude", exclude), read("usepkg-include", include)
	var both []*atoms.Atom
	b.Exclude, b.Include, both = binrepos.Disjoint(b.Exclude, b.Include)
	for _, a := range both {
		errs = append(errs, fmt.Errorf("usepkg-exclude and usepkg-include of repository %s: %s is in both; it counts for neither", repo, a))
	}
	return b, errs
}

// SelectBinaries settles which binary packages may be used, by the options and
// by what repositories say: an atom in both options counts for neither, an
// option beats the opposite list of a repository, and --nobindeps voids all of
// it (S4; Portage: binpkg_selection_config). It returns options whose lists
// speak for the repositories too, the repositories' lists as they are left, and
// sentences about what was dropped.
func (o *Options) SelectBinaries(repos []RepoBinaries) (*Options, []RepoBinaries, []string) {
	n := *o
	var dropped []string
	drop := func(list []*atoms.Atom, format string, args ...any) {
		if len(list) > 0 {
			texts := make([]string, len(list))
			for i, a := range list {
				texts[i] = a.String()
			}
			dropped = append(dropped, fmt.Sprintf(format, args...)+":\n\n    "+strings.Join(texts, "\n    "))
		}
	}
	var both []*atoms.Atom
	n.UsePkgExclude, n.UsePkgInclude, both = binrepos.Disjoint(o.UsePkgExclude, o.UsePkgInclude)
	drop(both, "The following atoms appear in both the --usepkg-exclude and --usepkg-include command line arguments")
	repos = slices.Clone(repos)
	if o.NoBinDeps {
		drop(n.UsePkgExclude, "The following --usepkg-exclude atoms are ignored due to use of --nobindeps")
		drop(n.UsePkgInclude, "The following --usepkg-include atoms are ignored due to use of --nobindeps")
		n.UsePkgExclude, n.UsePkgInclude = nil, nil
		for i, r := range repos {
			drop(r.Exclude, "The following usepkg-exclude atoms for [%s] are ignored due to use of --nobindeps", r.Repo)
			drop(r.Include, "The following usepkg-include atoms for [%s] are ignored due to use of --nobindeps", r.Repo)
			repos[i] = RepoBinaries{Repo: r.Repo}
		}
	}
	exclude, include := n.UsePkgExclude, n.UsePkgInclude
	for i := range repos {
		r := &repos[i]
		var lost []*atoms.Atom
		r.Exclude, lost = binrepos.Without(r.Exclude, include)
		drop(lost, "The following usepkg-exclude atoms for [%s] have been overridden by the --usepkg-include option", r.Repo)
		r.Include, lost = binrepos.Without(r.Include, exclude)
		drop(lost, "The following usepkg-include atoms for [%s] have been overridden by the --usepkg-exclude option", r.Repo)
		for _, a := range r.Exclude {
			n.UsePkgExclude = append(slices.Clip(n.UsePkgExclude), a.WithRepo(r.Repo))
		}
		for _, a := range r.Include {
			n.UsePkgInclude = append(slices.Clip(n.UsePkgInclude), a.WithRepo(r.Repo))
		}
	}
	return &n, repos, dropped
}
