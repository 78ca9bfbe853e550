// Package verify is the front of "tumpline verify": it judges a plan document
// against the roots that it was made for.
//
// What holds and what does not is resolver/verify's business; the package
// reads the document, opens the roots as emerge does, and shows the findings.
package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/shellconf"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/verify"
)

const program = "tumpline verify"

// StatusUnusable is the exit status for a document that cannot be judged: it
// cannot be read, or was made for other roots.
const StatusUnusable = 2

// options are the command line.
type options struct {
	json, all bool
	roots     map[string]string // by the option's name, only those that were given
	file      string
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	var failure error
	c, o := command(env)
	c.RunE = func(c *cobra.Command, args []string) error {
		o.file = args[0]
		for _, name := range rootOptions() {
			if c.Flags().Changed(name) {
				o.roots[name], _ = c.Flags().GetString(name) // an error would be one of this program
			}
		}
		failure = run(env, o)
		return nil
	}
	if err := c.ExecuteContext(ctx); err != nil {
		return &cli.UsageError{Program: program, Usage: "usage: tumpline verify [options] PLAN.json\n", Msg: err.Error()}
	}
	return failure
}

func command(env *cli.Env) (*cobra.Command, *options) {
	o := &options{roots: map[string]string{}}
	c := &cobra.Command{Use: "verify PLAN.json", Short: "judge a plan by rules of its own", Long: help,
		Args: cobra.ExactArgs(1), SilenceErrors: true, SilenceUsage: true}
	c.SetArgs(env.Args)
	c.SetOut(env.Out)
	c.SetErr(env.Err)
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON object")
	f.BoolVar(&o.all, "all", false, "also show what was so before the plan, or was asked for")
	f.String("root", "", "the `root` that packages are merged to (ROOT)")
	f.String("config-root", "", "the `root` with etc/portage (PORTAGE_CONFIGROOT)")
	f.String("sysroot", "", "the `root` with DEPEND (SYSROOT)")
	f.String("build-root", "", "the `root` of the machine that builds (TUMPLINE_BUILD_ROOT)")
	return c, o
}

func rootOptions() []string { return []string{"root", "config-root", "sysroot", "build-root"} }

const help = `Judge a plan that "tumpline emerge --pretend --json" printed: replay its steps
against the roots and tell what does not hold. PLAN.json may be - for standard
input. The roots are those of the environment and of the options, as for emerge.

Findings are errors (the plan breaks something), weak (PMS asks for more than
Portage does) or, with --all, information (it was so before). The exit status is
1 if there is an error, 2 if the plan cannot be judged.`

// run judges the plan.
func run(env *cli.Env, o *options) error {
	p, err := read(env, o.file)
	if err != nil {
		return unusable(env, err)
	}
	s, in, err := open(env, o, p)
	if err != nil {
		return unusable(env, fmt.Errorf("%s: %w", o.file, err))
	}
	// Losing the index costs the next run some time, nothing else.
	defer func() { _ = s.Close() }()
	findings := verify.Check(in)
	for _, w := range s.Warnings() {
		// A closed standard error cannot be told anything.
		_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", program, w)
	}
	return show(env, o, p, findings)
}

// open opens the roots that a plan was made for.
func open(env *cli.Env, o *options, p *plan.Plan) (*session.Session, *verify.Input, error) {
	line, err := emerge.Parse(p.Request.Args, emerge.Lenient)
	if err != nil {
		return nil, nil, fmt.Errorf("request: %w", err)
	}
	s, err := session.Open(sessionOptions(env, o, line), time.Now())
	if err != nil {
		return nil, nil, err
	}
	if err := sameRoots(p, s); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	if line, err = withDefaults(p.Request.Args, line, s.Target.Config.Get("EMERGE_DEFAULT_OPTS")); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	if q, asked := line.Quickpkg(env.Abs); asked {
		s.Offer(q)
	}
	return s, input(p, s, line), nil
}

// unusable tells why there is nothing to judge.
func unusable(env *cli.Env, err error) error {
	// A closed standard error cannot be told anything.
	_, _ = fmt.Fprintf(env.Err, "%s: %s\n", program, err)
	return &cli.FailedError{Status: StatusUnusable}
}

func read(env *cli.Env, file string) (*plan.Plan, error) {
	if file == "-" {
		return plan.Read("standard input", env.In)
	}
	f, err := os.Open(env.Abs(file))
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	return plan.Read(file, f)
}

