package emerge

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/merging"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
)

// end ends a request for removal whose packages are chosen: it shows the document,
// or carries the removal out.
func (m *removal) end(ctx context.Context, selected []*ebuild.Package, unneeded bool, problems []plan.Problem) error {
	list := m.steps(selected, unneeded)
	failed := slices.ContainsFunc(problems, func(p plan.Problem) bool { return p.Severity == plan.SeverityError })
	if !m.carries() || failed || len(list) == 0 {
		return m.finish(list, problems)
	}
	heading := planning.Heading{Request: m.request(), Roots: m.roots()}
	p := planning.BuildRemoval(list, heading, m.session.Target.Config.Words("USE_EXPAND"), nil)
	if m.line.Has("--ask") {
		if err := m.ask("Would you like to unmerge these packages?"); err != nil {
			return err
		}
	}
	if err := m.countdown(ctx); err != nil {
		return err
	}
	return m.carryOut(ctx, p)
}

// countdown waits CLEAN_DELAY seconds, so that a mistake can be taken back.
func (m *removal) countdown(ctx context.Context) error {
	seconds, err := strconv.Atoi(m.session.Target.Config.Get("CLEAN_DELAY"))
	if err != nil {
		seconds = cleanDelay
	}
	if m.action == "rage-clean" || seconds <= 0 {
		return nil
	}
	env := shareStreams(m.env)
	out := env.Out
	if m.events() {
		out = io.Discard
	}
	_, _ = fmt.Fprintf(out, ">>> Waiting %d seconds before starting...\n>>> (Control-C to abort)...\n>>> Unmerging in:", seconds)
	for n := seconds; n > 0; n-- {
		_, _ = fmt.Fprintf(out, " %d", n)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	_, err = io.WriteString(out, "\n")
	return err
}

// cleanDelay is CLEAN_DELAY where the configuration does not say it.
const cleanDelay = 5

// carryOut removes the packages, one after the other, as listed.
func (m *removal) carryOut(ctx context.Context, p *plan.Plan) error {
	shared := shareStreams(m.env)
	output := merging.ToTerminal
	if m.events() {
		output = merging.ToLogs
	}
	works, err := merging.New(shared, m.session, output)
	if err != nil {
		return fmt.Errorf("emerge: %w", err)
	}
	works.Verbose = m.verbose()
	log := m.openLog(works)
	show := &progress{run: m.run, env: shared, works: works, removals: len(p.Steps)}
	parts := works.Parts(p, nil)
	parts.Keeper = nil
	parts.Installer = &merging.Installer{Works: works, Blockers: p.Blockers, KeepSelected: m.line.Text("--deselect") == "n"}
	done, err := merge.Run(ctx, p, parts, merge.Options{
		Jobs: 1, Clock: clock{}, Tell: func(e merge.Event) { log.Tell(e); show.tell(e) },
	})
	works.ShowTold()
	if err == nil && len(done.Failures) == 0 {
		err = m.forgetSets(ctx)
	}
	show.end(done, err)
	if done != nil && len(done.Unmerged) > 0 {
		works.Settle()
		m.indexInfo(ctx, works)
		m.changed = true
	}
	err = m.status(done, err)
	log.Write(exitLine(err), " *** terminating.")
	return err
}

// forgetSets takes the sets that were removed out of the list of selected ones.
func (m *removal) forgetSets(ctx context.Context) error {
	if len(m.active) == 0 || m.line.Text("--deselect") == "n" {
		return nil
	}
	eroot := m.session.Target.EROOT()
	lock, err := sets.LockWorld(ctx, eroot)
	if err != nil {
		return err
	}
	defer lock.Remove()
	world, _ := sets.ReadWorld(eroot) // what is wrong in it has been told
	return world.Without(func(*atoms.Atom) bool { return false }, func(name string) bool { return slices.Contains(m.active, name) }).Write(eroot)
}
