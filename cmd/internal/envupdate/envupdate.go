// Package envupdate is the front env-update: it makes the files that etc/env.d stands
// for. How is the business of merge/envupdate.
package envupdate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/envupdate"
	"github.com/tumpline/tumpline/merge/inroot"
)

const usage = "Usage: env-update [--no-ldconfig]\n\nSee the env-update(1) man page for more info\n"

// Main is the front. A file of etc/env.d that cannot be understood ends it before
// anything is changed.
func Main(ctx context.Context, env *cli.Env) error {
	if slices.Contains(env.Args, "-h") || slices.Contains(env.Args, "--help") {
		_, err := fmt.Fprint(env.Out, usage)
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(env.Args), func(a string) bool { return a == "--no-ldconfig" })
	links := len(rest) == len(env.Args)
	if len(rest) > 0 {
		if _, err := fmt.Fprint(env.Out, "!!! Invalid command line options!\n\n"+usage); err != nil {
			return err
		}
		return &cli.FailedError{Status: 1}
	}
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	return update(ctx, env, s.Target, links)
}

// update brings the files of a root up to date, and the linker's cache if links is set.
func update(ctx context.Context, env *cli.Env, root *session.Root, links bool) error {
	f, err := inroot.Open(root.Path)
	if err != nil {
		return fmt.Errorf("env-update: %w", err)
	}
	defer f.Close() // everything written is synchronised by then
	c := root.Config
	o := envupdate.Options{
		EPrefix: root.EPrefix, CHOST: c.Get("CHOST"), CBUILD: c.Get("CBUILD"), LibraryPath: c.Get("LD_LIBRARY_PATH"),
		FindProgram: func(name string) string { return find(env.Vars["PATH"], name) }, Strict: true, Now: time.Now(),
	}
	if links {
		o.Run = func(ctx context.Context, argv []string) error {
			_, _ = fmt.Fprintf(env.Out, ">>> Regenerating %setc/ld.so.cache...\n", root.EROOT())
			cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
			cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = "/", []string{"PATH=" + env.Vars["PATH"], "LC_ALL=C"}, env.Out, env.Err
			return cmd.Run()
		}
	}
	r, err := envupdate.Update(ctx, f, o)
	if r != nil {
		for _, note := range r.Notes {
			_, _ = fmt.Fprintf(env.Err, "!!! %s\n", note)
		}
	}
	if errors.Is(err, fs.ErrPermission) {
		return errors.New("env-update: Need superuser access")
	}
	return err
}

// find finds a program in a search path.
func find(path, name string) string {
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file
		}
	}
	return ""
}
