package portageq

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// variable answers with one variable.
func variable(name string) func(context.Context, *call) error {
	return func(_ context.Context, c *call) error {
		config, err := c.settings()
		if err != nil {
			return err
		}
		return c.values(false, []variableDoc{lookup(config, name)})
	}
}

// oldVariable is variable for what should be asked otherwise: how, is told.
func oldVariable(name, better string) func(context.Context, *call) error {
	return func(ctx context.Context, c *call) error {
		c.warn("WARNING: 'portageq %s' is deprecated. Use %s", c.name, better)
		return variable(name)(ctx, c)
	}
}

// vdbPath tells where installed packages are recorded.
func vdbPath(_ context.Context, c *call) error {
	config, err := c.settings()
	if err != nil {
		return err
	}
	path := filepath.Join(config.Get("EROOT"), "var/db/pkg")
	return c.values(false, []variableDoc{{Name: "VDB_PATH", Value: &path}})
}

// repositoriesVariable has the configuration of the repositories.
const repositoriesVariable = "PORTAGE_REPOSITORIES"

// lookup is a variable as the configuration has it, or a fact that stands among
// the variables: how repositories are configured.
func lookup(config *profiles.Config, name string) variableDoc {
	if name == repositoriesVariable {
		text := configText(config.Repos())
		return variableDoc{Name: name, Value: &text}
	}
	value, ok := config.Vars.Lookup(name)
	if !ok {
		return variableDoc{Name: name}
	}
	return variableDoc{Name: name, Value: &value.Text}
}

// envvar answers with variables; "NAME*" is all that begin with NAME, sorted.
func envvar(_ context.Context, c *call) error {
	config, err := c.settings()
	if err != nil {
		return err
	}
	found, missing := []variableDoc{}, false
	for _, name := range c.args {
		if slices.Contains([]string{"PORTDIR", "PORTDIR_OVERLAY", "SYNC"}, name) {
			c.warn("WARNING: 'portageq envvar %s' is deprecated. Use any of 'get_repos, get_repo_path, repos_config' instead.", name)
		}
		prefix, glob := strings.CutSuffix(name, "*")
		if !glob {
			v := lookup(config, name)
			missing = missing || v.Value == nil
			found = append(found, v)
			continue
		}
		names := append(config.Vars.Names(), repositoriesVariable)
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if strings.HasPrefix(name, prefix) {
				found = append(found, lookup(config, name))
			}
		}
	}
	if err := c.values(c.verbose, found); err != nil || !missing {
		return err
	}
	return no()
}

// values prints variables: as words for a shell with their names, or bare.
func (c *call) values(named bool, list []variableDoc) error {
	if c.json {
		return Variables.Write(c.env.Out, &variablesDoc{Variables: list})
	}
	lines := make([]string, len(list))
	for i, v := range list {
		text := ""
		if v.Value != nil {
			text = *v.Value
		}
		if named {
			text = v.Name + "=" + shellconf.Quote(text)
		}
		lines[i] = text
	}
	return c.lines(lines...)
}
