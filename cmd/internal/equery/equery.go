// Package equery is the front of equery, which answers questions about packages: what
// is installed, who owns a file, what depends on what. It takes the command line of
// gentoolkit's equery and answers in its words, or as data.
//
// Each sort of question is a module, in a file of its own. What gentoolkit's tools
// share is in package gentoolkit.
package equery

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

// A module is one sort of question.
type module struct {
	name, letter string // "belongs", "b"
	about        string // in the list of modules
	shown        string // its name there, with the letter in brackets
	doc          string // the first lines of its help
	arg          string // what its arguments are
	warns        bool   // the help repeats how version 0.3 changed the module
	note         string // a further line of the help
	options      [][2]string
	variables    bool // the help lists the names that formats can have
	spec         getopt.Spec
	kind         *answer.Kind
	run          func(c *call, options []getopt.Option, queries []string) error
}

// modules lists the modules in the order of the help.
func modules() []*module {
	return []*module{
		belongsModule(), checkModule(), dependsModule(), depgraphModule(), filesModule(), hasModule(), hasuseModule(),
		keywordsModule(), listModule(), metaModule(), sizeModule(), usesModule(), whichModule(),
	}
}

// Kinds lists the documents that equery answers with.
func Kinds() []*answer.Kind {
	var out []*answer.Kind
	seen := map[*answer.Kind]bool{}
	for _, m := range modules() {
		if m.kind != nil && !seen[m.kind] {
			seen[m.kind] = true
			out = append(out, m.kind)
		}
	}
	return out
}

// A call is one run.
type call struct {
	ctx    context.Context
	env    *cli.Env
	module *module
	out    *gentoolkit.Output
	style  gentoolkit.Style
	plain  bool // no colours
	quiet  bool
	piping bool // standard output is no terminal, or is not to be taken for one
	// verbose is the form for people: neither quiet nor piping.
	verbose bool
	data    bool // --json
	width   int  // of lines of text

	opened *gentoolkit.System
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) (err error) {
	c := &call{ctx: ctx, env: env, out: gentoolkit.NewOutput(env.Out, env.OutTerminal)}
	defer func() {
		if c.opened != nil {
			c.opened.Close()
		}
		if failure := c.out.Close(); failure != nil {
			err = failure
		}
	}()
	if c.env, c.data, err = takeData(env); err != nil {
		return err
	}
	return c.tell(c.main())
}

// takeData takes --json and its like out of the command line, for the document of the
// module that it names.
func takeData(env *cli.Env) (*cli.Env, bool, error) {
	if !answer.Asked(env.Args) {
		return env, false, nil
	}
	for i, a := range env.Args {
		if strings.HasPrefix(a, "-") || i > 0 && env.Args[i-1] == "--json-version" {
			continue
		}
		if m := findModule(a); m != nil {
			return answer.Take(env, m.kind)
		}
		break
	}
	return answer.Take(env, packagesKind)
}

func findModule(name string) *module {
	if name == "list_" {
		name = "list"
	}
	for _, m := range modules() {
		if name == m.name || name == m.letter {
			return m
		}
	}
	return nil
}

// tell says what is wrong with a query, as gentoolkit does.
func (c *call) tell(err error) error {
	var wrong *gentoolkit.Error
	if err == nil || c.data || errors.As(err, new(*cli.FailedError)) || errors.As(err, new(*cli.UsageError)) || errors.As(err, new(*cli.RefusedError)) {
		return err
	}
	if !errors.As(err, &wrong) && !errors.As(err, new(*gentoolkit.NoMatchError)) && !errors.As(err, new(*gentoolkit.AmbiguousError)) {
		return fmt.Errorf("equery: %w", err)
	}
	c.error(err.Error())
	if wrong != nil && wrong.Serious {
		c.out.Print("")
		c.out.Print("Add '--debug' to global options for traceback.")
	}
	return &cli.FailedError{Status: cli.StatusFailure}
}

// error tells an error. Nothing can be done about a closed standard error.
func (c *call) error(text string) { _, _ = fmt.Fprint(c.env.Err, c.style.Error(text)) }

