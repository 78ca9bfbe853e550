package q

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/settings"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

// An option is one that an applet takes.
type option struct {
	letter byte   // 0: it has only a name
	name   string // without dashes; "=" at its end: it has a value
	about  string
	bare   bool // the letter has none all the same
}

func (o option) value() bool   { return strings.HasSuffix(o.name, "=") }
func (o option) plain() string { return strings.TrimSuffix(o.name, "=") }

// common are the options of every applet, shown last.
func common() []option {
	return []option{
		{letter: 0, name: "root=", about: "Set the ROOT env var"},
		{letter: 'v', name: "verbose", about: "Report full package versions, emit more elaborate output"},
		{letter: 'q', name: "quiet", about: "Tighter output; suppress warnings"},
		{letter: 'C', name: "nocolor", about: "Don't output color"},
		{letter: 0, name: "color", about: "Force color in output"},
		{letter: 'h', name: "help", about: "Print this help and exit"},
		{letter: 'V', name: "version", about: "Print version and exit"},
	}
}

// letters is how the letters of options are shown; it is what C's getopt would be given.
func letters(options []option) string {
	var b strings.Builder
	for _, o := range options {
		if o.letter == 0 {
			continue
		}
		b.WriteByte(o.letter)
		if o.value() && !o.bare {
			b.WriteByte(':')
		}
	}
	return b.String()
}

// A call is one run of an applet.
type call struct {
	env     *cli.Env
	applet  *applet
	conf    *settings.Settings
	col     palette
	verbose int
	quiet   int
	silent  bool // warnings go nowhere
	json    bool // the answer is wanted as data
	given   []given
	args    []string
}

// A given option has its name in full, without dashes.
type given struct{ name, value string }

// ended is what ends a run: nil, or a failure that was told.
func ended(ok bool) error {
	if ok {
		return nil
	}
	return &cli.FailedError{Status: cli.StatusFailure}
}

// start reads the settings and takes the options. done says that there is nothing
// left to do.
func start(env *cli.Env, a *applet, mixed bool) (c *call, done bool, err error) {
	c = &call{env: env, applet: a}
	if a.kind != nil {
		if c.env, c.json, err = answer.Take(env, a.kind); err != nil {
			return nil, true, err
		}
	}
	_, c.silent = env.Vars["PORTAGE_QUIET"]
	for _, arg := range c.env.Args {
		c.silent = c.silent || strings.HasPrefix(arg, "-q") || arg == "--quiet"
	}
	term := env.Vars["TERM"]
	c.conf = settings.Read(settings.Options{Vars: env.Vars, Dir: env.Dir, NoColour: !env.OutTerminal || term == "" || term == "dumb"})
	c.setColour(c.conf.Get("NOCOLOR") == "0")
	done, err = c.options(mixed)
	return c, done, err
}

// options takes the options of the command line.
func (c *call) options(mixed bool) (done bool, err error) {
	all := append(c.applet.options, common()...)
	spec := getopt.Spec{Short: letters(all), Mixed: mixed}
	for _, o := range all {
		spec.Long = append(spec.Long, o.name)
	}
	options, rest, bad := getopt.Parse(spec, c.env.Args)
	for _, o := range options {
		name := strings.TrimPrefix(o.Name, "--")
		for _, known := range all {
			if o.Name == "-"+string(known.letter) {
				name = known.plain()
			}
		}
		if done, err := c.take(name, o.Value); done || err != nil {
			return true, err
		}
	}
	if bad != nil {
		c.complain(bad.(*getopt.Error))
		return true, c.usage()
	}
	c.args = rest
	return false, nil
}

// take takes an option, of which the common ones are dealt with at once.
func (c *call) take(name, value string) (done bool, err error) {
	switch name {
	case "root":
		c.conf.SetRoot(value)
	case "verbose":
		c.verbose++
	case "quiet":
		c.quiet++
	case "nocolor":
		c.setColour(false)
	case "color":
		c.setColour(true)
	case "help":
		c.writeUsage(c.env.Out)
		return true, nil
	case "version":
		c.printf("portage-utils-git\nwritten for Gentoo by solar, vapier and grobian\n")
		return true, nil
	default:
		c.given = append(c.given, given{name, value})
	}
	return false, nil
}

// complain tells what is wrong with an option, in the words of C's getopt.
func (c *call) complain(e *getopt.Error) {
	short := !strings.HasPrefix(e.Name, "--")
	msg := ""
	switch {
	case short && e.Fault == getopt.Unknown:
		msg = fmt.Sprintf("invalid option -- '%s'", e.Name[1:])
	case short:
		msg = fmt.Sprintf("option requires an argument -- '%s'", e.Name[1:])
	case e.Fault == getopt.Unknown:
		msg = fmt.Sprintf("unrecognized option '%s'", e.Name)
	case e.Fault == getopt.NoValue:
		msg = fmt.Sprintf("option '%s' requires an argument", e.Name)
	case e.Fault == getopt.OverValue:
		msg = fmt.Sprintf("option '%s' doesn't allow an argument", e.Name)
	default:
		msg = fmt.Sprintf("option '%s' is ambiguous", e.Name)
	}
	fmt.Fprintf(c.env.Err, "%s: %s\n", c.applet.name, msg)
}

// has says if an option without a value was given.
func (c *call) has(name string) bool { return c.count(name) > 0 }

func (c *call) count(name string) int {
	n := 0
	for _, g := range c.given {
		if g.name == name {
			n++
		}
	}
	return n
}

// values are the values that an option was given, in order.
func (c *call) values(name string) []string {
	var out []string
	for _, g := range c.given {
		if g.name == name {
			out = append(out, g.value)
		}
	}
	return out
}

