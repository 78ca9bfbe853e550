// Package ebuildcmd is the front of ebuild: "ebuild FILE COMMAND..." runs single
// steps for one ebuild. It takes the command line of Portage's ebuild. Phases are
// run by a course of merge/course, each after those that it needs; steps that are
// not done yet are refused by their names.
package ebuildcmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

const program = "ebuild"

const usage = "usage: ebuild <ebuild file> <command> [command] ...\n"

const help = usage + `
Run steps for one ebuild, in the order given. These are done so far:

  manifest, digest   make the Manifest of the ebuild's package anew
  fetch              get the distfiles that it needs with its USE flags
  fetchall           get all distfiles that SRC_URI names
  nofetch            tell how to get those that cannot be fetched (pkg_nofetch)
  clean              remove the build directory
  pretend setup unpack prepare configure compile test install
                     run the phase after those that it needs and that are not
                     done yet (FEATURES=noauto: the phase alone)
  package            make a binary package of the image, in PKGDIR
  merge              merge the package, and remove the build directory
  qmerge             merge the image that is there, and leave it
  unmerge            remove the installed package of this name and version
  instprep           do what is due before the merge (part of install here)
  depend             make the metadata, and tell what is wrong with it
  preinst postinst prerm postrm config info
                     run the phase function alone
  help               print this, and what the package would be built with

  --force                 forget the known digests of the ebuild's distfiles
  --color {y,n}           whether output is coloured
  --ignore-default-opts   do not read EBUILD_DEFAULT_OPTS
  --skip-manifest         verify no Manifest
  --debug                 trace the shell of phases (set -x)
  --version               print the version
`

// commands are the steps that Portage knows, sorted.
func commands() []string {
	return []string{
		"clean", "cleanrm", "compile", "config", "configure", "depend", "digest", "fetch", "fetchall", "help", "info",
		"install", "instprep", "manifest", "merge", "nofetch", "package", "postinst", "postrm", "preinst", "prepare",
		"prerm", "pretend", "qmerge", "rpm", "setup", "test", "unmerge", "unpack",
	}
}

// options are the command line.
type options struct {
	force, debug, version, help, ignoreDefaults, skipManifest bool
	colour                                                    cli.Colour
	file                                                      string
	commands                                                  []string
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	o, err := parse(env.Args)
	if err != nil {
		return err
	}
	switch {
	case o.help:
		_, err := fmt.Fprint(env.Out, help)
		return err
	case o.version:
		_, err := fmt.Fprintln(env.Out, cli.Version())
		return err
	case len(o.commands) == 0:
		return misused("missing required args")
	}
	e, err := locate(env, o.file)
	if err != nil {
		return err
	}
	if slices.Contains(o.commands, "test") {
		env = env.With(env.Name, env.Args)
		env.Vars = build.WithTests(env.Vars)
	}
	opened, err := manifest.Open(env, e.root, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = opened.Session.Close() }() // losing the index costs time, nothing else
	r := &run{env: env, options: o, ebuild: e, opened: opened}
	if opened.Appended {
		fmt.Fprintf(env.Out, "Appending %s to PORTDIR_OVERLAY...\n", e.root)
	}
	if err := r.defaults(); err != nil {
		return err
	}
	return r.all(ctx)
}

func misused(msg string) error { return &cli.UsageError{Program: program, Usage: usage, Msg: msg} }

// parse reads the command line. Words that look like unknown options count as
// commands, as in Portage.
func parse(args []string) (*options, error) {
	o := &options{}
	var words []string
	for i := 0; i < len(args); i++ {
		name, value, given := strings.Cut(args[i], "=")
		switch {
		case name == "--color":
			if !given {
				if i++; i == len(args) {
					return nil, misused("argument --color: expected one argument")
				}
				value = args[i]
			}
			switch value {
			case "y":
				o.colour = cli.ColourAlways
			case "n":
				o.colour = cli.ColourNever
			default:
				return nil, misused(fmt.Sprintf("argument --color: invalid choice: '%s' (choose from 'y', 'n')", value))
			}
		case given || !o.flag(name):
			words = append(words, args[i])
		}
	}
	if len(words) > 0 {
		o.file, o.commands = words[0], words[1:]
	}
	return o, nil
}

// flag sets an option without value.
func (o *options) flag(name string) bool {
	switch name {
	case "--force":
		o.force = true
	case "--debug":
		o.debug = true
	case "--version":
		o.version = true
	case "--help", "-h":
		o.help = true
	case "--ignore-default-opts":
		o.ignoreDefaults = true
	case "--skip-manifest":
		o.skipManifest = true
	default:
		return false
	}
	return true
}

