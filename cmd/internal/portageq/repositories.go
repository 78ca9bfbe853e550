package portageq

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/eclass"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// repositories reads how repositories are configured, and nothing else. Those of
// a verb that takes its configuration from the root may be missing here: the
// configuration may be meant for that root.
func (c *call) repositories() (*repos.Config, error) {
	where, err := session.RepoOptions(c.sources())
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	where.Raw = c.configRoot
	return repos.Load(where), nil
}

// repository finds one by its name. It prints an empty line if there is none: that
// is the answer.
func (c *call) repository(config *repos.Config, name string) (*repos.Repo, error) {
	if !regexp.MustCompile(`^\w[\w-]*$`).MatchString(name) {
		return nil, failed(statusFew, "ERROR: invalid repository: %s", name)
	}
	r := config.Get(name)
	if r != nil {
		return r, nil
	}
	if c.json {
		return nil, failed(cli.StatusFailure, "there is no repository %s", name)
	}
	if err := c.lines(""); err != nil {
		return nil, err
	}
	return nil, no()
}

// eachRepository answers with a line for each repository that is named.
func (c *call) eachRepository(line func(*repos.Repo) string) error {
	config, err := c.repositories()
	if err != nil {
		return err
	}
	var found []*repos.Repo
	for _, name := range c.args {
		r, err := c.repository(config, name)
		if err != nil {
			return err
		}
		found = append(found, r)
		if c.json {
			continue
		}
		if err := c.lines(line(r)); err != nil {
			return err
		}
	}
	if c.json {
		return c.writeRepositories(config, found)
	}
	return nil
}

func (c *call) writeRepositories(config *repos.Config, list []*repos.Repo) error {
	doc := &repositoriesDoc{Repositories: []repositoryDoc{}}
	for _, r := range list {
		doc.Repositories = append(doc.Repositories, repositoryDoc{
			Name: r.Name, Location: r.Location, Priority: r.Priority, Main: r == config.Main,
			Masters: masterNames(r), Aliases: append([]string{}, r.Aliases...),
		})
	}
	return Repositories.Write(c.env.Out, doc)
}

func masterNames(r *repos.Repo) []string {
	names := []string{}
	for _, m := range r.Masters {
		names = append(names, m.Name)
	}
	return names
}

// getRepoPath tells where repositories are.
func getRepoPath(_ context.Context, c *call) error {
	return c.eachRepository(func(r *repos.Repo) string { return r.Location })
}

// masterRepositories tells the masters of repositories.
func masterRepositories(_ context.Context, c *call) error {
	return c.eachRepository(func(r *repos.Repo) string { return strings.Join(masterNames(r), " ") })
}

// getRepos lists all names, the strongest first.
func getRepos(_ context.Context, c *call) error {
	config, err := c.repositories()
	if err != nil {
		return err
	}
	list := slices.Clone(config.Repos)
	slices.Reverse(list)
	if c.json {
		return c.writeRepositories(config, list)
	}
	var names []string
	for _, r := range list {
		names = append(names, r.Name)
	}
	return c.lines(strings.Join(names, " "))
}

// eclasses are those that a repository sees.
func eclasses(r *repos.Repo) *eclass.Set { return eclass.NewSet(r.EclassLocations, eclass.FileMD5) }

// availableEclasses lists the eclasses of repositories.
func availableEclasses(_ context.Context, c *call) error {
	config, err := c.repositories()
	if err != nil {
		return err
	}
	doc := &eclassesDoc{Repositories: []eclassList{}}
	for _, name := range c.args {
		r, err := c.repository(config, name)
		if err != nil {
			return err
		}
		names := append([]string{}, eclasses(r).Names()...)
		doc.Repositories = append(doc.Repositories, eclassList{r.Name, names})
		if c.json {
			continue
		}
		if err := c.lines(strings.Join(names, " ")); err != nil {
			return err
		}
	}
	if c.json {
		return Eclasses.Write(c.env.Out, doc)
	}
	return nil
}

// eclassPath tells where a repository finds eclasses.
func eclassPath(_ context.Context, c *call) error {
	return c.eachPath(func(r *repos.Repo, name string) string {
		path, _ := eclasses(r).Path(name)
		return path
	})
}

// licensePath tells where a repository finds licences: in itself, then in its
// masters, the last one first.
func licensePath(_ context.Context, c *call) error {
	return c.eachPath(func(r *repos.Repo, name string) string {
		for _, from := range slices.Backward(append(slices.Clone(r.Masters), r)) {
			path := filepath.Join(from.Location, "licenses", name)
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
		return ""
	})
}

// eachPath answers with a path for each name behind the repository; "" is none.
func (c *call) eachPath(find func(r *repos.Repo, name string) string) error {
	config, err := c.repositories()
	if err != nil {
		return err
	}
	r, err := c.repository(config, c.args[0])
	if err != nil {
		return err
	}
	doc, missing := &pathsDoc{Repository: r.Name, Paths: []pathItem{}}, false
	var lines []string
	for _, name := range c.args[1:] {
		path := find(r, name)
		item := pathItem{Name: name, Path: &path}
		if path == "" {
			item.Path, missing = nil, true
		}
		doc.Paths = append(doc.Paths, item)
		lines = append(lines, path)
	}
	if c.json {
		err = Paths.Write(c.env.Out, doc)
	} else {
		err = c.lines(lines...)
	}
	if err == nil && missing {
		return no()
	}
	return err
}
