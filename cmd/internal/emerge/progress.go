package emerge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/merging"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/course"
	"github.com/tumpline/tumpline/resolver/plan"
)

// shareStreams gives an Env whose streams may be written to by several goroutines,
// and are shown at once.
func shareStreams(env *cli.Env) *cli.Env {
	out := *env
	var lock sync.Mutex
	out.Out, out.Err = &shared{&lock, env.Out}, &shared{&lock, env.Err}
	return &out
}

type shared struct {
	lock *sync.Mutex
	to   io.Writer
}

// Write writes p and has it shown.
func (s *shared) Write(p []byte) (int, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	n, err := s.to.Write(p)
	if f, ok := s.to.(interface{ Flush() error }); ok && err == nil {
		err = f.Flush()
	}
	return n, err
}

// A progress tells a run to the user: as emerge's lines, or as events.
type progress struct {
	run        *run
	env        *cli.Env
	background bool
	works      *merging.Works

	phases map[string]string // what is built, and its phase
	counts merge.Counts
	// removals is how many packages are unmerged by their names; removing is how
	// many of these have begun.
	removals, removing int
	log                string // of the only failure so far

	merges    int      // how many packages are merged
	jobs      jobsLine // the line about jobs, where it is printed
	working   bool     // work has begun
	displayed bool     // the line about jobs was printed last
}

// line prints a line.
func (p *progress) line(text string) {
	if !p.run.events() {
		_, _ = io.WriteString(p.env.Out, text+"\n") // an error of the pipe shows at the end
	}
}

// tell tells an event.
func (p *progress) tell(e merge.Event) {
	if p.run.events() {
		text, err := json.Marshal(e)
		if err == nil { // events are made of text and numbers
			_, _ = p.env.Out.Write(append(text, '\n'))
		}
	}
	switch e.Kind {
	case merge.WorkBegins:
		p.begins(e)
	case merge.InPhase:
		p.phase(e, e.Phase)
	case merge.WorkEnds:
		p.ends(e)
	case merge.WorkFails:
		p.fails(e)
	case merge.Selected:
		text := ">>> Recording " + e.Atom + " in \"world\" favorites file..."
		if p.working {
			p.message(text)
		} else {
			p.line(text)
		}
	case merge.Status:
		p.counts = e.Counts
		p.live()
	case merge.RunBegins, merge.StepDrops, merge.RunEnds:
	}
}

// place is the end of a line about a step in a root that is not the running one.
func (p *progress) place(s *plan.Step, preposition string) string {
	root := p.works.Root(s)
	if root.Path == p.run.session.Build.Path {
		return ""
	}
	return " " + preposition + " " + root.EROOT()
}

func numbered(e merge.Event) string {
	return fmt.Sprintf("(%d of %d) %s::%s", e.Number, e.Total, e.Step.CPV, e.Step.Repo)
}

func (p *progress) begins(e merge.Event) {
	s := e.Step
	p.working = true
	switch e.Work {
	case merge.WorkFetch:
		if e.Number > 0 {
			p.message(">>> Fetching " + numbered(e) + p.place(s, "for"))
		}
	case merge.WorkBuild:
		action := "Emerging "
		if s.Origin == plan.OriginBinary {
			action += "binary "
		}
		p.job(func(j *jobsLine) { j.running++ })
		p.message(">>> " + action + numbered(e) + p.place(s, "for"))
	case merge.WorkMerge:
		p.message(">>> Installing " + numbered(e) + p.place(s, "to"))
		p.jobs.waiting = max(0, p.jobs.waiting-1)
	case merge.WorkUnmerge:
		if p.removals == 0 {
			p.message(">>> Uninstalling " + s.CPV + "::" + s.Repo + p.place(s, "from"))
			break
		}
		p.removing++
		p.line(fmt.Sprintf(">>> Unmerging (%d of %d) %s...", p.removing, p.removals, s.CPV))
	case merge.WorkCheck:
	}
	p.phase(e, string(e.Work))
}

func (p *progress) ends(e merge.Event) {
	switch e.Work {
	case merge.WorkBuild:
		p.job(func(j *jobsLine) { j.running-- })
		switch {
		case p.run.goal() != merge.ToRoot:
			p.job(func(j *jobsLine) { j.complete++ })
		case p.run.feature("merge-wait"):
			p.jobs.waiting++ // it shows with what is printed next
		}
	case merge.WorkMerge:
		p.message(">>> Completed " + numbered(e) + p.place(e.Step, "to"))
		p.job(func(j *jobsLine) { j.complete++ })
	case merge.WorkFetch, merge.WorkUnmerge, merge.WorkCheck:
	}
	delete(p.phases, e.Step.CPV)
}

// fails tells a failure: emerge's line, and why.
func (p *progress) fails(e merge.Event) {
	delete(p.phases, e.Step.CPV)
	action, preposition := "emerge", "for"
	var merged *merge.MergedError
	switch {
	case errors.As(e.Err, &merged):
		action = "execute postinst for"
	case e.Work == merge.WorkMerge:
		action, preposition = "install", "to"
	case e.Work == merge.WorkFetch:
		action = "fetch"
	case e.Work == merge.WorkUnmerge:
		action, preposition = "unmerge", "from"
	}
	text := ">>> Failed to " + action + " " + e.Step.CPV + p.place(e.Step, preposition)
	p.log = logOf(e.Err)
	if p.log != "" {
		p.message(text + ", Log file:")
		text = ">>>  '" + p.log + "'"
	}
	p.message(text)
	build.Explain(p.env.Err, e.Err)
	p.job(func(j *jobsLine) { j.failed++ })
	if e.Work == merge.WorkBuild {
		p.job(func(j *jobsLine) { j.running-- })
	}
}

