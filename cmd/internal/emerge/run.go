package emerge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/report"
)

// A run is one request to merge.
type run struct {
	env       *cli.Env
	line      *Line
	session   *session.Session
	system    *resolver.System
	options   *params.Options
	problems  []error               // of files that only this request reads
	take      func(*Answered) error // takes the answer instead of its being shown; may be nil
	held      string                // text that is written before what is shown next
	holdsNews bool                  // news are held
}

// merge answers the request. The order of the checks is emerge's.
func (r *run) merge(ctx context.Context) error {
	l := r.line
	given := l.Has("--resume")
	l.imply(r.session.Target.Config.Feature)
	if err := r.checkCarrying(); err != nil {
		return err
	}
	if err := r.checkProfiles(); err != nil {
		return err
	}
	if given && len(l.Args) > 0 {
		return r.reject(plan.Problem{Kind: plan.ProblemInvalidArgument, Atoms: l.Args}, render.UnexpectedArguments(l.Args))
	}
	if err := r.checkSets(); err != nil {
		return err
	}
	if l.Has("--tree") && l.Has("--columns") {
		return r.object(`emerge: can't specify both of "--tree" and "--columns".`)
	}
	if l.Has("--emptytree") && l.Has("--noreplace") {
		return r.object(`emerge: can't specify both of "--emptytree" and "--noreplace".`)
	}
	if len(l.Args) == 0 && !l.Has("--resume") {
		return errors.Join(writeHelp(r.messages()), &cli.FailedError{Status: cli.StatusFailure})
	}
	targets, bad := classifyTargets(l.Args, r)
	if bad != "" {
		return r.reject(plan.Problem{Kind: plan.ProblemInvalidArgument, Atoms: []string{bad}}, render.InvalidAtom(bad))
	}
	if l.Has("--pretend") {
		defer r.tellNews() // GLEP 42 wants it after a pretended merge
	} else {
		r.holdsNews = l.Has("--quiet")
		r.tellNews()
		r.holdsNews = false
		defer r.release()
	}
	if l.Has("--resume") {
		r.release()
		return r.resume(ctx)
	}
	r.system = r.session.System()
	var err error
	if r.options, err = params.Decode(l); err != nil {
		return misunderstood(err)
	}
	if err := r.useBinhosts(ctx, time.Now()); err != nil {
		return err
	}
	r.useInstalled()
	return r.resolve(ctx, targets)
}

// Exists says if there is a file at a path of the command line.
func (r *run) Exists(path string) bool { return session.Exists(r.env.Abs(path)) }

// Abs makes a path of the command line absolute.
func (r *run) Abs(path string) string { return r.env.Abs(path) }

// checkProfiles refuses roots whose profile is missing or says no ARCH.
func (r *run) checkProfiles() error {
	for _, root := range r.session.Roots() {
		if len(root.Config.Nodes) > 0 && root.Config.Arch() != "" {
			continue
		}
		why := "it sets no ARCH"
		if len(root.Config.Nodes) == 0 {
			why = "there is none"
		}
		return r.fail(plan.ProblemBadConfig, fmt.Errorf("the profile %s of %s is not usable: %s",
			filepath.Join(root.Config.UserDir, "make.profile"), root.EROOT(), why))
	}
	return nil
}

// checkSets refuses sets that do not exist, and gives sets the options that
// come with their names (S12).
func (r *run) checkSets() error {
	config := r.session.Target.Sets
	for i, word := range r.line.Args {
		if word == "system" || word == "world" || !strings.HasPrefix(word, sets.Prefix) {
			continue
		}
		arg := sets.ParseArgument(word)
		for _, s := range arg.Settings {
			if err := config.Configure(s); err != nil {
				return r.fail(plan.ProblemBadConfig, err)
			}
		}
		if config.Set(arg.Name) == nil {
			return r.reject(plan.Problem{Kind: plan.ProblemUnknownSet, Atoms: []string{word}}, render.UnknownSet(arg.Name, config.Names(), r.look()))
		}
		r.line.Args[i] = sets.Prefix + arg.Name
	}
	return nil
}

