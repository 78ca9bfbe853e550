// Package dispatchconf is the front dispatch-conf: it archives the updates of
// configuration files, merges those that need no question, and asks about the others.
//
// Keys come from a terminal or, for scripts, from standard input. Archives in RCS
// (use-rcs=yes) are refused, and hooks (conf-update.d) are not run.
package dispatchconf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/confupdates"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/merge/confprotect"
)

const program = "dispatch-conf"

const usage = "dispatch-conf: sane configuration file update\n\nUsage: dispatch-conf [config dirs]\n\nSee the dispatch-conf(1) man page for more details\n"

const keysHelp = `

  u -- update current config with new config and continue
  z -- zap (delete) new config and continue
  n -- skip to next config, leave all intact
  e -- edit new config
  m -- interactively merge current and new configs
  l -- look at diff between pre-merged and merged configs
  t -- toggle new config between merged and pre-merged state
  h -- this screen
  q -- quit

press any key to return to diff... `

// A run answers one call.
type run struct {
	env     *cli.Env
	ctx     context.Context
	root    *session.Root
	options map[string]string // of dispatch-conf.conf
	protect *confprotect.Protect
	frozen  []string // files whose updates were dropped
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	for _, a := range env.Args {
		switch a {
		case "-h", "--help":
			_, err := fmt.Fprint(env.Out, usage)
			return err
		case "--version":
			_, err := fmt.Fprintln(env.Out, cli.Version())
			return err
		}
	}
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	r := &run{env: env, ctx: ctx, root: s.Target}
	if err := r.configure(filepath.Join(s.Places.Build, "etc/dispatch-conf.conf")); err != nil {
		return err
	}
	paths := env.Args
	if len(paths) == 0 {
		paths = r.root.Config.Words("CONFIG_PROTECT")
	}
	r.protect = confprotect.New(tree(r.root.Path), r.root.EPrefix, paths, r.root.Config.Words("CONFIG_PROTECT_MASK"))
	return r.grind(paths)
}

// A tree is a root as package confprotect asks about it.
type tree string

// IsDir says if a path leads to a folder.
func (t tree) IsDir(name string) bool { return session.IsDir(filepath.Join(string(t), name)) }

// Exists says if there is anything at a path.
func (t tree) Exists(name string) bool { return session.Exists(filepath.Join(string(t), name)) }

func (r *run) say(format string, args ...any) { _, _ = fmt.Fprintf(r.env.Out, format, args...) }

// configure reads dispatch-conf.conf and makes the archive.
func (r *run) configure(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("dispatch-conf: Error reading %s; fatal: %w", path, err)
	}
	r.options = map[string]string{"merge": "sdiff --suppress-common-lines --output='%s' '%s' '%s'"}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("%s:%d: expected OPTION=VALUE: %q", path, i+1, line)
		}
		value = strings.TrimSpace(value)
		if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		r.options[strings.TrimSpace(key)] = value
	}
	for _, key := range []string{"archive-dir", "diff", "replace-cvs", "replace-wscomments"} {
		if _, ok := r.options[key]; !ok {
			return fmt.Errorf("dispatch-conf: Missing option %q in %s; fatal", key, path)
		}
	}
	if r.options["use-rcs"] == "yes" {
		return &cli.RefusedError{Program: program, What: "use-rcs=yes"}
	}
	dir := strings.NewReplacer("${EPREFIX}", r.root.EPrefix, "$EPREFIX", r.root.EPrefix).Replace(r.options["archive-dir"])
	r.options["archive-dir"] = dir
	if err := os.Mkdir(dir, 0o700); err != nil && !session.IsDir(dir) {
		return fmt.Errorf("dispatch-conf: Config archive dir [%s] must exist; fatal", dir)
	}
	return r.openLog()
}

// openLog begins the log of changes, and keeps the last one.
func (r *run) openLog() error {
	path := r.options["log-file"]
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path+".old", text, 0o600)
	} else if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, nil, 0o600)
}

// An item is a file with its newest update.
type item struct {
	live, update string
}

// merged is where the merge of both is kept.
func (i *item) merged() string {
	dir, name := filepath.Split(i.update)
	return dir + strings.Replace(name, "._cfg", "._mrg", 1)
}

