// Package manifest is the front of "tumpline manifest": it makes the Manifests
// of packages anew, or verifies them, for a package, a category, a repository.
//
// How that is done is the business of ebuild/manifest and the packages below it;
// this one finds the packages that a path means, and shows what became of them.
package manifest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

const program = "tumpline manifest"

const usage = "usage: tumpline manifest [--verify] [options] [PATH...]\n"

const help = `Make the Manifests of packages anew, or verify them with --verify.

PATH is a package folder, a file in one, a category, or a whole repository; without
a path it is the working directory. The repository's metadata/layout.conf says
which hashes there are and whether Manifests are thin. Distfiles are looked for
in DISTDIR; the digests of those that are absent are kept, and where none are
known the file is fetched.

With --verify nothing is written: files are compared with what Manifests list,
distfiles as far as they are in DISTDIR (--distdir). For a repository with a
Manifest in its root (GLEP 74) the whole tree is verified, with --key also who
signed it. What is wrong is told with the Manifest's file and line.

Without --json there is a line for each Manifest that changed, or for each fault.
The exit status is 1 if anything failed.`

// options are the command line.
type options struct {
	verify, force, json, lenient, noFetch bool
	distdir                               string
	keys                                  []string
	maxAge                                time.Duration
	jobs                                  int
	paths                                 []string
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	var failure error
	c, o := command(env)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(c); err != nil {
			return err
		}
		if o.paths = args; len(args) == 0 {
			o.paths = []string{"."}
		}
		failure = run(ctx, env, o)
		return nil
	}
	if err := c.ExecuteContext(ctx); err != nil {
		return &cli.UsageError{Program: program, Usage: usage, Msg: err.Error()}
	}
	return failure
}

func command(env *cli.Env) (*cobra.Command, *options) {
	o := &options{}
	c := &cobra.Command{Use: "manifest [PATH...]", Short: "make or verify Manifests", Long: help,
		Args: cobra.ArbitraryArgs, SilenceErrors: true, SilenceUsage: true}
	c.SetArgs(env.Args)
	c.SetOut(env.Out)
	c.SetErr(env.Err)
	f := c.Flags()
	f.BoolVar(&o.verify, "verify", false, "verify, and write nothing")
	f.BoolVar(&o.force, "force", false, "forget the known digests of distfiles")
	f.BoolVar(&o.noFetch, "no-fetch", false, "fetch no distfiles whose digests are not known: that is a failure")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line")
	f.IntVarP(&o.jobs, "jobs", "j", 0, "packages done at once; 0: as many as there are processors")
	f.StringVar(&o.distdir, "distdir", "", "the `folder` with distfiles (DISTDIR)")
	f.StringArrayVar(&o.keys, "key", nil, "`file` or folder with keys of which one must have signed the top Manifest")
	f.DurationVar(&o.maxAge, "max-age", 0, "how old the top Manifest's TIMESTAMP may be")
	f.BoolVar(&o.lenient, "lenient", false, "tolerate what Portage does without FEATURES=strict")
	return c, o
}

// check refuses options that have no meaning together.
func (o *options) check(c *cobra.Command) error {
	for _, name := range []string{"key", "max-age", "lenient"} {
		if c.Flags().Changed(name) && !o.verify {
			return fmt.Errorf("--%s has a meaning only with --verify", name)
		}
	}
	if o.force && o.verify {
		return errors.New("--force and --verify exclude each other")
	}
	if o.jobs < 0 {
		return errors.New("--jobs must not be negative")
	}
	return nil
}

func run(ctx context.Context, env *cli.Env, o *options) error {
	var targets []*target
	for _, p := range o.paths {
		t, err := find(env.Abs(p))
		if err != nil {
			return err
		}
		targets = join(targets, t)
	}
	failed := false
	for _, t := range targets {
		do := update
		if o.verify {
			do = verify
		}
		bad, err := do(ctx, env, o, t)
		if err != nil {
			return err
		}
		failed = failed || bad
	}
	if failed {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

// plural gives "1 file", "2 files".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}

// lines puts what follows the first line of a text under it.
func lines(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }
