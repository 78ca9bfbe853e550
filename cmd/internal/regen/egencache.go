package regen

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

const egencache = "egencache"

const egencacheUsage = "usage: egencache [options] <action> ... [atom] ...\n"

//go:embed egencache.txt
var egencacheHelp string

// egencacheOptions are the options of egencache.
func egencacheOptions() []argparse.Option {
	return append(updateOptions(), []argparse.Option{
		{Long: "--update"},
		{Long: "--update-changelogs"},
		{Long: "--update-manifests"},
		{Long: "--repo", Takes: argparse.Text},
		{Long: "--gpg-dir", Takes: argparse.Text},
		{Long: "--gpg-key", Takes: argparse.Text},
		{Long: "--sign-manifests", Takes: argparse.Choice, Choices: argparse.YesNo()},
		{Long: "--strict-manifests", Takes: argparse.Choice, Choices: argparse.YesNo()},
		{Long: "--thin-manifests", Takes: argparse.Choice, Choices: argparse.YesNo()},
		{Long: "--ignore-default-opts"},
		{Long: "--verbose", Short: "-v"},
		{Long: "--rsync"},
		{Long: "--changelog-reversed"},
		{Long: "--changelog-output", Takes: argparse.Text},
	}...)
}

// Egencache is the front that takes egencache's command line. Like that, it
// ignores the environment of the caller beside PATH, and the variables of its
// own.
func Egencache(ctx context.Context, env *cli.Env) error {
	w, o, err := egencacheLine(env, env.Args)
	if err != nil {
		return misunderstood(egencache, egencacheUsage, err)
	}
	if w.Has("--help") {
		_, err := io.WriteString(env.Out, egencacheHelp)
		return err
	}
	s, err := open(env, o, true)
	if err != nil {
		return err
	}
	if defaults := s.Target.Config.Get("EGENCACHE_DEFAULT_OPTS"); defaults != "" && !w.Has("--ignore-default-opts") {
		err := s.Close()
		if err == nil {
			w, o, err = withDefaults(env, defaults)
		}
		if err == nil {
			s, err = open(env, o, true)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(egencacheRun(ctx, env, s, w, o), s.Close())
}

// misunderstood is an error of the command line.
func misunderstood(program, usage string, err error) error {
	return &cli.UsageError{Program: program, Usage: usage, Msg: err.Error()}
}

// withDefaults reads the command line with EGENCACHE_DEFAULT_OPTS before it.
func withDefaults(env *cli.Env, defaults string) (*argparse.Words, *options, error) {
	before, err := shellconf.Split(defaults)
	if err != nil {
		return nil, nil, fmt.Errorf("EGENCACHE_DEFAULT_OPTS %q: %w", defaults, err)
	}
	w, o, err := egencacheLine(env, append(before, env.Args...))
	if err != nil {
		return nil, nil, misunderstood(egencache, egencacheUsage, err)
	}
	return w, o, nil
}

// egencacheLine decodes a command line.
func egencacheLine(env *cli.Env, args []string) (*argparse.Words, *options, error) {
	w, err := argparse.Parse(egencacheOptions(), args)
	if err != nil || w.Has("--help") {
		return w, nil, err
	}
	o, err := decode(env, w)
	if err != nil {
		return nil, nil, err
	}
	o.update, o.quiet = w.Has("--update"), true
	o.manifests = decodeManifests(w)
	if name := w.Text("--repo"); name != nil {
		o.repos = []string{*name}
	}
	if o.packages, err = names(w.Rest); err != nil {
		return nil, nil, err
	}
	if o.comments && o.output != nil && *o.output == "-" {
		return nil, nil, errors.New("--preserve-comments can not be used when outputting to stdout")
	}
	return w, o, nil
}

// egencacheRun does what is asked for, if all of it can be done.
func egencacheRun(ctx context.Context, env *cli.Env, s *session.Session, w *argparse.Words, o *options) error {
	if !o.update && !o.localDesc && !o.descIndex && o.manifests == nil && !w.Has("--update-changelogs") {
		return misunderstood(egencache, egencacheUsage, errors.New("No action specified"))
	}
	if o.repos == nil {
		all := s.Repos.All()
		if len(all) != 1 {
			return misunderstood(egencache, egencacheUsage, errors.New("--repo option is required"))
		}
		o.repos = []string{all[0].Name}
	}
	if s.Repos.Get(o.repos[0]) == nil {
		return misunderstood(egencache, egencacheUsage, fmt.Errorf("Unable to locate repository named '%s'", o.repos[0]))
	}
	if w.Has("--update-changelogs") {
		return &cli.RefusedError{Program: egencache, What: "--update-changelogs", Why: "it is obsolete: read the log of the version control system"}
	}
	if w.Has("--verbose") && o.descIndex {
		return &cli.RefusedError{Program: egencache, What: "--verbose", Why: "the list of what changed with --update-pkg-desc-index"}
	}
	return (&front{env: env, session: s, options: o, program: egencache}).run(ctx)
}

// open opens the session of a front. Alone says that the caller's environment does
// not count.
func open(env *cli.Env, o *options, alone bool) (*session.Session, error) {
	vars := map[string]string{}
	for name, value := range env.Vars {
		if !alone || name == "PATH" {
			vars[name] = value
		}
	}
	if alone {
		maps.Copy(vars, session.OwnVariables(env.Vars))
	}
	if o.reposConf != nil {
		vars["PORTAGE_REPOSITORIES"] = *o.reposConf
	}
	if o.cacheDir != nil {
		vars["PORTAGE_DEPCACHEDIR"] = *o.cacheDir
	}
	return session.Open(&session.Options{
		Vars: vars, ConfigRoot: o.configRoot, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"],
		CacheDir: session.CacheDir(env.Vars), Abs: env.Abs, Jobs: o.jobs,
	}, time.Now())
}
