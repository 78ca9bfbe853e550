package install

import (
	"os"
	"strings"
)

// dodir makes folders of the image, with diropts.
func (c *command) dodir() error {
	o, err := parseOptions(c.Var(VarDiropts))
	if err != nil {
		return err
	}
	if len(c.Args) == 0 {
		return c.stop("%s failed", c.Name)
	}
	failed := false
	for _, arg := range c.Args {
		if err := o.folder(c.image(arg)); err != nil {
			c.say("%s: %v", c.Name, err)
			failed = true
		}
	}
	return c.finish(failed)
}

// keepdir is dodir, and a file in each folder so that it is not merged empty
// (PMS 12.3.9: the name starts with .keep).
func (c *command) keepdir() error {
	err := c.dodir()
	if c.res.Die != "" {
		return err
	}
	slot, _, _ := strings.Cut(c.Var("SLOT"), "/")
	name := "/.keep_" + c.Var("CATEGORY") + "_" + c.Var("PN") + "-" + slot
	failed := false
	for _, arg := range c.Args {
		f, err := os.OpenFile(c.image(arg)+name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			c.say("%s: %v", c.Name, err)
			failed = true
		}
	}
	return c.finish(failed)
}

// finish ends a command that goes on over its arguments after a failure.
func (c *command) finish(failed bool) error {
	if !failed {
		return nil
	}
	return c.fail("%s failed", c.Name)
}

// target makes the folder that files go to, with 0755, unless it is there.
func target(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	return defaultOptions(0o755).folder(dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