// sessionOptions say where things are: by the options, then by those that the
// plan was made with, then by the environment.
func sessionOptions(env *cli.Env, o *options, line *emerge.Line) *session.Options {
	word := func(name string) *string {
		text, ok := o.roots[name]
		if !ok && line.Has("--"+name) {
			text, ok = line.Text("--"+name), true
		}
		if !ok {
			return nil
		}
		return &text
	}
	vars := maps.Clone(env.Vars)
	for option, name := range map[string]string{"--accept-properties": "ACCEPT_PROPERTIES", "--accept-restrict": "ACCEPT_RESTRICT"} {
		if line.Has(option) {
			vars[name] = line.Text(option)
		}
	}
	s := &session.Options{
		Vars: vars, Root: word("root"), ConfigRoot: word("config-root"), Sysroot: word("sysroot"), Prefix: word("prefix"),
		BuildRoot: vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(vars), Abs: env.Abs,
		Sourced: env.ShowSourced,
	}
	if b := word("build-root"); b != nil {
		s.BuildRoot = *b
	}
	return s
}

// sameRoots compares the roots of the plan with those of the session. A plan
// that failed before it had roots names none.
func sameRoots(p *plan.Plan, s *session.Session) error {
	if p.Roots == (plan.Roots{}) {
		return nil
	}
	var errs []error
	for _, r := range []struct{ name, plan, here string }{
		{"target", p.Roots.Target, s.Target.EROOT()},
		{"sysroot", p.Roots.Sysroot, s.Sysroot.EROOT()},
		{"build root", p.Roots.Build, s.Build.EROOT()},
		{"configuration root", p.Roots.Config, strings.TrimSuffix(s.Places.Config, "/") + "/"},
	} {
		if r.plan != r.here {
			errs = append(errs, fmt.Errorf("the plan is for the %s %s, here it is %s", r.name, r.plan, r.here))
		}
	}
	return errors.Join(errs...)
}

// withDefaults parses the request with EMERGE_DEFAULT_OPTS before it.
func withDefaults(args []string, line *emerge.Line, defaults string) (*emerge.Line, error) {
	if line.Has("--ignore-default-opts") {
		return line, nil
	}
	words, err := shellconf.Split(defaults)
	if err != nil {
		return nil, fmt.Errorf("EMERGE_DEFAULT_OPTS %q: %w", defaults, err)
	}
	return emerge.Parse(append(words, args...), emerge.Lenient)
}

// input is the plan with the session as the judge takes them.
func input(p *plan.Plan, s *session.Session, line *emerge.Line) *verify.Input {
	roots := map[*session.Root]*verify.Root{}
	for _, r := range s.Roots() {
		roots[r] = root(s, r)
	}
	return &verify.Input{Plan: p, Target: roots[s.Target], Build: roots[s.Build], Sysroot: roots[s.Sysroot], Options: decode(line)}
}

func root(s *session.Session, r *session.Root) *verify.Root {
	out := &verify.Root{
		Binaries: r.Binaries, Installed: r.Installed,
		Flags: func(p *ebuild.Package) atoms.FlagState { return r.Use.State(p) },
		Verdict: func(p *ebuild.Package, flags atoms.FlagState) visibility.Verdict {
			return r.Judge.VerdictWith(p, flags)
		},
		Provided: r.Config.Provided, Set: r.Sets.Flatten,
	}
	for _, repo := range s.Repos.All() {
		out.Repos = append(out.Repos, verify.Repo{Name: repo.Name, Source: repo})
	}
	return out
}

// decode reads the options that relax rules.
func decode(l *emerge.Line) verify.Options {
	o := verify.Options{
		NoDeps: l.Has("--nodeps"), OnlyDeps: l.Has("--onlydeps"), OnlyBuildDeps: l.Text("--onlydeps-with-rdeps") == "n", UpdateIfInstalled: l.Has("--update-if-installed"),
		BuildPkgOnly: l.Has("--buildpkgonly"),
		FetchOnly:    l.Has("--fetchonly"), IgnoreBuiltSlotOps: l.Text("--ignore-built-slot-operator-deps") == "y",
		DynamicDeps: l.Text("--dynamic-deps") != "n" && !l.Has("--nodeps"), RootDepsRDeps: l.Text("--root-deps") == "rdeps",
	}
	for _, word := range l.List("--exclude") {
		for _, text := range strings.Fields(word) {
			// What is no atom excludes nothing.
			if a, err := atoms.ParseAtomOrName(text, atoms.AtomOptions{AllowWildcard: true, AllowRepo: true}); err == nil {
				o.Exclude = append(o.Exclude, a)
			}
		}
	}
	switch l.Action {
	case "":
	case "unmerge", "rage-clean":
		o.Action = verify.ActionUnmerge
	default:
		o.Action = verify.ActionClean
	}
	return o
}
