// Package portageq answers the questions that scripts ask a Portage system, in
// portageq's words: what is configured, where repositories are, what is installed,
// what could be merged, who owns a file.
//
// Each question opens only what it needs. With --json each answers as a document.
// Names of installed packages are as they are recorded: package moves are
// emerge's business.
package portageq

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles"
)

const program = "portageq"

// Exit statuses of portageq beside 0 and 1.
const (
	statusFew     = 2  // too few arguments, or an argument that cannot be understood
	statusFewer   = 3  // the same, of some verbs
	statusNoEroot = 64 // the root is not a directory
)

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	o, err := parse(env.Args)
	if err != nil {
		return &cli.UsageError{Program: program, Usage: "usage: portageq COMMAND [ARGUMENT]...\n", Msg: err.Error()}
	}
	switch {
	case o.help:
		return help(env.Out)
	case o.version:
		_, err := fmt.Fprintln(env.Out, "Portage "+cli.Reference)
		return err
	}
	v := find(o.words)
	if v == nil {
		v = find([]string{"pquery"})
	} else {
		o.words = o.words[1:]
	}
	taken, json := env.With(program, o.json), false
	if v.kind != nil {
		if _, json, err = answer.Take(taken, v.kind); err != nil {
			return err
		}
	}
	c := &call{verb: v, env: env, json: json, options: o, args: o.words, now: time.Now()}
	if err := c.findRoot(); err != nil {
		return err
	}
	if v.eroot && c.root == "" || len(c.args) < v.least || v.exact && len(c.args) != v.least {
		return c.fewArguments()
	}
	return c.answer(ctx)
}

// A call is one question with what it may be answered from.
type call struct {
	*verb
	*options
	env  *cli.Env
	json bool
	args []string // without the root
	now  time.Time

	root string // EROOT, with a slash at the end; empty if the verb takes none

	config  *profiles.Config
	session *session.Session
}

// answer runs the verb.
func (c *call) answer(ctx context.Context) error {
	err := c.run(ctx, c)
	if c.session != nil {
		_ = c.session.Close() // losing the index costs time, nothing else
	}
	return err
}

// findRoot takes the root from the arguments, if there is one.
func (c *call) findRoot() error {
	if !c.eroot || len(c.args) == 0 {
		return nil
	}
	given := c.args[0]
	c.args = c.args[1:]
	if !session.IsDir(c.env.Abs(given)) {
		return &cli.StatusError{Status: statusNoEroot, Err: fmt.Errorf("Not a directory: '%s'\nRun portageq with --help for info", given)}
	}
	root := c.env.Abs(given)
	if prefix := c.env.Vars["EPREFIX"]; prefix != "" {
		prefix = filepath.Clean("/" + prefix)
		rest, ok := strings.CutSuffix(root, prefix)
		if !ok && prefix != "/" {
			return &cli.StatusError{Status: statusNoEroot, Err: fmt.Errorf("ERROR: the root has to end in EPREFIX, which is '%s': '%s'", prefix, root)}
		}
		root = filepath.Clean("/" + rest)
	}
	o := c.sources()
	o.Vars["ROOT"] = root
	if c.configRoot {
		o.Vars["PORTAGE_CONFIGROOT"] = root
	}
	c.env = c.env.With(c.env.Name, c.env.Args)
	c.env.Vars = o.Vars
	p := c.sources().Places()
	if err := p.CheckSysroot(); err != nil {
		return err
	}
	c.root = strings.TrimSuffix(filepath.Join(p.Target, p.EPrefix), "/") + "/"
	return nil
}

// sources says where everything is.
func (c *call) sources() *session.Options {
	return &session.Options{
		Vars: maps.Clone(c.env.Vars), Abs: c.env.Abs, BuildRoot: c.env.Vars["TUMPLINE_BUILD_ROOT"],
		CacheDir: session.CacheDir(c.env.Vars), NoMoves: true,
	}
}

// settings are the configuration.
func (c *call) settings() (*profiles.Config, error) {
	if c.config == nil {
		var err error
		if c.config, err = session.LoadConfig(c.sources()); err != nil {
			return nil, fmt.Errorf("read configuration: %w", err)
		}
	}
	return c.config, nil
}

// installed is the database of installed packages of the root.
func (c *call) installed(only vdb.Interest) *vdb.DB {
	return session.OpenInstalled(c.sources(), c.root, only, c.now)
}

// target is the root of the call with everything that belongs to it.
func (c *call) target() (*session.Root, error) {
	if c.session == nil {
		s, err := session.OpenTarget(c.sources(), c.now)
		if err != nil {
			return nil, err
		}
		c.session = s
	}
	return c.session.Target, nil
}

// lines prints lines.
func (c *call) lines(lines ...string) error {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return c.print(b.String())
}

// print prints a text.
func (c *call) print(text string) error {
	_, err := fmt.Fprint(c.env.Out, text)
	return err
}

// warn tells something beside the answer.
func (c *call) warn(format string, words ...any) {
	_, _ = fmt.Fprintf(c.env.Err, format+"\n", words...)
}

// failed is an error with its exit status.
func failed(status int, format string, words ...any) error {
	return &cli.StatusError{Status: status, Err: fmt.Errorf(format, words...)}
}

// no is the exit status of an answer that is no.
func no() error { return &cli.FailedError{Status: cli.StatusFailure} }

// fewArguments says that arguments are missing, in the place where portageq does.
func (c *call) fewArguments() error {
	msg := "insufficient parameters!"
	if c.exact {
		got, want := len(c.args), c.least
		if c.eroot {
			want++
			if c.root != "" {
				got++
			}
		}
		plural := "s"
		if want == 1 {
			plural = ""
		}
		msg = fmt.Sprintf("expected %d parameter%s, got %d!", want, plural, got)
	}
	if c.name == "list_preserved_libs" {
		msg = "wrong number of arguments"
	}
	if !c.fewOut || c.json {
		return failed(c.fewStatus, "ERROR: %s", msg)
	}
	return errors.Join(c.lines("ERROR: "+msg), &cli.FailedError{Status: c.fewStatus})
}
