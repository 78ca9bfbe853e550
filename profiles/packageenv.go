package profiles

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/shellconf"
	"github.com/tumpline/tumpline/profiles/userconf"
)

var errIllegalVariable = errors.New("variable must not be set here")

// An envFiles is a list of files of etc/portage/env, evaluated together.
type envFiles struct {
	once sync.Once
	vars scope

	perRepo sync.Map // repository -> *Vars
}

// evaluateEnv evaluates files of etc/portage/env in order. Incremental
// variables add up, of others the last counts. Files that cannot be read are
// problems and nothing more.
func (c *Config) evaluateEnv(names []string) (scope, []error) {
	if len(names) == 0 {
		return nil, nil
	}
	files, problems := userconf.ReadEnv(c.UserDir, names, shellconf.Options{Env: c.envVars})
	vars := make(scope)
	for _, file := range files {
		problems = append(problems, file.Warnings...)
		for v := range file.All() {
			if c.userMayNot[v.Name] || reserved(v.Name) || globalOnly(v.Name) || v.Name == "DEFINED_PHASES" {
				problems = append(problems, &linefile.Problem{File: v.File, Line: v.Line, Text: v.Name, Err: errIllegalVariable})
				continue
			}
			p := part{text: v.Value, pos: Pos{v.File, v.Line}, source: &v}
			if incremental(v.Name) {
				vars.add(v.Name, p)
			} else {
				vars.set(v.Name, p)
			}
		}
	}
	return vars, problems
}

// env returns what package.env says for a package, or nil.
func (c *Config) env(p atoms.Candidate) *envFiles {
	var names []string
	for _, e := range c.userEnv.Match(p) {
		names = append(names, texts(e.Words)...)
	}
	if len(names) == 0 {
		return nil
	}
	found, _ := c.packageEnv.LoadOrStore(strings.Join(names, "\x00"), new(envFiles))
	files := found.(*envFiles)
	files.once.Do(func() {
		files.vars, _ = c.evaluateEnv(names) // Load has told the problems
	})
	return files
}

// User returns what the user says about the USE flags of a package:
// package.env, overridden by package.use, overridden by the USE_EXPAND
// variables of package.env.
func (u USEStacks) User(p atoms.Candidate) []Op {
	c := u.c
	env := c.env(p)
	entries := c.userUSE.Match(p)
	if env == nil && len(entries) == 0 {
		return nil
	}
	var ops []Op
	if env != nil {
		ops = append(ops, c.expand.bareOps(env.vars)...)
		ops = append(ops, Ops(env.vars.words("USE"))...)
	}
	for _, e := range entries {
		ops = append(ops, Ops(e.Words)...)
	}
	if env != nil {
		ops = append(ops, c.expand.variableOps(env.vars)...)
	}
	return ops
}

// UserWords returns the words of the user's package.use for a package, the least
// specific entry first, as Portage keeps them in PKGUSE. Those for "*/*" belong to USE.
func (u USEStacks) UserWords(p atoms.Candidate) []string {
	var words []string
	for _, e := range u.c.userUSE.Match(p) {
		words = append(words, texts(e.Words)...)
	}
	return words
}

// PackageVars returns the variables as they are for one package: with
// make.defaults of its repository and with package.env. USE and the variables
// of USE_EXPAND are not those of the package; ask profiles/use.
func (c *Config) PackageVars(p atoms.Candidate) *Vars {
	env := c.env(p)
	if env == nil {
		if len(c.repoScopes[p.Repo]) == 0 {
			return c.Vars
		}
		found, _ := c.packageEnv.LoadOrStore("", new(envFiles))
		env = found.(*envFiles)
	}
	if known, ok := env.perRepo.Load(p.Repo); ok {
		return known.(*Vars)
	}
	v := newVars()
	v.layers, v.nodes = c.Vars.layers, c.Vars.nodes
	v.layers[LayerRepo], v.layers[LayerPkg] = c.repoScopes[p.Repo], env.vars
	v.stackAll(c.moreFeatures)
	for name, value := range c.Vars.lists {
		if _, ok := v.lists[name]; !ok {
			v.lists[name] = value
		}
	}
	known, _ := env.perRepo.LoadOrStore(p.Repo, v)
	return known.(*Vars)
}

// FeatureFor says if FEATURES has a word for one package.
func (c *Config) FeatureFor(p atoms.Candidate, name string) bool {
	env := c.env(p)
	if (env == nil || len(env.vars["FEATURES"]) == 0) && len(c.repoScopes[p.Repo]["FEATURES"]) == 0 {
		return c.features[name]
	}
	return slices.Contains(strings.Fields(c.PackageVars(p).Get("FEATURES")), name)
}