// warn tells a warning; see error.
func (c *call) warn(text string) { _, _ = fmt.Fprint(c.env.Err, c.style.Warn(text)) }

// usage ends a call whose command line cannot be understood, once that was told.
func (c *call) usage(msg string) error {
	if c.data {
		return &cli.UsageError{Program: "equery", Msg: msg}
	}
	return &cli.FailedError{Status: cli.StatusUsage}
}

// open gives the system that is asked.
func (c *call) open() (*gentoolkit.System, error) {
	if c.opened == nil {
		s, err := gentoolkit.Open(c.env)
		if err != nil {
			return nil, err
		}
		c.opened = s
	}
	return c.opened, nil
}

// configure decides about colours and widths before options are known.
func (c *call) configure() {
	c.piping = !c.env.OutTerminal
	c.width = 600
	if !c.piping {
		c.width = terminalWidth(c.env) - 1
	}
	_, no := c.env.Vars["NO_COLOR"]
	no = no && c.env.Vars["NO_COLOR"] != ""
	if word := c.env.Vars["NOCOLOR"]; word == "yes" || word == "true" {
		no = true
	}
	c.plain = no
}

// terminalWidth is the number of columns of the terminal, 80 if it is not known.
func terminalWidth(env *cli.Env) int {
	if f, ok := env.In.(interface{ Fd() uintptr }); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	if width, err := strconv.Atoi(env.Vars["COLUMNS"]); err == nil && width > 1 {
		return width
	}
	return 80
}

func (c *call) main() error {
	c.configure()
	options, args, err := getopt.Parse(getopt.Spec{Short: "hqCNV",
		Long: []string{"help", "quiet", "nocolor", "no-color", "no-pipe", "version", "debug"}}, c.env.Args)
	if err != nil {
		c.paint()
		c.error("Global " + err.Error())
		c.help(false)
		return c.usage(err.Error())
	}
	wantsHelp := false
	for _, o := range options {
		switch o.Name {
		case "-h", "--help":
			wantsHelp = true
		case "-q", "--quiet":
			c.quiet = true
		case "-C", "--no-color", "--nocolor":
			c.plain = true
		case "-N", "--no-pipe":
			c.piping = false
		case "-V", "--version":
			c.out.Printf("%s (%s) - %s", c.style.Product("equery"), gentoolkit.Version, about)
			return nil
		}
	}
	c.verbose = !c.quiet && !c.piping
	c.plain = c.plain || c.piping
	c.paint()
	switch {
	case len(args) == 0:
		c.help(true)
		if wantsHelp {
			return nil
		}
		return c.usage("no module is named")
	case wantsHelp:
		args = append(args, "--help")
	}
	if c.module = findModule(args[0]); c.module == nil {
		c.error(fmt.Sprintf("Unknown module '%s'", args[0]))
		c.help(false)
		return c.usage(fmt.Sprintf("unknown module %q", args[0]))
	}
	return c.runModule(args[1:])
}

func (c *call) paint() {
	if !c.plain {
		c.style = gentoolkit.Colours(c.env.Vars["PORTAGE_CONFIGROOT"])
	}
}

// runModule reads the module's options and runs it.
func (c *call) runModule(args []string) error {
	m := c.module
	if m.name == "keywords" {
		return m.run(c, nil, args)
	}
	spec := m.spec
	_, posix := c.env.Vars["POSIXLY_CORRECT"]
	spec.Mixed = !posix
	options, queries, err := getopt.Parse(spec, args)
	if err != nil {
		c.error("Module " + err.Error())
		return c.misused(err.Error())
	}
	for _, o := range options {
		if o.Name == "-h" || o.Name == "--help" {
			c.moduleHelp(true)
			return nil
		}
	}
	return m.run(c, options, queries)
}

// misused shows how a module is called, after it was told what is wrong.
func (c *call) misused(msg string) error {
	c.out.Print("")
	c.moduleHelp(false)
	return c.usage(msg)
}

// none ends a call of a module without arguments.
func (c *call) none() error {
	c.moduleHelp(true)
	return c.usage("an argument is missing")
}