// resolve resolves the request inside the frame that emerge puts around it.
func (r *run) resolve(ctx context.Context, targets []Target) error {
	f := r.openFrame()
	request := &resolver.Request{Options: r.options}
	if r.take == nil {
		r.breakCycles(request)
		r.goBeyond(request)
	}
	for _, t := range targets {
		args, err := r.arguments(t, f)
		if err != nil {
			return err
		}
		request.Args = append(request.Args, args...)
	}
	result, err := resolver.Resolve(ctx, r.system, request)
	var unknown *resolver.UnknownSetError
	switch {
	case errors.As(err, &unknown):
		return f.reject(plan.Problem{Kind: plan.ProblemUnknownSet, Atoms: []string{"@" + unknown.Name}}, "\n\n"+unknown.Error()+"\n")
	case err != nil:
		return err
	}
	r.tellDropped(result.Dropped)
	f.interrupt(report.Interruption(result))
	f.close(result.Restarts)
	r.trace(result)
	if r.carries() {
		return r.execute(ctx, &outcome{Result: result, favorites: favorites(result)})
	}
	return r.show(result)
}

// arguments makes the resolver's arguments of a target: one, but for a folder
// that several packages own.
func (r *run) arguments(t Target, f *frame) ([]resolver.Arg, error) {
	switch t.Kind {
	case TargetSet:
		return []resolver.Arg{{Text: t.Text, Set: t.Set}}, nil
	case TargetAtom, TargetName:
		expanded, candidates, err := t.Expand(names{r})
		switch {
		case err != nil:
			return nil, err
		case len(candidates) > 0:
			return nil, r.ambiguous(t, candidates, f)
		case t.HasConditionals():
			return nil, f.reject(plan.Problem{Kind: plan.ProblemInvalidArgument, Atoms: []string{t.Text}}, render.ConditionalAtom(t.Text))
		}
		return []resolver.Arg{{Text: t.Text, Atom: expanded.Atom}}, nil
	default:
		return r.pathArguments(t, f)
	}
}

// names finds packages in the stores that the request uses.
type names struct{ *run }

func (n names) Named(name string) ([]atoms.CP, error) { return n.system.Named(name, n.options) }

// ambiguous tells that a name fits several packages.
func (r *run) ambiguous(t Target, candidates []atoms.CP, f *frame) error {
	message := fmt.Sprintf("The short ebuild name %q is ambiguous.", t.Text)
	problem := plan.Problem{Kind: plan.ProblemAmbiguousName, Atoms: []string{t.Text}}
	text := &render.Ambiguous{Arg: t.Text, Name: t.Atom.CP.Name()}
	finder := r.newFinder()
	for _, cp := range candidates {
		problem.Packages = append(problem.Packages, string(cp))
		if m := finder.describe(cp); m != nil {
			text.Packages = append(text.Packages, *m)
		}
	}
	if r.json() {
		return r.reject(problem, message)
	}
	out, errs := text.Text(r.look())
	if f.notice {
		out = "\n" + out
	}
	if _, err := io.WriteString(r.env.Out, out); err != nil {
		return err
	}
	// A closed standard error cannot be told anything.
	_, _ = io.WriteString(r.env.Err, errs)
	return &cli.FailedError{Status: cli.StatusFailure}
}

// json says if a plan document is wanted.
func (r *run) json() bool { return r.line.Has("--json") }

// messages is where text goes that is no plan document.
func (r *run) messages() io.Writer {
	if r.json() || r.events() {
		return r.env.Err
	}
	return r.env.Out
}

// object prints a line that ends the run.
func (r *run) object(text string) error {
	if _, err := fmt.Fprintln(r.messages(), text); err != nil {
		return err
	}
	return &cli.FailedError{Status: cli.StatusFailure}
}

// fail ends the run with an error before anything could be resolved: as a
// document if one is wanted, else as a message.
func (r *run) fail(kind plan.ProblemKind, err error) error {
	if !r.json() {
		return fmt.Errorf("emerge: %w", err)
	}
	return r.reject(plan.Problem{Kind: kind}, err.Error())
}