// last is the value that an option was given last.
func (c *call) last(name string) (value string, ok bool) {
	for _, g := range c.given {
		if g.name == name {
			value, ok = g.value, true
		}
	}
	return value, ok
}

// usage tells how the applet is called, and that it was not called so.
func (c *call) usage() error {
	if !c.silent {
		c.writeUsage(c.env.Err)
	}
	return ended(false)
}

func (c *call) writeUsage(w io.Writer) {
	p, a := &c.col, c.applet
	if a.name == program {
		fmt.Fprintf(w, "%susage:%s %sq%s %s<applet> <args>%s  : %sinvoke a portage utility applet\n\n",
			p.Green, p.Norm, p.Yellow, p.Norm, p.DkBlue, p.Red, p.Norm)
		fmt.Fprintf(w, "%scurrently defined applets:%s\n", p.Green, p.Norm)
		for _, other := range applets() {
			fmt.Fprintf(w, " %s%9s%s %s%-16s%s%s:%s %s\n", p.Yellow, other.name, p.Norm, p.DkBlue, other.args, p.Norm, p.Red, p.Norm, other.about)
		}
	} else {
		fmt.Fprintf(w, "%susage:%s %s%s%s [opts] %s%s%s %s:%s %s\n", p.Green, p.Norm,
			p.Yellow, a.name, p.Norm, p.DkBlue, a.args, p.Norm, p.Red, p.Norm, a.about)
		if a.more != nil {
			fmt.Fprintf(w, "\n%s\n", *a.more)
		}
	}
	all := append(a.options, common()...)
	width := 0
	for _, o := range all {
		width = max(width, len(shownName(o)))
	}
	shown := letters(all)
	if a.letters != "" {
		shown = a.letters + letters(common())
	}
	fmt.Fprintf(w, "\n%soptions:%s -[%s]\n", p.Green, p.Norm, shown)
	for _, o := range all {
		letter := "    "
		if o.letter != 0 {
			letter = fmt.Sprintf("-%c, ", o.letter)
		}
		name := o.plain()
		if o.value() {
			name += " " + p.DkBlue + "<arg>" + p.Norm
		}
		fmt.Fprintf(w, "  %s--%s%*s %s*%s %s\n", letter, name, width-len(shownName(o)), "", p.Red, p.Norm, o.about)
	}
}

// shownName is an option in the help, without colour.
func shownName(o option) string {
	if o.value() {
		return o.plain() + " <arg>"
	}
	return o.plain()
}

func (c *call) printf(format string, args ...any) { fmt.Fprintf(c.env.Out, format, args...) }

// warn tells of something that the run survives.
func (c *call) warn(format string, args ...any) {
	if !c.silent && c.quiet == 0 {
		fmt.Fprintf(c.env.Err, "%s%s%s: %s\n", c.col.Red, c.applet.name, c.col.Norm, fmt.Sprintf(format, args...))
	}
}

// fail tells of something that ends the run.
func (c *call) fail(format string, args ...any) error {
	return fmt.Errorf("%s: %s", c.applet.name, fmt.Sprintf(format, args...))
}

// format prints an atom.
func (c *call) format(format string, a *loose.Atom) string { return a.Format(format, &c.col.Colours) }

// nameFormat is the usual form of a name: with its version if the run is verbose.
func (c *call) nameFormat() string {
	if c.verbose > 0 {
		return "%[CATEGORY]%[PF]"
	}
	return "%[CATEGORY]%[PN]"
}

// installed opens the database of installed packages. Without one there is nothing to
// list, which is told.
func (c *call) installed() *tree.Tree {
	dir := c.conf.Get("Q_VDB")
	t, err := tree.OpenInstalled(c.conf.Root(), dir)
	if err != nil {
		c.warn("could not open tree: %s (in root %s): %s", strings.TrimPrefix(dir, "/"), c.conf.Root(), reason(err))
		return nil
	}
	return t
}

// repos opens the repositories. Those that are not there are told.
func (c *call) repos() []*tree.Tree {
	var out []*tree.Tree
	for _, r := range c.conf.Repos {
		if t := c.repo(r.Location); t != nil {
			out = append(out, t)
		}
	}
	return out
}

func (c *call) repo(location string) *tree.Tree {
	t, err := tree.OpenRepo(c.conf.Root(), location)
	if err != nil {
		c.warn("%stree_open()%s: could not open repository at %s (under root %s)", c.col.Yellow, c.col.Norm, location, c.conf.Root())
		return nil
	}
	return t
}

// binaries opens PKGDIR below a root; nil if there is none.
func (c *call) binaries(root string) *tree.Tree {
	t, err := tree.OpenBinaries(root, c.conf.Get("PKGDIR"))
	if err != nil {
		return nil
	}
	return t
}

// packages lists what a query wants of a store.
func (c *call) packages(t *tree.Tree, query *loose.Atom) []*tree.Package {
	all, err := t.Packages(query)
	if err != nil {
		c.warn("could not read %s: %s", t.Path, reason(err))
	}
	return all
}

// each lists what one of several queries wants, once for each; all without a query.
func (c *call) each(t *tree.Tree, queries []*loose.Atom) []*tree.Package {
	if len(queries) == 0 {
		return c.packages(t, nil)
	}
	var out []*tree.Package
	for _, query := range queries {
		out = append(out, c.packages(t, query)...)
	}
	return out
}

// atoms parses the arguments.
func (c *call) atoms() []*loose.Atom {
	var out []*loose.Atom
	for _, arg := range c.args {
		out = append(out, loose.Parse(arg))
	}
	return out
}

// reason is what is wrong, as the system says it if it is the system's error.
func reason(err error) string {
	if e, ok := err.(*os.PathError); ok {
		text := e.Err.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return err.Error()
}
