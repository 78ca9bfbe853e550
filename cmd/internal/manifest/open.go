package manifest

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/manifest/renew"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
)

// An Opened repository is one with the session that it is part of. Close the
// session in the end.
type Opened struct {
	Session *session.Session
	Repo    *ebuild.Repository
	// Appended says that no configuration names the repository: it was added as if
	// PORTDIR_OVERLAY did.
	Appended bool
}

// Open opens a session in which the repository at root, with links resolved, is
// known; now is the time of the call.
func Open(env *cli.Env, root string, now time.Time) (*Opened, error) {
	o := &session.Options{
		Vars: maps.Clone(env.Vars), BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"],
		CacheDir: session.CacheDir(env.Vars), NoMoves: true, Abs: env.Abs,
	}
	s, err := session.Open(o, now)
	if err != nil {
		return nil, err
	}
	if r := at(s, root); r != nil {
		return &Opened{Session: s, Repo: r}, nil
	}
	overlays := s.Target.Config.Get("PORTDIR_OVERLAY")
	if err := s.Close(); err != nil {
		return nil, err
	}
	if o.Vars == nil {
		o.Vars = map[string]string{}
	}
	if text := o.Vars["PORTAGE_REPOSITORIES"]; text != "" { // it leaves overlays out of account
		name, _, _ := repos.ReadName(root) // what is wrong with it is told when the repository is opened
		o.Vars["PORTAGE_REPOSITORIES"] = fmt.Sprintf("%s\n[%s]\nlocation = %s\n", text, name, root)
	} else {
		o.Vars["PORTDIR_OVERLAY"] = strings.TrimSpace(overlays + " '" + strings.ReplaceAll(root, "'", `'\''`) + "'")
	}
	if s, err = session.Open(o, now); err != nil {
		return nil, err
	}
	r := at(s, root)
	if r == nil {
		_ = s.Close() // the reason below matters more
		return nil, fmt.Errorf("%s is not a repository that can be used", root)
	}
	return &Opened{Session: s, Repo: r, Appended: true}, nil
}

func at(s *session.Session, root string) *ebuild.Repository {
	for _, r := range s.Repos.All() {
		if real, err := filepath.EvalSymlinks(r.Location); err == nil && real == root {
			return r
		}
	}
	return nil
}

// Renewal gives the options with which Manifests of a repository are made under
// a configuration.
func Renewal(repo *ebuild.Repository, c *profiles.Config) *renew.Options {
	return &renew.Options{
		Repo: repo, Policy: Policy(repo, c), Distdir: c.Get("DISTDIR"), Assume: c.Feature("assume-digests"),
	}
}

// Policy is what a repository and a configuration ask of Manifests.
func Policy(repo *ebuild.Repository, c *profiles.Config) manifest.Policy {
	p := manifest.PolicyOf(repo.Layout)
	p.Lenient = !c.Feature("strict")
	p.Filter = manifest.ParseFilter(c.Get("PORTAGE_CHECKSUM_FILTER"))
	return p
}
