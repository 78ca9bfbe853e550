package emaint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// syncAuto is for repositories with auto-sync.
func syncAuto(_ context.Context, r *run) (bool, []string, error) {
	return r.sync(slices.DeleteFunc(r.repositories(), func(p *repos.Repo) bool { return !p.AutoSync }), false)
}

// syncAll is for all.
func syncAll(_ context.Context, r *run) (bool, []string, error) {
	return r.sync(r.repositories(), false)
}

// syncNamed is for those named on the command line.
func syncNamed(_ context.Context, r *run) (bool, []string, error) {
	names := strings.Fields(*r.words.Text("--repo"))
	var chosen []*repos.Repo
	var missing []string
	for _, name := range names {
		p := r.root.Config.Repos().Get(name)
		if p == nil {
			missing = append(missing, name)
		} else if !slices.Contains(chosen, p) {
			chosen = append(chosen, p)
		}
	}
	if len(missing) > 0 {
		return false, []string{r.star() + "The specified repo(s) were not found: " + strings.Join(missing, " ") + "\n   ...returning"}, nil
	}
	return r.sync(chosen, true)
}

func (r *run) repositories() []*repos.Repo { return slices.Clone(r.root.Config.Repos().Repos) }

// star is the red mark of errors.
func (r *run) star() string {
	if r.env.Vars["NO_COLOR"] != "" {
		return " * "
	}
	return "\x1b[31;01m * \x1b[39;49;00m"
}

// sync refuses to synchronise, unless there is nothing to do.
func (r *run) sync(list []*repos.Repo, named bool) (bool, []string, error) {
	var disabled, lacking, rest []string
	for _, p := range list {
		switch {
		case p.Option("sync-type") == "":
			disabled = append(disabled, p.Name)
		case p.Option("sync-uri") == "":
			lacking = append(lacking, p.Name)
		default:
			rest = append(rest, p.Name)
		}
	}
	switch {
	case named && len(disabled) > 0:
		return false, []string{r.star() + "The specified repo(s) have sync disabled: " + strings.Join(disabled, " ") + "\n   ...returning"}, nil
	case len(lacking) > 0:
		return false, []string{r.star() + "The specified repo(s) are missing sync-uri: " + strings.Join(lacking, " ") + "\n   ...returning"}, nil
	case len(rest) == 0:
		return true, []string{"Nothing to sync... returning"}, nil
	}
	return false, nil, &cli.RefusedError{Program: program, What: fmt.Sprintf("sync of %s", strings.Join(rest, ", ")), Why: "use git or rsync; then tumpline regen brings caches up to date"}
}
