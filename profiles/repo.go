package profiles

import (
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// A repo is a repository with the EAPI of the files in its profiles directory.
type repo struct {
	*repos.Repo
	eapi    *eapi.Features
	masters []*repo
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
func directoryFormat(r *repos.Repo) bool {
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
		entry := &repo{Repo: r, eapi: repoEAPI(r, warn)}
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

// repoEAPI finds the EAPI of files directly in profiles/.
func repoEAPI(r *repos.Repo, warn *warnings) *eapi.Features {
	name, ok, problems := repos.ReadEAPI(r.Profiles())
	warn.add(problems...)
	if !ok {
		name = r.DefaultEAPI
	}
	features, ok := lookupEAPI(name)
	if !ok {
		warn.at(Pos{r.Profiles() + "/eapi", 1}, name, "%w of a repository: its files are read without limits", ErrUnsupportedEAPI)
		return eapi.Permissive()
	}
	return features
}

// holding returns the innermost repository that path lies in, or nil.
func (t *repoTable) holding(path string) *repos.Repo {
	var best *repos.Repo
	for _, r := range t.config.Repos {
		if strings.HasPrefix(path, r.Location+"/") && (best == nil || len(r.Location) > len(best.Location)) {
			best = r
		}
	}
	return best
}
