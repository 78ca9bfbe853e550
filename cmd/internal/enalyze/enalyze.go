// Package enalyze is the front of enalyze, which tells how the installed packages were
// configured: which USE flags and keywords they were merged with, and which entries of
// package.use and package.keywords would say so again. It takes the command line of
// gentoolkit's enalyze and answers in its words, or as data.
package enalyze

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

// A module is one of the two things that enalyze does.
type module struct {
	name, letter string
	shown        string      // its name in the list of modules
	about        [][2]string // the lines of that list
	arg          string      // what its argument is
	options      [][2]string
	targets      [][2]string // what is told of the arguments
	names        []string    // of the arguments, as they are typed
	spec         getopt.Spec
	run          func(c *call) error
}

func modules() []*module { return []*module{analyzeModule(), rebuildModule()} }

// A call is one run.
type call struct {
	env    *cli.Env
	module *module
	target string
	out    *gentoolkit.Output
	style  gentoolkit.Style
	quiet  bool
	data   bool // --json
	width  int  // of lines of text
	opt    options
	system *gentoolkit.System
}

// options are those of both modules.
type options struct {
	verbose, prefix        bool
	unset, asPackage       bool // of analyze
	prepend                string
	width                  int
	exact, pretend, slotty bool // of rebuild
}

// Main is the front.
func Main(_ context.Context, env *cli.Env) (err error) {
	c := &call{env: env, out: gentoolkit.NewOutput(env.Out, env.OutTerminal), opt: options{width: 80}}
	defer func() {
		if c.system != nil {
			c.system.Close()
		}
		if failure := c.out.Close(); failure != nil {
			err = failure
		}
	}()
	if c.env, c.data, err = answer.Take(env, kind); err != nil {
		return err
	}
	if c.data {
		c.out = gentoolkit.NewOutput(io.Discard, false) // no prose beside the document
	}
	return c.main()
}

func (c *call) main() error {
	c.width = 79
	if c.env.OutTerminal {
		c.width = terminalWidth(c.env) - 1
	}
	plain := !c.env.OutTerminal || c.env.Vars["NO_COLOR"] != "" || c.env.Vars["NOCOLOR"] == "yes" || c.env.Vars["NOCOLOR"] == "true"
	given, args, err := getopt.Parse(getopt.Spec{Short: "hqCNV",
		Long: []string{"help", "quiet", "nocolor", "no-color", "no-pipe", "version", "debug"}}, c.env.Args)
	wantsHelp, wantsVersion := false, false
	for _, o := range given {
		switch o.Name {
		case "-h", "--help":
			wantsHelp = true
		case "-q", "--quiet":
			c.quiet = true
		case "-C", "--no-color", "--nocolor":
			plain = true
		case "-V", "--version":
			wantsVersion = true
		}
	}
	if !plain {
		c.style = gentoolkit.Colours(c.env.Vars["PORTAGE_CONFIGROOT"])
	}
	switch {
	case err != nil:
		c.tell(" \n" + c.style.Error("Global "+err.Error()+"\n"))
		c.help(false)
		return c.usage(err.Error())
	case wantsVersion:
		c.out.Printf("%s (%s) - %s", c.style.Product("enalyze"), gentoolkit.Version, about)
		return nil
	case wantsHelp:
		c.help(true)
		return nil
	case len(args) == 0:
		c.help(true)
		return c.usage("no module is named")
	}
	for _, m := range modules() {
		if args[0] == m.name || args[0] == m.letter {
			c.module = m
			return c.runModule(args[1:])
		}
	}
	c.tell(c.style.Error(fmt.Sprintf("Unknown module '%s'", args[0])))
	c.help(false)
	return c.usage(fmt.Sprintf("unknown module %q", args[0]))
}

// runModule reads the options of a module and runs it.
func (c *call) runModule(args []string) error {
	spec := c.module.spec
	_, posix := c.env.Vars["POSIXLY_CORRECT"]
	spec.Mixed = !posix
	given, targets, err := getopt.Parse(spec, args)
	if err != nil {
		c.tell(c.style.Error("Module " + err.Error()))
		c.out.Print("")
		c.moduleHelp(false)
		return c.usage(err.Error())
	}
	for _, o := range given {
		if o.Name == "-h" || o.Name == "--help" {
			c.moduleHelp(true)
			return nil
		}
		if err := c.set(o); err != nil {
			return err
		}
	}
	if len(targets) == 0 {
		c.moduleHelp(true)
		return c.usage("an argument is missing")
	}
	target, ok := c.choose(targets)
	if !ok {
		c.out.Print("")
		c.out.Print(c.style.Error("Error starting module. Incorrect or No TargetSpec specified!"))
		c.out.Print("query =  " + target)
		c.moduleHelp(true)
		return c.usage(fmt.Sprintf("unknown argument %q", target))
	}
	c.target = target
	if c.system, err = gentoolkit.Open(c.env); err != nil {
		return fmt.Errorf("enalyze: %w", err)
	}
	return c.module.run(c)
}

// choose finds the argument that is known. Several are only one if no other is known.
func (c *call) choose(words []string) (string, bool) {
	known := map[string]bool{}
	for _, w := range words {
		for _, name := range c.module.names {
			if w == name {
				known[w] = true
			}
		}
	}
	if len(known) != 1 || len(words) == 1 && !known[words[0]] {
		return strings.Join(words, " "), false
	}
	for w := range known {
		return w, true
	}
	return "", false
}

// set takes one option.
func (c *call) set(o getopt.Option) error {
	switch o.Name {
	case "-u", "--unset":
		c.opt.unset = true
	case "-v", "--verbose":
		c.opt.verbose = true
	case "-p", "--prefix", "--pretend":
		c.opt.prefix, c.opt.pretend = c.module.name == "analyze", c.module.name == "rebuild"
	case "-P", "--prepend":
		c.opt.prepend = o.Value
	case "-G":
		c.opt.asPackage = true
	case "-W", "--width":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 {
			msg := fmt.Sprintf("Module option %s requires integer (got '%s')", o.Name, o.Value)
			c.out.Print("")
			c.out.Print(strings.TrimSuffix(c.style.Error(msg), "\n"))
			c.out.Print("")
			c.moduleHelp(false)
			return c.usage(msg)
		}
		c.opt.width = n
	case "-e", "--exact":
		c.opt.exact = true
	case "-s", "--slot":
		c.opt.slotty = true
	}
	return nil
}

// usage ends a call whose command line cannot be understood, once that was told.
func (c *call) usage(msg string) error {
	if c.data {
		return &cli.UsageError{Program: "enalyze", Msg: msg}
	}
	return &cli.FailedError{Status: cli.StatusUsage}
}

// tell writes to standard error. Nothing can be done about a closed one.
func (c *call) tell(text string) { _, _ = fmt.Fprint(c.env.Err, text) }

// notImplemented is the answer to "unmask", which gentoolkit's enalyze has not either.
func (c *call) notImplemented() error {
	return &cli.RefusedError{Program: "enalyze", What: c.module.name + " " + c.target,
		Why: "equery list -po --format='$mask $cpv' '*' shows what is masked"}
}

// terminalWidth is the number of columns of the terminal, 80 if it is not known.
func terminalWidth(env *cli.Env) int {
	if f, ok := env.In.(interface{ Fd() uintptr }); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}
