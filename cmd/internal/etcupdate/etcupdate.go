// Package etcupdate is the front etc-update: it goes through the updates of protected
// configuration files (._cfg0000_NAME) that merges have left beside them.
//
// It asks on standard input, one line for an answer, so that scripts can drive it;
// the differences are shown by the program that etc-update.conf names. Unlike
// etc-update it knows no other package managers' files, ends if there are no more
// answers, and keeps its word that -9 does not ask about each file.
package etcupdate

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/profiles"
)

//go:embed help.txt
var help string

// errAnswers ends a run whose input has ended before it had all answers.
var errAnswers = errors.New("etc-update: standard input has ended, an answer is missing")

// A fatal error ends the run as etc-update tells it.
type fatal string

func (e fatal) Error() string { return "etc-update: ERROR: " + string(e) }

// A run answers one call.
type run struct {
	env    *cli.Env
	ctx    context.Context
	config *profiles.Config
	eroot  string
	root   string // PORTAGE_CONFIGROOT, with a slash at the end

	preen, quiet, verbose bool
	paths                 []string // to scan, below eroot

	settings  map[string]string // of etc-update.conf
	overwrite bool              // all updates replace their files
	discard   bool              // all updates are discarded
	noAskMove bool
	noAskDrop bool

	pending []*pending // in the order of their numbers; nil: done
}

// pending is a file with its updates.
type pending struct {
	live    string
	updates []string
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	r := &run{env: env, ctx: ctx}
	done, err := r.options()
	if done || err != nil {
		return err
	}
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	r.config, r.eroot = s.Target.Config, s.Target.EROOT()
	r.root = strings.TrimSuffix(filepath.Dir(filepath.Dir(r.config.UserDir)), "/") + "/"
	if len(r.paths) == 0 {
		r.paths = r.config.Words("CONFIG_PROTECT")
	}
	if err := r.configure(); err != nil {
		return err
	}
	if r.verbose {
		r.tellSettings()
	}
	if err := r.scan(); err != nil || r.preen {
		return err
	}
	return r.all()
}

// say writes to the output; an error of writing comes when it is flushed.
func (r *run) say(format string, args ...any) { _, _ = fmt.Fprintf(r.env.Out, format, args...) }

// usage ends with the usage and an error.
func (r *run) usage(msg string) error {
	r.say("%s", help)
	_, _ = fmt.Fprintf(r.env.Err, "\nError: %s\n", msg)
	return &cli.FailedError{Status: 1}
}

// options reads the command line; done means that it was answered.
func (r *run) options() (done bool, err error) {
	args := r.env.Args
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-"); args = args[1:] {
		switch args[0] {
		case "-d", "--debug":
		case "-h", "--help":
			r.say("%s", help)
			return true, nil
		case "-p", "--preen":
			r.preen = true
		case "-q", "--quiet":
			r.quiet = true
		case "-v", "--verbose":
			r.verbose = true
		case "-V", "--version":
			r.say("%s\n", cli.Version())
			return true, nil
		case "--automode":
			mode := ""
			if len(args) > 1 {
				mode = args[1]
			}
			ok, err := r.mode(mode)
			if err != nil {
				return true, err
			}
			if !ok {
				return true, r.usage("Invalid mode '" + mode + "'")
			}
			args = args[1:]
		default:
			return true, r.usage("Invalid option '" + args[0] + "'")
		}
	}
	r.paths = args
	return false, nil
}

// mode sets what is done without asking, and says if there is such a mode.
func (r *run) mode(mode string) (bool, error) {
	switch mode {
	case "-9":
		if r.env.InTerminal {
			r.say("Are you sure that you want to delete all updates (type YES): ")
		}
		reply, err := r.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if reply != "YES" {
			r.say("Did not get a 'YES', so ignoring request\n")
			return false, nil
		}
		r.discard, r.noAskDrop = true, true
	case "-7":
		r.discard = true
	case "-5":
		r.overwrite, r.noAskMove = true, true
	case "-3":
		r.overwrite = true
	default:
		return false, nil
	}
	return true, nil
}