// An ebuildFile is an ebuild by its place in a repository.
type ebuildFile struct {
	root string // of the repository, links resolved
	path string
	cpv  atoms.CPV
}

// locate finds an ebuild by the path of the command line. Links below the
// repository are kept, as a repository can be made of links.
func locate(env *cli.Env, file string) (*ebuildFile, error) {
	name, ok := strings.CutSuffix(filepath.Base(file), ".ebuild")
	if !ok {
		return nil, fmt.Errorf("%s: %s: does not end with '.ebuild'", program, file)
	}
	path := file
	if pwd := env.Vars["PWD"]; !filepath.IsAbs(file) && filepath.IsAbs(pwd) && sameFolder(pwd, env.Dir) {
		path = filepath.Join(pwd, file)
	}
	path = env.Abs(path)
	root, err := filepath.EvalSymlinks(filepath.Dir(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return nil, fmt.Errorf("%s: %s: does not exist", program, path)
	}
	pn := filepath.Base(filepath.Dir(path))
	category := filepath.Base(filepath.Dir(filepath.Dir(path)))
	e := &ebuildFile{root: root, path: filepath.Join(root, category, pn, name+".ebuild")}
	if _, err := os.Stat(e.path); err != nil {
		return nil, fmt.Errorf("%s: %s: does not exist", program, e.path)
	}
	if e.cpv, err = atoms.ParseCPV(category + "/" + name); err != nil {
		return nil, fmt.Errorf("%s: %s: %s/%s: does not follow correct package syntax", program, e.path, category, name)
	}
	if e.cpv.CP.Name() != pn {
		return nil, notInPlace(e)
	}
	return e, nil
}

func notInPlace(e *ebuildFile) error {
	return fmt.Errorf("%s: %s: does not seem to have a valid PORTDIR structure", program, e.path)
}

func sameFolder(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// A run is one call.
type run struct {
	env     *cli.Env
	options *options
	ebuild  *ebuildFile
	opened  *manifest.Opened
	pkg     *ebuild.Package
	job     *build.Job // nil: no phase has been asked for yet
}

// defaults takes in EBUILD_DEFAULT_OPTS, which count as if given first.
func (r *run) defaults() error {
	if r.options.ignoreDefaults {
		return nil
	}
	words, err := shellconf.Split(r.opened.Session.Target.Config.Get("EBUILD_DEFAULT_OPTS"))
	if err != nil {
		return fmt.Errorf("EBUILD_DEFAULT_OPTS: %w", err)
	}
	o, err := parse(slices.Concat(words, r.env.Args))
	if err == nil {
		r.options = o
	}
	return err
}

// all does the commands; before the first it is clear that none is unknown.
func (r *run) all(ctx context.Context) error {
	list, err := r.opened.Repo.Packages(r.ebuild.cpv.CP)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.CPV.String() == r.ebuild.cpv.String() {
			r.pkg = p
		}
	}
	if r.pkg == nil {
		return notInPlace(r.ebuild)
	}
	for _, c := range r.options.commands {
		if !slices.Contains(commands(), c) {
			return unknownCommand(c)
		}
		if r.command(c) == nil {
			return &cli.RefusedError{Program: program, What: c}
		}
	}
	defer r.close()
	for _, c := range r.options.commands {
		if err := r.command(c)(ctx); err != nil {
			return err
		}
	}
	return nil
}

// command gives what does a command, nil if nothing does yet.
func (r *run) command(name string) func(context.Context) error {
	switch name {
	case "manifest", "digest":
		return r.manifest
	case "fetch":
		return func(ctx context.Context) error { return r.fetch(ctx, needed) }
	case "fetchall":
		return func(ctx context.Context) error { return r.fetch(ctx, everything) }
	case "help":
		return r.help
	case "merge":
		return r.merge
	case "qmerge":
		return r.qmerge
	case "unmerge":
		return r.unmerge
	case "instprep":
		return r.instprep
	case "depend":
		return r.depend
	}
	return r.phase(name)
}

// unknownCommand lists the commands as Portage does.
func unknownCommand(name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "!!! doebuild: '%s' is not one of the following valid commands:", name)
	for i, c := range commands() {
		if i%6 == 0 {
			b.WriteString("\n!!! ")
		}
		fmt.Fprintf(&b, "%-11s", c)
	}
	return errors.New(b.String())
}
