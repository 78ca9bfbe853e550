// Package regenworld is the front regenworld: it finds in the log of merges what the
// user once asked for, and adds to the world file what of that is still installed.
package regenworld

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/profiles/sets"
)

const help = `This script regenerates the portage world file by checking the portage
logfile for all actions that you've done in the past. It ignores any
arguments except --help. It is recommended that you make a backup of
your existing world file (%s) before using this tool.
`

const review = `
Please review differences between old and new files, and replace
the old file if desired.

  old: %s

  new: %s

`

// A run answers one call.
type run struct {
	env  *cli.Env
	root *session.Root
}

// Main is the front.
func Main(ctx context.Context, env *cli.Env) error {
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	r := &run{env: env, root: s.Target}
	if len(env.Args) > 0 && (env.Args[0] == "-h" || env.Args[0] == "--help") {
		_, err := fmt.Fprintf(env.Out, help, r.world())
		return err
	}
	return r.do(ctx)
}

func (r *run) world() string { return filepath.Join(r.root.EROOT(), sets.WorldFile) }

func (r *run) do(ctx context.Context) error {
	lock, err := sets.LockWorld(ctx, r.root.EROOT())
	if err != nil {
		return err
	}
	defer lock.Remove()
	old, _ := sets.ReadWorld(r.root.EROOT()) // what is not valid stays out of the new file
	list, err := r.wanted(old.Atoms)
	if err != nil || len(list) == len(old.Atoms) {
		return err
	}
	now := sets.WorldList{}.With(list, nil)
	if len(old.Atoms) == 0 {
		return sets.WorldList{Atoms: now.Atoms, Sets: old.Sets}.Write(r.root.EROOT())
	}
	var text strings.Builder
	for _, a := range now.Atoms {
		text.WriteString(a.String() + "\n")
	}
	file, err := os.CreateTemp(filepath.Dir(r.world()), filepath.Base(r.world())+".*.tmp")
	if err != nil {
		return fmt.Errorf("regenworld: %w", err)
	}
	if err := errors.Join(file.Close(), atomicfile.WriteFile(file.Name(), []byte(text.String()), 0o644)); err != nil {
		return fmt.Errorf("regenworld: %w", err)
	}
	_, err = fmt.Fprintf(r.env.Out, review, r.world(), file.Name())
	return err
}

// wanted is the list of the world file, and what the log adds to it.
func (r *run) wanted(list []*atoms.Atom) ([]*atoms.Atom, error) {
	names, err := r.logged()
	if err != nil {
		return nil, err
	}
	system, err := r.system()
	if err != nil {
		return nil, err
	}
	known := func(cp atoms.CP) bool {
		return system[cp] || slices.ContainsFunc(list, func(a *atoms.Atom) bool { return a.String() == string(cp) })
	}
	list = slices.Clone(list)
	for _, name := range names {
		cp, err := r.installed(name)
		var many *ambiguousError
		switch {
		case errors.As(err, &many):
			_, _ = fmt.Fprintf(r.env.Out, "* %s is an ambiguous package name, candidates are:\n%s\n", name, many)
			continue
		case err != nil:
			if slices.Contains(r.env.Args, "--debug") {
				_, _ = fmt.Fprintf(r.env.Out, "* ignoring broken log entry for %s (likely injected)\n", name)
			}
			continue
		case cp == "" || known(cp):
			continue
		}
		a, err := atoms.ParseAtom(string(cp), atoms.AtomOptions{})
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(r.env.Out, "add to world: %s\n", cp)
		list = append(list, a)
	}
	return list, nil
}

// system lists the installed packages that the profile wants.
func (r *run) system() (map[atoms.CP]bool, error) {
	out := map[atoms.CP]bool{}
	list, err := r.root.Sets.Flatten(sets.System)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		cp, err := r.installed(a.String())
		if err == nil && cp != "" {
			out[cp] = true
		}
	}
	return out, nil
}

// An ambiguousError lists the packages that a name without category may mean.
type ambiguousError struct{ names []string }

func (e *ambiguousError) Error() string { return "['" + strings.Join(e.names, "', '") + "']" }

// installed gives the name of the installed package that an argument of emerge means;
// "" if there is none.
func (r *run) installed(text string) (atoms.CP, error) {
	cps, err := r.root.Installed.CPs()
	if err != nil {
		return "", err
	}
	var found []string
	var match atoms.CP
	tried := []string{text}
	if !strings.Contains(text, "/") {
		tried = nil
		at := strings.IndexFunc(text, func(c rune) bool { return !strings.ContainsRune("<>=~!", c) })
		for _, cp := range cps {
			tried = append(tried, text[:max(at, 0)]+cp.Category()+"/"+text[max(at, 0):])
		}
		slices.Sort(tried)
		tried = slices.Compact(tried)
	}
	for _, t := range tried {
		a, err := atoms.ParseAtom(t, atoms.AtomOptions{AllowRepo: true})
		if err != nil {
			return "", err
		}
		list, err := r.root.Installed.Packages(a.CP)
		if err != nil {
			return "", err
		}
		for _, p := range list {
			if a.Match(p.Candidate(nil)) && !slices.Contains(found, string(a.CP)) {
				found, match = append(found, string(a.CP)), a.CP
			}
		}
	}
	if len(found) > 1 {
		return "", &ambiguousError{found}
	}
	return match, nil
}

// logged lists the arguments of earlier merges, each once.
func (r *run) logged() (names []string, err error) {
	path := filepath.Join(r.root.EROOT(), "var/log/emerge.log")
	if dir := r.root.Config.Get("EMERGE_LOG_DIR"); dir != "" {
		path = filepath.Join(dir, "emerge.log")
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	begin := regexp.MustCompile(`^[0-9]+: \*\*\* emerge `)
	other := regexp.MustCompile(` sync( |$)| clean( |$)| search( |$)|--oneshot|--fetchonly| unmerge( |$)`)
	noise := regexp.MustCompile(`(\S+\.(ebuild|tbz2))|(--\S+)|inject `)
	for line := range strings.Lines(string(text)) {
		line = strings.Join(strings.Fields(line), " ")
		if !begin.MatchString(line) || other.MatchString(line) {
			continue
		}
		for word := range strings.FieldsSeq(noise.ReplaceAllString(begin.ReplaceAllString(line, ""), "")) {
			if !slices.Contains(names, word) && !slices.Contains([]string{"world", "system", "depclean", "info", "regen"}, word) && isName(word) {
				names = append(names, word)
			}
		}
	}
	return names, nil
}

// isName says if a word begins like an atom.
func isName(word string) bool { return regexp.MustCompile(`^[a-zA-Z<>=~]`).MatchString(word) }
