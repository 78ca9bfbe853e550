// Package tumpline is the program's own command tree, and chooses the front by
// the name the program was called by. What the commands do is the fronts'
// business.
package tumpline

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// Main is the front behind every name of the program: called by the name of an
// applet it is that applet, else the command tree.
func Main(ctx context.Context, env *cli.Env) error {
	if build.IsCommand(env) {
		return build.Command(env)
	}
	if applet, ok := applets()[env.Name]; ok {
		return asData(applet, ctx, env)
	}
	var failure error
	root := commandTree(ctx, env, &failure)
	root.SetArgs(env.Args)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetIn(env.In)
	if err := root.ExecuteContext(ctx); err != nil {
		return &cli.UsageError{Program: "tumpline", Usage: "usage: tumpline COMMAND ...\n       tumpline help lists the commands\n", Msg: strings.TrimSpace(err.Error())}
	}
	return failure
}

// asData runs a front. Its error is told as data if its command line asks for data.
func asData(front cli.Front, ctx context.Context, env *cli.Env) error {
	err := front(ctx, env)
	if err != nil && answer.Asked(env.Args) {
		return &cli.DataError{Err: err}
	}
	return err
}

// applets are the commands that also answer to their names.
func applets() map[string]cli.Front {
	out := map[string]cli.Front{}
	for _, f := range fronts() {
		if f.applet {
			out[f.name()] = f.run
		}
	}
	return out
}

// Applets lists the names that the program answers to beside its own, sorted.
func Applets() []string { return slices.Sorted(maps.Keys(applets())) }

// commandTree makes the commands. What one of them returns ends in failure, so
// that cobra's own errors, those of the command line, can be told apart.
func commandTree(ctx context.Context, env *cli.Env, failure *error) *cobra.Command {
	root := &cobra.Command{
		Use: "tumpline", Short: "a Portage-compatible resolver", Long: longHelp,
		SilenceErrors: true, SilenceUsage: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		// without Args cobra names commands like an unknown one
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	for _, f := range fronts() {
		root.AddCommand(&cobra.Command{
			Use: f.use, Short: f.short, DisableFlagParsing: true,
			Run: func(_ *cobra.Command, args []string) { *failure = asData(f.run, ctx, env.With(f.name(), args)) },
		})
	}
	return root
}

const longHelp = `tumpline plans what a Portage-compatible system has to merge, and in which order.

It reads the same repositories, profiles and configuration as Portage, and
answers as Portage does. Called as emerge (a link will do) it is emerge.`