// reject ends the run with a problem: in the document, or in emerge's words.
func (r *run) reject(p plan.Problem, text string) error {
	failed := &cli.FailedError{Status: cli.StatusFailure}
	if !r.json() {
		_, _ = io.WriteString(r.env.Err, text) // a closed standard error cannot be told anything
		return failed
	}
	p.Severity, p.Message = plan.SeverityError, strings.Trim(strings.ReplaceAll(text, "!!! ", ""), "\n")
	document := &plan.Plan{Request: r.request(), Roots: r.roots(), Problems: []plan.Problem{p}}
	if err := plan.Write(r.env.Out, document); err != nil {
		return err
	}
	return failed
}

// request is the request as the document tells it.
func (r *run) request() plan.Request {
	return plan.Request{Command: program, Args: r.env.Args, Targets: r.line.Args}
}

// roots are the roots as the document tells them.
func (r *run) roots() plan.Roots {
	if r.session == nil {
		return plan.Roots{}
	}
	s := r.session
	return plan.Roots{
		Target: s.Target.EROOT(), Sysroot: s.Sysroot.EROOT(), Build: s.Build.EROOT(),
		Config: strings.TrimSuffix(s.Places.Config, "/") + "/",
	}
}

// warnings lists what is wrong with files that could be passed over.
func (r *run) warnings(result *resolver.Result) []error {
	return slices.Concat(r.session.Warnings(), r.problems, result.Problems)
}

// warn tells the warnings, but those that the report tells as well.
func (r *run) warn(result *resolver.Result, told []string) {
	if r.line.Has("--quiet") {
		return
	}
	for _, w := range r.warnings(result) {
		if !slices.Contains(told, w.Error()) {
			_, _ = fmt.Fprintf(r.env.Err, "emerge: warning: %s\n", w) // as in reject
		}
	}
}

// look says how text shall look.
func (r *run) look() render.Options {
	l := r.line
	o := render.Options{
		Quiet: l.Has("--quiet"), Verbose: l.Has("--verbose"), Columns: l.Has("--columns"),
		Tree: l.Has("--tree") && !l.Has("--nodeps"), UnorderedTree: l.Has("--unordered-display"),
		Alphabetical: l.Has("--alphabetical"), QuietRepos: l.Has("--quiet-repo-display"),
	}
	colour := cli.ColourAuto
	switch l.Text("--color") {
	case "y":
		colour = cli.ColourAlways
	case "n":
		colour = cli.ColourNever
	}
	vars := r.session.Target.Config.Vars
	lookup := func(name string) (string, bool) {
		v, ok := vars.Lookup(name)
		return v.Text, ok
	}
	if r.env.UseColour(colour, lookup) {
		o.Theme = r.theme()
	}
	return o
}

// A frame is what emerge prints around a resolution.
type frame struct {
	run    *run
	notice bool // "Calculating dependencies ..." stands there without its end
	start  time.Time
}

func (r *run) openFrame() *frame {
	f := &frame{run: r, start: time.Now()}
	if _, _, asked := r.line.question(); asked || r.take != nil || r.json() || r.events() {
		return f
	}
	o := r.look()
	text := render.Header{
		Pretend: !r.carries(), Ask: r.line.Has("--ask"), BuildOnly: r.line.Has("--buildpkgonly"), FetchOnly: r.line.Has("--fetchonly"),
	}.Text(o)
	if f.notice = !o.Quiet && !r.line.Has("--nodeps"); f.notice {
		text += render.NoticeBegin
	}
	_, _ = io.WriteString(r.env.Out, text) // an error of the pipe shows at the next write
	return f
}

// close ends the notice and says how long the resolution took.
func (f *frame) close(restarts int) {
	if !f.notice {
		return
	}
	f.notice = false
	o := f.run.look()
	text := render.NoticeEnd + o.Took(time.Since(f.start), restarts, f.run.options.Backtrack)
	_, _ = io.WriteString(f.run.env.Out, text)
}

// interrupt prints what emerge says while the notice still stands open.
func (f *frame) interrupt(text string) {
	if !f.run.json() {
		_, _ = io.WriteString(f.run.env.Err, text) // a closed standard error cannot be told anything
	}
}

// reject ends the run with a problem that cuts the notice.
func (f *frame) reject(p plan.Problem, text string) error {
	err := f.run.reject(p, text)
	f.close(0)
	return err
}
