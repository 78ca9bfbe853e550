// Package tumpline is the program's own command tree, and chooses the front by
// the name the program was called by. What the commands do is the fronts'
// business.
package tumpline

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cases"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/cycles"
	"github.com/tumpline/tumpline/cmd/internal/ebuildcmd"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/cmd/internal/quickpkg"
	"github.com/tumpline/tumpline/cmd/internal/regen"
	"github.com/tumpline/tumpline/cmd/internal/verify"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/resolver/explain"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// Main is the front behind every name of the program: called by the name of an
// applet it is that applet, else the command tree.
func Main(ctx context.Context, env *cli.Env) error {
	if build.IsCommand(env) {
		return build.Command(env)
	}
	if applet, ok := applets()[env.Name]; ok {
		return applet(ctx, env)
	}
	var failure error
	root := commandTree(ctx, env, &failure)
	root.SetArgs(env.Args)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetIn(env.In)
	if err := root.ExecuteContext(ctx); err != nil {
		return &cli.UsageError{Program: "tumpline", Usage: "usage: tumpline COMMAND ...\n       tumpline help lists the commands\n", Msg: err.Error()}
	}
	return failure
}

// applets are the commands that parse their own command line.
func applets() map[string]cli.Front {
	return map[string]cli.Front{"ebuild": ebuildcmd.Main, "egencache": regen.Egencache, "emerge": emerge.Main, "quickpkg": quickpkg.Main}
}

// commandTree makes the commands. What one of them returns ends in failure, so
// that cobra's own errors, those of the command line, can be told apart.
func commandTree(ctx context.Context, env *cli.Env, failure *error) *cobra.Command {
	root := &cobra.Command{
		Use: "tumpline", Short: "a Portage-compatible resolver", Long: longHelp,
		SilenceErrors: true, SilenceUsage: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	run := func(front cli.Front) func(*cobra.Command, []string) {
		return func(command *cobra.Command, args []string) { *failure = front(ctx, env.With(command.Name(), args)) }
	}
	write := func(text func(io.Writer) error) func(*cobra.Command, []string) {
		return run(func(context.Context, *cli.Env) error { return text(env.Out) })
	}
	schema := &cobra.Command{
		Use: "schema", Short: "print the JSON Schema of a document",
		Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("schema: a document is expected: plan, explanation, events or regen")
		},
	}
	schema.AddCommand(&cobra.Command{
		Use: "plan", Short: "of the plan that emerge --json prints", Args: cobra.NoArgs, Run: write(writeSchema),
	})
	schema.AddCommand(&cobra.Command{
		Use: "explanation", Short: "of what emerge --json --explain prints", Args: cobra.NoArgs,
		Run: write(func(w io.Writer) error { _, err := io.WriteString(w, explain.Schema()); return err }),
	}, &cobra.Command{
		Use: "events", Short: "of the lines that emerge --events=json prints", Args: cobra.NoArgs,
		Run: write(func(w io.Writer) error { _, err := io.WriteString(w, merge.EventsSchema()); return err }),
	}, &cobra.Command{
		Use: "regen", Short: "of the lines that regen --json prints", Args: cobra.NoArgs,
		Run: write(func(w io.Writer) error { _, err := io.WriteString(w, regen.Schema()); return err }),
	})
	root.AddCommand(
		&cobra.Command{
			Use: "emerge [options] [atom | name | @set]...", Short: "plan a merge; takes emerge's command line",
			DisableFlagParsing: true, Run: run(emerge.Main),
		},
		&cobra.Command{
			Use: "build ATOM...", Short: "build packages, up to their images",
			DisableFlagParsing: true, Run: run(build.Main),
		},
		&cobra.Command{
			Use: "cases run PATH... | record -- ARGS...", Short: "run resolver cases from files, or record one",
			DisableFlagParsing: true, Run: run(cases.Front(adapter.Runner)),
		},
		&cobra.Command{
			Use: "cycles [--json | --dot] TARGET...", Short: "list circular dependencies and what breaks them",
			DisableFlagParsing: true, Run: run(cycles.Main),
		},
		&cobra.Command{
			Use: "regen [options] [repository]...", Short: "bring the metadata caches of repositories up to date",
			DisableFlagParsing: true, Run: run(regen.Main),
		},
		&cobra.Command{
			Use: "egencache [options] <action>... [atom]...", Short: "the same; takes egencache's command line",
			DisableFlagParsing: true, Run: run(regen.Egencache),
		},
		&cobra.Command{
			Use: "verify PLAN.json", Short: "judge a plan by rules of its own",
			DisableFlagParsing: true, Run: run(verify.Main),
		},
		&cobra.Command{
			Use: "manifest [--verify] [PATH...]", Short: "make or verify Manifests",
			DisableFlagParsing: true, Run: run(manifest.Main),
		},
		&cobra.Command{
			Use: "ebuild FILE COMMAND...", Short: "run steps for one ebuild; takes ebuild's command line",
			DisableFlagParsing: true, Run: run(ebuildcmd.Main),
		},
		&cobra.Command{Use: "quickpkg ATOM | @SET...", Short: "pack what is installed; takes quickpkg's command line", DisableFlagParsing: true, Run: run(quickpkg.Main)},
		schema,
		&cobra.Command{
			Use: "version", Short: "print the version", Args: cobra.NoArgs,
			Run: write(func(w io.Writer) error { _, err := fmt.Fprintln(w, cli.Version()); return err }),
		},
	)
	return root
}

func writeSchema(w io.Writer) error {
	_, err := io.WriteString(w, plan.Schema())
	return err
}

const longHelp = `tumpline plans what a Portage-compatible system has to merge, and in which order.

It reads the same repositories, profiles and configuration as Portage, and
answers as Portage does. Called as emerge (a link will do) it is emerge.`
