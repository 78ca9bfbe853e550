package etcupdate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// file works on the updates of one file.
func (r *run) file(at int) error {
	p := r.pending[at]
	asks := func() bool { return !r.overwrite && !r.discard }
	if asks() {
		r.say("\n")
	}
	for len(p.updates) > 0 {
		i := 0
		if len(p.updates) > 1 && asks() {
			var err error
			if i, err = r.chooseUpdate(p); err != nil {
				return err
			}
			if i < 0 {
				return nil
			}
		}
		if err := r.update(p.updates[i], p.live); err != nil {
			return err
		}
		p.updates = append(p.updates[:i:i], p.updates[i+1:]...)
	}
	if asks() {
		r.say("\n")
	}
	r.pending[at] = nil
	return nil
}

// chooseUpdate asks which update is meant; -1: none.
func (r *run) chooseUpdate(p *pending) (int, error) {
	for {
		r.say("Below are the new config files for %s:\n", p.live)
		for i, u := range p.updates {
			r.say("%d) %s\n", i+1, u)
		}
		r.say("Please select a file to process (-1 to exit this file): ")
		n, err := r.number()
		switch {
		case err != nil:
			return 0, err
		case n == -1:
			return -1, nil
		case n == 0:
			return 0, nil
		case n > 0 && n <= len(p.updates):
			return n - 1, nil
		}
	}
}

const choices = `
File: %s
1) Replace original with update
2) Delete update, keeping original as is
3) Interactively merge original with update
4) Show differences again
5) Save update as example config
Please select from the menu above (-1 to ignore this update): `

// update deals with one update, as it is told or as the mode says.
func (r *run) update(file, live string) error {
	special, err := r.special(live)
	if err != nil {
		return err
	}
	for there(file) {
		choice, automatic := 0, true
		switch {
		case r.overwrite && !special:
			choice = 1
		case r.discard && !special:
			choice = 2
		default:
			automatic = false
			if err := r.show(live, file); err != nil {
				return err
			}
			r.say(choices, file)
			if choice, err = r.number(); err != nil {
				return err
			}
		}
		switch choice {
		case -1:
			return nil
		case 1:
			r.say("Replacing %s with %s\n", live, file)
			_, err = r.move(file, live, r.asksMove())
		case 2:
			r.say("Deleting %s\n", file)
			err = r.remove(file)
		case 3:
			var done bool
			if done, err = r.merge(file, live); done {
				return err
			}
		case 5:
			err = r.example(file, live)
		}
		if err != nil || automatic {
			return err
		}
	}
	return nil
}

// there says if there is a file or a link.
func there(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && (info.Mode().IsRegular() || info.Mode()&fs.ModeSymlink != 0)
}

// special says if a file is one of those that are always asked about.
func (r *run) special(live string) (bool, error) {
	path := r.root + "etc/etc-update.special"
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		pattern, err := regexp.Compile(strings.TrimSpace(line))
		if err != nil {
			return false, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		if pattern.MatchString(live) {
			return true, nil
		}
	}
	return false, nil
}

func (r *run) asksMove() bool { return !r.noAskMove && wantsPrompt(r.settings["mv_opts"]) }

func wantsPrompt(options string) bool {
	for _, word := range strings.Fields(options) {
		if word == "-i" || word == "--interactive" {
			return true
		}
	}
	return false
}

// agreed asks a question as mv and rm do.
func (r *run) agreed(question string) (bool, error) {
	_, _ = fmt.Fprint(r.env.Err, question)
	reply, err := r.line()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return strings.HasPrefix(strings.ToLower(reply), "y"), err
}

// move puts an update into the place of a file. Where the file is a link and the
// update is none, it is put into the place that the link names.
func (r *run) move(file, live string, ask bool) (bool, error) {
	to, err := os.Readlink(live)
	if _, isLink := os.Readlink(file); err == nil && isLink != nil {
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(live), to)
		}
		r.say(" Target is a symlink; replacing %s\n", to)
		live = to
	} else if info, err := os.Lstat(live); err == nil && info.IsDir() {
		if err := os.Remove(live); err != nil {
			return false, err
		}
	}
	if _, err := os.Lstat(live); ask && err == nil {
		if ok, err := r.agreed(fmt.Sprintf("mv: overwrite '%s'? ", live)); !ok {
			return false, err
		}
	}
	return true, os.Rename(file, live)
}

