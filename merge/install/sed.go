package install

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
)

// loginGroup gives the login group of a user of the running system.
func loginGroup(uid int) (int, error) {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return -1, fmt.Errorf("login group of user %d: %w", uid, err)
	}
	return strconv.Atoi(u.Gid)
}

// dosed edits files of the image with sed(1): an argument that names no file there
// is the expression for those after it; the first one removes the path of the image.
func (c *command) dosed() error {
	if err := c.eapiBan(c.EAPI.Dosed); err != nil {
		return err
	}
	if err := c.needArgs(); err != nil {
		return err
	}
	expression := "s:" + c.ED() + "::g"
	edited, failed := false, false
	for _, arg := range c.Args {
		file := c.image(arg)
		info, err := os.Stat(file)
		if err != nil {
			expression = arg
			continue
		}
		if !info.Mode().IsRegular() {
			c.say("%s: %s is no regular file", c.Name, file)
			failed = true
			continue
		}
		edited = true
		if out, err := exec.Command("sed", "-i", "-e", expression, file).CombinedOutput(); err != nil {
			c.say("%s: %s: %s", c.Name, err, out)
			failed = true
		}
	}
	if !edited {
		c.say("%s: no file to edit", c.Name)
	}
	if failed || !edited {
		c.res.Status = 1
	}
	return nil
}
