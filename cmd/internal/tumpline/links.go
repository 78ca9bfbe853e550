package tumpline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// installLinks makes a symlink to the program in a folder for each name that it
// answers to. A link that is there already is made anew; anything else that bears
// such a name is left, and is an error.
func installLinks(_ context.Context, env *cli.Env) error {
	if len(env.Args) != 1 || env.Args[0] == "" || env.Args[0][0] == '-' {
		return usageError(env.Name, "DIR", "one folder is expected")
	}
	dir := env.Abs(env.Args[0])
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program itself: %w", err)
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return fmt.Errorf("find the program itself: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("install-links: %w", err)
	}
	target := program
	if here, err := filepath.EvalSymlinks(dir); err == nil && here == filepath.Dir(program) {
		target = filepath.Base(program)
	}
	var failures []error
	for _, name := range Applets() {
		if err := link(target, filepath.Join(dir, name)); err != nil {
			failures = append(failures, err)
			continue
		}
		if _, err := fmt.Fprintf(env.Out, "%s -> %s\n", filepath.Join(dir, name), target); err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}

// link makes one link by rename, so that its name is never missing.
func link(target, path string) error {
	switch at, err := os.Lstat(path); {
	case err == nil && at.Mode()&fs.ModeSymlink == 0:
		return fmt.Errorf("install-links: %s is there already and is no link", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("install-links: %w", err)
	}
	beside := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), os.Getpid()))
	if err := os.Symlink(target, beside); err != nil {
		return fmt.Errorf("install-links: %w", err)
	}
	if err := os.Rename(beside, path); err != nil {
		_ = os.Remove(beside) // the error that matters is the other one
		return fmt.Errorf("install-links: %w", err)
	}
	return nil
}
