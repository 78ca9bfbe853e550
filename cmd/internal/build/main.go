package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/profiles"
)

// Main is the front: build ATOM...
func Main(ctx context.Context, env *cli.Env) error {
	if len(env.Args) == 0 {
		return &cli.UsageError{Program: "tumpline build", Usage: "usage: tumpline build ATOM...\n", Msg: "which package?"}
	}
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	self, err := os.Executable()
	if err != nil {
		return err
	}
	m := &Making{Session: s, Vars: env.Vars, Self: self, Output: env.Out, Launch: launcher(s)}
	for _, word := range env.Args {
		p, err := m.Find(word)
		if err != nil {
			return err
		}
		if err := m.Package(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// Find gives the best visible ebuild for an atom.
func (m *Making) Find(word string) (*ebuild.Package, error) {
	atom, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true})
	if err != nil {
		return nil, err
	}
	list, err := m.Session.Repos.Packages(atom.CP)
	if err != nil {
		return nil, err
	}
	var best *ebuild.Package
	for _, p := range list {
		if atom.Match(profiles.Candidate(p)) && m.Session.Target.Judge.Verdict(p).Visible() {
			best = p
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%s: no visible ebuild", word)
	}
	return best, nil
}

// Package builds one package from scratch, up to its image.
func (m *Making) Package(ctx context.Context, p *ebuild.Package) error {
	b, err := m.Of(p)
	if err != nil {
		return err
	}
	if err := b.Dir.Clean(false, false); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(string(b.Dir)), 0o755); err != nil {
		return err
	}
	for _, ph := range []phase.Phase{phase.Setup, phase.Unpack, phase.Prepare, phase.Configure, phase.Compile, phase.Test, phase.Install} {
		if ph == phase.Test && !b.Features["test"] {
			continue
		}
		if err := b.Prepare(owner(b)); err != nil {
			return err
		}
		if err := b.Run(ctx, ph); err != nil {
			return errors.Join(err, fmt.Errorf("the build directory is %s", b.Dir))
		}
	}
	if err := m.finish(ctx, b, p, time.Now()); err != nil {
		return fmt.Errorf("%s: finish the image: %w", p.CPV, err)
	}
	return nil
}

// launcher confines phases. Where root builds, most of them run as the user that
// the configuration names (FEATURES=userpriv), if there is one.
func launcher(s *session.Session) phase.Launcher {
	l := &phase.Sandboxed{}
	name := s.Target.Config.Get("PORTAGE_USERNAME")
	if name == "" {
		name = "portage"
	}
	if u, err := user.Lookup(name); err == nil {
		l.User = &confine.User{UID: uint32(number(u.Uid)), GID: uint32(number(u.Gid))}
	}
	return l
}

// owner is who owns the build directory: with userpriv the user who builds.
func owner(b *phase.Build) *phase.Owner {
	o := builder(b)
	if os.Geteuid() != 0 || o.UID == 0 || !b.Features["userpriv"] {
		return nil
	}
	return &phase.Owner{UID: o.UID, GID: o.GID}
}
