// Package emirrordist is the front emirrordist: it brings the distfiles of a
// repository into a folder that serves as a mirror.
//
// Files are fetched and verified by merge/fetch. It refuses to delete what no ebuild
// names, and mirrors in other layouts than a flat folder. The database of distfiles
// (--distfiles-db) is a JSON object of names and packages, not a shelf of Python's.
package emirrordist

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
)

const program = "emirrordist"

const usage = "usage: emirrordist [options] <action>\n"

//go:embed help.txt
var help string

func misunderstood(format string, args ...any) error {
	return &cli.UsageError{Program: program, Usage: usage, Msg: fmt.Sprintf(format, args...)}
}

// refused lists the options that are understood but not done.
func refused() []string {
	return []string{"--delete", "--deletion-db", "--deletion-delay", "--scheduled-deletion-log", "--content-db", "--recycle-dir", "--recycle-db", "--whitelist-from", "--symlinks", "--layout-conf"}
}

func options() []argparse.Option {
	text := func(names ...string) (out []argparse.Option) {
		for _, n := range names {
			out = append(out, argparse.Option{Long: n, Takes: argparse.Text})
		}
		return out
	}
	list := []argparse.Option{
		{Long: "--help", Short: "-h"}, {Long: "--version"}, {Long: "--mirror"}, {Long: "--dry-run"}, {Long: "--verbose", Short: "-v"},
		{Long: "--ignore-default-opts"}, {Long: "--jobs", Short: "-j", Takes: argparse.Int}, {Long: "--load-average", Short: "-l", Takes: argparse.Float},
		{Long: "--tries", Takes: argparse.Int}, {Long: "--strict-manifests", Takes: argparse.Choice, Choices: argparse.YesNo()},
		{Long: "--verify-existing-digest"}, {Long: "--delete"}, {Long: "--symlinks"}, {Long: "--recycle-deletion-delay", Takes: argparse.Int},
	}
	return append(list, text("--distfiles", "--repo", "--config-root", "--repositories-configuration", "--failure-log", "--success-log",
		"--scheduled-deletion-log", "--deletion-db", "--deletion-delay", "--temp-dir", "--mirror-overrides", "--mirror-skip",
		"--restrict-mirror-exemptions", "--distfiles-local", "--distfiles-db", "--content-db", "--recycle-dir", "--recycle-db",
		"--fetch-log-dir", "--whitelist-from", "--layout-conf")...)
}

// A run answers one call.
type run struct {
	env     *cli.Env
	words   *argparse.Words
	session *session.Session
	repo    *ebuild.Repository
	dry     bool
	started time.Time

	distfiles, local string
	logDir           string
	exempt           []string // mirrors for which RESTRICT=mirror does not count
	success, failure io.Writer
	closers          []io.Closer
	db               *database // nil: none

	owners              map[string]bool // files that were dealt with
	failed              map[string]bool
	addedFiles, addedBy int64
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) (err error) {
	w, err := argparse.Parse(options(), env.Args)
	if err != nil {
		return misunderstood("%s", err.Error())
	}
	switch {
	case w.Has("--help"):
		_, err := fmt.Fprint(env.Out, help)
		return err
	case w.Has("--version"):
		_, err := fmt.Fprintln(env.Out, cli.Version())
		return err
	}
	for _, name := range refused() {
		if w.Has(name) {
			return &cli.RefusedError{Program: program, What: name}
		}
	}
	r := &run{env: env, words: w, dry: w.Has("--dry-run"), started: time.Now(), owners: map[string]bool{}, failed: map[string]bool{}}
	if err := r.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.places(); err != nil {
		return err
	}
	if !w.Has("--mirror") {
		return misunderstood("No action specified")
	}
	if err := r.mirror(ctx); err != nil {
		return err
	}
	r.summary()
	return nil
}

// open opens the repository. Of the environment only the roots count.
func (r *run) open() error {
	vars := session.OwnVariables(r.env.Vars)
	for _, name := range []string{"PATH", "HOME", "ROOT", "PORTAGE_CONFIGROOT", "SYSROOT", "EPREFIX"} {
		if value, ok := r.env.Vars[name]; ok {
			vars[name] = value
		}
	}
	if text := r.words.Text("--repositories-configuration"); text != nil {
		vars["PORTAGE_REPOSITORIES"] = *text
	}
	s, err := session.Open(&session.Options{Vars: vars, ConfigRoot: r.words.Text("--config-root"), Abs: r.env.Abs, BuildRoot: r.env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(r.env.Vars)}, r.started)
	if err != nil {
		return err
	}
	r.session = s
	all := s.Repos.All()
	switch name := r.words.Text("--repo"); {
	case name == nil && len(all) == 1:
		r.repo = all[0]
	case name == nil:
		err = misunderstood("--repo option is required")
	default:
		for _, repo := range all {
			if repo.Name == *name {
				r.repo = repo
			}
		}
		if r.repo == nil {
			err = misunderstood("Unable to locate repository named '%s'", *name)
		}
	}
	if err != nil {
		_ = s.Close() // the other error matters
	}
	return err
}

