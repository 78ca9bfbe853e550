package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A bed is a place where the machine looks like an SDK.
type bed struct {
	*options
	checkout string // of flatcar/scripts, with caches of metadata
}

const board = "arm64-usr"

// path gives a path of the place where boards are, which is /build inside.
func (b *bed) path(elem ...string) string {
	return filepath.Join(append([]string{b.work, "build"}, elem...)...)
}

// env are the variables that the scripts of the record take.
func (b *bed) env() []string {
	portage := b.portage
	if portage == "" {
		portage = filepath.Join(b.work, "none") // its configuration is the only thing asked for
	}
	return append(os.Environ(), "E="+b.work, "FLATCAR_SCRIPTS="+b.checkout, "PORTAGE_SRC="+portage)
}

func (b *bed) script(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "bash", append([]string{filepath.Join(b.record, "setup", name)}, args...)...)
	c.Env, c.Dir = b.env(), b.work
	return c
}

// make makes an SDK, and empty boards.
func (b *bed) make(ctx context.Context, cpvs []string) error {
	for _, dir := range []string{"distfiles", "none/cnf"} {
		if err := os.MkdirAll(filepath.Join(b.work, dir), 0o755); err != nil {
			return err
		}
	}
	if err := b.caches(ctx); err != nil {
		return err
	}
	if !b.keep {
		if err := os.RemoveAll(b.path()); err != nil {
			return err
		}
		text, err := b.script(ctx, "mkhost.sh").CombinedOutput()
		if bytes.Contains(text, []byte("no cache for ")) {
			return fmt.Errorf("%s is not the state of flatcar/scripts that the record was made with (%s/README.md names it):\n%s", b.checkout, b.record, text)
		}
		if err != nil {
			return fmt.Errorf("make the test bed: %w\n%s", err, text)
		}
	}
	return errors.Join(b.install(), b.tarballs(ctx, cpvs))
}

// install puts the program under test into the SDK.
func (b *bed) install() error {
	text, err := os.ReadFile(b.program)
	if err != nil {
		return err
	}
	path := filepath.Join(b.work, "bin", "tumpline")
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o755)
}

// tarballs gets the distfiles.
func (b *bed) tarballs(ctx context.Context, cpvs []string) error {
	names, err := distfiles(b.record, cpvs)
	if err != nil {
		return err
	}
	dir := filepath.Join(b.work, "distfiles")
	var absent []string
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(b.distfiles, name))
		if b.distfiles == "" || errors.Is(err, os.ErrNotExist) {
			absent = append(absent, name)
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	if len(absent) == 0 {
		return nil
	}
	args := append([]string{filepath.Join(b.record, "distfiles.json"), dir}, absent...)
	if text, err := b.script(ctx, "fetch.sh", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("get distfiles: %w\n%s", err, text)
	}
	return nil
}

// A result is how a command ended.
type result struct {
	out             string // standard output and errors
	status          int
	wall, user, sys float64 // seconds
}

// timesFile gets what a command took: the time of the mounts does not count.
const timesFile = ".times"

// run runs a command inside.
func (b *bed) run(ctx context.Context, vars []string, argv ...string) (*result, error) {
	timed := `exec 3>"$0"; TIMEFORMAT="%R %U %S"; { time "$@" 2>&4; } 4>&2 2>&3`
	args := slices.Concat([]string{"env", "TUMPLINE_CACHE_DIR=/build/.cache"}, vars,
		[]string{"bash", "-c", timed, "/build/" + timesFile}, argv)
	c := b.script(ctx, "ns.sh", args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	r := &result{out: out.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.status = exit.ExitCode()
	} else if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(b.path(timesFile))
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, r.out)
	}
	for i, word := range strings.Fields(string(text)) {
		value, err := strconv.ParseFloat(word, 64)
		if err != nil || i > 2 {
			return nil, fmt.Errorf("times of %s: %q", argv[0], text)
		}
		*[]*float64{&r.wall, &r.user, &r.sys}[i] = value
	}
	return r, nil
}

// emerge runs the program on the board.
func (b *bed) emerge(ctx context.Context, args ...string) (*result, error) {
	root := "/build/" + board
	return b.run(ctx, []string{"PORTAGE_CONFIGROOT=" + root, "SYSROOT=" + root, "ROOT=" + root}, append([]string{"tumpline", "emerge"}, args...)...)
}