// items finds the updates. Of several for one file the older ones are dropped.
func (r *run) items(paths []string) (list []*item, err error) {
	byLive := map[string]*item{}
	for _, path := range paths {
		found, problems := confupdates.Find(filepath.Join(r.root.EROOT(), path), r.root.Config.Feature("case-insensitive-fs"))
		for _, p := range problems {
			_, _ = fmt.Fprintf(r.env.Err, "dispatch-conf: %v\n", p)
		}
		for _, u := range found {
			old := byLive[u.Live()]
			switch {
			case old == nil:
				byLive[u.Live()] = &item{u.Live(), u.Path}
				list = append(list, byLive[u.Live()])
			case old.update < u.Path:
				if err := remove(old.merged(), old.update); err != nil {
					return nil, err
				}
				old.update = u.Path
			}
		}
	}
	return list, nil
}

// remove removes files that may be there.
func remove(paths ...string) error {
	for _, p := range paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// grind deals with all updates.
func (r *run) grind(paths []string) error {
	all, err := r.items(paths)
	if err != nil {
		return err
	}
	var left []*item
	for _, i := range all {
		done, err := r.alone(i)
		if err != nil {
			return err
		}
		if !done {
			left = append(left, i)
		}
	}
	for n, i := range left {
		quit, err := r.ask(i, fmt.Sprintf("(%d of %d)", n+1, len(left)))
		if quit || err != nil {
			return err
		}
	}
	if len(r.frozen) > 0 {
		r.say("\n One or more updates are frozen and have been automatically zapped:\n\n")
		for _, path := range r.frozen {
			r.say("  * '%s'\n", path)
		}
		r.say("\n")
	}
	return nil
}

// key reads the next key that means something.
func (r *run) key(valid string) (byte, error) {
	if f, ok := r.env.In.(*os.File); ok && r.env.InTerminal {
		state, err := term.MakeRaw(int(f.Fd()))
		if err != nil {
			return 0, err
		}
		defer func() { _ = term.Restore(int(f.Fd()), state) }() // nothing better can be done
	}
	var b [1]byte
	for {
		n, err := r.env.In.Read(b[:])
		if n == 1 && (valid == "" || strings.IndexByte(valid, b[0]) >= 0) {
			r.say("\n")
			return b[0], nil
		}
		if errors.Is(err, io.EOF) {
			return 0, errors.New("dispatch-conf: standard input has ended, an answer is missing")
		}
		if err != nil {
			return 0, err
		}
	}
}

// ask asks about one update until it is dealt with; quit ends the run.
func (r *run) ask(i *item, place string) (quit bool, err error) {
	update, look := i.update, false
	if session.Exists(i.merged()) {
		update = i.merged()
	}
	for {
		a, b := i.live, update
		if look {
			a, b, look = i.update, i.merged(), false
		}
		if err := r.shell(fmt.Sprintf(strings.ReplaceAll(r.options["diff"], "'%s'", "%s"), quote(a), quote(b)) + r.pager()); err != nil {
			return false, err
		}
		r.say("\n>> %s -- %s\n>> q quit, h help, n next, e edit-new, z zap-new, u use-new\n   m merge, t toggle-merge, l look-merge:  ", place, i.live)
		key, err := r.key("qhtnmlezu")
		if err != nil {
			return false, err
		}
		switch key {
		case 'q':
			return true, nil
		case 'n':
			return false, nil
		case 'z':
			return false, remove(i.update, i.merged())
		case 'u':
			return false, r.use(i, update)
		case 'h':
			r.say("%s", keysHelp)
			if _, err := r.key(""); err != nil {
				return false, err
			}
		case 'l':
			look = true
		case 't':
			if update == i.merged() {
				update = i.update
			} else if session.Exists(i.merged()) {
				update = i.merged()
			}
		case 'e':
			editor := r.env.Vars["EDITOR"]
			if editor == "" {
				editor = "nano"
			}
			err = r.shell(editor + " " + quote(update))
		case 'm':
			if err = r.mergeByHand(i, update); err == nil && session.Exists(i.merged()) {
				update = i.merged()
			}
		}
		if err != nil {
			return false, err
		}
	}
}

// quote quotes a path for a shell.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

// pager is what differences are piped to.
func (r *run) pager() string {
	pager := r.options["pager"]
	if pager == "" {
		pager = r.env.Vars["PAGER"]
	}
	if pager == "" || filepath.Base(strings.Fields(pager)[0]) == "cat" {
		return ""
	}
	if filepath.Base(strings.Fields(pager)[0]) == "less" {
		pager += " " + r.options["less-opts"]
	}
	return " | " + pager
}
