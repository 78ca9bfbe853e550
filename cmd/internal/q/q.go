// Package q is the front of q and of the applets that it stands for: qlist, qfile,
// qcheck and their kin, which answer what is installed, what owns a file, and what
// repositories have to offer. They take portage-utils' command lines and print what
// it prints; lists are sorted where portage-utils gives the order of a folder.
//
// The applets read stores directly (see tree), with settings of their own (see
// settings), and open neither repositories nor databases as a resolver does: most of
// them are called by scripts, in loops.
package q

import (
	"context"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// program is the name of the front for all of them.
const program = "q"

// An applet is one of the commands.
type applet struct {
	name, args, about string
	options           []option
	letters           string       // shown in the help instead of those of options; "": those
	more              *string      // shown after the usage line, if not nil
	kind              *answer.Kind // what it answers with as data; nil: it does not
	run               func(ctx context.Context, c *call) error
}

// An Applet is the name of a command with its arguments and purpose.
type Applet struct{ Name, Args, About string }

// Applets lists the commands.
func Applets() []Applet {
	var out []Applet
	for _, a := range applets() {
		out = append(out, Applet{a.name, a.args, a.about})
	}
	return out
}

// Kinds lists the documents that the applets answer with.
func Kinds() []*answer.Kind {
	return []*answer.Kind{Atoms, Packages, Owned, Owners, Checked, Dependencies, Sizes, Flags, Ebuilds}
}

// Front is the front of one applet.
func Front(name string) cli.Front {
	return func(ctx context.Context, env *cli.Env) error {
		if name == program {
			return dispatch(ctx, env)
		}
		return run(ctx, env.With(name, env.Args), find(name))
	}
}

func run(ctx context.Context, env *cli.Env, a *applet) error {
	c, done, err := start(env, a, true)
	if done || err != nil {
		return err
	}
	return a.run(ctx, c)
}

// find looks an applet up as q does: with or without its first letter, or by the name
// of the like command of equery. nil: there is none.
func find(name string) *applet {
	short := strings.TrimPrefix(name, program)
	for _, a := range applets() {
		if a.name[1:] == short && name != "" {
			return &a
		}
	}
	alias := map[string]string{
		"belongs": "qfile", "check": "qcheck", "depends": "qdepends", "files": "qlist", "hasuse": "quse", "which": "qwhich",
		"uickpkg": "qpkg", "integrity": "qtegrity", "hashgen": "qmanifest", "hashverify": "qmanifest",
	}
	if target, ok := alias[short]; ok {
		return find(target)
	}
	return nil
}

// applets lists all of them; q itself is the first.
func applets() []applet {
	out := []applet{
		{name: program, args: "<applet> <args>", about: "virtual applet", options: []option{
			{letter: 'i', name: "install", about: "Install symlinks for applets"},
			{letter: 'o', name: "overlays", about: "Print available overlays (read from repos.conf)"},
			{letter: 'e', name: "envvar", about: "Print used variables and their found values"},
			{letter: 'm', name: "masks", about: "Print (package.)masks for the current profile"},
		}},
	}
	for _, a := range []func() applet{
		qatom, qcheck, qdepends, qfile, qgrep, qkeyword, qlist, qlop, qmanifest, qmerge, qpkg, qsearch, qsize,
		qtbz2, qtegrity, quse, qwhich, qxpak,
	} {
		out = append(out, a())
	}
	return out
}

// formatOption is the one with which most applets take a format.
func formatOption() option {
	return option{letter: 'F', name: "format=", about: "Print matched atom using given format string"}
}

// dispatch is q: its own actions, or an applet named by the first argument.
func dispatch(ctx context.Context, env *cli.Env) error {
	self := find(program)
	c, done, err := start(env, self, false)
	switch {
	case done || err != nil:
		return err
	case c.has("install"):
		return &cli.RefusedError{Program: program, What: "-i", Why: "tumpline install-links DIR makes the links"}
	case c.has("overlays"):
		return c.overlays()
	case c.has("envvar"):
		return c.variables()
	case c.has("masks"):
		return c.masks()
	case len(c.args) == 0:
		return c.usage()
	}
	a := find(c.args[0])
	if a == nil || a.name == program {
		c.warn("unknown applet: %s", strings.TrimPrefix(c.args[0], program))
		return ended(false)
	}
	// The options before the name are those of the applet as well.
	before := env.Args[:len(env.Args)-len(c.args)]
	args := append(append([]string{}, before...), c.args[1:]...)
	return run(ctx, env.With(a.name, args), a)
}
