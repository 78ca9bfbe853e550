package emerge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/merging"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/mtimedb"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/report"
)

// eventOptions are the options about how a run is told.
func eventOptions() []Option {
	return []Option{
		{Long: "--events", Takes: TakesWord, Choices: "json", Support: Done, Note: "tell what happens in a run as one JSON object a line, and nothing else, on standard output"},
	}
}

// carries says that the request is carried out, not only shown.
func (r *run) carries() bool {
	return !r.line.Has("--pretend") && !r.line.Has("--autounmask-only")
}

// events says if a run is told as JSON lines.
func (r *run) events() bool { return r.line.Has("--events") }

// checkCarrying refuses what cannot be carried out, before anything is resolved.
func (r *run) checkCarrying() error {
	if !r.carries() {
		if r.events() {
			return &cli.UsageError{Program: program, Usage: usage, Msg: "--events tells of a run; with --pretend there is --json"}
		}
		return nil
	}
	_, _, asked := r.line.question()
	refused := func(what, why string) error { return &cli.RefusedError{Program: program, What: what, Why: why} }
	switch {
	case r.json():
		return refused("--json without --pretend", "--events=json tells of a run")
	case asked:
		return refused("--explain without --pretend", "use --pretend")
	case r.take != nil:
		return refused("merging", "use --pretend")
	case r.line.Has("--digest"):
		return refused("--digest", "leave it out")
	case r.line.Has("--ask") && !r.env.InTerminal:
		return r.object("!!! \"--ask\" should only be used in a terminal. Exiting.")
	}
	return nil
}

// shows says if the list of packages is shown before a run.
func (l *Line) shows() bool {
	return (l.Has("--ask") || l.Has("--tree") || l.Has("--verbose")) && (!l.Has("--quiet") || l.Has("--ask"))
}

// An outcome is a result that is about to be carried out.
type outcome struct {
	*resolver.Result
	resuming  bool
	favorites []string
}

// execute carries a result out: the list, the question, the run.
func (r *run) execute(ctx context.Context, o *outcome) error {
	if err := r.showBefore(o); err != nil {
		return err
	}
	p := r.plan(o.Result)
	if o.resuming {
		isWanted := wanted(o.favorites)
		p.World = slices.DeleteFunc(p.World, func(e plan.WorldEntry) bool { return !isWanted(e) })
	}
	if end, err := r.confirm(o, p, merges(p)); end || err != nil {
		return err
	}
	if err := r.confirmStages(p); err != nil {
		return err
	}
	return r.carryOut(ctx, o, p)
}

// merges is how many packages a plan merges.
func merges(p *plan.Plan) (n int) {
	for i := range p.Steps {
		if p.Steps[i].Operation == plan.OpMerge {
			n++
		}
	}
	return n
}

// world is what the run records as selected.
func (r *run) world(result *resolver.Result) []plan.WorldEntry {
	l := r.line
	if l.Has("--buildpkgonly") || l.Has("--fetchonly") {
		return nil
	}
	return report.PlanWorld(result, report.Options{Oneshot: l.Has("--oneshot")})
}

// showBefore shows the list if that is wanted, and problems in any case. A result
// that cannot be carried out ends here.
func (r *run) showBefore(o *outcome) error {
	options := r.reportOptions()
	options.ShowList = r.line.shows() || !o.Success
	if options.ShowList {
		r.release()
	}
	told := report.Build(o.Result, options)
	r.warn(o.Result, told.Problems.SetErrors)
	out := r.env.Out
	if r.events() {
		out = io.Discard
	}
	err := render.Text(out, r.env.Err, told, r.look())
	if err == nil && options.ShowList {
		_, err = io.WriteString(out, report.Staged(o.Result).Text(r.look()))
	}
	if err == nil && !r.line.Has("--quiet") {
		_, _ = io.WriteString(r.env.Err, report.Beyond(o.Result, options)) // a closed standard error cannot be told anything
	}
	if err != nil || o.Success {
		return err
	}
	if o.resuming && !r.line.Has("--ask") {
		if err := mtimedb.Clear(r.mtimedb()); err != nil {
			return fmt.Errorf("emerge: %w", err)
		}
	}
	return &cli.FailedError{Status: cli.StatusFailure}
}

func (r *run) mtimedb() string { return filepath.Join(r.session.Target.EROOT(), mtimedb.Name) }

// confirm asks whether the plan shall be carried out. end says that the run ends
// well without.
func (r *run) confirm(o *outcome, p *plan.Plan, merges int) (end bool, err error) {
	l := r.line
	if !l.shows() || r.events() {
		return false, nil
	}
	prompt := "Would you like to merge these packages?"
	switch {
	case o.resuming:
		prompt = "Would you like to resume merging these packages?"
	case merges == 0 && len(p.World) == 0:
		_, err := io.WriteString(r.env.Out, "\nNothing to merge; quitting.\n\n")
		return true, err
	case merges == 0 && !l.Has("--ask"):
	case merges == 0:
		return false, r.askToSelect(p.World)
	case l.Has("--fetchonly"):
		prompt = "Would you like to fetch the source files for these packages?"
	}
	r.hold("\n")
	if !l.Has("--ask") {
		return false, nil
	}
	r.release()
	return false, r.ask(prompt)
}

