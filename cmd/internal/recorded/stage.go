package recorded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stageVariable tells a process that it is to set up a stage and make a call: the
// value is a plan.
const stageVariable = "TUMPLINE_RECORDED_STAGE"

// A plan is one call, as the process on the stage is told.
type plan struct {
	Layers  []string // of the overlay, the uppermost first
	Copy    string   // what lies below /build before the call, in a file system of its own
	Mounts  []bind
	Writes  bool   // to the machine's programs: what is written there goes with the stage
	Scratch string // an empty folder
	Setup   []string
	Argv    []string
	Environ []string
	Stdin   string
	Watch   []string // folders whose changes are wanted
	Expect  []string // files of which the record tells: described even if nothing was written
	Timeout time.Duration
}

// A bind mounts a path of the machine in the stage.
type bind struct {
	From, To string
	ReadOnly bool
	Programs bool // of the machine
}

// An Outcome is what came of a call.
type Outcome struct {
	Exit           int
	Stdout, Stderr []byte
	Written        map[string]File
	Err            string // the call could not be made; "" if it was
}

// Trampoline makes this process the one on the stage if it was started as that; then
// it does not return. Every program that plays records calls it first.
func Trampoline() {
	text := os.Getenv(stageVariable)
	if text == "" {
		return
	}
	var p plan
	var out Outcome
	err := json.Unmarshal([]byte(text), &p)
	if err == nil {
		err = p.raise()
	}
	if err == nil {
		err = p.play(&out)
	}
	if err != nil {
		out = Outcome{Err: err.Error()}
	}
	if err := json.NewEncoder(os.NewFile(3, "outcome")).Encode(&out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run makes a call on a stage of its own.
func (p *plan) run(ctx context.Context) (*Outcome, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = []string{stageVariable + "=" + string(text)}
	cmd.ExtraFiles = []*os.File{w}
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: unix.SIGKILL}
	if uid := os.Getuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	err = cmd.Start()
	w.Close()
	if err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	var out Outcome
	decodeErr := json.NewDecoder(r).Decode(&out)
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("stage: %w after %s", context.Cause(ctx), p.Timeout)
	case decodeErr != nil || err != nil:
		return nil, fmt.Errorf("stage: %w: %s", errors.Join(decodeErr, err), &said)
	case out.Err != "":
		return nil, errors.New(out.Err)
	}
	return &out, nil
}

// raise makes the stage the root of the file system.
func (p *plan) raise() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("stage: make mounts private: %w", err)
	}
	if err := unix.Mount("stage", p.Scratch, "tmpfs", 0, ""); err != nil {
		return fmt.Errorf("stage: mount a tmpfs: %w", err)
	}
	upper, work, root := filepath.Join(p.Scratch, "upper"), filepath.Join(p.Scratch, "work"), filepath.Join(p.Scratch, "root")
	for _, dir := range []string{upper, work, root} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return fmt.Errorf("stage: %w", err)
		}
	}
	options := "lowerdir=" + strings.Join(p.Layers, ":") + ",upperdir=" + upper + ",workdir=" + work
	if err := unix.Mount("overlay", root, "overlay", 0, options); err != nil {
		return fmt.Errorf("stage: mount an overlay of %s: %w", p.Layers, err)
	}
	if p.Copy != "" {
		build := filepath.Join(root, "build")
		if err := unix.Mount("build", build, "tmpfs", 0, ""); err != nil {
			return fmt.Errorf("stage: mount a tmpfs: %w", err)
		}
		if said, err := exec.Command("/bin/cp", "-a", p.Copy+"/.", build).CombinedOutput(); err != nil {
			return fmt.Errorf("stage: copy %s: %w: %s", p.Copy, err, said)
		}
	}
	for n, m := range p.Mounts {
		to := filepath.Join(root, m.To)
		if m.Programs && p.Writes {
			if err := p.cover(n, m.From, to); err != nil {
				return err
			}
			continue
		}
		if err := unix.Mount(m.From, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("stage: mount %s: %w", m.From, err)
		}
		if m.ReadOnly {
			if err := unix.Mount("", to, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
				return fmt.Errorf("stage: make %s read-only: %w", m.To, err)
			}
		}
	}
	if err := unix.Mount("proc", filepath.Join(root, "proc"), "proc", 0, ""); err != nil {
		return fmt.Errorf("stage: mount proc: %w", err)
	}
	if err := os.Chdir(root); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("stage: pivot the root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("stage: leave the old root: %w", err)
	}
	return nil
}

