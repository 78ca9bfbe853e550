package build

import (
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/merge/phase"
)

// IsCommand says whether this process was started by a phase, under the name of
// one of its commands.
func IsCommand(env *cli.Env) bool {
	return phase.IsCommand(env.Name, func(name string) string { return env.Vars[name] })
}

// Command carries such a command out.
func Command(env *cli.Env) error {
	status := phase.Command(phase.Caller{Name: env.Name, Args: env.Args, Env: func(name string) string { return env.Vars[name] },
		Dir: env.Dir, Stdin: env.In, Stdout: env.Out, Stderr: env.Err})
	if status != 0 {
		return &cli.FailedError{Status: status}
	}
	return nil
}
