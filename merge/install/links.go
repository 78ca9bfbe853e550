package install

import (
	"errors"
	"os"
	"path"
	"strings"
)

// errIsDir is for a folder where a file is needed.
var errIsDir = errors.New("is a directory")

// dosym makes a symbolic link; with -r (EAPI 8) an absolute target is made
// relative to the link, by names alone.
func (c *command) dosym() error {
	args := c.Args
	relative := c.EAPI.DosymRelative && len(args) > 0 && args[0] == "-r"
	if relative {
		args = args[1:]
	}
	if len(args) != 2 {
		return c.stop("%s: two arguments needed", c.Name)
	}
	to, name := args[0], args[1]
	dest := path.Clean(c.image(name))
	info, err := os.Lstat(dest)
	if strings.HasSuffix(name, "/") || (err == nil && info.IsDir()) {
		if err := c.fail("%s: the name of the link is missing: %s", c.Name, name); err != nil {
			return err
		}
		// Under nonfatal ln(1) puts the link into the folder.
		dest = path.Join(dest, path.Base(to))
	}
	if relative {
		if !path.IsAbs(to) {
			if err := c.fail("%s: -r needs an absolute target: %s", c.Name, to); err != nil {
				return err
			}
		}
		to = relativeLink(to, name)
	}
	c.res.Status = 0
	if err := c.parent(path.Dir(dest)); err != nil {
		return err
	}
	if info, err := os.Lstat(dest); err == nil && !info.IsDir() {
		if err := os.Remove(dest); err != nil {
			return err
		}
	}
	return os.Symlink(to, dest)
}

// parent makes the folder of a link as dodir would.
func (c *command) parent(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	o, err := parseOptions(c.Var(VarDiropts))
	if err != nil {
		return err
	}
	return o.folder(dir)
}

// relativeLink gives the target seen from the folder of the link. It is a matter
// of text: nothing needs to exist (PMS 12.3.9, algorithm of dosym -r).
func relativeLink(to, name string) string {
	target := elements(to)
	from := elements(path.Dir(path.Clean("/" + name)))
	for len(target) > 0 && len(from) > 0 && target[0] == from[0] {
		target, from = target[1:], from[1:]
	}
	out := append(dots(len(from)), target...)
	if len(out) == 0 {
		return "."
	}
	return strings.Join(out, "/")
}

func dots(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = ".."
	}
	return out
}

// elements gives the parts of a path; an absolute one begins with an empty part.
func elements(p string) []string {
	p = path.Clean(p)
	if p == "/" {
		p = ""
	}
	return strings.Split(p, "/")
}
