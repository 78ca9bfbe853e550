// Package cases is the front of "tumpline cases": it runs resolver cases from
// files and shows which of them fail, and writes a case from a live request.
//
// What a case is, and how it is judged, is resolver/resolvertest's business.
package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// runOptions are the options of "cases run".
type runOptions struct {
	json    bool
	filter  string
	against string
	jobs    int
	timeout time.Duration
	paths   []string
}

// Front returns the front that has a runner's resolver answer the cases.
func Front(runner resolvertest.Runner) cli.Front {
	return func(ctx context.Context, env *cli.Env) error {
		var failure error
		root := command(env, func(o *runOptions) { failure = run(ctx, env, runner, o) })
		root.AddCommand(recordCommand(env, func(o *recordOptions) { failure = record(ctx, env, runner, o) }))
		root.SetArgs(env.Args)
		root.SetOut(env.Out)
		root.SetErr(env.Err)
		if err := root.ExecuteContext(ctx); err != nil {
			return &cli.UsageError{Program: "tumpline cases", Msg: err.Error()}
		}
		return failure
	}
}

// command makes the command line: what is understood is handed to run.
func command(env *cli.Env, run func(*runOptions)) *cobra.Command {
	root := &cobra.Command{Use: "cases", Short: "run resolver cases from files, or record one", SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(*cobra.Command, []string) error { return errors.New("a command is expected: run or record") }}
	o := &runOptions{}
	c := &cobra.Command{Use: "run PATH...", Short: "run the cases of files, or of the *.json and *.txtar files below folders",
		Long: runHelp, Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, a := range args {
				o.paths = append(o.paths, env.Abs(a))
			}
			if err := o.check(); err != nil {
				return err
			}
			run(o)
			return nil
		}}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	c.Flags().StringVar(&o.filter, "filter", "", "run only the cases whose name matches a regular `expression`")
	c.Flags().StringVar(&o.against, "against", "both", "compare with what a case demands (expected), with what Portage answered (actual), or `both`")
	c.Flags().IntVar(&o.jobs, "jobs", runtime.NumCPU(), "`number` of playgrounds at a time")
	c.Flags().DurationVar(&o.timeout, "timeout", time.Minute, "`time` for one request")
	root.AddCommand(c)
	return root
}

const runHelp = `Run resolver cases: worlds of repositories, packages and configuration, each with
requests and the answers that they should have. Files that start with a brace are
in the JSON form derived from Portage's own tests; others are text worlds:

    -- repo --
    dev-libs/lib-2  SLOT=0/2
    app-misc/app-1  RDEPEND=dev-libs/lib:=
    -- installed --
    dev-libs/lib-1  SLOT=0/1
    app-misc/app-1  RDEPEND=dev-libs/lib:0/1=
    -- world --
    app-misc/app
    -- emerge -u dev-libs/lib --
    merge dev-libs/lib-2 replaces dev-libs/lib-1
    merge app-misc/app-1

A line is printed for each case that fails, then a table of what passed by area.
The exit status is 1 if a case failed or a file could not be read.`

func (o *runOptions) check() error {
	if _, err := regexp.Compile(o.filter); err != nil {
		return fmt.Errorf("--filter: %w", err)
	}
	switch o.against {
	case "expected", "actual", "both":
		return nil
	}
	return fmt.Errorf("--against=%s: expected, actual or both is wanted", o.against)
}

// run runs the cases and reports on them.
func run(ctx context.Context, env *cli.Env, runner resolvertest.Runner, o *runOptions) error {
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "tumpline-cases")
	if err != nil {
		return fmt.Errorf("make a folder for worlds: %w", err)
	}
	defer os.RemoveAll(dir) // best effort: it holds nothing of value
	files, errs := resolvertest.Read(o.paths...)
	report := resolvertest.Run(ctx, files, runner, resolvertest.RunOptions{
		Dir: dir, Jobs: o.jobs, Filter: regexp.MustCompile(o.filter), Timeout: o.timeout, Now: time.Now})
	if err := ctx.Err(); err != nil {
		return err
	}
	r := newReport(report, files, errs, o.against)
	for _, w := range r.Warnings {
		fmt.Fprintln(env.Err, "warning:", w)
	}
	if o.json {
		err = r.writeJSON(env.Out)
	} else {
		err = r.writeText(env.Out, env.Err, env.OutTerminal)
	}
	if err != nil {
		return err
	}
	if !r.Success {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

// oneLine puts a message that may have several lines on one.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
