// Package revdep is the front of revdep-rebuild, which finds installed packages whose
// programs or libraries need a shared library that is gone, and merges them again.
//
// It goes by what packages recorded of their objects (NEEDED.ELF.2) and by which files
// are there, where gentoolkit's tool looks into every file below its search folders. So
// it needs no temporary files, and does not see files that belong to no package.
package revdep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/merge/linkage"
)

const help = `usage: revdep-rebuild [-h] [-V] [-e] [-i] [-L LIBRARY] [-l] [-o] [-p] [-C] [-q]
                      [-v] [-d] [--json] [-- emerge options]

Find installed packages that need shared libraries which are gone, and merge them
again: emerge --oneshot --complete-graph=y.

options:
  -h, --help            print this text and exit
  -V, --version         show version information and exit
  -e, --exact           merge the installed versions again, not the best ones
  -i, --ignore          accepted; there are no temporary files
  -L LIBRARY, --library LIBRARY
                        merge packages that use this library, broken or not: a path,
                        a name or the start of one; may be given several times
  -l, --no-ld-path      do not look for libraries in LD_LIBRARY_PATH
  -o, --no-order        accepted; the resolver finds the order
  -p, --pretend         only show what emerge would do
  -C, --nocolor         turn off colours
  -q, --quiet           be less verbose, and emerge as well
  -v, --verbose         be more verbose, and emerge as well
  -d, --debug           show every object that is looked at
  --json                print what is broken as data, and merge nothing

Examples:
  revdep-rebuild -p
  revdep-rebuild -L libcrypto.so.1.1 -- --keep-going
`

// kind is the document of revdep-rebuild.
var kind = answer.NewKind[document]("tumpline.broken-links", "1.0.0", "installed objects that need libraries which are gone")

// Kinds lists the documents of revdep-rebuild.
func Kinds() []*answer.Kind { return []*answer.Kind{kind} }

type document struct {
	answer.Head
	Objects []object `json:"objects" jsonschema:"sorted by package and path"`
	Atoms   []string `json:"atoms" jsonschema:"what would be merged again"`
}

type object struct {
	CPV     string   `json:"cpv" jsonschema:"CATEGORY/PF that owns the object"`
	Path    string   `json:"path" jsonschema:"absolute, below the root"`
	Sonames []string `json:"sonames" jsonschema:"that are gone; with --library, that were asked for"`
}

func options() []argparse.Option {
	return []argparse.Option{
		{Long: "--help", Short: "-h"}, {Long: "--version", Short: "-V"}, {Long: "--exact", Short: "-e"}, {Long: "--ignore", Short: "-i"},
		{Long: "--library", Short: "-L", Takes: argparse.Text}, {Long: "--no-ld-path", Short: "-l"}, {Long: "--no-order", Short: "-o"},
		{Long: "--pretend", Short: "-p"}, {Long: "--nocolor", Short: "-C"}, {Long: "--quiet", Short: "-q"},
		{Long: "--verbose", Short: "-v"}, {Long: "--debug", Short: "-d"},
	}
}

// search is one run.
type search struct {
	*argparse.Words
	env       *cli.Env
	system    *gentoolkit.System
	style     gentoolkit.Style
	libraries []string // asked for; none: broken ones
	paths     []string // folders that are searched by default
	found     map[string]bool
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, kind)
	if err != nil {
		return err
	}
	own, passed := env.Args, []string(nil)
	if i := slices.Index(own, "--"); i >= 0 {
		own, passed = own[:i], own[i+1:]
	}
	words, err := argparse.Parse(options(), own)
	if err != nil {
		return &cli.UsageError{Program: "revdep-rebuild", Usage: help, Msg: err.Error()}
	}
	switch {
	case words.Has("--help"):
		_, err := fmt.Fprint(env.Out, help)
		return err
	case words.Has("--version"):
		_, err := fmt.Fprintln(env.Out, "revdep-rebuild "+gentoolkit.Version)
		return err
	}
	s := &search{Words: words, env: env, libraries: words.All("--library"), found: map[string]bool{}}
	if env.OutTerminal && !words.Has("--nocolor") && env.Vars["NO_COLOR"] == "" {
		s.style = gentoolkit.Colours(env.Vars["PORTAGE_CONFIGROOT"])
	}
	d, err := s.run()
	if err != nil {
		return err
	}
	if data {
		return kind.Write(env.Out, d)
	}
	return s.merge(ctx, d, slices.Concat(words.Rest, passed))
}

// say prints a line, unless it is to be quiet. A reader that goes away is noticed when
// the output is flushed.
func (s *search) say(format string, args ...any) {
	if !s.Has("--quiet") {
		_, _ = fmt.Fprintf(s.env.Out, format+"\n", args...)
	}
}

