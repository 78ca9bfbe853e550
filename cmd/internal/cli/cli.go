// Package cli is what every front of the program shares: the process's
// surroundings as a value, exit statuses, colour, signals. It refuses to know
// what any front does.
//
// A front is a function of an Env that returns an error; Run turns that into
// an exit status. Only this package reads the process's environment, its
// working directory and its standard streams.
package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"
)

// Streams are the standard streams and whether each is a terminal.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer

	InTerminal, OutTerminal, ErrTerminal bool
}

// An Env is all that a front may read of the process it runs in.
type Env struct {
	Streams
	Name string            // how the program was called: the last element of argv[0]
	Args []string          // the arguments, without the name
	Vars map[string]string // environment variables
	Dir  string            // working directory, absolute; "" if it is gone

	status     *statusLine // nil: nobody would see it
	collection *[16]byte   // see collectLate; nil: garbage is not this package's business
}

// System is the Env of this process.
func System() *Env {
	dir, err := os.Getwd()
	if err != nil {
		dir = "" // the working directory was removed: only relative paths suffer
	}
	env := &Env{
		Streams: Streams{
			In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
			InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
			OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
			ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		},
		Vars: map[string]string{},
		Dir:  dir,
	}
	if len(os.Args) > 0 {
		env.Name, env.Args = filepath.Base(os.Args[0]), os.Args[1:]
	}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env.Vars[name] = value
		}
	}
	return env
}

// With returns a copy of the Env under another name and with other arguments:
// how one front hands over to another.
func (e *Env) With(name string, args []string) *Env {
	out := *e
	out.Name, out.Args = name, args
	return &out
}

// Abs makes a path absolute and clean, relative to the working directory.
func (e *Env) Abs(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.Dir, path)
	}
	return filepath.Clean(path)
}

// Colour is the --color option: what the user said about colour.
type Colour uint8

const (
	ColourAuto   Colour = iota // not said
	ColourAlways               // --color=y
	ColourNever                // --color=n
)

// String returns the option's value.
func (c Colour) String() string {
	switch c {
	case ColourAlways:
		return "y"
	case ColourNever:
		return "n"
	default:
		return "auto"
	}
}

// UseColour decides whether standard output is coloured, as emerge does: the
// option is stronger than everything; then a dumb or absent terminal says no;
// then NO_COLOR (any text) or, without it, NOCOLOR (yes or true). lookup gives
// the configured value of a variable, in which the environment has had its say.
func (s *Streams) UseColour(option Colour, lookup func(name string) (string, bool)) bool {
	if option != ColourAuto {
		return option == ColourAlways
	}
	if terminal, _ := lookup("TERM"); terminal == "dumb" || !s.OutTerminal {
		return false
	}
	if value, ok := lookup("NO_COLOR"); ok {
		return value == ""
	}
	value, _ := lookup("NOCOLOR")
	value = strings.ToLower(value)
	return value != "yes" && value != "true"
}
