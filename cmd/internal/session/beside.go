package session

import (
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
)

// beside is what is read beside the configuration of the target, to use all
// processors: it needs nothing of that but the repositories, or nothing at all.
type beside struct {
	session *Session
	wait    sync.WaitGroup

	started bool // the configuration of the build root is being read
	config  *profiles.Config
	err     error
}

// readBeside starts to read the databases of the roots that are known before
// any configuration is.
func (s *Session) readBeside() *beside {
	b := &beside{session: s}
	b.wait.Go(s.movesIn(slash(s.Places.Build)).installed.Read)
	if s.Places.Target != "" && s.buildsElsewhere() {
		b.wait.Go(s.movesIn(slash(filepath.Join(s.Places.Target, s.Places.EPrefix))).installed.Read)
	}
	return b
}

// buildsElsewhere says that the build root is another root than the target.
func (s *Session) buildsElsewhere() bool {
	return s.Places.Build != s.Places.Target || s.Places.EPrefix != ""
}

// loadBuild starts to read the configuration of the build root, if it is sure
// that it is another root.
func (b *beside) loadBuild(o *Options, found *repos.Config) {
	if b.session.Places.Target == "" || !b.session.buildsElsewhere() {
		return
	}
	b.started = true
	b.wait.Go(func() { b.config, b.err = b.session.loadBuild(o, found) })
}

// buildConfig waits for the configuration of the build root, or reads it now.
func (b *beside) buildConfig(o *Options) (*profiles.Config, error) {
	b.wait.Wait()
	if b.started {
		return b.config, b.err
	}
	return b.session.loadBuild(o, b.session.Target.Config.Repos())
}

// loadBuild reads the configuration of a build root that is not the target. It
// sees the target's repositories.
func (s *Session) loadBuild(o *Options, found *repos.Config) (*profiles.Config, error) {
	return s.loadBeside(o, s.Places.Build, found)
}

// loadBeside reads the configuration of a root that is not the target.
func (s *Session) loadBeside(o *Options, path string, found *repos.Config) (*profiles.Config, error) {
	return profiles.Load(profiles.Options{
		ConfigRoot: path, Root: path, Sysroot: path,
		Env: o.buildVars(), GlobalsDir: s.globals, Repos: found, Moved: s.moved,
		SourceRoot: s.Places.Build, Shelf: &s.shelf,
	})
}

// ahead is what is read before it is asked for, until the session is closed.
type ahead struct {
	wait   sync.WaitGroup
	closed atomic.Bool
}

// stop ends the reading and waits for what is being done.
func (a *ahead) stop() {
	a.closed.Store(true)
	a.wait.Wait()
}

// ReadAhead starts to read the ebuilds of all installed packages and to parse
// what both say, beside the work of the caller: for requests that will ask for
// most of it one after the other. Nothing is sourced, and nothing told that was
// not asked for. With one processor there is nothing to gain.
func (s *Session) ReadAhead() {
	s.readAhead(func(_ *Root, p *ebuild.Package) {
		p.Invalid()
		s.Repos.ReadAhead(p.CP())
	})
}

// ReadAheadDeps is ReadAhead for requests that ask what the installed packages
// depend on, and of ebuilds only what theirs says of that.
func (s *Session) ReadAheadDeps() {
	s.readAhead(func(r *Root, p *ebuild.Package) {
		s.Repos.ReadAheadOf(p)
		r.Use.State(p)
	})
}

// readAhead does something for every installed package until the session is
// closed.
func (s *Session) readAhead(do func(*Root, *ebuild.Package)) {
	if runtime.GOMAXPROCS(0) < 2 {
		return
	}
	s.ahead.wait.Go(func() {
		for _, r := range s.Roots() {
			all, _ := r.Installed.All() // what cannot be read is told to who asks for it
			for _, p := range all {
				if s.ahead.closed.Load() {
					return
				}
				do(r, p)
			}
		}
	})
}
