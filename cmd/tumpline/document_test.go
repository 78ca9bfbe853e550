package main

import (
	"bytes"
	"context"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tumpline/tumpline/atoms/schematest"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/tumpline"
)

// document is: document NAME [stdout|FILE]
//
// It expects a JSON document of that name, as tumpline schema describes it.
func document(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: document NAME [stdout|FILE]")
	}
	var out, errs bytes.Buffer
	env := &cli.Env{Streams: cli.Streams{Out: &out, Err: &errs}, Name: "tumpline", Args: []string{"schema", args[0]}, Vars: map[string]string{}}
	if cli.Run(context.Background(), env, tumpline.Main) != 0 {
		ts.Fatalf("schema of %s: %s", args[0], &errs)
	}
	schema, err := schematest.Compile(out.String())
	ts.Check(err)
	from := append(args, "stdout")[1]
	if err := schema.Validate(ts.ReadFile(from)); err != nil {
		ts.Fatalf("%s is not a document %s: %v", from, args[0], err)
	}
}
