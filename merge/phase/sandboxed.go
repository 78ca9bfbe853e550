package phase

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/sandbox"
)

// Sandboxed launches phases as FEATURES, RESTRICT and PROPERTIES of the package say.
//
//	phase                   files guarded            network
//	unpack ... install      sandbox or usersandbox   closed, unless network-sandbox is off or restricted;
//	                                                 live: unpack has it; test_network: test has it
//	nofetch, checks         sandbox                  closed
//	other pkg_ phases       no                       open
//
// With userpriv and as root, unpack to test run as User, except with
// RESTRICT=userpriv, and test with PROPERTIES=test_privileged. The phases of the
// last row work on the live system: they run as plain processes.
type Sandboxed struct {
	User  *confine.User  // for userpriv; nil: root stays root
	Write []string       // what builds may change besides their folder: caches
	Allow []confine.Part // parts of confinement that may be missing
}

// Launch implements Launcher.
func (s *Sandboxed) Launch(ctx context.Context, r Request) (Process, error) {
	if !r.Phase.Source() && r.Phase != Nofetch && r.Phase != Check {
		return unconfined{}.Launch(ctx, r)
	}
	o := s.options(r)
	tmp, err := os.MkdirTemp(o.Dir, scratch)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	o.Scratch = tmp
	p := &sandboxed{dir: r.Build.Dir, scratch: tmp, log: filepath.Join(r.Build.Dir.Temp(), "sandbox.log")}
	if err = os.Chmod(tmp, 0o777|os.ModeSticky); err == nil {
		p.Cmd, err = sandbox.Command(ctx, o, r.Argv...)
	}
	if err == nil {
		p.output, err = duplicate(r.Output)
	}
	if err != nil {
		p.clean()
		return nil, err
	}
	p.Env = append(slices.Clone(r.Environ), sandbox.Environ()...)
	p.ExtraFiles, p.Stdout, p.Stderr = r.ExtraFiles, r.Output, r.Output
	if r.Stdin != nil {
		p.Stdin = r.Stdin
	}
	p.Missed = func(h sandbox.Hidden) {
		p.hidden = append(p.hidden, h)
		// That it cannot be shown does no harm: it is told if the phase fails.
		_, _ = fmt.Fprintf(p.output, " * NOT DECLARED:  %s of %s\n", h.Path, h.Owner)
	}
	p.Denied = func(v sandbox.Violation) {
		// That it cannot be shown at once does no harm: the phase fails with it.
		_, _ = fmt.Fprintf(p.output, " * ACCESS DENIED:  %s:  %s\n", v.Call, v.Absolute)
	}
	return p, nil
}

// scratch begins the names of folders that phases see as /tmp.
const scratch = ".tmp-"

// options decides what a phase of a build may do.
func (s *Sandboxed) options(r Request) sandbox.Options {
	b := r.Build
	o := sandbox.Options{Dir: string(b.Dir), Work: r.Dir, Write: s.Write, Allow: s.Allow}
	o.Network = r.Network || !b.Features["network-sandbox"] || b.restricted("network-sandbox") ||
		r.Phase == Test && contains(b.Properties, "test_network")
	private := b.Unprivileged(r.Phase) && s.User != nil
	if private {
		o.User = s.User
	}
	o.Install = os.Geteuid() == 0 && !private
	o.Loose = !b.Features["usersandbox"] && (private || !b.Features["sandbox"])
	for feature, variable := range map[string]string{"ccache": "CCACHE_DIR", "distcc": "DISTCC_DIR"} {
		if dir := b.Variables[variable]; dir != "" && b.Features[feature] {
			o.Write = append(slices.Clone(o.Write), dir)
		}
	}
	if r.Phase.Source() {
		o.Hides = b.Hides
	}
	if dir := b.Variables["PORTAGE_GPG_DIR"]; dir != "" {
		o.Predict = append(o.Predict, dir)
	}
	return o
}

// Unprivileged says whether a phase runs as the user who builds (userpriv).
func (b *Build) Unprivileged(p Phase) bool {
	return os.Geteuid() == 0 && b.Features["userpriv"] && !b.restricted("userpriv") && p.Source() && p != Install &&
		(p != Test || !contains(b.Properties, "test_privileged"))
}

// duplicate keeps a file open that its owner will close.
func duplicate(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("sandbox: output: %w", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// sandboxed is a phase in a sandbox.
type sandboxed struct {
	*sandbox.Cmd
	scratch, log string
	dir          Dir
	output       *os.File
	hidden       []sandbox.Hidden
}

// undeclared lists what the phase asked for and does not see.
func (p *sandboxed) undeclared() []sandbox.Hidden { return p.hidden }

// Start implements Process.
func (p *sandboxed) Start() error {
	// The log of an earlier phase is of no interest any more.
	if err := removeAll(p.log); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	err := p.Cmd.Start()
	if err != nil {
		p.clean()
	}
	return err
}

// Wait implements Process. What was forbidden is the error even if the phase has
// failed otherwise too: that it shows in its output.
func (p *sandboxed) Wait() error {
	err := p.Cmd.Wait()
	p.clean()
	var e *sandbox.Error
	if !errors.As(err, &e) {
		return err
	}
	if err := p.dir.Write("temp/"+filepath.Base(p.log), e.Log()); err != nil {
		return fmt.Errorf("%w; and the log of the sandbox: %w", e, err)
	}
	shown := slices.Clone(e.Violations)
	for i, v := range shown {
		if command, text, ok := strings.Cut(v.Command, " -c "); ok && strings.HasPrefix(text, bash.FirstLine) {
			program, _, _ := strings.Cut(command, " ")
			shown[i].Command = filepath.Base(program) + ", in the ebuild itself"
		}
	}
	return &sandbox.Error{Violations: shown, More: e.More}
}

// Kill implements Process.
func (p *sandboxed) Kill() error { return p.Process.Kill() }

// clean removes what was made for the phase. What stays goes with the build
// directory.
func (p *sandboxed) clean() {
	if p.output != nil {
		p.output.Close()
	}
	_ = os.RemoveAll(p.scratch)
}
