package regen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/refresh"
)

// A front does what one command line asks for.
type front struct {
	env     *cli.Env
	session *session.Session
	options *options
	program string
	status  int // the worst so far
}

// Exit statuses that egencache has beside those of every front.
const (
	statusNoOutput = 2  // use.local.desc could not be opened
	statusIO       = 74 // the timestamp could not be written (EX_IOERR)
)

// run does everything, repository by repository.
func (f *front) run(ctx context.Context) error {
	for _, name := range f.options.repos {
		if err := f.repository(ctx, f.session.Repos.Get(name)); err != nil {
			return err
		}
	}
	if f.status != cli.StatusOK {
		return &cli.FailedError{Status: f.status}
	}
	return nil
}

// fail notes an exit status.
func (f *front) fail(status int) { f.status = max(f.status, status) }

// complain tells of something that went wrong. A closed standard error cannot be
// told anything.
func (f *front) complain(format string, args ...any) {
	_, _ = fmt.Fprintf(f.env.Err, format+"\n", args...)
}

// repository does what is asked for in one repository.
func (f *front) repository(ctx context.Context, r *ebuild.Repository) error {
	if f.options.update {
		if err := f.update(ctx, r); err != nil {
			return err
		}
	}
	if f.options.descIndex {
		f.descriptions(r)
	}
	if f.options.localDesc {
		f.flags(r)
	}
	if f.options.manifests != nil {
		if err := f.manifests(ctx, r); err != nil {
			return err
		}
	}
	if f.options.timestamp {
		f.stamp(r, time.Now())
	}
	return ctx.Err()
}

// update brings the md5-dict cache up to date.
func (f *front) update(ctx context.Context, r *ebuild.Repository) error {
	out := newReporter(f, r)
	summary, err := refresh.Repository(ctx, r, &refresh.Options{
		Packages: f.options.packages, Jobs: f.session.Jobs, External: f.options.external,
		Admit: newGate(f.options.load).admit, Report: out.report, Progress: out.progress,
	})
	out.close()
	if err != nil {
		if ctx.Err() == nil {
			f.complain("%s", err)
			f.fail(cli.StatusFailure)
			return nil
		}
		return err
	}
	if !f.options.tolerant {
		f.judge(summary)
	}
	for _, p := range summary.Problems {
		f.complain("%s", p)
	}
	for _, cp := range summary.Unknown {
		f.complain("No ebuilds or cache entries found for '%s'", cp)
	}
	return errors.Join(out.err, out.summary(summary))
}

// judge notes the exit status of an update. Broken ebuilds are no failure of
// egencache's.
func (f *front) judge(s *refresh.Summary) {
	if len(s.Unknown) > 0 || len(s.Problems) > 0 || f.options.strict && s.Count[refresh.Failed] > 0 {
		f.fail(cli.StatusFailure)
	}
}
