package q

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

func qpkg() applet {
	return applet{name: "qpkg", args: "<misc args>", about: "create or manipulate Gentoo binpkgs", run: runPkg, options: []option{
		{letter: 'c', name: "clean", about: "clean pkgdir of files that are not installed"},
		{letter: 'E', name: "eclean", about: "clean pkgdir of files that are not in the tree anymore"},
		{letter: 'p', name: "pretend", about: "pretend only"},
		{letter: 'P', name: "pkgdir=", about: "alternate package directory"},
	}}
}

func runPkg(_ context.Context, c *call) error {
	dir := c.conf.Get("PKGDIR")
	if given, ok := c.last("pkgdir"); ok {
		if info, err := os.Stat(c.env.Abs(given)); err != nil {
			return c.fail("%s: %s", given, reason(err))
		} else if !info.IsDir() {
			return c.fail("%s: Not a directory", given)
		}
		dir = given
	}
	switch {
	case c.has("clean") || c.has("eclean"):
		return c.cleanPackages(dir)
	case len(c.args) == 0:
		return c.usage()
	case !filepath.IsAbs(dir):
		return c.fail("'%s' is not a valid package destination", dir)
	case !c.has("pretend"):
		return &cli.RefusedError{Program: "qpkg", What: "making packages", Why: "quickpkg makes packages of what is installed, with their index"}
	}
	return c.pretendPackages(dir)
}

// pretendPackages tells which packages would be made.
func (c *call) pretendPackages(dir string) error {
	t := c.installed()
	if t == nil {
		return ended(false)
	}
	made := 0
	vdb := c.conf.Get("Q_VDB")
	for _, arg := range c.args {
		// A folder of the database stands for its package.
		if rest, ok := strings.CutPrefix(filepath.Clean(arg), vdb+"/"); ok && strings.HasSuffix(arg, "/") {
			arg = rest
		}
		found := c.packages(t, nil)
		if arg != "world" {
			found = c.packages(t, loose.Parse(arg))
		}
		for _, p := range found {
			c.printf(" %s-%s %s:\n", c.col.Green, c.col.Norm, c.format("%[CATEGORY]%[PF]", p.Atom()))
			made++
		}
		if len(found) == 0 {
			c.warn("no match for '%s'", arg)
		}
		if arg == "world" {
			break
		}
	}
	if made > 0 && c.quiet == 0 {
		c.printf(" %s*%s Packages can be found in %s\n", c.col.Green, c.col.Norm, dir)
	}
	return ended(made > 0)
}

// cleanPackages removes packages of which nothing is installed, or which no repository
// has any more.
func (c *call) cleanPackages(dir string) error {
	packed, err := tree.OpenBinaries(c.conf.Root(), dir)
	if err != nil {
		return ended(false)
	}
	bins := c.packages(packed, nil)
	if len(bins) == 0 {
		return ended(false)
	}
	known := map[string]bool{}
	var stores []*tree.Tree
	if c.has("eclean") {
		stores = c.repos()
	} else if t := c.installed(); t != nil {
		stores = append(stores, t)
	}
	if len(stores) == 0 {
		return c.fail("nothing is known of what is to be kept: no package is removed")
	}
	for _, t := range stores {
		for _, p := range c.packages(t, nil) {
			known[p.Name] = true
		}
	}
	var total int64
	for _, p := range bins {
		info, err := os.Lstat(p.Path())
		if known[p.Name] || err != nil || !info.Mode().IsRegular() {
			continue
		}
		total += info.Size()
		if c.quiet == 0 {
			size, unit := kiloOrMega(info.Size())
			c.printf(" %s[%s %3s %s %s]%s %s\n", c.col.DkBlue, c.col.Green, size, unit, c.col.DkBlue, c.col.Norm, c.format("%[CAT]/%[PF]", p.Atom()))
		}
		if !c.has("pretend") {
			if err := os.Remove(p.Path()); err != nil {
				return c.fail("remove %s: %s", p.Path(), reason(err))
			}
		}
	}
	if c.quiet == 0 {
		would := ""
		if c.has("pretend") {
			would = "that would be "
		}
		size, unit := kiloOrMega(total)
		c.printf(" %s*%s Total space %sfreed in packages directory: %s%s %s%s\n", c.col.Green, c.col.Norm, would, c.col.Red, size, unit, c.col.Norm)
	}
	return nil
}

// kiloOrMega is a size in KiB, or in MiB if it is large.
func kiloOrMega(n int64) (size, unit string) {
	if n/kilobyte > 1000 {
		return sizeText(n, megabyte), "MiB"
	}
	return sizeText(n, kilobyte), "KiB"
}
