// Package strip takes what only debuggers need out of the ELF files of an image,
// and keeps it apart if that is wanted.
//
// The work itself is that of binutils (CHOST-strip and its kin), debugedit and dwz, as
// with Portage; which files, with which options, in which order is decided here.
// Hard links are processed once. The first path of a file, in byte order, names its
// debug file: where Portage's choice is that of the folders' order on disk, ours is
// fixed. The package does not know ebuilds: callers say what to strip.
package strip

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/merge/elfscan"
)

// Options say what is done with an image.
type Options struct {
	D       string // the image directory
	EPrefix string
	Objects []elfscan.Object // of D

	// Paths, files or folders below EPrefix, are stripped but for those in Skip
	// (dostrip of EAPI 7); shell patterns in Mask are left out (STRIP_MASK).
	Paths, Skip, Mask []string

	Strip          bool // else only sources are installed
	SplitDebug     bool // debug information goes to usr/lib/debug
	CompressDebug  bool
	DedupDebug     bool   // dwz
	InstallSources bool   // sources that debug information names go to usr/src/debug
	Xattr          bool   // extended attributes survive
	Salt           string // "category/PF:slot", for build ids
	Name           string // "category/PF", below usr/src/debug
	WorkDir        string
	Temp           string // a folder for files of the moment
	Tools          Tools
	Jobs           int
}

// Tools are the programs, by name or path; "" if there is none.
type Tools struct {
	Strip, Objcopy, Ranlib, Debugedit, Dwz string
	// Flags are PORTAGE_STRIP_FLAGS; nil: the usual ones.
	Flags []string
	// Env is their environment.
	Env []string
}

// FindTools looks the programs up on a path: those of a machine first.
func FindTools(path, chost string, env []string) Tools {
	find := func(name string) string {
		for _, n := range []string{chost + "-" + name, name} {
			for _, dir := range filepath.SplitList(path) {
				if p, err := exec.LookPath(filepath.Join(dir, n)); err == nil {
					return p
				}
			}
		}
		return ""
	}
	return Tools{Strip: find("strip"), Objcopy: find("objcopy"), Ranlib: find("ranlib"), Debugedit: find("debugedit"), Dwz: find("dwz"), Env: env}
}

// flags gives strip's options: safe ones for object files, all for programs.
func (t *Tools) flags(k elfscan.Kind) []string {
	safe := []string{"--strip-unneeded", "-N", "__gentoo_check_ldflags__"}
	if k == elfscan.Relocatable {
		return safe
	}
	if t.Flags != nil {
		return t.Flags
	}
	return append(safe, "-R", ".comment", "-R", ".GCC.command.line", "-R", ".note.gnu.gold-version")
}

// A Result says what was done, and what could not be.
type Result struct {
	Stripped []string // paths in the image
	Warnings []string // of missing programs
	sources  []string // files that debug information names, below WorkDir
}

// Run processes the image.
func Run(ctx context.Context, o *Options) (*Result, error) {
	res := &Result{}
	if !o.Strip && !o.InstallSources {
		return res, nil
	}
	if o.Strip && (o.Tools.Strip == "" || o.Tools.Objcopy == "") {
		return nil, fmt.Errorf("strip the image: no strip or objcopy in PATH")
	}
	o.warn(res)
	groups := o.groups()
	archives, err := o.archives()
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	err = parallel(o.Jobs, len(groups), func(i int) error {
		w := &work{Options: o, ctx: ctx, group: groups[i]}
		err := w.run()
		mu.Lock()
		defer mu.Unlock()
		if w.stripped {
			res.Stripped = append(res.Stripped, w.group.paths...)
		}
		res.sources = append(res.sources, w.sources...)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, a := range archives {
		if err := o.archive(ctx, a); err != nil {
			return nil, err
		}
	}
	slices.Sort(res.Stripped)
	return res, o.copySources(res.sources)
}

func (o *Options) warn(res *Result) {
	if o.InstallSources && o.Tools.Debugedit == "" {
		res.Warnings = append(res.Warnings, "FEATURES=installsources requires the debugedit binary, which was not found!")
		o.InstallSources = false
	}
	if o.SplitDebug && o.Tools.Debugedit == "" {
		res.Warnings = append(res.Warnings, "FEATURES=splitdebug requires the debugedit binary, which was not found!",
			"This feature won't work properly with build IDs until debugedit is installed.")
	}
	if o.DedupDebug && o.Tools.Dwz == "" {
		res.Warnings = append(res.Warnings, "FEATURES=dedupdebug requires the dwz binary, which was not found!")
		o.DedupDebug = false
	}
}

// parallel calls f for 0 to n-1, jobs at a time, and gives the first error by
// number.
func parallel(jobs, n int, f func(i int) error) error {
	errs := make([]error, n)
	next := make(chan int)
	var wait sync.WaitGroup
	for range max(1, min(jobs, n)) {
		wait.Go(func() {
			for i := range next {
				errs[i] = f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// tool runs a program and gives what it prints.
func (o *Options) tool(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(slices.Clone(o.Tools.Env), "LC_ALL=C")
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(program), args[len(args)-1], err, strings.TrimSpace(messages.String()))
	}
	return out.String(), nil
}
