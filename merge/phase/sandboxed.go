package phase

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/sandbox"
)

// Sandboxed launches phases in a sandbox (package sandbox): what they change
// outside their build directory is refused, and fails the phase.
type Sandboxed struct {
	// User is who builds where root does not have to (FEATURES=userpriv); nil: the
	// user of this process.
	User *confine.User
	// Write lists what may be changed besides the build directory.
	Write []string
	// Allow lists parts of the confinement that may be missing, by the user's word.
	Allow []confine.Part
}

// scratch is the folder of a build directory that phases see as /tmp.
const scratch = ".tmp"

// Launch implements Launcher.
func (s *Sandboxed) Launch(ctx context.Context, r Request) (Process, error) {
	tmp := r.Build.Dir.join(scratch)
	if err := os.MkdirAll(tmp, 0o777); err != nil {
		return nil, err
	}
	if err := os.Chmod(tmp, 0o1777); err != nil {
		return nil, err
	}
	o := sandbox.Options{Dir: string(r.Build.Dir), Work: r.Dir, Write: s.Write, Network: r.Network, Install: r.Privileged, Scratch: tmp, Allow: s.Allow}
	if !r.Privileged {
		o.User = s.User
	}
	if dir := r.Build.Variables["CCACHE_DIR"]; dir != "" && r.Build.Features["ccache"] {
		o.Write = append(o.Write, filepath.Clean(dir))
	}
	cmd, err := sandbox.Command(ctx, o, r.Argv...)
	if err != nil {
		return nil, err
	}
	cmd.Env = append(sandbox.Environ(), r.Environ...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = r.Output, r.Output, r.ExtraFiles
	if r.Stdin != nil {
		cmd.Stdin = r.Stdin
	}
	return &sandboxed{cmd}, nil
}

type sandboxed struct{ *sandbox.Cmd }

// Wait makes of what the phase must not have tried the error of the phase.
func (s *sandboxed) Wait() error {
	err := s.Cmd.Wait()
	var refused *sandbox.Error
	if !errors.As(err, &refused) {
		return err
	}
	return &Error{Message: strings.TrimSpace(refused.Error())}
}

// Kill ends the phase with all that it has started.
func (s *sandboxed) Kill() error { return s.Process.Kill() }
