package emerge

import (
	"context"
	"maps"
	"slices"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver"
)

// An Answered is a request to merge with its answer.
type Answered struct {
	Options map[string]Value // those given, with EMERGE_DEFAULT_OPTS and what they imply
	Args    []string         // atoms with their category, sets with "@"
	Result  *resolver.Result
}

// Answer does what Main does, but hands the answer to take instead of showing
// it. What ends a request before it is resolved is told as Main tells it.
func Answer(ctx context.Context, env *cli.Env, take func(*Answered) error) error {
	return front(ctx, env, take)
}

// hand gives the answer away.
func (r *run) hand(result *resolver.Result) error {
	return r.take(&Answered{Options: maps.Clone(r.line.Options), Args: favorites(result), Result: result})
}

// favorites are the arguments of a request: atoms with their category, sets with
// "@".
func favorites(result *resolver.Result) (out []string) {
	for _, arg := range result.Request.Args {
		switch {
		case arg.Set != "":
			out = append(out, "@"+arg.Set)
		case arg.Atom != nil:
			out = append(out, arg.Atom.String())
		default:
			out = append(out, arg.Text)
		}
	}
	return out
}

// refuseTaken says that only requests to merge have an answer to be handed on.
func (r *run) refuseTaken() error {
	if r.take == nil || !slices.Contains(removalActions(), r.line.Action) {
		return nil
	}
	return &cli.RefusedError{Program: program, What: "recording --" + r.line.Action}
}
