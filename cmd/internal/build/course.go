package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/fetching"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/merge/course"
	"github.com/tumpline/tumpline/merge/elog"
	"github.com/tumpline/tumpline/merge/fetch"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/profiles/shellconf"
	"github.com/tumpline/tumpline/profiles/use"
)

// A Job is one package on its way: open it, run phases, close it.
type Job struct {
	*course.Course
	Package *ebuild.Package

	making *Making
	state  *use.State
	err    io.Writer
	told   []elog.Told
}

// Job makes the way of an ebuild. What it prints goes to the streams of Making, but
// with Quiet to the log alone.
func (m *Making) Job(p *ebuild.Package) (*Job, error) {
	return m.JobWith(p, m.Root().Use.State(p))
}

// JobWith is Job for flags that need not be those that are configured.
func (m *Making) JobWith(p *ebuild.Package, state *use.State) (*Job, error) {
	b, err := m.with(p, state)
	if err != nil {
		return nil, err
	}
	if err := m.features(b); err != nil {
		return nil, fmt.Errorf("%s: %w", p.CPV, err)
	}
	if err := m.hide(b, p, state); err != nil {
		return nil, err
	}
	filter, err := shellconf.Split(b.Variables["PORTAGE_LOG_FILTER_FILE_CMD"])
	if err != nil {
		return nil, fmt.Errorf("PORTAGE_LOG_FILTER_FILE_CMD: %w", err)
	}
	j := &Job{Package: p, making: m, state: state, err: m.Errors}
	j.Course = &course.Course{
		Build: b, Owner: owner(b), ForceTest: m.ForceTest,
		EbuildLock: filepath.Join(m.Root().EROOT(), "var/db/.pkg-ebuild.portage_lockfile"),
		Log: course.LogOptions{Dir: m.logDir(b), Separator: b.Variables["PORTAGE_LOG_FILE_SEP"], Split: b.Features["split-log"],
			Compress: b.Features["compress-build-logs"], Group: group(b), Now: time.Now(), Filter: filter},
	}
	if b.Output != nil {
		j.Tell = func(text string) { line(b.Output, "%s", text) }
	}
	j.Sources = j.Fetch
	j.Finish = func(ctx context.Context) error { return m.finish(ctx, b, p, state, time.Now()) }
	return j, nil
}

// features tells of FEATURES that are not known, once each, and sets up those that
// work by PATH.
func (m *Making) features(b *phase.Build) error {
	warnings, err := course.CheckFeatures(b.Features)
	if err != nil {
		return err
	}
	for _, w := range append(warnings, course.Masquerade(b, m.tmpdir(b))...) {
		if _, said := m.said.LoadOrStore(w, true); !said {
			line(m.Errors, " * %s", w)
		}
	}
	return nil
}

// logDir is PORTAGE_LOGDIR, or by its old name PORT_LOGDIR.
func (m *Making) logDir(b *phase.Build) string {
	for _, name := range []string{"PORTAGE_LOGDIR", "PORT_LOGDIR"} {
		if dir := b.Variables[name]; dir != "" {
			return filepath.Clean(dir)
		}
	}
	return ""
}

// Verify checks what the Manifest lists of the ebuild's folder (FEATURES=strict).
func (j *Job) Verify(ctx context.Context) error {
	p := j.Package
	policy := j.making.policy(p)
	if j.making.SkipManifest || !j.Build.Features["strict"] || policy.Thin || policy.Unused {
		return nil
	}
	check := &manifest.Check{Dir: filepath.Dir(p.Path), Policy: policy}
	report, err := check.Run(ctx)
	if err != nil {
		return fmt.Errorf("%s: verify the Manifest: %w", p.CPV, err)
	}
	if len(report.Errors) > 0 {
		return fmt.Errorf("%s: the Manifest does not agree (FEATURES=strict): %w", p.CPV, errors.Join(report.Errors...))
	}
	return nil
}

// Fetch gets the distfiles that the package needs with its USE flags.
func (j *Job) Fetch(ctx context.Context) error {
	if len(j.Build.Distfiles) == 0 {
		return nil
	}
	return j.fetch(ctx, j.state.Enabled)
}

