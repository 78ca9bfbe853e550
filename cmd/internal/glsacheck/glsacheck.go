// Package glsacheck is the front glsa-check: which security advisories concern the
// system, and what to do about them.
//
// What an advisory means is the business of ebuild/glsa; this package reads the
// prose beside it, and answers glsa-check's command line. Advisories come newest
// first where glsa-check has the order of a folder. Mail is refused.
package glsacheck

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/glsa"
)

const program = "glsa-check"

// statusAffected is the exit status of --test if the system is affected.
const statusAffected = 6

//go:embed help.txt
var help string

const versionText = "\nglsa-check, version 1.0.1\nAuthor: Marius Mauch <genone@gentoo.org>\nThis program is licensed under the GPL, version 2\n\n"

// modes are the options that say what to do, in the order of the usage.
func modes() []argparse.Option {
	return []argparse.Option{
		{Long: "--list", Short: "-l"}, {Long: "--dump", Short: "-d"}, {Long: "--print"}, {Long: "--test", Short: "-t"},
		{Long: "--pretend", Short: "-p"}, {Long: "--fix", Short: "-f"}, {Long: "--inject", Short: "-i"}, {Long: "--mail", Short: "-m"},
	}
}

// arguments reads the command line. The last mode counts.
func arguments(args []string) (w *argparse.Words, mode string, err error) {
	options := append(modes(),
		argparse.Option{Long: "--help", Short: "-h"}, argparse.Option{Long: "--version", Short: "-V"},
		argparse.Option{Long: "--quiet", Short: "-q"}, argparse.Option{Long: "--verbose", Short: "-v"},
		argparse.Option{Long: "--nocolor", Short: "-n"}, argparse.Option{Long: "--emergelike", Short: "-e"},
		argparse.Option{Long: "--cve", Short: "-c"}, argparse.Option{Long: "--reverse", Short: "-r"})
	if w, err = argparse.Parse(options, args); err != nil {
		return nil, "", &cli.UsageError{Program: program, Usage: "usage: glsa-check <option> [glsa-id | all | new | affected]\n", Msg: err.Error()}
	}
	for _, long := range w.Order {
		if slices.ContainsFunc(modes(), func(o argparse.Option) bool { return o.Long == long }) {
			mode = strings.TrimPrefix(long, "--")
		}
	}
	if mode == "print" {
		mode = "dump"
	}
	return w, mode, nil
}

// A run answers one command line.
type run struct {
	env      *cli.Env
	words    *argparse.Words
	mode     string
	json     bool
	paint    painter
	session  *session.Session
	system   *glsa.System
	dir      string // of advisories; "": none
	applied  map[string]bool
	complete []string // ids in dir, newest first
}

// An advisory is one that was asked for.
type advisory struct {
	*glsa.Advisory
	id   string // as it was asked for: an id or a file
	tree *node
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, Advisories)
	if err != nil {
		return err
	}
	w, mode, err := arguments(env.Args)
	if err != nil {
		return err
	}
	r := &run{env: env, words: w, mode: mode, json: data, paint: painter{plain: w.Has("--nocolor") || env.Vars["NO_COLOR"] != ""}}
	switch {
	case w.Has("--help"):
		_, err := fmt.Fprint(env.Out, help)
		return err
	case w.Has("--version"):
		_, err := fmt.Fprint(env.Err, versionText)
		return err
	case mode == "":
		return r.lost("No mode given: what should I do?\n")
	case mode != "list" && len(w.Rest) == 0:
		return r.lost("\nno GLSA given, so we'll do nothing for now. \nIf you want to run on all GLSA please tell me so \n(specify \"all\" as parameter)\n\n")
	case mode == "mail":
		return &cli.RefusedError{Program: program, What: "--mail", Why: "pipe the output of --list to a mailer"}
	case data && mode != "list" && mode != "test" && mode != "pretend":
		return &cli.UsageError{Program: program, Msg: "argument --json: only with --list, --test and --pretend"}
	}
	if err := r.open(); err != nil {
		return err
	}
	defer func() { _ = r.session.Close() }() // losing the index costs time, nothing else
	return r.do(ctx)
}

// lost tells somebody who did not say what to do.
func (r *run) lost(text string) error {
	_, _ = fmt.Fprint(r.env.Err, text)
	if _, err := fmt.Fprint(r.env.Out, help); err != nil {
		return err
	}
	return &cli.FailedError{Status: 1}
}

