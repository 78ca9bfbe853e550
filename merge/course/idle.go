package course

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/merge/phase"
)

// idle says whether a phase would do nothing: it has no function, its default finds
// nothing, and nobody has hooked in.
func (c *Course) idle(p phase.Phase) (bool, error) {
	b := c.Build
	if len(b.Bashrcs) > 0 || p == phase.Prepare && c.userPatches() {
		return false, nil
	}
	if quiet, err := c.sourceless(); err != nil || !quiet {
		return false, err
	}
	for q := phase.Unpack; q <= p; q++ {
		if c.defines(q) {
			return false, nil // it may have put something there
		}
	}
	if hooked, err := c.hooked(p); err != nil || hooked {
		return false, err
	}
	c.remarkIdle(p, b.Dir.Work()) // there is nothing in it, so that is where it would be
	return true, b.Dir.Mark(p)
}

// hooked says whether the ebuild or an eclass has functions that run before or after a
// phase; without a saved state that is not known, and possible.
func (c *Course) hooked(p phase.Phase) (bool, error) {
	state, err := os.ReadFile(c.Build.Dir.State())
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, hook := range []string{"\npre_src_", "\npost_src_"} {
		if bytes.Contains(state, []byte(hook+p.String()+" ()")) {
			return true, nil
		}
	}
	return false, nil
}

// idleInSources is idle for a package that has sources: its phases from prepare to
// compile have nothing to do where there are no patches, no configure script, no
// makefile.
func (c *Course) idleInSources(p phase.Phase) (bool, error) {
	b := c.Build
	if len(b.Bashrcs) > 0 || !b.EAPI.SrcConfigure || p == phase.Prepare && c.userPatches() {
		return false, nil
	}
	saved, err := b.Dir.Saved(func(name string) bool { return name == "PATCHES" || name == "S" || name == "ECONF_SOURCE" })
	if err != nil {
		return false, err
	}
	dir := strings.Join(saved["S"], " ")
	if !filepath.IsAbs(dir) || filepath.Clean(dir) != dir || !isFolder(dir) || !c.nothingIn(p, dir, saved) {
		return false, nil
	}
	if hooked, err := c.hooked(p); err != nil || hooked {
		return false, err
	}
	c.remarkIdle(p, dir)
	return true, b.Dir.Mark(p)
}

// nothingIn says whether the default of a phase finds nothing to do in S.
func (c *Course) nothingIn(p phase.Phase, dir string, saved map[string][]string) bool {
	switch p {
	case phase.Prepare:
		return strings.Join(saved["PATCHES"], "") == ""
	case phase.Configure:
		return len(saved["ECONF_SOURCE"]) == 0 && absent(dir, "configure")
	case phase.Compile:
		return absent(dir, "Makefile", "GNUmakefile", "makefile")
	}
	return false
}

// isFolder says whether a folder, and no link to one, is there.
func isFolder(name string) bool {
	st, err := os.Lstat(name)
	return err == nil && st.IsDir()
}

// absent says whether a folder has none of these.
func absent(dir string, names ...string) bool {
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// remarkIdle tells of a phase that would do nothing what it would tell,
// being in dir.
func (c *Course) remarkIdle(p phase.Phase, dir string) {
	b := c.Build
	switch {
	case p == phase.Unpack:
		c.remark(">>> Unpacking source...\n>>> Source unpacked in %s", dir)
	case p == phase.Prepare && b.EAPI.SrcPrepare != eapi.SrcPrepareNone:
		c.remark(">>> Preparing source in %s ...\n>>> Source prepared.", dir)
	case p == phase.Configure && b.EAPI.SrcConfigure:
		c.remark(">>> Configuring source in %s ...\n>>> Source configured.", dir)
	case p == phase.Compile:
		c.remark(">>> Compiling source in %s ...\n>>> Source compiled.", dir)
	}
}
