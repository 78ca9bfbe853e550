package etcupdate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/confupdates"
)

// settingNames are the settings of etc-update.conf that mean something.
func settingNames() []string {
	return []string{"clear_term", "eu_automerge", "rm_opts", "mv_opts", "pager", "diff_command", "using_editor", "merge_command", "mode"}
}

// configure reads etc-update.conf.
func (r *run) configure() error {
	r.settings = map[string]string{}
	path := r.root + "etc/etc-update.conf"
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, _ = fmt.Fprintf(r.env.Err, "sed: can't read %s: No such file or directory\n", path)
	} else if err != nil {
		return err
	}
	comment, item := regexp.MustCompile(`\s*#.*$`), regexp.MustCompile(`^\s*(\w+)\s*=\s*(.*)$`)
	for number, line := range strings.Split(string(text), "\n") {
		m := item.FindStringSubmatch(comment.ReplaceAllString(line, ""))
		if m == nil || !slices.Contains(settingNames(), m[1]) {
			continue
		}
		value := strings.TrimSpace(m[2])
		if q := value; len(q) > 1 && (q[0] == '"' || q[0] == '\'') {
			if q[len(q)-1] != q[0] {
				return fmt.Errorf("%s:%d: quote of %s does not end: %s", path, number+1, m[1], value)
			}
			value = q[1 : len(q)-1]
		}
		r.settings[m[1]] = value
	}
	switch r.settings["mode"] {
	case "", "0":
	default:
		return fatal("mode=" + r.settings["mode"] + " is not supported, only mode=0")
	}
	if words := strings.Fields(r.settings["diff_command"]); len(words) > 0 {
		if _, err := exec.LookPath(words[0]); err != nil {
			return fatal(fmt.Sprintf("'%s' does not seem to work, aborting", r.settings["diff_command"]))
		}
	}
	return nil
}

func (r *run) tellSettings() {
	for _, name := range []string{"CONFIG_PROTECT", "CONFIG_PROTECT_MASK", "FEATURES", "PORTAGE_CONFIGROOT", "PORTAGE_INST_GID", "PORTAGE_INST_UID", "PORTAGE_TMPDIR", "EROOT", "USERLAND", "NOCOLOR", "NO_COLOR"} {
		value := r.config.Get(name)
		switch name {
		case "EROOT":
			value = r.eroot
		case "PORTAGE_CONFIGROOT":
			value = r.root
		}
		r.say("%s=%s\n", name, value)
	}
	for _, name := range settingNames() {
		r.say("%s=%s\n", name, r.settings[name])
	}
	r.say("SCAN_PATHS=%s\n", strings.Join(r.paths, " "))
}

// find lists the updates below a protected path, or of it if it is a file.
func (r *run) find(path string) ([]confupdates.Update, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() && unix.Access(path, unix.W_OK) != nil {
		return nil, fatal("Need write access to " + path)
	}
	list, problems := confupdates.Find(path, r.config.Feature("case-insensitive-fs"))
	for _, p := range problems {
		_, _ = fmt.Fprintf(r.env.Err, "etc-update: %v\n", p)
	}
	return list, nil
}

// scan finds the updates, and deals at once with those that are no real ones.
func (r *run) scan() error {
	if !r.quiet {
		r.say("Scanning Configuration files...\n")
	}
	r.pending = nil
	seen := map[string]bool{} // protected paths may lie in each other
	for _, path := range r.paths {
		list, err := r.find(strings.TrimSuffix(r.eroot, "/") + filepath.Clean("/"+path))
		if err != nil {
			return err
		}
		var last *confupdates.Update
		for i := range list {
			if seen[list[i].Path] {
				continue
			}
			seen[list[i].Path] = true
			kept, err := r.look(&list[i], last)
			if err != nil {
				return err
			}
			if kept {
				last = &list[i]
			}
		}
	}
	return nil
}

// look deals with one update; last is the one kept before it. It says if the update
// is kept.
func (r *run) look(u, last *confupdates.Update) (bool, error) {
	for _, mask := range r.config.Words("CONFIG_PROTECT_MASK") {
		if strings.HasPrefix(u.Dir, strings.TrimSuffix(r.eroot, "/")+mask) {
			r.note("Updating masked file: %s\n", u.Live())
			return false, os.Rename(u.Path, u.Live())
		}
	}
	info, err := os.Lstat(u.Path)
	if err != nil {
		return false, err
	}
	same := last != nil && last.Dir == u.Dir && last.Base == u.Base
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		to, _ := os.Readlink(u.Path)
		if now, err := os.Readlink(u.Live()); err == nil && now == to {
			return false, os.Remove(u.Path)
		}
	case !info.Mode().IsRegular():
		r.note("Skipping non-file %s ...\n", u.Path)
		return false, nil
	case same:
		equal, err := r.equal(u.Path, last.Path)
		if err != nil {
			return false, err
		}
		if equal {
			return false, os.Rename(u.Path, last.Path)
		}
	default:
		trivial, err := r.trivial(u)
		if err != nil {
			return false, err
		}
		if trivial {
			r.note("Automerging trivial changes in: %s\n", u.Live())
			_, err := r.move(u.Path, u.Live(), false)
			return false, err
		}
	}
	if !same {
		r.pending = append(r.pending, &pending{live: u.Live()})
	}
	p := r.pending[len(r.pending)-1]
	p.updates = append(p.updates, u.Path)
	return true, nil
}

// note tells what only those want to know who did not say --quiet.
func (r *run) note(format string, args ...any) {
	if !r.quiet {
		r.say(format, args...)
	}
}

// trivial says if an update need not be asked about.
func (r *run) trivial(u *confupdates.Update) (bool, error) {
	if info, err := os.Stat(u.Live()); err != nil || !info.Mode().IsRegular() {
		return false, nil
	}
	if r.settings["eu_automerge"] != "yes" {
		return r.equal(u.Path, u.Live())
	}
	text, err := r.diff("-Bbua", u.Path, u.Live())
	if err != nil {
		return false, err
	}
	nothing := regexp.MustCompile(`^([+-][\t ]*(#|$)|-{3} |\+{3} )`)
	return !slices.ContainsFunc(text, func(line string) bool {
		return line != "" && strings.ContainsRune("+-", rune(line[0])) && !nothing.MatchString(line)
	}), nil
}

// equal says if two files differ in white space and lines with CVS headers only.
func (r *run) equal(a, b string) (bool, error) {
	text, err := r.diff("-Nbua", a, b)
	header, change := regexp.MustCompile(`# .Header:`), regexp.MustCompile(`^[+-][^+-]`)
	return !slices.ContainsFunc(text, func(line string) bool { return !header.MatchString(line) && change.MatchString(line) }), err
}

// diff runs diff and returns its lines.
func (r *run) diff(options, a, b string) ([]string, error) {
	var out, told bytes.Buffer
	cmd := exec.CommandContext(r.ctx, "diff", options, a, b)
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &told, r.environ()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 1) {
		return nil, fmt.Errorf("compare %s with %s: %w: %s", a, b, err, strings.TrimSpace(told.String()))
	}
	return strings.Split(out.String(), "\n"), nil
}

// environ is the environment of programs.
func (r *run) environ() []string {
	var list []string
	for name, value := range r.env.Vars {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}
