// Package cycles is the front of "tumpline cycles": it lists the circular
// dependencies of a request and the cheapest ways to cut them, for people who
// want to mend the tree.
//
// The request is one of emerge, with its options; what a cycle is and how it is
// cut is the business of resolver/stages. The package only shows it, as text,
// as a JSON document, or as a graph for Graphviz.
package cycles

import (
	"context"
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/stages"
)

const program = "tumpline cycles"

const usage = `usage: tumpline cycles [--json | --dot] [emerge options] [atom | name | @set]...
`

const help = usage + `
List the circular dependencies of a request, and the cheapest ways to break them
by merging packages twice, first with other USE flags. The options and targets
are those of emerge.

  --json   print one JSON object
  --dot    print a graph for Graphviz: what is needed to build as solid, what is
           needed to run as dotted lines, packages of the cut filled

A policy in etc/portage/package.break_cycles can prefer, avoid or forbid flags.
The exit status is 1 if there are circular dependencies that no flags break.
`

// form is how the answer is shown.
type form uint8

const (
	asText form = iota
	asJSON
	asDot
)

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	shown := asText
	args := []string{"--pretend"}
	for i, a := range env.Args {
		next := asText
		switch a {
		case "--":
			args = append(args, env.Args[i:]...)
			return ask(ctx, env, args, shown)
		case "--json":
			next = asJSON
		case "--dot":
			next = asDot
		case "--help", "-h":
			_, err := fmt.Fprint(env.Out, help)
			return err
		default:
			args = append(args, a)
			continue
		}
		if shown != asText && shown != next {
			return &cli.UsageError{Program: program, Usage: usage, Msg: "only one of --json and --dot may be given"}
		}
		shown = next
	}
	return ask(ctx, env, args, shown)
}

// ask has emerge answer the request, and shows the cycles.
func ask(ctx context.Context, env *cli.Env, args []string, shown form) error {
	if len(args) == 1 {
		return &cli.UsageError{Program: program, Usage: usage, Msg: "a target is expected"}
	}
	inner := *env
	inner.Name, inner.Args, inner.Out = "emerge", append(args, "--quiet"), env.Err
	return emerge.Answer(ctx, &inner, func(a *emerge.Answered) error {
		res := a.Result
		options, problems := emerge.CycleOptions(res.System)
		for _, p := range slices.Concat(problems, res.Problems) {
			_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", program, p) // a closed standard error cannot be told anything
		}
		res.Staged = stages.Find(res.Pass, *options)
		if err := show(env, res, shown); err != nil {
			return err
		}
		if res.Staged != nil && res.Staged.Plan == nil || res.Staged == nil && !res.Success {
			return &cli.FailedError{Status: cli.StatusFailure}
		}
		return nil
	})
}

func show(env *cli.Env, res *resolver.Result, shown form) error {
	list := &plan.CycleList{Circular: res.Staged != nil, Cycles: planning.Cycles(res)}
	if res.Staged != nil && res.Staged.Plan != nil {
		list.Solved, list.Merges = true, int64(res.Staged.Bootstraps())
	}
	switch shown {
	case asJSON:
		return plan.WriteCycles(env.Out, list)
	case asDot:
		return writeDot(env.Out, list.Cycles)
	}
	if res.Staged == nil && !res.Success {
		_, err := fmt.Fprintln(env.Out, "The request fails for another reason than an order; emerge --pretend tells which.")
		return err
	}
	return writeText(env.Out, list)
}