// confirmStages asks whether packages may be merged twice (--break-cycles=ask),
// unless the whole plan has been asked about.
func (r *run) confirmStages(p *plan.Plan) error {
	staged := slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Stage == plan.StageBootstrap })
	switch {
	case !staged || r.line.Text("--break-cycles") != "ask" || r.line.Has("--ask"):
		return nil
	case !r.env.InTerminal:
		return r.object("!!! \"--break-cycles=ask\" should only be used in a terminal. Exiting.")
	}
	return r.ask("Would you like to merge packages twice to break circular dependencies?")
}

// askToSelect asks about entries of the world file when nothing is merged.
func (r *run) askToSelect(list []plan.WorldEntry) error {
	if !r.line.Has("--ask") {
		return nil
	}
	text := "\n"
	for _, e := range list {
		text += " * " + e.Atom + "\n"
	}
	if _, err := io.WriteString(r.env.Out, text+"\n"); err != nil {
		return err
	}
	return r.ask("Would you like to add these packages to your world favorites?")
}

// carryOut carries a plan out and tells how that went.
func (r *run) carryOut(ctx context.Context, o *outcome, p *plan.Plan) error {
	shared := shareStreams(r.env)
	background, jobs := r.background(p)
	output := merging.ToTerminal
	if background || r.events() {
		output = merging.ToLogs
	}
	works, err := merging.New(shared, r.session, output)
	if err != nil {
		return fmt.Errorf("emerge: %w", err)
	}
	l := r.line
	works.FilesOnly, works.Verbose = r.goal() == merge.ToFiles, r.verbose()
	works.BuildOnly, works.AllFiles = l.Has("--buildpkgonly"), l.Has("--fetch-all-uri")
	works.IgnoreMemory, works.Format = l.Has("--noconfmem"), l.Text("--pkg-format")
	durations := merging.ReadDurations(r.cacheFile(merging.DurationsFile))
	log := r.openLog(works)
	show := &progress{run: r, env: shared, background: background, works: works, merges: merges(p)}
	options := merge.Options{
		Goal: r.goal(), Jobs: jobs, MaxLoad: l.Options["--load-average"].Float, Load: loadAverage, Clock: clock{}, KeepGoing: l.Has("--keep-going"),
		MergeWait: r.feature("merge-wait"), Pack: r.packs(works), Libc: works.Libc, Met: works.Met, Expected: durations.Expected,
		Tell: func(e merge.Event) { durations.Note(e); log.Tell(e); show.tell(e) },
	}
	if r.feature("parallel-fetch") {
		options.Fetches = 1
	}
	parts := works.Parts(p, &merging.Keeper{Works: works, Favorites: o.favorites, Options: l.stored(), Resuming: o.resuming})
	if o.resuming {
		show.line("*** Resuming merge...")
		log.Write(" *** Resuming merge...")
	}
	r.tellVerifying(p, show)
	done, err := merge.Run(ctx, p, parts, options)
	err = errors.Join(err, durations.Save())
	works.ShowTold()
	show.end(done, err)
	if done != nil && len(done.Merged) > 0 && r.goal() == merge.ToRoot {
		works.Settle()
		r.indexInfo(ctx, works)
		r.afterChange()
	}
	err = r.status(done, err)
	log.Write(exitLine(err), " *** terminating.")
	if lerr := log.Err(); lerr != nil && os.Geteuid() == 0 {
		_, _ = fmt.Fprintf(shared.Err, "emerge: warning: %s\n", lerr) // a closed standard error cannot be told anything
	}
	return err
}

func (r *run) goal() merge.Goal {
	switch {
	case r.line.Has("--fetchonly"):
		return merge.ToFiles
	case r.line.Has("--buildpkgonly"):
		return merge.ToPackage
	}
	return merge.ToRoot
}

func (r *run) feature(word string) bool { return r.session.Target.Config.Feature(word) }

// verbose says if each file that is merged or removed is told.
func (r *run) verbose() bool {
	return r.line.Has("--verbose") || r.session.Target.Config.Get("PORTAGE_VERBOSE") == "1"
}

// background says if what phases print goes to logs alone, and how many jobs there
// are: one for one package, and for packages that ask questions.
func (r *run) background(p *plan.Plan) (background bool, jobs int) {
	l := r.line
	jobs = 1
	if v, given := l.Options["--jobs"]; given {
		jobs = v.Int // 0 for any number
	}
	quiet := l.Has("--quiet") || l.Text("--quiet-build") == "y"
	background = jobs != 1 || quiet
	if l.Has("--fetchonly") || l.Has("--fetch-all-uri") {
		return false, jobs
	}
	interactive := slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Interactive })
	if interactive || len(p.Steps) <= 1 && !quiet {
		return false, 1
	}
	return background, jobs
}