// open opens what advisories are compared with.
func (r *run) open() error {
	env := r.env
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	r.session = s
	target := s.Target
	r.system = &glsa.System{
		Arch: target.Config.Get("ARCH"), Installed: target.Installed, Ebuilds: s.Repos,
		Visible: func(p *ebuild.Package) bool { return target.Judge.Verdict(p).Visible() },
	}
	if r.dir = target.Config.Get("GLSA_DIR"); r.dir == "" {
		if main := s.Repos.Main(); main != nil {
			r.dir = filepath.Join(main.Location, "metadata/glsa")
		}
	}
	var problems []error
	r.applied, problems = glsa.Applied(r.injected())
	entries, err := os.ReadDir(r.dir)
	if r.dir != "" && err != nil && !errors.Is(err, os.ErrNotExist) {
		problems = append(problems, fmt.Errorf("list advisories: %w", err))
	}
	for _, e := range slices.Backward(entries) {
		if id, ok := strings.CutPrefix(e.Name(), "glsa-"); ok && strings.HasSuffix(id, ".xml") {
			r.complete = append(r.complete, strings.TrimSuffix(id, ".xml"))
		}
	}
	for _, p := range problems {
		_, _ = fmt.Fprintf(env.Err, "!!! %v\n", p)
	}
	return nil
}

// injected is the file that lists the advisories dealt with.
func (r *run) injected() string {
	return filepath.Join(r.session.Target.EROOT(), "var/lib/portage/glsa_injected")
}

// read reads an advisory: an id, or a file. A bad one is told only to those who want
// to know, and is nil.
func (r *run) read(id string) *advisory {
	file := filepath.Join(r.dir, "glsa-"+id+".xml")
	if !slices.Contains(r.complete, id) {
		file = r.env.Abs(id)
	}
	a := &advisory{id: id}
	text, err := os.ReadFile(file)
	if err == nil {
		a.tree, err = readTree(text)
	}
	if err == nil {
		inner := id
		if !slices.Contains(r.complete, id) {
			inner = a.tree.first("glsa").attrs["id"]
		}
		var problems []error
		a.Advisory, problems = glsa.Parse(file, inner, text)
		if a.Advisory == nil {
			err = errors.Join(problems...)
		} else {
			r.complain(id, errors.Join(problems...))
		}
	}
	if err != nil {
		r.complain(id, err)
		return nil
	}
	return a
}

// complain tells what is wrong with an advisory, with --verbose.
func (r *run) complain(id string, err error) {
	if err != nil && r.words.Has("--verbose") {
		_, _ = fmt.Fprintf(r.env.Err, "invalid GLSA: %s (error message was: %v)\n", id, err)
	}
}

// wanted lists the advisories that the arguments mean, each once: "all" and
// "affected" first.
func (r *run) wanted() ([]string, error) {
	params := slices.Clone(r.words.Rest)
	if len(params) == 0 {
		params = []string{"affected"}
	}
	if i := slices.Index(params, "new"); i >= 0 {
		_, _ = fmt.Fprint(r.env.Err, "Warning: The 'new' glsa-list target has been removed, using 'affected'.\n")
		params[i] = "affected"
	}
	var list []string
	add := func(ids ...string) {
		for _, id := range ids {
			if !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
	}
	if slices.Contains(params, "all") {
		list = slices.Clone(r.complete)
	}
	if slices.Contains(params, "affected") {
		ids, err := r.affected()
		if err != nil {
			return nil, err
		}
		add(ids...)
	}
	for _, p := range params {
		switch {
		case p == "all" || p == "affected":
		case slices.Contains(r.complete, p) || session.Exists(r.env.Abs(p)):
			add(p)
		default:
			_, _ = fmt.Fprintf(r.env.Err, "(removing %s from parameter list as it isn't a valid GLSA specification)\n", p)
		}
	}
	return list, nil
}

// affected lists the advisories that were not dealt with and concern the system.
func (r *run) affected() (list []string, err error) {
	found, problems := glsa.Read(r.dir)
	if r.words.Has("--verbose") {
		for _, p := range problems {
			_, _ = fmt.Fprintf(r.env.Err, "invalid GLSA: %v\n", p)
		}
	}
	for _, a := range slices.Backward(found) {
		if r.applied[a.ID] {
			continue
		}
		vulnerable, err := r.system.Vulnerable(a)
		if err != nil {
			return nil, err
		}
		if vulnerable {
			list = append(list, a.ID)
		}
	}
	return list, nil
}
