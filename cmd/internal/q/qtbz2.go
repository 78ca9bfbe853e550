package q

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func qtbz2() applet {
	return applet{name: "qtbz2", args: "<misc args>", about: "manipulate tbz2 packages", run: runTbz2, options: []option{
		{letter: 'd', name: "dir=", about: "Change to specified directory"},
		{letter: 'j', name: "join", about: "Join: <tar.bz2> <xpak> <tbz2>"},
		{letter: 's', name: "split", about: "Split a tbz2 into a tar.bz2 + xpak"},
		{letter: 't', name: "tarbz2", about: "Just split the tar.bz2"},
		{letter: 'x', name: "xpak", about: "Just split the xpak"},
		{letter: 'O', name: "stdout", about: "Write files to stdout"},
	}}
}

// tailSize is the length of what ends a package: the size of its xpak, and STOP.
const tailSize = 8

func runTbz2(_ context.Context, c *call) error {
	join, split := false, false
	for _, g := range c.given {
		switch g.name {
		case "join":
			join, split = true, false
		case "split", "tarbz2", "xpak":
			join, split = false, true
		}
	}
	if len(c.args) == 0 {
		switch {
		case join:
			return c.fail("Join usage: <input tar.bz2> <input xpak> [<output tbz2>]")
		case split:
			return c.fail("Split usage: <input tbz2> [<output tar.bz2> <output xpak>]")
		}
		return c.usage()
	}
	dir, err := c.directory()
	if err != nil {
		return err
	}
	switch first := c.args[0]; {
	case join, !split && strings.Contains(first, ".tar.bz2"):
		return c.join(dir)
	case split, strings.Contains(first, ".tbz2"):
		return c.split(dir)
	}
	return c.fail("%s: need to use -j or -s, or file must end in .tar.bz2 or .tbz2 to autodetect", c.args[0])
}

// below is a path relative to a folder.
func below(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// argument is an argument that may be left out.
func (c *call) argument(i int, otherwise string) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return otherwise
}

// join makes a package of a tar and an xpak.
func (c *call) join(dir string) error {
	tar := c.args[0]
	stem := strings.TrimSuffix(filepath.Base(tar), ".tar.bz2")
	xpakName, out := c.argument(1, stem+".xpak"), c.argument(2, stem+".tbz2")
	if c.verbose > 0 {
		c.printf("input xpak: %s\ninput tar.bz2: %s\noutput tbz2: %s\n", xpakName, tar, out)
	}
	if err := c.compose(below(dir, tar), below(dir, xpakName), c.env.Abs(out)); err != nil {
		return c.fail("Could not create '%s' from '%s' and '%s': %s", out, tar, xpakName, reason(err))
	}
	return nil
}

func (c *call) compose(tarName, xpakName, outName string) error {
	tar, err := os.Open(tarName)
	if err != nil {
		return err
	}
	defer tar.Close() // only read
	xpak, err := os.Open(xpakName)
	if err != nil {
		return err
	}
	defer xpak.Close() // only read
	var mark [8]byte
	if _, err := xpak.ReadAt(mark[:], 0); err != nil || string(mark[:]) != "XPAKPACK" {
		c.warn("%s: does not appear to be a .xpak", filepath.Base(xpakName))
	}
	out, err := os.Create(outName)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, tar)
	var size int64
	if err == nil {
		size, err = io.Copy(out, xpak)
	}
	if err == nil {
		_, err = out.Write(append(binary.BigEndian.AppendUint32(nil, uint32(size)), "STOP"...))
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}

// split takes a package apart. Its tar may be large and is copied, not read.
func (c *call) split(dir string) error {
	name := c.args[0]
	if err := c.decompose(dir, name); err != nil {
		return c.fail("Could not decompose '%s': %s", name, reason(err))
	}
	return nil
}

func (c *call) decompose(dir, name string) error {
	in, err := os.Open(c.env.Abs(name))
	if err != nil {
		return err
	}
	defer in.Close() // only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	var tail [tailSize]byte
	if _, err := in.ReadAt(tail[:], info.Size()-tailSize); err != nil || string(tail[4:]) != "STOP" {
		return fmt.Errorf("%s: Invalid tbz2", name)
	}
	xpakSize := int64(binary.BigEndian.Uint32(tail[:]))
	tarSize := info.Size() - xpakSize - tailSize
	switch {
	case xpakSize <= 0 || xpakSize >= info.Size():
		return fmt.Errorf("%s: invalid xpak size: %d", name, xpakSize)
	case tarSize <= 0:
		return fmt.Errorf("%s: invalid tar size: %d", name, tarSize)
	}
	stem := strings.TrimSuffix(filepath.Base(name), ".tbz2")
	parts := []struct {
		kind, option, name string
		from, size         int64
	}{
		{"tar.bz2", "xpak", c.argument(1, stem+".tar.bz2"), 0, tarSize},
		{"xpak", "tarbz2", c.argument(2, stem+".xpak"), tarSize, xpakSize},
	}
	told := c.env.Out
	if c.has("stdout") {
		told = c.env.Err // standard output is for the files
	}
	if c.verbose > 0 {
		fmt.Fprintf(told, "input tbz2: %s (%s)\n", name, sizeText(info.Size(), 0))
	}
	for _, p := range parts {
		if c.has(p.option) {
			continue // only the other part is wanted
		}
		if c.verbose > 0 {
			fmt.Fprintf(told, "output %s: %s (%s)\n", p.kind, p.name, sizeText(p.size, 0))
		}
		if err := c.cut(io.NewSectionReader(in, p.from, p.size), below(dir, p.name)); err != nil {
			return err
		}
	}
	return nil
}

// cut writes a part of a package to a file, or to standard output.
func (c *call) cut(part io.Reader, path string) error {
	if c.has("stdout") {
		_, err := io.Copy(c.env.Out, part)
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, part)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}
