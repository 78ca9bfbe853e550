// Package eselect is the front eselect for its module profile, and "tumpline
// profile": which profiles the repositories offer, and which one make.profile links
// to. Other modules are refused in eselect's words.
package eselect

import (
	"context"
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// statusDead is the exit status of eselect when it gives up.
const statusDead = 250

const versionText = "eselect 1.4.13\n"

const globalHelp = `Usage: eselect <global options> <module name> <module options>

Global options:
  --brief                   Make output shorter
  --colour=<yes|no|auto>    Enable or disable colour output (default 'auto')
  --debug                   Debug eselect (enable set -x)

Built-in modules:
  help                      Display eselect help
  usage                     Display eselect usage
  version                   Display eselect version

Extra modules:
  profile                   Manage the make.profile symlink
`

const profileUsage = `Usage: eselect profile <action> <options>

Standard actions:
  help                      Display help text
  usage                     Display usage information
  version                   Display version information

Extra actions:
  list                      List available profile symlink targets
  set <target>              Set a new profile symlink target
    target                    Target name or number (from 'list' action)
    --force                   Forcibly set the symlink
  show                      Show the current make.profile symlink
`

// A dead error ends eselect: told as it tells it.
type deadError struct{ msg string }

func (e *deadError) Error() string { return e.msg }

func dead(format string, args ...any) error { return &deadError{fmt.Sprintf(format, args...)} }

// A call is a command line after its global options.
type call struct {
	env    *cli.Env
	brief  bool
	colour bool
	json   bool
	args   []string // action and what follows
}

// Main is the front eselect.
func Main(_ context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, Profiles)
	if err != nil {
		return err
	}
	c := &call{env: env, colour: env.OutTerminal && env.Vars["NO_COLOR"] == "", json: data}
	return c.finish(c.global(env.Args))
}

// Profile is the front "tumpline profile".
func Profile(_ context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, Profiles)
	if err != nil {
		return err
	}
	c := &call{env: env, colour: env.OutTerminal && env.Vars["NO_COLOR"] == "", json: data}
	for _, a := range env.Args {
		if a == "--brief" {
			c.brief = true
			continue
		}
		c.args = append(c.args, a)
	}
	return c.finish(c.profile())
}

// finish tells why eselect gave up. As data an error is told by whoever called.
func (c *call) finish(err error) error {
	gone, ok := err.(*deadError)
	if !ok {
		return err
	}
	if c.json {
		return &cli.StatusError{Status: statusDead, Err: err}
	}
	_, _ = fmt.Fprintf(c.env.Err, "%s%s\nexiting\n", c.paint(red, "!!! Error: "), gone.msg)
	return &cli.FailedError{Status: statusDead}
}

// global reads the global options and goes to the module.
func (c *call) global(args []string) error {
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		option := args[0]
		args = args[1:]
		name, value, has := strings.Cut(strings.TrimPrefix(option, "--"), "=")
		switch {
		case option == "--":
			return c.module(args)
		case name == "brief" && !has:
			c.brief = true
		case name == "colour" || name == "color":
			if err := c.setColour(name, value, has); err != nil {
				return err
			}
		case name == "debug" && !has:
		case (name == "help" || name == "version") && !has:
			return c.module(append([]string{name}, args...))
		default:
			return dead("Unknown option %s", option)
		}
	}
	return c.module(args)
}

func (c *call) setColour(name, value string, has bool) error {
	switch value {
	case "yes", "y", "always", "force":
		c.colour = true
	case "no", "n", "never", "none":
		c.colour = false
	case "auto", "tty", "if-tty":
	default:
		if has {
			return dead("Invalid argument for --%s option", name)
		}
		c.colour = true
	}
	return nil
}

// module goes to a module.
func (c *call) module(args []string) error {
	name := "help"
	if len(args) > 0 {
		name, args = strings.TrimPrefix(args[0], "--"), args[1:]
	}
	c.args = args
	texts := map[string]string{
		"help": globalHelp, "usage": strings.SplitAfter(globalHelp, "\n")[0], "version": versionText,
		"list-modules": globalHelp[strings.Index(globalHelp, "Built-in"):], "list-options": "Global options:\n" + between(globalHelp, "Global options:\n", "\n\nBuilt-in") + "\n",
	}
	if text, ok := texts[name]; ok {
		if len(args) > 0 {
			return dead("Too many parameters")
		}
		_, err := fmt.Fprint(c.env.Out, text)
		return err
	}
	if name != "profile" {
		return dead("Can't load module %s", name)
	}
	return c.profile()
}

// between is the text between two others.
func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

// profile does what the module profile is asked for.
func (c *call) profile() error {
	action := "usage"
	if len(c.args) > 0 {
		action, c.args = strings.TrimPrefix(c.args[0], "--"), c.args[1:]
	}
	text := ""
	switch action {
	case "help":
		text = "Manage the make.profile symlink\n" + profileUsage
	case "usage", "":
		text = profileUsage
	case "version":
		text = versionText
	case "list":
		return c.with((*module).list)
	case "show":
		return c.with((*module).show)
	case "set":
		if c.json {
			return &cli.UsageError{Program: c.env.Name, Msg: "argument --json: only with list and show"}
		}
		return c.with((*module).set)
	default:
		return dead("Action %s unknown", action)
	}
	_, err := fmt.Fprint(c.env.Out, text)
	return err
}

// Colours as a terminal takes them.
const (
	red   = "\x1b[31m\x1b[1m"
	green = "\x1b[32m\x1b[1m"
	blue  = "\x1b[34m\x1b[1m"
	bold  = "\x1b[1m"
	plain = "\x1b[0m"
)

// paint colours a text, if there is colour.
func (c *call) paint(code, text string) string {
	if !c.colour || c.env.Vars["TERM"] == "dumb" {
		return text
	}
	return code + text + plain
}