// cover mounts a folder of the machine so that it can be written to.
func (p *plan) cover(n int, from, to string) error {
	upper, work := filepath.Join(p.Scratch, fmt.Sprint("upper", n)), filepath.Join(p.Scratch, fmt.Sprint("work", n))
	for _, dir := range []string{upper, work} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return fmt.Errorf("stage: %w", err)
		}
	}
	if err := unix.Mount("overlay", to, "overlay", 0, "lowerdir="+from+",upperdir="+upper+",workdir="+work); err != nil {
		return fmt.Errorf("stage: mount an overlay of %s: %w", from, err)
	}
	return nil
}

// play makes the call.
func (p *plan) play(out *Outcome) error {
	unix.Umask(0o022)
	if err := os.MkdirAll(tmpPath, 0o755); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	for _, line := range p.Setup {
		cmd := p.command("/bin/bash", "-c", line)
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("setup: %s: %w: %s", line, err, said)
		}
	}
	before, err := snapshot(p.Watch)
	if err != nil {
		return err
	}
	cmd := p.command(p.Argv[0], p.Argv[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, time.Second
	if p.Stdin != "" {
		cmd.Stdin = strings.NewReader(p.Stdin)
	}
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("call: %w", err)
	}
	after, err := snapshot(p.Watch)
	if err != nil {
		return err
	}
	out.Exit, out.Stdout, out.Stderr = cmd.ProcessState.ExitCode(), stdout.Bytes(), stderr.Bytes()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		out.Exit = -int(status.Signal())
	}
	out.Written, err = changes(before, after)
	for _, path := range p.Expect {
		if _, known := out.Written[path]; err == nil && !known && after[path].mode.IsRegular() && after[path] != (stamp{}) {
			// The original wrote what was there already.
			out.Written[path], err = describe(path, after[path])
		}
	}
	return err
}

func (p *plan) command(name string, args ...string) *exec.Cmd {
	if !strings.Contains(name, "/") {
		name = filepath.Join(toolsPath, name)
	}
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = p.Environ, tmpPath
	return cmd
}

// prepare makes a plan for a record.
func (b *Bench) prepare(r *Record) (*plan, error) {
	layers, err := b.layers(r)
	if err != nil {
		return nil, err
	}
	env := map[string]string{
		"PATH": toolsPath + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
		"TERM": "dumb", "LC_ALL": "C.UTF-8", "NOCOLOR": "true", "COLUMNS": "80",
	}
	for name, value := range r.Env {
		if env[name] = r.expand(value); r.literal() && strings.Contains(value, "${TMP}") {
			env[name] = value
		}
	}
	p := &plan{
		Layers: layers, Mounts: b.mounts, Scratch: b.scratch, Timeout: 2 * time.Minute,
		Watch: []string{"/build", "/etc", "/var", tmpPath},
	}
	if r.State == "small" || strings.HasPrefix(r.State, "real.") {
		// Folders tell their sizes, and files that they are the same, by the file system: a
		// tmpfs, as when the records were made. The other states have no files.
		p.Copy = filepath.Join(layers[0], "build")
	}
	for name, value := range env {
		p.Environ = append(p.Environ, name+"="+value)
	}
	slices.Sort(p.Environ)
	for _, line := range r.Setup {
		p.Setup = append(p.Setup, r.expand(line))
	}
	for path := range r.Written {
		path = r.expand(path)
		p.Expect = append(p.Expect, path)
		if strings.HasPrefix(path, "/usr/") {
			p.Writes = true
			p.Watch = append(p.Watch, filepath.Dir(path))
		}
	}
	slices.Sort(p.Expect)
	if r.Stdin != nil {
		p.Stdin = r.expand(*r.Stdin)
	}
	if r.Shell != "" {
		p.Argv = []string{"/bin/bash", "-c", r.expand(r.Shell)}
		return p, nil
	}
	p.Argv = []string{r.Tool}
	for _, a := range r.Args {
		p.Argv = append(p.Argv, r.expand(a))
	}
	return p, nil
}

// isSystem says if a folder of the machine's root is shown on the stage: programs and
// libraries.
func isSystem(e fs.DirEntry) bool {
	name := e.Name()
	return name == "usr" || name == "bin" || name == "sbin" || strings.HasPrefix(name, "lib")
}