// line reads a line, byte by byte: programs that are called share the input.
func (r *run) line() (string, error) {
	var text []byte
	var b [1]byte
	for {
		n, err := r.env.In.Read(b[:])
		if n == 1 && b[0] == '\n' {
			return strings.TrimSpace(string(text)), nil
		}
		text = append(text, b[:n]...)
		if err != nil {
			if len(text) > 0 && errors.Is(err, io.EOF) {
				return strings.TrimSpace(string(text)), nil
			}
			return "", err
		}
	}
}

// number reads a number; an empty line is 0.
func (r *run) number() (int, error) {
	for {
		text, err := r.line()
		if errors.Is(err, io.EOF) {
			return 0, errAnswers
		}
		if err != nil || text == "" {
			return 0, err
		}
		if n, err := strconv.Atoi(text); err == nil {
			return n, nil
		}
		_, _ = fmt.Fprintf(r.env.Err, "Value \"%s\" is not valid. Please enter an integer value: ", text)
	}
}

// all goes through all files until none is left or nobody wants more.
func (r *run) all() error {
	for {
		if r.left() == 0 {
			return r.leave("Nothing left to do; exiting. :)")
		}
		at, err := r.choose()
		if err != nil {
			return err
		}
		if at < 0 {
			return r.leave("User termination!")
		}
		if err := r.file(at); err != nil {
			return err
		}
	}
}

// left counts the files that wait.
func (r *run) left() (n int) {
	for _, p := range r.pending {
		if p != nil {
			n++
		}
	}
	return n
}

// leave says goodbye, and how many updates are left.
func (r *run) leave(msg string) error {
	if r.quiet {
		return nil
	}
	r.say("Exiting: %s\n", msg)
	r.quiet = true
	err := r.scan()
	if n := r.left(); err == nil && n > 0 {
		r.say("NOTE: %d updates remaining\n", n)
	}
	return err
}

// choose asks which file is to be worked on; -1: none.
func (r *run) choose() (int, error) {
	for {
		if r.overwrite || r.discard {
			return r.first(), nil
		}
		r.menu()
		n, err := r.number()
		if err != nil {
			return 0, err
		}
		switch {
		case n == -1:
			return -1, nil
		case n > 0 && n <= len(r.pending) && r.pending[n-1] != nil:
			return n - 1, nil
		case n == 0:
			return r.first(), nil
		}
		if _, err := r.mode(strconv.Itoa(n)); err != nil {
			return 0, err
		}
	}
}

func (r *run) first() int {
	for i, p := range r.pending {
		if p != nil {
			return i
		}
	}
	return -1
}

// menu lists the files.
func (r *run) menu() {
	r.clear()
	r.say("The following is the list of files which need updating, each\nconfiguration file is followed by a list of possible replacement files.\n")
	width := len(strconv.Itoa(r.left()))
	for i, p := range r.pending {
		if p != nil {
			r.say("%*d) %s (%d)\n", width, i+1, p.live, len(p.updates))
		}
	}
	indent := strings.Repeat(" ", 27)
	r.say("%s", "Please select a file to edit by entering the corresponding number.\n"+
		"              (don't use -3, -5, -7 or -9 if you're unsure what to do)\n"+
		"              (-1 to exit) (-3 to auto merge all files)\n"+
		indent+"(-5 to auto-merge AND not use 'mv -i')\n"+indent+"(-7 to discard all updates)\n"+
		indent+"(-9 to discard all updates AND not use 'rm -i'): ")
}

// clear clears the screen, if that is wanted.
func (r *run) clear() {
	if r.settings["clear_term"] == "yes" && r.env.OutTerminal {
		r.say("\x1b[H\x1b[2J")
	}
}
