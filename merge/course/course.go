// Package course takes a package through the phases of its build in their order,
// and knows where it stands: what is done already is not done again.
//
//	clean      (pretend ─► setup ─► sources ─► unpack ─► prepare ─► configure
//	                       ─► compile ─► test ─► install ─► finish)      one phase each
//
// A Course is the way of one build (merge/phase); how a phase runs is not its
// business, nor where distfiles come from (Sources) and what becomes of the image
// (Finish). It holds the lock of the build directory, keeps the log, decides which
// phases there are to run, and says how a phase failed.
//
// Names, marker files and locks of build directories are Portage's. Unlike there, a
// package whose image does not pass its checks does not count as installed, and
// what has changed since the last run is found by content, not by times.
package course

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/phase"
)

// A Course is the way of one build. Its fields are set before Open.
type Course struct {
	Build *phase.Build
	Owner *phase.Owner // of the build directory; nil: this process's user
	// Sources gets the distfiles and checks them. It is asked once, before the first
	// phase that needs them; nil: they are there.
	Sources func(context.Context) error
	// Finish makes of what src_install left an image that can be merged. Until it
	// succeeds the phase counts as not done.
	Finish func(context.Context) error
	// SkipSourceless leaves out unpack to test, with their hooks, if there is nothing
	// to unpack, patch or build, as emerge does.
	SkipSourceless bool
	ForceTest      bool // run src_test whatever FEATURES say
	Log            LogOptions
	Tell           func(line string) // progress; nil: nobody asks
	// EbuildLock is the file that is locked while phases work on the live system
	// (FEATURES=ebuild-locks); empty: none.
	EbuildLock string

	lock    *atomicfile.Lock
	log     *logFile
	fetched bool
}

// sequence are the phases from start to image.
func sequence() []phase.Phase {
	return []phase.Phase{phase.Pretend, phase.Setup, phase.Unpack, phase.Prepare, phase.Configure, phase.Compile, phase.Test, phase.Install}
}

// Ordered says whether the phase is one of those that lead to an image.
func Ordered(p phase.Phase) bool { return slices.Contains(sequence(), p) }

// Open locks the build directory. It waits for another process that holds it.
func (c *Course) Open(ctx context.Context) error {
	dir := string(c.Build.Dir)
	category := filepath.Dir(dir)
	if err := os.MkdirAll(filepath.Dir(category), 0o755); err != nil {
		return fmt.Errorf("make the build directory: %w", err)
	}
	creating, err := c.wait(ctx, filepath.Join(filepath.Dir(category), "."+filepath.Base(category)+lockSuffix))
	if err != nil {
		return err
	}
	defer creating.Remove()
	if err := os.MkdirAll(category, 0o755); err != nil {
		return fmt.Errorf("make the build directory: %w", err)
	}
	c.lock, err = c.wait(ctx, filepath.Join(category, "."+filepath.Base(dir)+lockSuffix))
	return err
}

// lockSuffix ends the names of Portage's lock files.
const lockSuffix = ".portage_lockfile"

func (c *Course) wait(ctx context.Context, path string) (*atomicfile.Lock, error) {
	l, err := atomicfile.TryAcquire(path, atomicfile.Exclusive)
	if errors.Is(err, atomicfile.ErrLocked) {
		c.tell("waiting for lock on %s", path)
		l, err = atomicfile.Acquire(ctx, path, atomicfile.Exclusive)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the build directory: %w", err)
	}
	return l, nil
}

// Close lets the build directory go. Calling it twice does no harm.
func (c *Course) Close() {
	c.closeLog()
	if c.lock != nil {
		c.lock.Remove()
		c.lock = nil
	}
}

func (c *Course) tell(format string, args ...any) {
	if c.Tell != nil {
		c.Tell(fmt.Sprintf(format, args...))
	}
}

