// Package diff is the front of "tumpline diff": what changes from one plan, tree, commit
// or configuration to another.
//
// Two plans are compared by resolver/plandiff: they are read, or made by emerge for two
// configurations, or for one and a change of it. Two trees are compared by
// ebuild/treediff, those of commits after git has unpacked them. The answer is one
// document, shown as text, as Markdown or as JSON.
package diff

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

const program = "tumpline diff"

const usage = `usage: tumpline diff plans OLD.json NEW.json
       tumpline diff trees OLD NEW [--with DIR]... [PACKAGE]...
       tumpline diff commits OLD NEW [--repo DIR] [--with DIR]... [PACKAGE]...
       tumpline diff configs OLD NEW -- [emerge options] TARGET...
       tumpline diff change [--use LINE | --mask ATOM | --unmask ATOM | --keywords LINE]... -- [emerge options] TARGET...
`

const help = usage + `
Show what changes from an old state to a new one.

  plans     two plans that emerge --pretend --json wrote
  trees     two ebuild repositories (folders)
  commits   two commits of the ebuild repository in the working directory, or in
            --repo DIR; it may be a folder in a larger git repository
  configs   what emerge would do for the same request with two configurations:
            roots that hold etc/portage
  change    what emerge would do if a line were added to the configuration

  --with DIR       another repository that these take eclasses and profiles from;
                   with commits, its state at the same commit if it lies in the
                   same git repository
  --use LINE       as in package.use: 'dev-libs/openssl -asm', '*/* doc'
  --mask ATOM      as in package.mask; --unmask as in package.unmask
  --keywords LINE  as in package.accept_keywords: '=app-misc/foo-2 ~amd64'
  --markdown       a report with a table, in Markdown
  --json           one JSON object (tumpline schema diff)

The exit status is 0 if nothing differs, 1 if something does, 2 and more for
errors.

Examples:
  tumpline diff commits --repo portage-stable origin/main HEAD --markdown
  tumpline diff change --use 'net-misc/curl -http2' -- --emptytree @world
  tumpline diff configs /build/amd64-usr /build/arm64-usr -- -e coreos-base/coreos
`

// Exit statuses, as diff(1) has them.
const (
	statusDiffers = 1
	statusTrouble = 2
)

// A request is a command line.
type request struct {
	what     string
	args     []string
	emerge   []string // after "--"
	with     []string
	repo     string
	changes  []change
	markdown bool
	json     bool
}

// A change is a line for a file of etc/portage.
type change struct {
	file, line string
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, Kind)
	if err != nil {
		return err
	}
	r := &request{json: data}
	if wantsHelp(env.Args) {
		_, err := io.WriteString(env.Out, help)
		return err
	}
	if err := r.parse(env.Args); err != nil {
		return err
	}
	d, err := r.compare(ctx, env)
	if err != nil {
		return trouble(err)
	}
	if err := r.show(env.Out, d); err != nil {
		return err
	}
	if len(d.Changes) > 0 {
		return &cli.FailedError{Status: statusDiffers}
	}
	return nil
}

func wantsHelp(args []string) bool {
	if at := slices.Index(args, "--"); at >= 0 {
		args = args[:at]
	}
	return slices.Contains(args, "--help") || slices.Contains(args, "-h")
}

// A troubleError is an error of a comparison: its status is not that of a difference.
type troubleError struct{ error }

// Unwrap gives the error.
func (e troubleError) Unwrap() error { return e.error }

// ExitStatus implements cli.Statuser.
func (troubleError) ExitStatus() int { return statusTrouble }

func trouble(err error) error { return troubleError{err} }

func wrong(format string, args ...any) error {
	return &cli.UsageError{Program: program, Usage: usage, Msg: fmt.Sprintf(format, args...)}
}

// files by the options that add to them.
func files() map[string]string {
	return map[string]string{"--use": "package.use", "--mask": "package.mask", "--unmask": "package.unmask", "--keywords": "package.accept_keywords"}
}

func (r *request) parse(args []string) error {
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		if args[i] == "--" {
			r.emerge = args[i+1:]
			break
		}
		file := files()[name]
		switch {
		case args[i] == "--markdown":
			r.markdown = true
			continue
		case file == "" && name != "--with" && name != "--repo":
			if strings.HasPrefix(args[i], "-") {
				return wrong("unknown option %s", args[i])
			}
			r.args = append(r.args, args[i])
			continue
		case !hasValue:
			if i++; i == len(args) {
				return wrong("argument %s: a value is missing", name)
			}
			value = args[i]
		}
		switch name {
		case "--with":
			r.with = append(r.with, value)
		case "--repo":
			r.repo = value
		default:
			r.changes = append(r.changes, change{file, value})
		}
	}
	if len(r.args) == 0 {
		return wrong("plans, trees, commits, configs or change is expected")
	}
	r.what, r.args = r.args[0], r.args[1:]
	return r.check()
}

// check finds words that have no place in a comparison of that kind.
func (r *request) check() error {
	requests := r.what == "configs" || r.what == "change"
	trees := r.what == "trees" || r.what == "commits"
	switch {
	case !requests && !trees && r.what != "plans":
		return wrong("unknown comparison %q: plans, trees, commits, configs or change is expected", r.what)
	case r.json && r.markdown:
		return wrong("--json and --markdown exclude each other")
	case r.what == "change" && len(r.changes) == 0:
		return wrong("change: --use, --mask, --unmask or --keywords is expected")
	case r.what == "change" && len(r.args) > 0:
		return wrong("change: unknown argument %q; targets stand after --", r.args[0])
	case r.what != "change" && len(r.changes) > 0:
		return wrong("%s: --use, --mask, --unmask and --keywords belong to change", r.what)
	case requests && len(r.emerge) == 0:
		return wrong("%s: a request is expected after --", r.what)
	case !requests && r.emerge != nil:
		return wrong("%s: there is no request to be made", r.what)
	case r.what != "change" && len(r.args) < 2:
		return wrong("%s: an old and a new one are expected", r.what)
	case !trees && len(r.args) > 2:
		return wrong("%s: unknown argument %q", r.what, r.args[2])
	case !trees && len(r.with) > 0, r.what != "commits" && r.repo != "":
		return wrong("%s: --with and --repo belong to trees and commits", r.what)
	}
	return nil
}

func (r *request) compare(ctx context.Context, env *cli.Env) (*document, error) {
	switch r.what {
	case "plans":
		return r.comparePlans(env)
	case "configs":
		return r.compareConfigs(ctx, env, r.args[0], r.args[1])
	case "change":
		return r.compareChange(ctx, env)
	case "commits":
		return r.compareCommits(ctx, env)
	default:
		return r.compareTrees(env, tree{r.args[0], env.Abs(r.args[0]), r.masters(env)}, tree{r.args[1], env.Abs(r.args[1]), r.masters(env)})
	}
}

// show writes the document in its form.
func (r *request) show(w io.Writer, d *document) error {
	switch {
	case r.json:
		return Kind.Write(w, d)
	case r.markdown:
		return writeMarkdown(w, d)
	default:
		return writeText(w, d)
	}
}
