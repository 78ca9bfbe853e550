package build

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
)

const program = "tumpline build"

const usage = "usage: tumpline build [options] ATOM...\n"

const help = `Build packages, phase by phase, up to their images.

Each ATOM stands for the best visible ebuild that it matches. Nothing is merged:
the image and what the package database would say stay in the build directory,
PORTAGE_TMPDIR/portage/CATEGORY/PF. Dependencies are not built.`

// options are the command line.
type options struct {
	words              []string
	jobs               int
	quiet              string
	keepGoing, test    bool
	fetchOnly, resume  bool
	json, skipManifest bool
}

func command(env *cli.Env) (*cobra.Command, *options) {
	o := &options{}
	c := &cobra.Command{Use: "build [options] ATOM...", Short: "build packages, up to their images", Long: help,
		Args: cobra.ArbitraryArgs, SilenceErrors: true, SilenceUsage: true}
	c.SetArgs(env.Args)
	c.SetOut(env.Out)
	c.SetErr(env.Err)
	f := c.Flags()
	f.IntVarP(&o.jobs, "jobs", "j", 1, "packages built at once; their output goes to the logs alone")
	f.StringVar(&o.quiet, "quiet-build", "", "print progress alone, and the log of what failed (`y` or n)")
	f.Lookup("quiet-build").NoOptDefVal = "y"
	f.BoolVar(&o.keepGoing, "keep-going", false, "go on with other packages after a failure")
	f.BoolVar(&o.test, "test", false, "run src_test, with USE=test")
	f.BoolVarP(&o.fetchOnly, "fetchonly", "f", false, "get the distfiles, and build nothing")
	f.BoolVar(&o.resume, "resume", false, "go on after the last phase that was done, instead of starting anew")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line for each thing that happens")
	f.BoolVar(&o.skipManifest, "skip-manifest", false, "verify no Manifest")
	return c, o
}

// check refuses what has no meaning.
func (o *options) check() error {
	switch {
	case len(o.words) == 0:
		return fmt.Errorf("which package?")
	case o.jobs < 1:
		return fmt.Errorf("--jobs must be at least 1")
	case o.quiet != "" && o.quiet != "y" && o.quiet != "n":
		return fmt.Errorf("--quiet-build is y or n, not %q", o.quiet)
	}
	return nil
}

// Main is the front: build [options] ATOM...
func Main(ctx context.Context, env *cli.Env) error {
	c, o := command(env)
	var failure error
	var misuse error
	c.RunE = func(_ *cobra.Command, words []string) error {
		o.words = words
		if misuse = o.check(); misuse != nil {
			return misuse
		}
		failure = o.run(ctx, env)
		return nil
	}
	if err := c.ExecuteContext(ctx); err != nil {
		return &cli.UsageError{Program: program, Usage: usage, Msg: err.Error()}
	}
	return failure
}

func (o *options) run(ctx context.Context, env *cli.Env) error {
	vars := env.Vars
	if o.test {
		vars = WithTests(vars)
	}
	s, err := session.Open(&session.Options{Vars: vars, Abs: env.Abs, BuildRoot: vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	m, err := New(env, s)
	if err != nil {
		return err
	}
	m.ForceTest, m.SkipManifest = o.test, o.skipManifest
	if o.quiet == "y" || o.quiet == "" && o.jobs > 1 || o.json {
		m.Output = nil
	}
	r := &queue{options: o, making: m, env: env}
	if err := r.find(); err != nil {
		return err
	}
	return r.all(ctx)
}

// WithTests gives an environment in which tests are asked for (FEATURES, and by it
// USE=test).
func WithTests(vars map[string]string) map[string]string {
	out := make(map[string]string, len(vars)+1)
	for name, value := range vars {
		out[name] = value
	}
	out["FEATURES"] = strings.TrimSpace(out["FEATURES"] + " test")
	return out
}
