package checkroot

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/inroot"
)

// A tree is the files of the root.
type tree struct {
	*call
	fs     *inroot.FS
	exists map[string]bool // interpreters

	scripts, links []Finding
}

func newTree(c *call) (*tree, error) {
	fs, err := inroot.Open(c.root)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", c.root, err)
	}
	return &tree{call: c, fs: fs, exists: map[string]bool{}}, nil
}

// walk looks at all files. What cannot be read is told and hides nothing else.
func (t *tree) walk(ctx context.Context, shebang, symlink bool) error {
	err := fs.WalkDir(os.DirFS(t.root), ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name = path.Join("/", name)
		switch {
		case err != nil:
			_, _ = fmt.Fprintf(t.env.Err, "tumpline check-root: %v\n", err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && slices.Contains([]string{"/dev", "/proc", "/sys"}, name) && t.mounted(name):
			return fs.SkipDir
		case symlink && d.Type()&fs.ModeSymlink != 0:
			t.link(name)
		case shebang && d.Type().IsRegular():
			t.script(name)
		}
		return nil
	})
	t.doc.Findings = append(append(t.doc.Findings, t.scripts...), t.links...)
	return err
}

// mounted says if another file system is mounted on a folder.
func (t *tree) mounted(name string) bool {
	var root, st unix.Stat_t
	return unix.Stat(t.root, &root) == nil && unix.Stat(path.Join(t.root, name), &st) == nil && root.Dev != st.Dev
}

// link looks if a link leads to something in the root.
func (t *tree) link(name string) {
	if matches(t.ignored.symlinks, name) {
		return
	}
	if _, err := t.fs.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ELOOP) && !errors.Is(err, unix.ENOTDIR) {
		return
	}
	target, err := t.fs.Readlink(name)
	if err != nil {
		return // it went meanwhile
	}
	t.links = append(t.links, Finding{Check: "symlink", Path: &name, Target: &target, Files: []string{}, Owners: []string{}})
}

// script looks if the interpreter of a script exists. Files that not everyone may
// run are not taken for scripts.
func (t *tree) script(name string) {
	const open = unix.S_IROTH | unix.S_IXOTH
	st, err := t.fs.Lstat(name)
	if err != nil || st.Mode&open != open || matches(t.ignored.shebangs, name) {
		return
	}
	program, ok, err := t.interpreter(name)
	if err != nil {
		_, _ = fmt.Fprintf(t.env.Err, "tumpline check-root: %v\n", err)
	}
	if !ok || t.found(program) {
		return
	}
	t.scripts = append(t.scripts, Finding{Check: "shebang", Path: &name, Target: &program, Files: []string{}, Owners: []string{}})
}

// interpreter reads the first line of a file: the program that it names, as
// "(env)/NAME" if env shall find it.
func (t *tree) interpreter(name string) (program string, ok bool, err error) {
	f, err := t.fs.Open(name)
	if err != nil {
		return "", false, err
	}
	defer f.Close() // only read from
	start, err := bufio.NewReader(io.LimitReader(f, 80)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	line, ok := strings.CutPrefix(start, "#!")
	words := strings.Fields(line)
	if !ok || len(words) == 0 {
		return "", false, nil
	}
	if words[0] != "/usr/bin/env" && words[0] != "/bin/env" || len(words) == 1 {
		return words[0], true, nil
	}
	words = words[1:]
	if strings.HasPrefix(words[0], "-") && len(words) > 1 {
		words = words[1:]
	}
	return "(env)/" + words[0], true, nil
}

// found says if an interpreter exists.
func (t *tree) found(program string) bool {
	ok, known := t.exists[program]
	if known {
		return ok
	}
	places := []string{program}
	if name, env := strings.CutPrefix(program, "(env)/"); env {
		places = []string{path.Join("/usr/bin", name), path.Join("/usr/sbin", name)}
	}
	for _, place := range places {
		if _, err := t.fs.Stat(path.Join("/", place)); err == nil {
			ok = true
		}
	}
	t.exists[program] = ok
	return ok
}
