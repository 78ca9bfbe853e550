package install

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// fperms changes modes in the image: chmod(1)'s options, a mode, files.
func (c *command) fperms() error {
	opts, mode, files := split(c.Args, isMode)
	if len(files) == 0 {
		return c.stop("%s: a mode and a file needed", c.Name)
	}
	m, err := parseMode(mode)
	deep, known := recursive(opts)
	if err != nil || !known {
		return c.run("chmod", opts, mode, files)
	}
	return c.changeAll(files, deep, os.Stat, func(path string, info fs.FileInfo) error {
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil // met below a folder: chmod -R leaves links alone
		}
		return syscall.Chmod(path, m.apply(info.Sys().(*syscall.Stat_t).Mode&bitsAll, info.IsDir()))
	})
}

// isMode says whether a word that begins with "-" is a mode that takes away.
func isMode(word string) bool {
	return len(word) == 2 && strings.IndexByte("ugorwxXst", word[1]) >= 0
}

// fowners changes owners in the image: chown(1)'s options, an owner, files.
// Names are those of the root that the package is for, from its passwd and group
// files; where that is the running system, its own.
func (c *command) fowners() error {
	opts, owner, files := split(c.Args, func(string) bool { return false })
	if len(files) == 0 {
		return c.stop("%s: an owner and a file needed", c.Name)
	}
	uid, gid, err := c.owner(owner)
	if err != nil {
		return err
	}
	links := slices.Contains(opts, "-h") || slices.Contains(opts, "--no-dereference")
	opts = slices.DeleteFunc(opts, func(o string) bool { return o == "-h" || o == "--no-dereference" })
	deep, known := recursive(opts)
	if !known {
		return c.run("chown", opts, fmt.Sprintf("%d:%d", uid, gid), files)
	}
	stat := os.Stat
	if links {
		stat = os.Lstat
	}
	return c.changeAll(files, deep, stat, func(path string, info fs.FileInfo) error {
		if links || info.Mode()&fs.ModeSymlink != 0 {
			return os.Lchown(path, uid, gid)
		}
		return os.Chown(path, uid, gid)
	})
}

// split takes options, the first other word, and the files. special says which
// words that begin with "-" are none the less no options.
func split(args []string, special func(string) bool) (opts []string, what string, files []string) {
	found := false
	for _, arg := range args {
		switch {
		case strings.HasPrefix(arg, "-") && !special(arg):
			opts = append(opts, arg)
		case !found:
			what, found = arg, true
		default:
			files = append(files, arg)
		}
	}
	return opts, what, files
}

// recursive says whether the options ask for whole trees, and whether all of them
// are understood here.
func recursive(opts []string) (deep, known bool) {
	for _, o := range opts {
		switch o {
		case "-R", "--recursive":
			deep = true
		case "-f", "--quiet", "--silent", "--":
		default:
			return false, false
		}
	}
	return deep, true
}

// changeAll calls change for the files of the image, with all below them if deep.
// stat decides whether a link that the caller names is followed.
func (c *command) changeAll(files []string, deep bool, stat func(string) (fs.FileInfo, error), change func(string, fs.FileInfo) error) error {
	failed := false
	for _, file := range files {
		path := c.image(file)
		info, err := stat(path)
		if err == nil {
			err = change(path, info)
		}
		if err == nil && deep && info.IsDir() {
			err = below(path, change)
		}
		if err != nil {
			c.say("%s: %v", c.Name, err)
			failed = true
		}
	}
	return c.finish(failed)
}

func below(dir string, change func(string, fs.FileInfo) error) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return change(p, info)
	})
}

// run is for options that only the program itself knows.
func (c *command) run(program string, opts []string, what string, files []string) error {
	args := append(slices.Clone(opts), what)
	for _, f := range files {
		args = append(args, c.image(f))
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	if len(out) > 0 {
		fmt.Fprint(c.Out, string(out)) // a message that nobody can read is lost
	}
	return err
}

// owner gives the ids of "user", "user:group", "user:" or ":group"; -1 for what is
// not named.
func (c *command) owner(text string) (uid, gid int, err error) {
	root, eroot := strings.TrimRight(c.Var("ROOT"), "/"), "EROOT"
	if !c.EAPI.Prefix {
		eroot = "ROOT"
	}
	if c.EAPI.SYSROOT && c.Var("EBUILD_PHASE") == "install" {
		root, eroot = c.Var("SYSROOT"), "ESYSROOT"
	}
	uid, gid = -1, -1
	userName, groupName, colon := strings.Cut(text, ":")
	if root == "" || root == "/" {
		return hostOwner(userName, groupName, colon)
	}
	etc := strings.TrimRight(c.Var(eroot), "/") + "/etc/"
	login := -1
	if userName != "" {
		if uid, login, err = lookup(etc+"passwd", userName, 3); err != nil {
			return -1, -1, err
		}
	}
	switch {
	case groupName != "":
		gid, _, err = lookup(etc+"group", groupName, -1)
	case colon && userName != "":
		if gid = login; gid == -1 {
			err = fmt.Errorf("no login group of %s in %spasswd", userName, etc)
		}
	}
	return uid, gid, err
}

// hostOwner resolves names by the running system.
func hostOwner(userName, groupName string, colon bool) (uid, gid int, err error) {
	uid, gid = -1, -1
	if userName != "" {
		if uid, err = userID(userName); err != nil {
			return -1, -1, err
		}
	}
	if groupName != "" {
		gid, err = groupID(groupName)
	} else if colon && userName != "" {
		gid, err = loginGroup(uid)
	}
	return uid, gid, err
}

// lookup finds the id of a name in a passwd or group file, and another number of
// its line (fields from 0); -1 if there is none.
func lookup(file, name string, other int) (id, extra int, err error) {
	if n, err := strconv.Atoi(name); err == nil {
		return n, -1, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return -1, -1, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		fields := strings.Split(s.Text(), ":")
		if fields[0] != name || len(fields) < 3 {
			continue
		}
		extra = -1
		if other > 0 && other < len(fields) {
			if n, err := strconv.Atoi(fields[other]); err == nil {
				extra = n
			}
		}
		if id, err = strconv.Atoi(fields[2]); err != nil {
			return -1, -1, fmt.Errorf("%s: id of %s: %w", file, name, err)
		}
		return id, extra, nil
	}
	if err := s.Err(); err != nil {
		return -1, -1, fmt.Errorf("read %s: %w", file, err)
	}
	return -1, -1, fmt.Errorf("%s: no such name: %q", file, name)
}