// close closes what is open, and writes the database.
func (r *run) close() error {
	var errs []error
	if r.db != nil && !r.dry {
		errs = append(errs, r.db.write())
	}
	for _, c := range r.closers {
		errs = append(errs, c.Close())
	}
	_ = r.session.Close() // losing the index costs time, nothing else
	return errors.Join(errs...)
}

// places checks the folders and opens the logs of the command line.
func (r *run) places() error {
	logs := map[string]*io.Writer{"--failure-log": &r.failure, "--success-log": &r.success}
	for _, name := range []string{"--failure-log", "--success-log"} {
		if text := r.words.Text(name); text != nil && !writableDir(filepath.Dir(r.env.Abs(*text))) {
			return misunderstood("%s '%s' parent is not a writable directory", name, r.env.Abs(*text))
		}
	}
	for _, one := range []struct {
		name string
		to   *string
	}{{"--temp-dir", new(string)}, {"--distfiles", &r.distfiles}, {"--distfiles-local", &r.local}, {"--fetch-log-dir", &r.logDir}} {
		text := r.words.Text(one.name)
		if text == nil {
			if one.name == "--distfiles" {
				return misunderstood("missing required --distfiles parameter")
			}
			continue
		}
		if *one.to = r.env.Abs(*text); !writableDir(*one.to) {
			return misunderstood("%s '%s' is not a writable directory", one.name, *one.to)
		}
	}
	if text, err := os.ReadFile(filepath.Join(r.distfiles, "layout.conf")); err == nil && !strings.Contains(string(text), "0=flat\n") {
		return &cli.RefusedError{Program: program, What: filepath.Join(r.distfiles, "layout.conf"), Why: "only the flat layout is known"}
	}
	for _, name := range []string{"--success-log", "--failure-log"} {
		text := r.words.Text(name)
		if text == nil {
			continue
		}
		if r.dry {
			r.log(warning, "dry-run: %s log redirected to logging.info", strings.TrimSuffix(strings.TrimPrefix(name, "--"), "-log"))
			continue
		}
		f, err := os.OpenFile(r.env.Abs(*text), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			return err
		}
		r.closers = append(r.closers, f)
		*logs[name] = f
	}
	if text := r.words.Text("--restrict-mirror-exemptions"); text != nil {
		r.exempt = strings.Split(*text, ",")
	}
	return r.openDatabase()
}

func writableDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir() && unix.Access(path, unix.W_OK|unix.X_OK) == nil
}

func (r *run) openDatabase() error {
	text := r.words.Text("--distfiles-db")
	if text == nil {
		return nil
	}
	if r.dry {
		r.log(warning, "dry-run: distfiles db opened in readonly mode")
	}
	db, err := readDatabase(r.env.Abs(*text))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r.db = db
	return nil
}

// A level is how much a line of the log matters.
type level uint8

const (
	errorLevel level = iota
	warning
	info
	debug
)

func (l level) String() string { return [...]string{"ERROR", "WARNING", "INFO", "DEBUG"}[l] }

// log writes to standard error what --verbose lets through.
func (r *run) log(l level, format string, args ...any) {
	if int(l) <= int(warning)+r.words.Count("--verbose") {
		_, _ = fmt.Fprintf(r.env.Err, "[%s] %s\n", l, fmt.Sprintf(format, args...))
	}
}

// record writes a line to a log, or to the messages if there is none.
func (r *run) record(to io.Writer, name, line string) {
	if to == nil {
		r.log(info, "%s: %s", name, line)
		return
	}
	if _, err := fmt.Fprintln(to, line); err != nil {
		r.log(errorLevel, "%s log: %v", name, err)
	}
}

func (r *run) summary() {
	r.log(info, "finished in %d seconds", int(time.Since(r.started).Seconds()))
	r.log(info, "failed to fetch %d files", len(r.failed))
	r.log(info, "deleted 0 files")
	r.log(info, "deletion of 0 files scheduled")
	r.log(info, "added %s files", strconv.FormatInt(r.addedFiles, 10))
	r.log(info, "added %s bytes total", strconv.FormatInt(r.addedBy, 10))
}
