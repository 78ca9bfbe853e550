package install

import (
	"io"
	"os"
	"path"
	"strings"
)

// newfile is new*: the file under another name goes to a folder of its own below
// T, and do* installs it from there.
func (c *command) newfile(name string, do func(*command) error) error {
	if len(c.Args) < 2 || c.Args[1] == "" || c.Var("T") == "" {
		return c.stop("%s: two arguments needed, old file and new file", c.Name)
	}
	if len(c.Args) > 2 {
		c.notice("%s called with more than 2 arguments: %s", c.Name, strings.Join(c.Args[2:], " "))
	}
	dir, err := os.MkdirTemp(c.Var("T"), "new.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	renamed := path.Join(dir, c.Args[1])
	if err := c.renamed(renamed); err != nil {
		return err
	}
	// The do command speaks under its own name, as when new* calls it.
	inner := &command{Call: &Call{Name: name, Args: []string{renamed}, Dir: c.Dir, Var: c.Var, EAPI: c.EAPI, Nonfatal: c.Nonfatal, Out: c.Out}}
	err = do(inner)
	c.res.Notices = append(c.res.Notices, inner.res.Notices...)
	c.res.Status, c.res.Die = inner.res.Status, inner.res.Die
	return err
}

// renamed makes the copy that do* gets. Only newins keeps a link as such.
func (c *command) renamed(to string) error {
	from := c.Args[0]
	if from == "-" && c.EAPI.NewfooStdin {
		return c.standardInput(to)
	}
	source := c.path(from)
	keep := c.Name == "newins" && c.EAPI.DoinsSymlinks
	if link, err := os.Readlink(source); err == nil && keep && exists(source) {
		return os.Symlink(link, to)
	}
	info, err := os.Stat(source)
	if err != nil {
		return c.stop("%s: %s does not exist", c.Name, from)
	}
	if info.IsDir() {
		return &os.PathError{Op: c.Name, Path: from, Err: errIsDir}
	}
	if err := copyNew(source, to); err != nil {
		return err
	}
	return os.Chmod(to, info.Mode().Perm())
}

func (c *command) standardInput(to string) (err error) {
	if c.Stdin == nil {
		return c.stop("%s: input is from a terminal", c.Name)
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, c.Stdin)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