// remove discards an update.
func (r *run) remove(file string) error {
	if !r.noAskDrop && wantsPrompt(r.settings["rm_opts"]) {
		kind := "regular file"
		if info, err := os.Lstat(file); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			kind = "symbolic link"
		} else if err == nil && info.Size() == 0 {
			kind = "regular empty file"
		}
		if ok, err := r.agreed(fmt.Sprintf("rm: remove %s '%s'? ", kind, file)); !ok {
			return err
		}
	}
	return os.Remove(file)
}

// example keeps an update as an example beside its file.
func (r *run) example(file, live string) error {
	for n := range 10000 {
		path := fmt.Sprintf("%s.dist_%04d", live, n)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return os.Rename(file, path)
		}
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			a, errA := os.ReadFile(path)
			b, errB := os.ReadFile(file)
			if errA == nil && errB == nil && bytes.Equal(a, b) {
				return os.Rename(file, path)
			}
		} else if a, err := os.Readlink(path); err == nil {
			if b, err := os.Readlink(file); err == nil && a == b {
				return os.Rename(file, path)
			}
		}
	}
	return fatal("there are too many examples of " + live)
}

// show shows how two files differ.
func (r *run) show(a, b string) error {
	r.clear()
	begin, end := "Beginning of differences between %s and %s\n", fmt.Sprintf("End of differences between %s and %s\n", a, b)
	if r.settings["using_editor"] == "0" {
		begin, end = "Showing differences between %s and %s\n", ""
	}
	dir, err := os.MkdirTemp("", "etc-update.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // what stays is only a description
	shown := [2]string{a, b}
	for i, path := range shown {
		info, err := os.Lstat(path)
		text := ""
		switch {
		case err != nil:
			text = "/dev/null\n"
		case info.Mode()&fs.ModeSymlink != 0:
			to, _ := os.Readlink(path)
			text = fmt.Sprintf("SYM: %s -> %s\n", a, to)
		case info.IsDir():
			text = fmt.Sprintf("DIR: %s\n", a)
		default:
			continue
		}
		shown[i] = filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(shown[i], []byte(text), 0o600); err != nil {
			return err
		}
	}
	r.say(begin, a, b)
	if err := r.call(r.settings["diff_command"], "%file1", shown[0], "%file2", shown[1]); err != nil {
		return err
	}
	r.say("%s", end)
	return nil
}

// call runs a command of etc-update.conf with names put in. Its status is of no
// account: diff has 1 for files that differ.
func (r *run) call(command string, names ...string) error {
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil
	}
	replacer := strings.NewReplacer(names...)
	for i, w := range words {
		words[i] = replacer.Replace(w)
	}
	cmd := exec.CommandContext(r.ctx, words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = r.env.In, r.env.Out, r.env.Err, r.environ()
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

const mergeChoices = `1) Replace %s with merged file
2) Show differences between merged file and original
3) Remerge original with update
4) Edit merged file
5) Return to the previous menu
Please select from the menu above (-1 to exit, losing this merge): `

// merge makes a file of both with the user's program. done means that the update is
// dealt with, or to be left.
func (r *run) merge(file, live string) (done bool, err error) {
	for _, path := range []string{file, live} {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			r.say("Non-regular file cannot be merged: %s\n", path)
			return false, nil
		}
	}
	if r.settings["merge_command"] == "" {
		return false, fatal("etc-update.conf has no merge_command")
	}
	dir, err := os.MkdirTemp("", "etc-update.")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir) // a merge that was not wanted
	merged := filepath.Join(dir, filepath.Base(live)+".merged")
	r.say("%s %s %s\n", file, live, merged)
	for again := true; ; {
		if again {
			r.say("Merging %s and %s\n", file, live)
			if err := r.call(r.settings["merge_command"], "%merged", merged, "%orig", live, "%new", file); err != nil {
				return false, err
			}
		}
		r.say(mergeChoices, live)
		n, err := r.number()
		if err != nil {
			return false, err
		}
		again = n == 3
		switch n {
		case -1:
			return true, nil
		case 1:
			return true, r.putMerged(file, live, merged)
		case 2:
			err = r.show(live, merged)
		case 4:
			editor := r.env.Vars["EDITOR"]
			if editor == "" {
				editor = "nano -w"
			}
			err = r.call(editor + " " + merged)
		case 5:
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// putMerged puts what was merged into the place of a file, with that one's mode and
// owner, and drops the update.
func (r *run) putMerged(file, live, merged string) error {
	r.say("Replacing %s with %s\n", live, merged)
	text, err := os.ReadFile(merged)
	if err != nil {
		return err
	}
	if err := replaceLike(live, text); err != nil {
		return err
	}
	return r.remove(file)
}
