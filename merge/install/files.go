package install

import (
	"os"
	"path"
	"strconv"
)

// each carries out one command over its arguments: the folder is made, and an
// argument that fails does not stop the others.
func (c *command) each(dir string, one func(source string) error) error {
	if err := target(dir); err != nil {
		return err
	}
	failed := false
	for _, arg := range c.Args {
		source := c.path(arg)
		if !exists(source) {
			c.say("%s: %s does not exist", c.Name, arg)
			failed = true
			continue
		}
		if err := one(source); err != nil {
			c.say("%s: %v", c.Name, err)
			failed = true
		}
	}
	return c.finish(failed)
}

// dobin is dobin and dosbin: always 0755, and the owner of installed files.
func (c *command) dobin(folder string) error {
	if err := c.needArgs(); err != nil {
		return err
	}
	into, err := c.into()
	if err != nil {
		return err
	}
	o := defaultOptions(0o755)
	o.owner, o.group = c.id("PORTAGE_INST_UID"), c.id("PORTAGE_INST_GID")
	dir := path.Join(c.image(into), folder)
	return c.each(dir, func(source string) error { return c.file(o, source, path.Join(dir, path.Base(source))) })
}

// id gives a user or group id from a variable; root's where there is none.
func (c *command) id(name string) int {
	n, err := strconv.Atoi(c.Var(name))
	if err != nil {
		return 0
	}
	return n
}

func (c *command) doexe() error { return c.executables(c.Var(VarExeinto), c.Var(VarExeopts)) }

func (c *command) doinitd() error {
	opts := c.Var(VarExeopts)
	if !c.EAPI.ExeoptsInitd {
		opts = "-m0755"
	}
	return c.executables("/etc/init.d", opts)
}

// executables installs with exeopts. Links are followed, folders passed over.
func (c *command) executables(into, opts string) error {
	if err := c.needArgs(); err != nil {
		return err
	}
	o, err := parseOptions(opts)
	if err != nil {
		return err
	}
	dir := c.image(into)
	return c.each(dir, func(source string) error {
		if info, err := os.Lstat(source); err == nil && info.IsDir() {
			c.say("%s: warning, skipping directory %s", c.Name, source)
			return nil
		}
		return c.file(o, source, path.Join(dir, path.Base(source)))
	})
}

func (c *command) dolib() error {
	if err := c.eapiBan(c.EAPI.Dolib); err != nil {
		return err
	}
	return c.libraries(c.Var(VarLibopts))
}

func (c *command) dolibA() error  { return c.libraries("-m0644") }
func (c *command) dolibSo() error { return c.libraries("-m0755") }

// libraries installs into the libdir of the ABI. A link stays a link.
func (c *command) libraries(opts string) error {
	into, err := c.into()
	if err != nil {
		return err
	}
	if err := c.needArgs(); err != nil {
		return err
	}
	o, err := parseOptions(opts)
	if err != nil {
		return err
	}
	libdir := "lib"
	if abi := c.Var("ABI"); abi != "" && c.Var("LIBDIR_"+abi) != "" {
		libdir = c.Var("LIBDIR_" + abi)
	}
	dir := path.Join(c.image(into), libdir)
	return c.each(dir, func(source string) error {
		dest := path.Join(dir, path.Base(source))
		to, err := os.Readlink(source)
		if err != nil {
			return c.file(o, source, dest)
		}
		return os.Symlink(to, dest)
	})
}

// dohard makes a hard link inside the image.
func (c *command) dohard() error {
	if err := c.eapiBan(c.EAPI.Dosed); err != nil {
		return err
	}
	if len(c.Args) != 2 {
		return c.stop("%s: two arguments needed", c.Name)
	}
	dest := c.image(c.Args[1])
	if err := target(path.Dir(dest)); err != nil {
		return err
	}
	if exists(dest) {
		if err := os.Remove(dest); err != nil {
			return err
		}
	}
	return os.Link(c.image(c.Args[0]), dest)
}
