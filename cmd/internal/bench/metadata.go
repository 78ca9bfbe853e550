package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cases/trees"
)

// What egencache --jobs=2 took for all 1,871 ebuilds of flatcar/scripts ab6d76d on
// two idle cores, with Portage 3.0.82: measuring it takes minutes.
const recordedEgencache = "107.9 s, 183 CPU s (recorded; BENCH_EGENCACHE=1 measures it)"

// changedEclass is the eclass that is changed, to see its dependents only.
const changedEclass = "systemd"

// metadata times the making of caches for a flatcar/scripts checkout.
func metadata(program, work string) error {
	scripts := os.Getenv("FLATCAR_SCRIPTS")
	if scripts == "" {
		fmt.Println("metadata: left out, FLATCAR_SCRIPTS names no checkout of flatcar/scripts")
		return nil
	}
	t, err := trees.Flatcar(scripts, filepath.Join(work, "metadata"))
	if err != nil {
		return err
	}
	r := &regeneration{program: program, trees: t, work: work}
	fmt.Printf("%-34s %10s %10s %8s   %s\n", "metadata of flatcar/scripts", "wall s", "CPU s", "MiB", "ebuilds by status")
	if err := r.show("all stale", r.all); err != nil {
		return err
	}
	time.Sleep(settle)
	if err := r.once(); err != nil { // the index believes no file that changed just before it was read
		return err
	}
	if err := r.show("nothing stale (best of 5)", r.none); err != nil {
		return err
	}
	if err := r.show(changedEclass+".eclass changed", r.eclass); err != nil {
		return err
	}
	return r.egencache()
}

// settle is how long files must have been left alone before the index keeps them.
const settle = 2500 * time.Millisecond

// A regeneration runs the program on trees.
type regeneration struct {
	program string
	trees   *trees.Trees
	work    string
}

// command is one run; the program's cache and the user-side cache are its own.
func (r *regeneration) command() *exec.Cmd {
	c := exec.Command(r.program, "regen", "--tolerant", "--config-root", r.trees.Config)
	c.Env = environment(map[string]string{
		"TUMPLINE_CACHE_DIR": filepath.Join(r.work, "regen-cache"), "PORTAGE_DEPCACHEDIR": filepath.Join(r.work, "regen-dep"),
		"TUMPLINE_BASH": os.Getenv("TUMPLINE_BASH"),
	})
	return c
}

func (r *regeneration) once() error { _, err := r.command().Output(); return err }

// show prints a line of what a run took.
func (r *regeneration) show(name string, measured func() (run, error)) error {
	m, err := measured()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Printf("%-34s %10.2f %10.2f %8.1f   %s\n", name, m.wall.Seconds(), m.cpu.Seconds(), m.mebibytes(), columns(m.output))
	return nil
}

// columns sums up the columns that the program prints for each repository.
func columns(output string) string {
	names := []string{"ebuilds", "fresh", "adopted", "generated", "unsupported", "failed", "removed"}
	sums := make([]int, len(names))
	for _, line := range strings.Split(strings.TrimSpace(output), "\n") {
		for i, word := range strings.Split(line, "\t") {
			if n, err := strconv.Atoi(word); err == nil && i > 0 && i <= len(sums) {
				sums[i-1] += n
			}
		}
	}
	var parts []string
	for i, n := range sums {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, names[i]))
		}
	}
	return strings.Join(parts, ", ")
}

// all makes everything.
func (r *regeneration) all() (run, error) { return measureTree(r.command()) }

func (r *regeneration) none() (run, error) {
	return best(5, func() (run, error) { return measureTree(r.command()) })
}

// eclass changes an eclass without changing what it says.
func (r *regeneration) eclass() (run, error) {
	path := filepath.Join(r.trees.Repos["portage-stable"], "eclass", changedEclass+".eclass")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return run{}, err
	}
	_, err = f.WriteString("# changed\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return run{}, err
	}
	return measureTree(r.command())
}

// egencache runs real egencache in the same place, if it is wanted.
func (r *regeneration) egencache() error {
	src := os.Getenv("PORTAGE_SRC")
	if src == "" || os.Getenv("BENCH_EGENCACHE") == "" {
		fmt.Println("egencache --jobs=2:", recordedEgencache)
		return nil
	}
	src, err := filepath.Abs(src)
	if err != nil {
		return err
	}
	var sum run
	for _, name := range []string{"portage-stable", "coreos-overlay"} {
		if err := os.RemoveAll(filepath.Join(r.trees.Repos[name], "metadata/md5-cache")); err != nil {
			return err
		}
		dir, err := os.MkdirTemp(r.work, "egencache")
		if err != nil {
			return err
		}
		c := exec.Command("python3", filepath.Join(src, "bin/egencache"), "--config-root="+r.trees.Config, "--cache-dir="+dir, "--repo="+name, "--update", "--jobs=2")
		c.Env = environment(map[string]string{"PYTHONPATH": filepath.Join(src, "lib")})
		m, err := measureTree(c)
		if err != nil {
			return err
		}
		sum.wall, sum.cpu, sum.memory = sum.wall+m.wall, sum.cpu+m.cpu, max(sum.memory, m.memory)
	}
	fmt.Printf("%-34s %10.2f %10.2f %8.1f\n", "egencache --jobs=2", sum.wall.Seconds(), sum.cpu.Seconds(), sum.mebibytes())
	return nil
}
