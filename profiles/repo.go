package profiles

import (
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// A repo is a repository with the EAPI of the files in its profiles directory.
type repo struct {
	*repos.Repo
	eapi        *eapi.Features
	defaultEAPI string // of profile directories without an eapi file
	masters     []*repo
}

// chain returns the masters and then the repository itself.
func (r *repo) chain() []*repo {
	if r == nil {
		return nil
	}
	return append(r.masters[:len(r.masters):len(r.masters)], r)
}

func (r *repo) repoDeps() bool {
	return r.eapi.RepoDeps || r.Layout.Has("profile-repo-deps")
}

// directoryFormat says if the profile format lets files of profile nodes be
// directories in every EAPI. "portage-1-compat" stands for a layout.conf
// without profile-formats.
func directoryFormat(r *repo) bool {
	return r.Layout.Has("portage-1") || r.Layout.Has("portage-2") || r.Layout.Has("portage-1-compat")
}

// A repoTable finds repositories. The list is that of ascending priority.
type repoTable struct {
	config *repos.Config
	list   []*repo
	byName map[string]*repo
}

func newRepoTable(config *repos.Config, warn *warnings) repoTable {
	t := repoTable{config: config, byName: make(map[string]*repo)}
	for _, r := range config.Repos {
		entry := newRepo(r, warn)
		t.list = append(t.list, entry)
		t.byName[r.Name] = entry
	}
	for _, r := range t.list {
		for _, m := range r.Masters {
			r.masters = append(r.masters, t.byName[m.Name])
		}
	}
	return t
}

// newRepo finds the EAPI of files directly in profiles/, which can also be the
// one of profile directories (PMS, "The eapi file").
func newRepo(r *repos.Repo, warn *warnings) *repo {
	entry := &repo{Repo: r, defaultEAPI: r.DefaultEAPI}
	name, declared, problems := repos.ReadEAPI(r.Profiles())
	warn.add(problems...)
	if !declared {
		name = r.DefaultEAPI
	}
	features, ok := lookupEAPI(name)
	switch {
	case !ok:
		warn.at(Pos{r.Profiles() + "/eapi", 1}, name, "%w of a repository: its files are read without limits", ErrUnsupportedEAPI)
		entry.eapi = eapi.Permissive()
		return entry
	case declared && features.ProfileDefaultEAPI:
		entry.defaultEAPI = name
	}
	entry.eapi = features
	return entry
}

// holding returns the innermost repository that path lies in, or nil.
func (t *repoTable) holding(path string) *repo {
	var best *repo
	for _, r := range t.list {
		if strings.HasPrefix(path, r.Location+"/") && (best == nil || len(r.Location) > len(best.Location)) {
			best = r
		}
	}
	return best
}

// named returns the repository of a name or alias, or nil.
func (t *repoTable) named(name string) *repo {
	r := t.config.Get(name)
	if r == nil {
		return nil
	}
	return t.byName[r.Name]
}
