package main

import (
	"context"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
)

// emergeFront returns the front that answers the recorded requests.
func emergeFront() corpus.Front {
	return func(ctx context.Context, c corpus.Call) int {
		env := &cli.Env{Name: "emerge", Args: c.Args, Vars: c.Vars, Dir: c.Dir}
		env.In, env.Out, env.Err = strings.NewReader(""), c.Out, c.Err
		return cli.Run(ctx, env, emerge.Main)
	}
}

// portageArgs are the options that keep the program to what Portage answers.
func portageArgs() []string { return []string{"--break-cycles=n", "--beyond=n"} }