// run finds the objects and what to merge for them.
func (s *search) run() (*document, error) {
	var err error
	if s.system, err = gentoolkit.Open(s.env); err != nil {
		return nil, err
	}
	defer s.system.Close()
	root := s.system.Root
	library := root.Config.Get("LD_LIBRARY_PATH")
	if s.Has("--no-ld-path") {
		library = ""
	}
	if s.paths, err = linkage.DefaultPaths(root.EROOT(), library); err != nil {
		return nil, fmt.Errorf("revdep-rebuild: %w", err)
	}
	list, err := s.system.All(gentoolkit.Scope{Installed: true}, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	d := &document{Objects: []object{}, Atoms: []string{}}
	for _, p := range list {
		objects, err := s.objects(p)
		if err != nil {
			return nil, err
		}
		if len(objects) == 0 {
			continue
		}
		d.Objects = append(d.Objects, objects...)
		atom := "=" + p.CPV
		if !s.Has("--exact") {
			slot, _, _ := strings.Cut(p.Slot(), "/")
			atom = p.CP() + ":" + slot
		}
		d.Atoms = append(d.Atoms, atom)
	}
	return d, nil
}

// objects gives the objects of a package that are to be told about.
func (s *search) objects(p *gentoolkit.Package) ([]object, error) {
	file := filepath.Join(p.Installed().Path, "NEEDED.ELF.2")
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("revdep-rebuild: %w", err)
	}
	defer f.Close()
	var out []object
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		e, err := linkage.ParseEntry(lines.Text())
		if err != nil {
			_, _ = fmt.Fprintf(s.env.Err, "%s:%d: %v\n", file, number, err) // nothing can be done about a closed standard error
			continue
		}
		if _, err := os.Lstat(s.system.RealPath(e.File)); err != nil {
			continue // the file itself is gone
		}
		if s.Has("--debug") {
			s.say("   %s", e.File)
		}
		if names := s.names(&e); len(names) > 0 {
			out = append(out, object{CPV: p.CPV, Path: e.File, Sonames: names})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("revdep-rebuild: read %s: %w", file, err)
	}
	slices.SortFunc(out, func(a, b object) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// names gives the sonames of an object that are asked for, or that are gone.
func (s *search) names(e *linkage.Entry) []string {
	var out []string
	for _, soname := range e.Needed {
		if len(s.libraries) > 0 && s.wanted(soname) || len(s.libraries) == 0 && !s.exists(e, soname) {
			out = append(out, soname)
		}
	}
	return out
}

// wanted says if a soname is one that --library means.
func (s *search) wanted(soname string) bool {
	return slices.ContainsFunc(s.libraries, func(l string) bool { return strings.HasPrefix(soname, path.Base(l)) })
}

// exists says if the linker would find a library for an object.
func (s *search) exists(e *linkage.Entry, soname string) bool {
	if strings.Contains(soname, "/") {
		return s.there(soname)
	}
	for _, dir := range e.RunPaths {
		origin := path.Dir(e.File)
		dir = strings.NewReplacer("${ORIGIN}", origin, "$ORIGIN", origin).Replace(dir)
		if s.there(path.Join(dir, soname)) {
			return true
		}
	}
	return slices.ContainsFunc(s.paths, func(dir string) bool { return s.there(path.Join(dir, soname)) })
}

// there says if there is a file at a path in the root. A link that leads out of the
// root, as absolute ones do, counts as there.
func (s *search) there(name string) bool {
	have, asked := s.found[name]
	if !asked {
		_, err := os.Lstat(s.system.RealPath(name))
		have = err == nil
		s.found[name] = have
	}
	return have
}

// merge tells what was found and has it merged.
func (s *search) merge(ctx context.Context, d *document, passed []string) error {
	for _, o := range d.Objects {
		s.say(" * %s (%s) needs %s", s.style.Emph(o.Path), o.CPV, strings.Join(o.Sonames, ", "))
	}
	if len(d.Atoms) == 0 {
		s.say("\n%s", s.style.Emph("Your system is consistent"))
		return nil
	}
	args := slices.Clone(passed)
	for _, option := range []string{"--pretend", "--verbose", "--quiet"} {
		if s.Has(option) {
			args = append(args, option)
		}
	}
	if s.Has("--nocolor") {
		args = append(args, "--color", "n")
	}
	args = slices.Concat(args, []string{"--oneshot", "--complete-graph=y"})
	s.say("\n%s %s %s", s.style.Paint("yellow", "emerge"), strings.Join(args, " "), s.style.Emph(strings.Join(d.Atoms, " ")))
	return emerge.Main(ctx, s.env.With("emerge", append(args, d.Atoms...)))
}