// logOf is the log of a build that failed; "" if there is none.
func logOf(err error) string {
	var f *course.Failure
	if !errors.As(err, &f) || f.Log == "" {
		return ""
	}
	if info, err := os.Stat(f.Log); err != nil || info.Size() == 0 {
		return ""
	}
	return f.Log
}

func (p *progress) phase(e merge.Event, name string) {
	if p.phases == nil {
		p.phases = make(map[string]string)
	}
	p.phases[e.Step.CPV] = name
	p.live()
}

// live draws the line at the foot of a terminal.
func (p *progress) live() {
	if !p.env.ErrTerminal || p.run.events() {
		return
	}
	c := p.counts
	text := fmt.Sprintf("%d of %d complete", c.Complete, c.Total)
	if c.Failed > 0 {
		text += fmt.Sprintf(", %d failed", c.Failed)
	}
	if c.Left > 0 {
		text += ", " + c.Left.Round(time.Second).String() + " left"
	}
	var names []string
	for cpv, phase := range p.phases {
		names = append(names, cpv[strings.IndexByte(cpv, '/')+1:]+" "+phase)
	}
	slices.Sort(names)
	if len(names) > 0 {
		text += ": " + strings.Join(names, ", ")
	}
	p.env.ShowStatus(text[:min(len(text), liveWidth)])
}

// liveWidth is the longest live line, so that it fits a terminal's width.
const liveWidth = 78

// end tells what is to be said at the end of a run.
func (p *progress) end(done *merge.Report, err error) {
	if done == nil {
		return
	}
	if p.displayed {
		p.displayed = false
		p.line("")
	}
	l := p.run.line
	if p.background && len(done.Failures) == 1 && len(done.Drops) == 0 && l.Text("--quiet-fail") != "y" && p.log != "" {
		p.showLog()
	}
	for _, d := range done.Drops {
		lacks := strings.Join(d.Atoms, ", ")
		if lacks == "" {
			lacks = d.Because.CPV
		}
		p.say(wrap("emerge --keep-going: "+d.Step.CPV+p.place(d.Step, "for")+" dropped because it requires "+lacks, 75)...)
	}
	if n := len(done.Failures) + len(done.Drops); n > 1 || n > 0 && l.Has("--keep-going") {
		p.summary(done, n)
	}
	p.incomplete(done)
	if errors.Is(err, context.Canceled) && len(done.Left) > 0 {
		p.say(fmt.Sprintf("%d packages are left; `emerge --resume` goes on with %s.", len(done.Left), done.Left[0].CPV))
	}
}

// incomplete tells of packages that were merged with other flags to break a cycle,
// and not yet in full.
func (p *progress) incomplete(done *merge.Report) {
	for _, s := range done.Merged {
		full := func(t *plan.Step) bool { return t.ID == s.CompletedBy }
		if s.Stage != plan.StageBootstrap || slices.ContainsFunc(done.Merged, full) {
			continue
		}
		p.say(wrap(s.CPV+p.place(s, "in")+" is there with other USE flags than it should have, to break a circular dependency: `emerge --resume`, or `emerge --oneshot ="+s.CPV+"`, completes it.", 75)...)
	}
}

// showLog prints the log of the only failure, where nothing of it was shown.
func (p *progress) showLog() {
	f, err := os.Open(p.log)
	if err != nil || strings.HasSuffix(p.log, ".gz") {
		return // where it is has been told
	}
	defer f.Close()
	_, _ = io.Copy(p.env.Err, f) // as far as it can be read
}

// summary lists the packages that failed.
func (p *progress) summary(done *merge.Report, n int) {
	text := "The following package has failed to build, install, or execute postinst:"
	if n > 1 {
		text = fmt.Sprintf("The following %d packages have failed to build, install, or execute postinst:", n)
	}
	p.say("")
	p.say(wrap(text, 72)...)
	p.say("")
	for _, f := range done.Failures {
		line := " " + p.describe(f.Step)
		if f.Merged {
			line += " (postinst failed)"
		}
		if log := logOf(f.Err); log != "" {
			p.say(line+", Log file:", "  '"+log+"'")
			continue
		}
		p.say(line)
	}
	for _, d := range done.Drops {
		p.say(" " + p.describe(d.Step))
	}
	p.say("")
}

// describe names a package as emerge's messages do (O60).
func (p *progress) describe(s *plan.Step) string {
	text := "(" + s.CPV
	if s.BuildID > 0 {
		text += fmt.Sprintf("-%d", s.BuildID)
	}
	text += ":" + s.Slot + "/" + s.Subslot + "::" + s.Repo + ", " + string(s.Origin) + " scheduled for merge"
	if p.place(s, "to") != "" {
		text += " to '" + p.works.Root(s).EROOT() + "'"
	}
	return text + ")"
}

// say prints lines with emerge's mark for errors.
func (p *progress) say(lines ...string) {
	for _, line := range lines {
		_, _ = fmt.Fprintf(p.env.Err, " * %s\n", line) // a closed standard error cannot be told anything
	}
}

// wrap breaks a text at blanks into lines of a width.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