// packs says of which steps binary packages are made (FEATURES=buildpkg, --buildpkg,
// --buildpkg-exclude, RESTRICT=bindist is for those who distribute).
func (r *run) packs(works *merging.Works) func(s *plan.Step) bool {
	l := r.line
	asked := l.Yes("--buildpkg") || l.Has("--buildpkgonly") || l.Text("--buildpkg") != "n" && r.feature("buildpkg")
	if !asked {
		return nil
	}
	exclude, _ := params.ParseList("--buildpkg-exclude", l.List("--buildpkg-exclude"), false) // checked with the command line
	return func(s *plan.Step) bool { return works.Packs(s, exclude) }
}

// cacheFile is a file in the folder for caches; "" if there is none.
func (r *run) cacheFile(name string) string {
	dir := session.CacheDir(r.env.Vars)
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// status is the exit status of a run as an error.
func (r *run) status(done *merge.Report, err error) error {
	var missing *merge.MissingError
	var refused *merge.CheckError
	switch {
	case errors.As(err, &missing):
		return &cli.RefusedError{Program: program, What: missing.What, Why: missing.CPV + " needs it"}
	case errors.As(err, &refused):
		return &cli.FailedError{Status: cli.StatusFailure}
	case err != nil:
		return fmt.Errorf("emerge: %w", err)
	case len(done.Failures) > 0:
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

// exitLine is the last line but one of emerge.log.
func exitLine(err error) string {
	if err == nil {
		return " *** exiting successfully."
	}
	status := cli.Status(err)
	if errors.Is(err, context.Canceled) {
		status = 128 + int(syscall.SIGINT)
	}
	return " *** exiting unsuccessfully with status '" + strconv.Itoa(status) + "'."
}

// openLog opens emerge.log. Where files are only fetched there is none, as in emerge.
func (r *run) openLog(works *merging.Works) *merging.EmergeLog {
	log := &merging.EmergeLog{Now: time.Now, Place: works.Place, Packs: r.packs(works)}
	if r.line.Has("--fetchonly") {
		return log
	}
	build := r.session.Build
	dir := r.session.Target.Config.Get("EMERGE_LOG_DIR")
	if dir == "" {
		dir = filepath.Join(build.EROOT(), "var/log")
	}
	log.Path = filepath.Join(dir, "emerge.log")
	var words []string
	for _, name := range slices.Sorted(maps.Keys(r.line.stored())) {
		words = append(words, optionText(name, r.line.Options[name])...)
	}
	log.Write("Started emerge on: "+time.Now().Format("Jan 02, 2006 15:04:05"),
		" *** emerge "+strings.Join(append(words, r.line.Args...), " "))
	return log
}

// optionText is an option as emerge.log has it.
func optionText(name string, v Value) []string {
	switch v.Kind {
	case KindTrue:
		return []string{name}
	case KindFalse:
		return []string{name + "=False"}
	case KindInteger:
		return []string{name + "=" + strconv.Itoa(v.Int)}
	case KindNumber:
		return []string{name + "=" + strconv.FormatFloat(v.Float, 'g', -1, 64)}
	case KindList:
		var out []string
		for _, word := range v.List {
			out = append(out, name+"="+word)
		}
		return out
	case KindText:
	}
	return []string{name + "=" + v.Text}
}

// stored are the options as Portage keeps them with a list of merges: those of
// emerge, not tumpline's own.
func (l *Line) stored() map[string]any {
	out := make(map[string]any)
	for _, o := range options() {
		v, given := l.Options[o.Long]
		if !given {
			continue
		}
		switch v.Kind {
		case KindTrue:
			out[o.Long] = true
		case KindFalse:
			out[o.Long] = false
		case KindText:
			out[o.Long] = v.Text
		case KindInteger:
			out[o.Long] = v.Int
		case KindNumber:
			out[o.Long] = v.Float
		case KindList:
			out[o.Long] = v.List
		}
	}
	return out
}

// loadAverage is the load of the last minute.
func loadAverage() (float64, bool) {
	loads := loadAverages()
	if len(loads) == 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(loads[0], 64)
	return f, err == nil
}

// loadAverages are the loads of the last 1, 5 and 15 minutes; none if the system
// does not say.
func loadAverages() []string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return nil
	}
	words := strings.Fields(string(text))
	return words[:min(3, len(words))]
}

// A clock is the system's.
type clock struct{}

// Now is the time.
func (clock) Now() time.Time { return time.Now() }

// After tells when some time has passed.
func (clock) After(d time.Duration) <-chan time.Time { return time.After(d) }
