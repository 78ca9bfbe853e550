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
	"io"
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
	json, all                            bool
	root, configRoot, sysroot, buildRoot string
	file                                 string
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	var failure error
	c, o := command(env)
	c.RunE = func(c *cobra.Command, args []string) error {
		o.file = args[0]
		failure = run(env, c, o)
		return nil
	}
	if err := c.ExecuteContext(ctx); err != nil {
		return &cli.UsageError{Program: program, Usage: "usage: tumpline verify [options] PLAN.json\n", Msg: err.Error()}
	}
	return failure
}

func command(env *cli.Env) (*cobra.Command, *options) {
	o := &options{}
	c := &cobra.Command{Use: "verify PLAN.json", Short: "judge a plan by rules of its own", Long: help,
		Args: cobra.ExactArgs(1), SilenceErrors: true, SilenceUsage: true}
	c.SetArgs(env.Args)
	c.SetOut(env.Out)
	c.SetErr(env.Err)
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON object")
	f.BoolVar(&o.all, "all", false, "also show what was so before the plan, or was asked for")
	f.StringVar(&o.root, "root", "", "the `root` that packages are merged to (ROOT)")
	f.StringVar(&o.configRoot, "config-root", "", "the `root` with etc/portage (PORTAGE_CONFIGROOT)")
	f.StringVar(&o.sysroot, "sysroot", "", "the `root` with DEPEND (SYSROOT)")
	f.StringVar(&o.buildRoot, "build-root", "", "the `root` of the machine that builds (TUMPLINE_BUILD_ROOT)")
	return c, o
}

const help = `Judge a plan that "tumpline emerge --pretend --json" printed: replay its steps
against the roots and tell what does not hold. PLAN.json may be - for standard
input. The roots are those of the environment and of the options, as for emerge.

Findings are errors (the plan breaks something), weak (PMS asks for more than
Portage does) or, with --all, information (it was so before). The exit status is
1 if there is an error, 2 if the plan cannot be judged.`

// run judges the plan.
func run(env *cli.Env, c *cobra.Command, o *options) error {
	p, err := read(env, o.file)
	if err != nil {
		return unusable(env, err)
	}
	line, err := emerge.Parse(p.Request.Args, emerge.Lenient)
	if err != nil {
		return unusable(env, fmt.Errorf("%s: request: %w", o.file, err))
	}
	s, err := session.Open(sessionOptions(env, c, o, line), time.Now())
	if err != nil {
		return unusable(env, err)
	}
	// Losing the index costs the next run some time, nothing else.
	defer func() { _ = s.Close() }()
	if err := sameRoots(p, s); err != nil {
		return unusable(env, fmt.Errorf("%s: %w", o.file, err))
	}
	if line, err = withDefaults(p.Request.Args, line, s.Target.Config.Get("EMERGE_DEFAULT_OPTS")); err != nil {
		return unusable(env, err)
	}
	findings := verify.Check(input(p, s, line))
	for _, w := range s.Warnings() {
		_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", program, w)
	}
	return show(env, o, p, findings)
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
	return plan.Read(file, io.Reader(f))
}

// sessionOptions say where things are: by the options, then by those that the
// plan was made with, then by the environment.
func sessionOptions(env *cli.Env, c *cobra.Command, o *options, line *emerge.Line) *session.Options {
	word := func(name, value string) *string {
		if c.Flags().Changed(name) {
			return &value
		}
		if line.Has("--" + name) {
			text := line.Text("--" + name)
			return &text
		}
		return nil
	}
	s := &session.Options{
		Vars: env.Vars, Root: word("root", o.root), ConfigRoot: word("config-root", o.configRoot), Sysroot: word("sysroot", o.sysroot),
		Prefix: word("prefix", ""), BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars), Abs: env.Abs,
	}
	if b := word("build-root", o.buildRoot); b != nil {
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