// Clean removes the build directory, but for what FEATURES=keepwork or keeptemp
// keep. The user's bashrc files see it (EBUILD_PHASE=clean).
func (c *Course) Clean(ctx context.Context) error {
	b := c.Build
	c.closeLog()
	if _, err := os.Lstat(string(b.Dir)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if len(b.Bashrcs) > 0 {
		if err := b.Prepare(c.Owner); err != nil {
			return fmt.Errorf("%s: %w", b.CPV(), err)
		}
		if err := b.Run(ctx, phase.Clean); err != nil {
			return c.failed(phase.Clean, err)
		}
	}
	if err := b.Dir.Clean(b.Features["keepwork"], b.Features["keeptemp"]); err != nil {
		return fmt.Errorf("%s: clean the build directory: %w", b.CPV(), err)
	}
	return nil
}

// To runs a phase after those that it needs and that are not done yet. With
// FEATURES=noauto it runs that phase alone.
func (c *Course) To(ctx context.Context, goal phase.Phase) error {
	if err := c.begin(goal); err != nil {
		return err
	}
	if c.Build.Features["noauto"] {
		return c.step(ctx, goal)
	}
	if err := c.refresh(ctx, goal); err != nil {
		return err
	}
	for _, p := range sequence() {
		if err := c.step(ctx, p); err != nil {
			return err
		}
		if p == goal {
			break
		}
	}
	return nil
}

// begin makes the folders, and the log.
func (c *Course) begin(p phase.Phase) error {
	b := c.Build
	if err := b.Prepare(c.Owner); err != nil {
		return fmt.Errorf("%s: prepare the build directory: %w", b.CPV(), err)
	}
	if err := c.openLog(); err != nil {
		return fmt.Errorf("%s: log: %w", b.CPV(), err)
	}
	if p.Source() || p == phase.Setup || p == phase.Pretend {
		return c.caches()
	}
	return nil
}

// step runs one phase unless it is done or there is nothing to do in it.
func (c *Course) step(ctx context.Context, p phase.Phase) error {
	b := c.Build
	if b.Dir.Done(p) {
		return nil
	}
	skip, err := c.skips(p)
	if err != nil || skip {
		return err
	}
	if p == phase.Unpack || b.Features["noauto"] && p.Source() && !b.Dir.Done(phase.Unpack) {
		if err := c.sources(ctx); err != nil {
			return err
		}
	}
	err = c.run(ctx, p)
	if p == phase.Test && err != nil && b.Features["test-fail-continue"] && ctx.Err() == nil {
		c.tell(" * %v", err)
		c.tell(" * the tests of %s failed; the build goes on (FEATURES=test-fail-continue)", b.CPV())
		return b.Dir.Mark(phase.Test)
	}
	if err != nil || p != phase.Install {
		return err
	}
	c.tellSizes()
	return c.finish(ctx)
}

// sources gets the distfiles, once.
func (c *Course) sources(ctx context.Context) error {
	if c.fetched || c.Sources == nil {
		return nil
	}
	if err := c.Sources(ctx); err != nil {
		return err
	}
	c.fetched = true
	// What Prepare linked before may not have been there.
	if err := c.Build.Prepare(c.Owner); err != nil {
		return fmt.Errorf("%s: prepare the build directory: %w", c.Build.CPV(), err)
	}
	return nil
}

// finish completes the image. If that fails, src_install has to be done again.
func (c *Course) finish(ctx context.Context) error {
	if c.Finish == nil {
		return nil
	}
	if err := c.log.flush(); err != nil {
		return fmt.Errorf("%s: log: %w", c.Build.CPV(), err)
	}
	err := c.Finish(ctx)
	if err == nil {
		return nil
	}
	if e := c.Build.Dir.Unmark(phase.Install); e != nil {
		err = errors.Join(err, e)
	}
	return c.failed(phase.Install, err)
}

// run runs one phase whatever is done already.
func (c *Course) run(ctx context.Context, p phase.Phase) error {
	if c.EbuildLock != "" && onLiveSystem(p) && c.Build.Features["ebuild-locks"] {
		if _, err := os.Stat(filepath.Dir(c.EbuildLock)); err == nil {
			l, err := c.wait(ctx, c.EbuildLock)
			if err != nil && !errors.Is(err, fs.ErrPermission) {
				return err
			}
			if err == nil {
				defer l.Remove()
			}
		}
	}
	if err := c.Build.Run(ctx, p); err != nil {
		return c.failed(p, err)
	}
	if p == phase.Setup {
		return c.remember()
	}
	return nil
}

// onLiveSystem says whether a phase can change the system that is running.
func onLiveSystem(p phase.Phase) bool {
	switch p {
	case phase.Setup, phase.Preinst, phase.Postinst, phase.Prerm, phase.Postrm:
		return true
	}
	return false
}

// One runs a phase that stands for itself: config, info, nofetch and their kin.
func (c *Course) One(ctx context.Context, p phase.Phase) error {
	if err := c.begin(p); err != nil {
		return err
	}
	return c.run(ctx, p)
}

// failed says how a phase failed, where its log is, and how that ends.
func (c *Course) failed(p phase.Phase, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &Failure{CPV: c.Build.CPV(), Phase: p, Dir: string(c.Build.Dir), Log: c.logPath(), Tail: c.log.lastLines(), Err: err}
}

// A Failure is a phase that ended badly, with what one needs to find out why.
type Failure struct {
	CPV   string
	Phase phase.Phase
	Dir   string   // the build directory
	Log   string   // the build log; empty: there is none
	Tail  []string // the last lines of output
	Err   error    // often an *phase.Error, with file and line
}

// Error gives the reason alone.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the reason.
func (f *Failure) Unwrap() error { return f.Err }

// LogOptions say where logs go.
type LogOptions struct {
	Dir       string // PORTAGE_LOGDIR; empty: the log stays in the build directory
	Separator string // PORTAGE_LOG_FILE_SEP; empty: ":"
	Split     bool   // FEATURES=split-log: a folder for each category
	Compress  bool   // FEATURES=compress-build-logs: gzip
	Group     int    // of files made there; negative: left as it is
	Now       time.Time
	// Filter is a program that what goes to the log passes through
	// (PORTAGE_LOG_FILTER_FILE_CMD), in words; nil: none.
	Filter []string
	Copy   io.Writer // gets what phases print, too; nil: none
}
