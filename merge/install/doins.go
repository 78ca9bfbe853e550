package install

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

// doins installs files where insinto says.
func (c *command) doins() error {
	if c.EAPI.INSDESTTREE {
		return c.ins(c.Var("INSDESTTREE"), c.Var(VarInsopts), c.Var(VarDiropts))
	}
	if c.Var("INSDESTTREE") != "" {
		return c.banned("%s: INSDESTTREE is banned in EAPI %s, use insinto", c.Name, c.EAPI.Name)
	}
	return c.ins(c.Var(VarInsinto), c.Var(VarInsopts), c.Var(VarDiropts))
}

func (c *command) doconfd() error { return c.fixed("/etc/conf.d") }
func (c *command) doenvd() error  { return c.fixed("/etc/env.d") }

func (c *command) doheader() error {
	if !c.EAPI.Doheader {
		return c.banned("%s is not supported in EAPI %s", c.Name, c.EAPI.Name)
	}
	if len(c.Args) == 1 && c.Args[0] == "-r" {
		return c.stop("%s: at least one argument needed", c.Name)
	}
	return c.fixed("/usr/include")
}

// fixed is doins to a folder that no insinto changes; insopts counts up to EAPI 7.
func (c *command) fixed(into string) error {
	if err := c.needArgs(); err != nil {
		return err
	}
	if c.EAPI.InsoptsEverywhere {
		return c.ins(into, c.Var(VarInsopts), c.Var(VarDiropts))
	}
	return c.ins(into, "-m0644", "")
}

// dodoc installs below the documentation folder of the package.
func (c *command) dodoc() error {
	dir := path.Join("/usr/share/doc", c.Var("PF"), c.Var(VarDocinto))
	if c.EAPI.DodocRecursive {
		if len(c.Args) == 0 {
			c.notice("dodoc called with no arguments")
			return nil
		}
		return c.ins(dir, "-m0644", "")
	}
	if err := c.needArgs(); err != nil {
		return err
	}
	return c.each(c.image(dir), func(source string) error {
		info, err := os.Stat(source)
		switch {
		case err != nil:
			return err
		case info.IsDir():
			c.notice("dodoc argument '%s' is a directory", source)
			return nil
		case info.Size() == 0:
			return nil
		}
		return c.file(defaultOptions(0o644), source, path.Join(c.image(dir), path.Base(source)))
	})
}

// An ins is a running doins.
type ins struct {
	*command
	dest        string // folder in the image
	files, dirs options
	recursive   bool
}

// ins installs the arguments below into.
func (c *command) ins(into, insopts, diropts string) error {
	if err := c.needArgs(); err != nil {
		return err
	}
	if err := c.outside(into); err != nil {
		return err
	}
	i := &ins{command: c, dest: c.image(into)}
	args := c.Args
	if args[0] == "-r" {
		i.recursive, args = true, args[1:]
	}
	var err error
	if i.files, err = parseOptions(insopts); err != nil {
		return err
	}
	if i.dirs, err = parseOptions(diropts); err != nil {
		return err
	}
	if info, err := os.Stat(i.dest); err != nil || !info.IsDir() {
		if err := i.dirs.folder(i.dest); err != nil {
			return err
		}
	}
	return i.all(args)
}

// outside refuses a destination that names the image or the prefix again.
func (c *command) outside(into string) error {
	for _, v := range []string{"D", "EPREFIX"} {
		if p := strings.TrimRight(c.Var(v), "/"); p != "" && (into == p || strings.HasPrefix(into, p+"/")) {
			return c.stop("%s: %s must not be used with commands that add it: %s", c.Name, v, into)
		}
	}
	return nil
}

// all installs every argument. That nothing at all was installed is a failure.
func (i *ins) all(args []string) error {
	installed, failed := false, false
	for _, arg := range args {
		done, err := i.argument(arg)
		if errors.Is(err, fs.ErrNotExist) {
			return err // as Portage's doins: nothing after a missing file
		}
		if err != nil {
			i.say("%s: %v", i.Name, err)
			failed = true
		}
		installed = installed || done
	}
	return i.finish(failed || !installed)
}

// argument installs one argument, and says whether there was something to do.
func (i *ins) argument(arg string) (bool, error) {
	source := i.path(arg)
	info, err := os.Stat(source)
	link, lerr := os.Lstat(strings.TrimRight(source, "/"))
	isLink := lerr == nil && link.Mode()&fs.ModeSymlink != 0
	if err == nil && info.IsDir() && !(i.EAPI.DoinsSymlinks && isLink && !strings.HasSuffix(arg, "/")) {
		return i.folder(arg, source)
	}
	if err != nil && !(i.EAPI.DoinsSymlinks && isLink) {
		return false, err
	}
	return true, i.one(source, path.Join(i.dest, path.Base(source)))
}

func (i *ins) folder(arg, source string) (bool, error) {
	if !i.recursive {
		if i.Name == "dodoc" {
			return false, &fs.PathError{Op: "install", Path: arg, Err: errIsDir}
		}
		return false, nil
	}
	source = strings.TrimRight(source, "/")
	return true, i.below(source, path.Join(i.dest, path.Base(source)))
}

// below installs a folder and all in it. A link to a folder is not entered, and
// what fails does not stop the others.
func (i *ins) below(source, dest string) error {
	if err := i.dirs.folder(dest); err != nil {
		return err
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	var failed []error
	for _, e := range entries {
		from, to := path.Join(source, e.Name()), path.Join(dest, e.Name())
		if e.IsDir() {
			err = i.below(from, to)
		} else {
			err = i.one(from, to)
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// one installs a file under a name, or the link that it is.
func (i *ins) one(source, dest string) error {
	to, err := os.Readlink(source)
	if err != nil || !i.EAPI.DoinsSymlinks || i.distfile(to) {
		return i.file(i.files, source, dest)
	}
	if old, err := os.Lstat(dest); err == nil {
		if old.IsDir() {
			err = os.RemoveAll(dest)
		} else {
			err = os.Remove(dest)
		}
		if err != nil {
			return err
		}
	}
	return os.Symlink(to, dest)
}

// distfile says whether a link leads to where distfiles really are: the DISTDIR
// that a phase sees is made of such links, and they are no part of any image.
func (i *ins) distfile(to string) bool {
	real := i.Var(VarDistdir)
	return real != "" && strings.HasPrefix(to, strings.TrimRight(real, "/")+"/")
}