// FetchAll gets all files that SRC_URI names, whatever the USE flags.
func (j *Job) FetchAll(ctx context.Context) error { return j.fetch(ctx, nil) }

func (j *Job) fetch(ctx context.Context, enabled func(flag string) bool) error {
	m := j.making
	config := m.Root().Config
	settings, problems := fetching.Settings(m.Env, config)
	for _, p := range problems {
		line(j.err, "!!! %s", p)
	}
	streams := m.Env.Streams
	streams.Out, streams.Err = m.Errors, m.Errors
	if j.Build.Output == nil {
		streams.Out = io.Discard
	}
	settings.Events = fetching.NewDisplay(streams).Show
	settings.Unlisted = m.SkipManifest
	settings.NoFetch = func(ctx context.Context, _ atoms.CPV) error { return j.nofetch(ctx) }
	request, err := fetch.ForPackage(j.Package, m.policy(j.Package), enabled)
	if err != nil {
		return err
	}
	results, err := fetch.New(settings).Fetch(ctx, []*fetch.Request{request})
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range results {
		if r.Err != nil {
			errs = append(errs, r.Err)
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("%s: fetch: %w", j.Package.CPV, errors.Join(errs...))
	}
	return nil
}

// nofetch runs pkg_nofetch in a build directory of its own: it tells the user how to
// get the files.
func (j *Job) nofetch(ctx context.Context) error {
	tmp, err := os.MkdirTemp(filepath.Dir(filepath.Dir(string(j.Build.Dir))), ".nofetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // it is empty but for what the phase has left
	b := *j.Build
	b.Dir, b.Output, b.Log = phase.NewDir(tmp, b.Category, b.PF()), j.err, nil
	c := &course.Course{Build: &b, Owner: j.Owner}
	if err := c.Open(ctx); err != nil {
		return err
	}
	defer c.Close()
	return c.One(ctx, phase.Nofetch)
}

// Done hands the messages of the build to the modules of PORTAGE_ELOG_SYSTEM.
func (j *Job) Done() {
	b := j.Build
	messages, problems := elog.Collect(string(b.Dir), "temp/logging")
	for _, p := range problems {
		line(j.err, "!!! %v", p)
	}
	if len(messages) == 0 {
		return
	}
	dir := j.making.logDir(b)
	told := elog.Told{CPV: b.CPV(), Root: j.making.Root().Path, Messages: messages}
	if dir != "" {
		told.Log = b.LogFile
	} else {
		dir = filepath.Join("/", b.Roots.Broot, "var/log/portage")
	}
	c := &elog.Config{Classes: strings.Fields(b.Variables["PORTAGE_ELOG_CLASSES"]), Systems: elog.ParseSystems(b.Variables["PORTAGE_ELOG_SYSTEM"]),
		Dir: dir, Split: b.Features["split-elog"], Now: time.Now(), Process: os.Getpid(),
		Command: b.Variables["PORTAGE_ELOG_COMMAND"], Bash: b.Bash, Mail: mailOf(b), Digest: &j.making.digest,
		MakeDir: func(d string) error { return course.LogFolder(dir, d, group(b)) },
		Echo:    func(t elog.Told) { j.told = append(j.told, t) }}
	if err := c.Deliver(told); err != nil {
		line(j.err, "!!! %v", err)
	}
}

// mailOf says where mail about a package goes.
func mailOf(b *phase.Build) elog.Mail {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	v := b.Variables
	return elog.Mail{URI: v["PORTAGE_ELOG_MAILURI"], From: v["PORTAGE_ELOG_MAILFROM"], Subject: v["PORTAGE_ELOG_MAILSUBJECT"], Host: host}
}

// ShowTold prints what module echo was given, and mails what mail_summary was. It is
// called when all of a run's jobs are done.
func (j *Job) ShowTold(w io.Writer) {
	if err := j.making.digest.Send(time.Now()); err != nil {
		line(j.err, "!!! %v", err)
	}
	for _, t := range j.told {
		_ = elog.Show(w, t) // a closed stream cannot be told anything
	}
	j.told = nil
}
