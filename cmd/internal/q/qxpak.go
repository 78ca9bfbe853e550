package q

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

func qxpak() applet {
	return applet{name: "qxpak", args: "<misc args>", about: "manipulate xpak archives", run: runXpak, options: []option{
		{letter: 'l', name: "list", about: "List the contents of an archive"},
		{letter: 'x', name: "extract", about: "Extract the contents of an archive"},
		{letter: 'c', name: "create", about: "Create an archive of a directory/files"},
		{letter: 'd', name: "dir=", about: "Change to specified directory"},
		{letter: 'O', name: "stdout", about: "Write files to stdout"},
	}}
}

func runXpak(_ context.Context, c *call) error {
	action := ""
	for _, g := range c.given {
		if g.name == "list" || g.name == "extract" || g.name == "create" {
			action = g.name
		}
	}
	if action == "" || len(c.args) == 0 {
		return c.usage()
	}
	dir, err := c.directory()
	if err != nil {
		return err
	}
	if action == "create" {
		return c.createXpak(dir)
	}
	return c.readXpak(dir, action == "extract")
}

// directory is the folder of the option --dir, which has to be there; else the
// working directory.
func (c *call) directory() (string, error) {
	given := c.values("dir")
	switch {
	case len(given) == 0:
		return c.env.Dir, nil
	case len(given) > 1 && c.applet.name == "qxpak":
		return "", c.fail("Only use -d once")
	}
	dir := c.env.Abs(given[len(given)-1])
	info, err := os.Stat(dir)
	if err != nil {
		return "", c.fail("Could not open directory %s: %s", given[len(given)-1], reason(err))
	}
	if !info.IsDir() {
		return "", c.fail("Could not open directory %s: Not a directory", given[len(given)-1])
	}
	return dir, nil
}

// readXpak lists or extracts what an archive has of the files that are named, all if
// none is.
func (c *call) readXpak(dir string, extract bool) error {
	members, err := c.openXpak(c.args[0])
	if err != nil {
		return c.fail("Unable to open file '%s': %s", c.args[0], err)
	}
	missing := slices.Clone(c.args[1:])
	level := c.verbose
	if extract {
		level--
	}
	for _, m := range members {
		if len(c.args) > 1 {
			i := slices.Index(missing, m.Name)
			if i < 0 {
				continue
			}
			missing = slices.Delete(missing, i, i+1)
		}
		size := fmt.Sprintf("%s: %d byte%s", m.Name, len(m.Data), plural(max(len(m.Data), 1), "", "s"))
		switch {
		case level == 0:
			c.printf("%s\n", m.Name)
		case level == 1:
			c.printf("%s\n", size)
		case level > 1:
			c.printf("%s @ offset byte %d\n", size, m.Offset)
		}
		if !extract {
			continue
		}
		if err := c.extract(dir, m); err != nil {
			return err
		}
	}
	for _, name := range missing {
		c.warn("Could not locate '%s' in archive", name)
	}
	return nil
}

// openXpak reads an archive; - is standard input.
func (c *call) openXpak(name string) ([]xpak.Member, error) {
	if name == "-" {
		text, err := io.ReadAll(c.env.In)
		if err != nil {
			return nil, err
		}
		return xpak.Members(bytes.NewReader(text), int64(len(text)))
	}
	f, err := os.Open(c.env.Abs(name))
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return xpak.Members(f, info.Size())
}

// extract writes one file of an archive. A name with a path would leave the folder.
func (c *call) extract(dir string, m xpak.Member) error {
	if c.has("stdout") {
		_, err := c.env.Out.Write(m.Data)
		return err
	}
	if !xpak.ValidName(m.Name) {
		return c.fail("Index contains a file with a path: '%s'", m.Name)
	}
	if err := os.WriteFile(filepath.Join(dir, m.Name), m.Data, 0o644); err != nil {
		return c.fail("could not write %s: %s", m.Name, reason(err))
	}
	return nil
}

// createXpak packs files, and the files of folders, into a new archive.
func (c *call) createXpak(dir string) error {
	if len(c.args) < 2 {
		return c.fail("Create usage: <xpak output> <files/dirs to pack>")
	}
	var members []xpak.Member
	size := 0
	add := func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			c.warn("could not read %s: %s", path, reason(err))
			return
		}
		name := filepath.Base(path)
		switch {
		case c.verbose == 1:
			c.printf("%s\n", name)
		case c.verbose > 1:
			c.printf("%s @ offset byte %d\n", name, size)
		}
		members, size = append(members, xpak.Member{Name: name, Data: text}), size+len(text)
	}
	for _, arg := range c.args[1:] {
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, arg)
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			c.warn("fstatat(%s) failed: %s", arg, reason(err))
		case info.Mode().IsRegular():
			add(path)
		case !info.IsDir():
			c.warn("Skipping non file/directory '%s'", arg)
		default:
			entries, err := os.ReadDir(path)
			if err != nil {
				c.warn("could not read %s: %s", arg, reason(err))
			}
			for _, e := range entries {
				if e.Name()[0] != '.' {
					add(filepath.Join(path, e.Name()))
				}
			}
		}
	}
	archive, err := xpak.Archive(members)
	if err != nil {
		return c.fail("%s", err)
	}
	if err := os.WriteFile(c.env.Abs(c.args[0]), archive, 0o666); err != nil {
		return c.fail("could not open output: %s: %s", c.args[0], reason(err))
	}
	return nil
}
