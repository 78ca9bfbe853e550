package emerge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/similar"
	"github.com/tumpline/tumpline/profiles/shellconf"
	"github.com/tumpline/tumpline/resolver/explain"
	"github.com/tumpline/tumpline/resolver/plan"
)

// program is the name in messages, however the program was called.
const program = "emerge"

// Main is the front: it reads emerge's command line from env.Args.
func Main(ctx context.Context, env *cli.Env) error {
	env.LargeHeap()
	return front(ctx, env, nil)
}

// front is Main; answers go to take, if there is one.
func front(ctx context.Context, env *cli.Env, take func(*Answered) error) error {
	early, err := Parse(env.Args, Lenient)
	if err != nil {
		return misunderstood(err)
	}
	switch early.Action {
	case "help":
		return writeHelp(env.Out)
	case "version":
		_, err := fmt.Fprintln(env.Out, cli.Version())
		return err
	}
	if err := checkJSONVersion(early); err != nil {
		return err
	}
	s, err := session.Open(sessionOptions(env, early), time.Now())
	if err != nil {
		return (&run{env: env, line: early}).fail(plan.ProblemBadConfig, err)
	}
	defer func() {
		// Losing the index costs the next run some time, nothing else.
		if cerr := s.Close(); cerr != nil && err == nil {
			_, _ = fmt.Fprintln(env.Err, "emerge:", cerr)
		}
	}()
	line, err := withDefaults(env.Args, early, s.Target.Config.Get("EMERGE_DEFAULT_OPTS"))
	if err != nil {
		return misunderstood(err)
	}
	if err := line.refuse(early); err != nil {
		return err
	}
	if err := line.checkQuestion(); err != nil {
		return err
	}
	r := &run{env: env, line: line, session: s, take: take}
	if err := r.refuseTaken(); err != nil {
		return err
	}
	changed, err := r.bringUpToDate(ctx)
	if err != nil {
		return err
	}
	if changed {
		old := s
		if s, err = session.Open(sessionOptions(env, early), time.Now()); err != nil {
			s = old
			return r.fail(plan.ProblemBadConfig, err)
		}
		r.session = s
		_ = old.Close() // what it would keep is out of date
	}
	return r.act(ctx)
}

// act does what the command line asks for.
func (r *run) act(ctx context.Context) error {
	line := r.line
	switch {
	case line.Action == "depclean", line.Action == "prune":
		r.session.ReadAheadDeps()
	case line.wide():
		r.session.ReadAhead()
	}
	switch {
	case slices.Contains(removalActions(), line.Action):
		return r.remove(ctx)
	case line.Action == "search":
		return r.search(ctx)
	case line.Action == "check-news":
		return r.checkNews()
	case line.Action == "list-sets":
		return r.listSets()
	}
	return r.merge(ctx)
}

// wide says that the request is likely to concern most installed packages.
func (l *Line) wide() bool {
	if l.Action != "" {
		return false
	}
	set := func(arg string) bool { return strings.HasPrefix(arg, "@") || arg == "world" || arg == "system" }
	return l.Has("--emptytree") || l.Has("--deep") || l.Has("--complete-graph") || slices.ContainsFunc(l.Args, set)
}

// misunderstood wraps an error of the command line with what emerge shows.
func misunderstood(err error) error {
	var actions *ActionsError
	if errors.As(err, &actions) {
		return err
	}
	return &cli.UsageError{Program: program, Usage: usage, Msg: err.Error() + nearOptions(err.Error())}
}

// nearOptions suggests options for those that an error of parsing does not know.
func nearOptions(msg string) string {
	list, ok := strings.CutPrefix(msg, "unrecognized arguments: ")
	if !ok {
		return ""
	}
	var known, near []string
	for _, o := range append(ownOptions(), options()...) {
		known = append(known, strings.TrimPrefix(o.Long, "--"))
	}
	for _, a := range actions() {
		known = append(known, a.Name)
	}
	for _, word := range strings.Fields(list) {
		name, long := strings.CutPrefix(word, "--")
		if !long {
			continue
		}
		name, _, _ = strings.Cut(name, "=")
		for _, n := range similar.Closest(name, known, 3, likeOption) {
			near = append(near, "--"+n)
		}
	}
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, ", ") + "?)"
}

// likeOption is how much an option must be like an unknown one to be suggested.
const likeOption = 0.75

