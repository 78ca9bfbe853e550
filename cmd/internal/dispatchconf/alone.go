package dispatchconf

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

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// archiveOf is where a file is archived.
func (r *run) archiveOf(i *item) string { return filepath.Join(r.options["archive-dir"], i.live) }

// alone archives a file and deals with its update if no question is needed.
func (r *run) alone(i *item) (done bool, err error) {
	archive := r.archiveOf(i)
	conflict, err := r.archive(i, archive)
	if err != nil {
		return false, err
	}
	update := i.update
	if text, err := os.ReadFile(i.merged()); err == nil {
		same := conflict || sameText(i.update, text)
		if !same && r.options["ignore-previously-merged"] != "yes" {
			dist, err := os.ReadFile(archive + ".dist")
			same = err == nil && sameText(i.update, dist)
		}
		if same {
			err = remove(i.merged())
		} else {
			update = i.merged()
		}
		if err != nil {
			return false, err
		}
	}
	dist, distErr := os.ReadFile(archive + ".dist")
	unmodified := distErr == nil && sameText(i.live, dist) && r.options["replace-unmodified"] == "yes"
	changed, err := r.changes(i.live, update)
	if err != nil {
		return false, err
	}
	switch {
	case changed == nil:
		if err := remove(i.update, i.merged()); err != nil {
			return false, err
		}
		return true, post(archive)
	case slices.Contains(strings.Fields(r.options["frozen-files"]), i.live):
		r.frozen = append(r.frozen, i.live)
		return true, remove(i.update, i.merged())
	case unmodified, r.trivial(changed), !r.protect.Protected("/" + strings.TrimPrefix(strings.TrimPrefix(i.live, r.root.Path), "/")):
		return true, r.use(i, update)
	}
	return false, nil
}

// sameText says if a file has a content.
func sameText(path string, text []byte) bool {
	have, err := os.ReadFile(path)
	return err == nil && bytes.Equal(have, text)
}

// changes lists the lines that differ, nil if the files are the same.
func (r *run) changes(live, update string) ([]string, error) {
	out, status, err := r.output("diff", "-Nu", live, update)
	if err != nil || status == 0 {
		return nil, err
	}
	lines := []string{}
	for line := range strings.Lines(string(out)) {
		if regexp.MustCompile(`^[+-][^\n+-]`).MatchString(line) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	if status > 1 {
		lines = []string{"+binary"} // they differ, and nobody can say how
	}
	return lines, nil
}

// trivial says if lines differ in nothing that the user wants to see.
func (r *run) trivial(lines []string) bool {
	all := func(pattern string) bool {
		p := regexp.MustCompile(pattern)
		return !slices.ContainsFunc(lines, func(line string) bool { return !p.MatchString(line) })
	}
	return r.options["replace-cvs"] == "yes" && all(`# [$]Header:`) || r.options["replace-wscomments"] == "yes" && all(`^[-+]\s*(#|$)`)
}

// archive keeps the file as it is, and the update beside it, and merges both with the
// last update that was taken. conflict says that this did not work.
func (r *run) archive(i *item, archive string) (conflict bool, err error) {
	if err := os.MkdirAll(filepath.Dir(archive), 0o755); err != nil {
		return false, err
	}
	if old, err := os.ReadFile(archive); err == nil && !sameText(i.live, old) {
		if err := rotate(archive); err != nil {
			return false, err
		}
	}
	if err := copyFile(i.live, archive); err != nil {
		return false, err
	}
	if err := copyFile(i.update, archive+".dist.new"); err != nil {
		return false, err
	}
	for _, path := range []string{i.live, i.update, archive + ".dist"} {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return false, nil
		}
	}
	out, status, err := r.output("diff3", "-mE", i.live, archive+".dist", i.update)
	if err != nil {
		return false, err
	}
	info, err := os.Stat(i.update)
	if err != nil {
		return false, err
	}
	return status != 0, atomicfile.WriteFile(i.merged(), out, info.Mode().Perm())
}

// rotate renames a file to NAME.1, and what has that name to NAME.2, up to 9.
func rotate(path string) error {
	const most = 9
	last := most
	for n := 1; n < most; n++ {
		if _, err := os.Lstat(fmt.Sprintf("%s.%d", path, n)); errors.Is(err, fs.ErrNotExist) {
			last = n
			break
		}
	}
	for n := last; n > 1; n-- {
		if err := os.Rename(fmt.Sprintf("%s.%d", path, n-1), fmt.Sprintf("%s.%d", path, n)); err != nil {
			return err
		}
	}
	return os.Rename(path, path+".1")
}

// copyFile copies a file or a link, with mode and time. A file that is not there is
// left out.
func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if target, err := os.Readlink(from); err == nil {
		if err := remove(to); err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(to, text, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// post makes the update that was taken the one that the next is compared with.
func post(archive string) error {
	err := os.Rename(archive+".dist.new", archive+".dist")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// use puts an update into the place of its file, and logs what that changes.
func (r *run) use(i *item, update string) error {
	if path := r.options["log-file"]; path != "" {
		out, _, err := r.output("diff", "-Nu", i.live, update)
		if err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(append(bytes.TrimSuffix(out, []byte("\n")), '\n'))
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	if err := os.Rename(update, i.live); err != nil {
		return err
	}
	if err := post(r.archiveOf(i)); err != nil {
		return err
	}
	return remove(i.update, i.merged())
}

// mergeByHand has the user's program merge a file and its update.
func (r *run) mergeByHand(i *item, update string) error {
	dir, err := os.MkdirTemp("", "dispatch-conf.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a merge that was not wanted
	merged := filepath.Join(dir, filepath.Base(i.live))
	if err := r.shell(fmt.Sprintf(strings.ReplaceAll(r.options["merge"], "'%s'", "%s"), quote(merged), quote(i.live), quote(update))); err != nil {
		return err
	}
	text, err := os.ReadFile(merged)
	if err != nil {
		r.say("Failure running 'merge' command\n")
		return nil
	}
	info, err := os.Stat(i.update)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(i.merged(), text, info.Mode().Perm())
}

// environ is the environment of programs.
func (r *run) environ() (list []string) {
	for name, value := range r.env.Vars {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// output runs a program of diffutils and gives what it prints, and its status.
func (r *run) output(argv ...string) ([]byte, int, error) {
	cmd := exec.CommandContext(r.ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Stderr = r.environ(), r.env.Err
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return out, exit.ExitCode(), nil
	}
	return out, 0, err
}

// shell runs a command of the configuration. Its status is of no account: diff has 1
// for files that differ.
func (r *run) shell(command string) error {
	cmd := exec.CommandContext(r.ctx, "sh", "-c", command)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = r.environ(), nil, r.env.Out, r.env.Err
	if r.env.InTerminal {
		cmd.Stdin = r.env.In
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}
