// Command scenario plays a scenario of real Flatcar packages, and says where what it
// makes is other than what Portage made and had recorded.
//
//	scenario [options] PROGRAM
//
// Thirteen packages are resolved and built for an empty arm64 board, an image root is
// made of their binary packages alone, also onto an overlay, one package is unmerged and
// put back from its binary package, and programs are run under qemu. The record, and the
// scripts that make this machine look like an SDK in a mount namespace, lie in
// shared/realbuild beside the repository; FLATCAR_SCRIPTS names a checkout of
// flatcar/scripts, bare or with caches of metadata. It needs root, and the Debian packages that the README there lists.
// This is a tool of the project, not of its users.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

func main() { cli.Exit(front) }

// options are the options of scenario.
type options struct {
	program   string // the program under test
	record    string // folder of the record, shared/realbuild
	scripts   string // checkout of flatcar/scripts
	distfiles string // tarballs; "": they are fetched
	work      string // where everything is made
	portage   string // checkout of gentoo/portage; "": nothing is run beside
	keep      bool   // the boards of an earlier run are used as they are
	details   int    // differences shown for each check
}

// front reads the command line and plays the scenario.
func front(ctx context.Context, env *cli.Env) error {
	o, err := parse(env)
	if err != nil {
		return &cli.UsageError{Program: "scenario", Msg: err.Error()}
	}
	if why := missing(o); why != "" {
		_, err := fmt.Fprintf(env.Out, "scenario: left out, %s\n", why)
		return err
	}
	record, err := readRecord(o.record)
	if err != nil {
		return err
	}
	if o.work == "" {
		if o.work, err = os.MkdirTemp("", "tumpline-scenario-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.work) // best effort: it holds nothing of value
	}
	if err := os.MkdirAll(o.work, 0o755); err != nil {
		return err
	}
	p := &play{options: o, record: record, bed: &bed{options: o}, report: &report{out: env.Out, details: o.details}}
	if err := p.run(ctx); err != nil {
		return err
	}
	return p.report.end()
}

func parse(env *cli.Env) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("scenario", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.record, "record", "../shared/realbuild", "folder of the record and its scripts")
	f.StringVar(&o.scripts, "scripts", env.Vars["FLATCAR_SCRIPTS"], "checkout of flatcar/scripts")
	f.StringVar(&o.distfiles, "distfiles", env.Vars["DISTFILES"], "folder of tarballs; what is not there is taken from Debian's source packages")
	f.StringVar(&o.portage, "portage", env.Vars["PORTAGE_SRC"], "checkout of gentoo/portage, to be timed beside")
	f.StringVar(&o.work, "work", "", "where to work (default: a temporary folder)")
	f.BoolVar(&o.keep, "keep", false, "use the board of an earlier run in the same place, do not build")
	f.IntVar(&o.details, "details", 10, "differences shown for each check")
	if err := f.Parse(env.Args); err != nil {
		return nil, err
	}
	if f.NArg() != 1 {
		return nil, fmt.Errorf("one program is expected")
	}
	o.program = env.Abs(f.Arg(0))
	for _, path := range []*string{&o.record, &o.scripts, &o.distfiles, &o.work, &o.portage} {
		if *path != "" {
			*path = env.Abs(*path)
		}
	}
	return o, nil
}

// missing says what the scenario needs and this machine has not.
func missing(o *options) string {
	switch {
	case os.Geteuid() != 0:
		return "it needs root for mount namespaces"
	case o.scripts == "":
		return "FLATCAR_SCRIPTS names no checkout of flatcar/scripts"
	}
	for _, name := range repositories() {
		if _, err := os.Stat(filepath.Join(o.scripts, thirdParty, name, "profiles/repo_name")); err != nil {
			return fmt.Sprintf("%s is no checkout of flatcar/scripts: %v", o.scripts, err)
		}
	}
	for _, path := range []string{
		filepath.Join(o.record, "scenario/scenario.json"), o.program,
		"/usr/aarch64-linux-gnu/include", "/usr/bin/qemu-aarch64-static", "/usr/bin/scanelf",
	} {
		if _, err := os.Stat(path); err != nil {
			return err.Error()
		}
	}
	return ""
}