// checkJSONVersion refuses early if a reader asks for another document.
func checkJSONVersion(line *Line) error {
	if !line.Has("--json-version") {
		return nil
	}
	check := plan.CheckVersion
	if _, _, asked := line.question(); asked {
		check = explain.CheckVersion
	}
	if err := check(line.Text("--json-version")); err != nil {
		return &cli.UsageError{Program: program, Usage: usage, Msg: fmt.Sprintf("argument --json-version: %s", err)}
	}
	return nil
}

// sessionOptions say where things are, by the environment and the command line.
func sessionOptions(env *cli.Env, line *Line) *session.Options {
	word := func(name string) *string {
		if !line.Has(name) {
			return nil
		}
		text := line.Text(name)
		return &text
	}
	vars := maps.Clone(env.Vars)
	for option, name := range map[string]string{"--accept-properties": "ACCEPT_PROPERTIES", "--accept-restrict": "ACCEPT_RESTRICT"} {
		if line.Has(option) {
			vars[name] = line.Text(option)
		}
	}
	switch {
	case line.Yes("--fail-clean"):
		vars["FEATURES"] = strings.TrimSpace(vars["FEATURES"] + " fail-clean")
	case line.Text("--fail-clean") == "n":
		vars["FEATURES"] = strings.TrimSpace(vars["FEATURES"] + " -fail-clean")
	}
	o := &session.Options{
		Vars: vars, Root: word("--root"), ConfigRoot: word("--config-root"), Sysroot: word("--sysroot"), Prefix: word("--prefix"),
		BuildRoot: vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(vars), Abs: env.Abs,
		NoMoves: line.Text("--package-moves") == "n", Sourced: env.ShowSourced,
	}
	if line.Has("--build-root") {
		o.BuildRoot = line.Text("--build-root")
	}
	return o
}

// withDefaults parses the command line with EMERGE_DEFAULT_OPTS before it.
func withDefaults(args []string, early *Line, defaults string) (*Line, error) {
	if early.Has("--ignore-default-opts") {
		defaults = ""
	}
	words, err := shellconf.Split(defaults)
	if err != nil {
		return nil, fmt.Errorf("EMERGE_DEFAULT_OPTS %q: %w", defaults, err)
	}
	return Parse(append(words, args...), Strict)
}

// refuse says what the program does not do yet. early is the command line
// without EMERGE_DEFAULT_OPTS.
func (l *Line) refuse(early *Line) error {
	for _, a := range actions() {
		if a.Name == l.Action && a.Support == NotYet {
			return &cli.RefusedError{Program: program, What: "--" + a.Name}
		}
	}
	for _, o := range options() {
		if !l.Has(o.Long) || o.Support != NotYet {
			continue
		}
		e := &cli.RefusedError{Program: program, What: o.Long}
		if !early.Has(o.Long) {
			e.Why = "it is in EMERGE_DEFAULT_OPTS; --ignore-default-opts leaves that out"
		}
		return e
	}
	return nil
}

// usage is shown with what cannot be understood.
const usage = "usage: emerge [options] [atom | name | @set | path]...\n       emerge --help lists the options\n"

// writeHelp prints the option table.
func writeHelp(w io.Writer) error {
	var b strings.Builder
	b.WriteString("emerge: Portage's command line, answered by tumpline\n\n" + usage + "\n")
	for _, group := range []struct {
		title   string
		support Support
	}{
		{"Options", Done},
		{"Options that are accepted and have nothing to act on", Inert},
		{"Options of Portage that are refused, not being implemented yet", NotYet},
	} {
		fmt.Fprintf(&b, "\n%s:\n", group.title)
		for _, o := range append(ownOptions(), options()...) {
			if o.Support == group.support {
				fmt.Fprintf(&b, "  %-36s %s\n", o.synopsis(), o.Note)
			}
		}
		for _, a := range actions() {
			if a.Support == group.support {
				fmt.Fprintf(&b, "  %-36s %s\n", "--"+a.Name, a.Note)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// synopsis is the option as help lists it.
func (o *Option) synopsis() string {
	short := o.Short
	for spelling, long := range separateShorts() {
		if long == o.Long {
			short = spelling
		}
	}
	text := o.Long
	if short != "" {
		text = short + ", " + text
	}
	if o.Takes == TakesNothing {
		return text
	}
	value := "WORD"
	switch {
	case o.Takes == TakesList:
		value = "ATOMS"
	case o.Choices != "":
		value = strings.Join(strings.Fields(strings.TrimPrefix(o.Choices, noValue+" ")), "|")
	case o.Words != WordsNone, o.Becomes == BecomesInteger:
		value = "N"
	}
	if o.Words != WordsNone {
		return text + " [" + value + "]"
	}
	return text + " " + value
}
