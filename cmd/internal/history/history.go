// Package history is the fronts of "tumpline history" and "tumpline undo": the
// transactions of a root, and taking back the last one.
//
// What a transaction is and how it is taken back is the business of merge/journal and
// merge/livefs; here it is asked for and told.
package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/merging"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/livefs"
)

// Kind is the document of both commands.
var Kind = answer.NewKind[document]("tumpline.history", "1.0.0", "transactions of a root, that tumpline history and undo print")

type document struct {
	answer.Head
	Root         string        `json:"root" jsonschema:"absolute"`
	Transactions []transaction `json:"transactions" jsonschema:"oldest first; of undo the one that was taken back"`
}

type transaction struct {
	ID       int      `json:"id" jsonschema:"rising"`
	Title    string   `json:"title" jsonschema:"merge or unmerge, and the package"`
	Time     int64    `json:"time" jsonschema:"when it began, seconds since 1970"`
	State    string   `json:"state" jsonschema:"done, undone; or what an interrupted run left: begin, planned, committed, undoing"`
	Packages []string `json:"packages" jsonschema:"that it was about, category/PF"`
	Undoable bool     `json:"undoable" jsonschema:"it is the last one that is done, and the files that it replaced are kept"`
}

const usage = `usage: tumpline history [--root DIR] [--last N] [--json]
`

const help = usage + `
List the transactions of a root, oldest first: number, time, what became of it, what it
was. The next merge finishes or takes back what an interrupted run left.

  --root DIR   another root than that of the configuration
  --last N     the last N only
  --json       print one JSON object (tumpline schema history)

Examples:
  tumpline history --last 5
  ROOT=/build/amd64-usr tumpline history
`

const undoUsage = `usage: tumpline undo [--root DIR] [--force] [--json] [ID]
`

const undoHelp = undoUsage + `
Take back the last transaction of a root: files, the package's entry and the world file are
as they were before. ID, if it is given, must be its number. The files that the last
three transactions replaced are kept for that. What pkg_* phases did by themselves is not
taken back, and none is run.

  --root DIR   another root than that of the configuration
  --force      also if files have been changed since; the changes are lost
  --json       print one JSON object (tumpline schema history)

Examples:
  tumpline undo
  tumpline undo 17 --root /build/amd64-usr
`

// A line is a command line.
type line struct {
	program, usage, help string

	root  *string
	last  int
	force journal.Force
	id    int
	json  bool
	asks  bool // for help
}

// Main is the front of "tumpline history".
func Main(ctx context.Context, env *cli.Env) error {
	l := &line{program: "tumpline history", usage: usage, help: help}
	return l.run(ctx, env, func(root *session.Root) error {
		list, err := livefs.History(livefs.Root{Dir: root.Path, EPrefix: root.EPrefix})
		if err != nil {
			return fmt.Errorf("%s: %w", l.program, err)
		}
		d := describe(root.Path, list)
		if n := len(d.Transactions); l.last > 0 && n > l.last {
			d.Transactions = d.Transactions[n-l.last:]
		}
		if l.json {
			return Kind.Write(env.Out, d)
		}
		return write(env.Out, d)
	})
}

// Undo is the front of "tumpline undo".
func Undo(ctx context.Context, env *cli.Env) error {
	l := &line{program: "tumpline undo", usage: undoUsage, help: undoHelp}
	return l.run(ctx, env, func(root *session.Root) error {
		e, err := merging.Undo(ctx, env, root, l.id, l.force)
		var changed *journal.ChangedError
		switch {
		case errors.As(err, &changed):
			return fmt.Errorf("%s: %w; --force takes it back all the same", l.program, err)
		case e == nil && err != nil:
			return fmt.Errorf("%s: %w", l.program, err)
		case err != nil: // it is taken back, something after that went wrong
			_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", l.program, err) // a closed standard error cannot be told anything
		}
		if l.json {
			d := describe(root.Path, []*journal.Entry{e})
			d.Transactions[0].State, d.Transactions[0].Undoable = string(journal.Undone), false
			return Kind.Write(env.Out, d)
		}
		_, err = fmt.Fprintf(env.Out, "taken back: %d, %s\n", e.ID, e.Title)
		return err
	})
}

func describe(root string, list []*journal.Entry) *document {
	d := &document{Root: filepath.Clean(root), Transactions: []transaction{}}
	last := -1
	for i, e := range list {
		d.Transactions = append(d.Transactions, transaction{
			ID: e.ID, Title: e.Title, Time: e.Time, State: string(e.State), Packages: append([]string{}, e.Facts...),
		})
		if e.State == journal.Done {
			last = i
		}
	}
	if last >= 0 {
		d.Transactions[last].Undoable = !list[last].Pruned
	}
	return d
}

func write(w io.Writer, d *document) error {
	if len(d.Transactions) == 0 {
		_, err := fmt.Fprintf(w, "%s has no transactions.\n", d.Root)
		return err
	}
	for _, t := range d.Transactions {
		when := time.Unix(t.Time, 0).UTC().Format("2006-01-02 15:04:05")
		note := ""
		if t.Undoable {
			note = "  (can be undone)"
		}
		if _, err := fmt.Fprintf(w, "%6d  %s  %-9s  %s%s\n", t.ID, when, t.State, t.Title, note); err != nil {
			return err
		}
	}
	return nil
}

// run understands the command line, opens the root and does what is asked.
func (l *line) run(_ context.Context, env *cli.Env, do func(*session.Root) error) error {
	env, data, err := answer.Take(env, Kind)
	if err != nil {
		return err
	}
	l.json = data
	if err := l.parse(env.Args); err != nil {
		return err
	}
	if l.asks {
		_, err := io.WriteString(env.Out, l.help)
		return err
	}
	s, err := session.Open(&session.Options{Vars: env.Vars, Root: l.root, Abs: env.Abs, CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return fmt.Errorf("%s: %w", l.program, err)
	}
	err = do(s.Target)
	if cerr := s.Close(); cerr != nil && err == nil {
		_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", l.program, cerr) // as above
	}
	return err
}

func (l *line) parse(args []string) error {
	undo := l.usage == undoUsage
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		if (name == "--root" || name == "--last") && !hasValue {
			if i++; i == len(args) {
				return l.wrong("argument %s: a value is missing", name)
			}
			value = args[i]
		}
		switch {
		case name == "--help" || name == "-h":
			l.asks = true
			return nil
		case name == "--root":
			l.root = &value
		case name == "--last" && !undo:
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 {
				return l.wrong("argument --last: %q is no number from 1 on", value)
			}
			l.last = n
		case args[i] == "--force" && undo:
			l.force = journal.Forced
		case undo && l.id == 0:
			n, err := strconv.Atoi(args[i])
			if err != nil || n < 1 {
				return l.wrong("%q is no number of a transaction", args[i])
			}
			l.id = n
		default:
			return l.wrong("unknown argument %q", args[i])
		}
	}
	return nil
}

func (l *line) wrong(format string, args ...any) error {
	return &cli.UsageError{Program: l.program, Usage: l.usage, Msg: fmt.Sprintf(format, args...)}
}
