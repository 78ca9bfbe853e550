package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cases/trees"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// printMetadata makes the caches of repositories with the program, which it builds
// since confined shells are started by it, and compares them with what is
// expected.
func printMetadata(ctx context.Context, env *cli.Env, o *options, dir string) error {
	program := filepath.Join(dir, "tumpline")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/tumpline")
	build.Dir = o.repo
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	sample := filepath.Join(dir, "sample")
	t, err := trees.Sample(o.repo, sample)
	if err != nil {
		return err
	}
	if err := showMetadata(ctx, env, o, program, "the sample", t, filepath.Join(o.repo, "testdata/sample/repos")); err != nil {
		return err
	}
	scripts := env.Vars["FLATCAR_SCRIPTS"]
	if scripts == "" {
		_, err := fmt.Fprintln(env.Out, "Metadata of flatcar/scripts: left out, FLATCAR_SCRIPTS names no checkout of it")
		return err
	}
	if t, err = trees.Flatcar(env.Abs(scripts), filepath.Join(dir, "flatcar")); err != nil {
		return err
	}
	return showMetadata(ctx, env, o, program, "flatcar/scripts", t, filepath.Join(o.shared, "corpus/flatcar/trees"))
}

// showMetadata makes the caches of some repositories and prints how many entries
// are those expected.
func showMetadata(ctx context.Context, env *cli.Env, o *options, program, name string, t *trees.Trees, want string) error {
	c := exec.CommandContext(ctx, program, "regen", "--quiet", "--config-root", t.Config)
	var errs strings.Builder
	c.Stderr = &errs
	c.Env = append(os.Environ(), "TUMPLINE_CACHE_DIR="+filepath.Join(t.Config, "cache"), "PORTAGE_DEPCACHEDIR="+filepath.Join(t.Config, "dep"))
	start := time.Now()
	ran := c.Run() // broken ebuilds are a failure; they are counted below
	took := time.Since(start)
	same, total, err := t.Compare(want)
	if err != nil && ran != nil {
		err = fmt.Errorf("%w: %w\n%s", err, ran, errs.String())
	}
	fmt.Fprintf(env.Out, "Metadata of %s: %d/%d entries byte for byte as Portage, in %.1f s", name, same, total, took.Seconds())
	if c.ProcessState != nil {
		fmt.Fprintf(env.Out, " (%.1f CPU s)", (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds())
	}
	fmt.Fprintln(env.Out)
	if o.verbose && ran != nil {
		fmt.Fprint(env.Out, errs.String())
	}
	return err
}
