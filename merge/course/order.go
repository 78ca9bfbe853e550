package course

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/merge/phase"
)

// skips says whether there is nothing to do in a phase.
func (c *Course) skips(p phase.Phase) (bool, error) {
	switch b := c.Build; {
	case b.Features["noauto"]:
		return false, nil
	case p == phase.Pretend:
		return !b.EAPI.PkgPretend || !c.defines(p) && len(b.Bashrcs) == 0, nil
	case p == phase.Test && !c.tests():
		return true, nil
	case !p.Source() || p == phase.Install || c.defines(p):
		return false, nil
	case len(b.Distfiles) > 0:
		return c.idleInSources(p)
	case c.SkipSourceless:
		return c.sourceless()
	}
	return c.idle(p)
}

// userPatches says whether the user may have patches for the package.
func (c *Course) userPatches() bool {
	entries, err := os.ReadDir(filepath.Join(c.Build.ConfigRoot, "etc/portage/patches", c.Build.Category))
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err != nil || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), c.Build.PN) })
}

func (c *Course) defines(p phase.Phase) bool {
	return slices.Contains(c.Build.DefinedPhases, p.String())
}

// tests says whether src_test runs, and tells if RESTRICT forbids it.
func (c *Course) tests() bool {
	b := c.Build
	if slices.Contains(b.Restrict, "test") && !c.testsAllowed() {
		c.tell(" * Skipping make test/check due to ebuild restriction.")
		c.remark(">>> Test phase [disabled because of RESTRICT=test]: %s", b.CPV())
		return false
	}
	if !c.ForceTest && !b.Features["test"] {
		c.remark(">>> Test phase [not enabled]: %s", b.CPV())
		return false
	}
	return true
}

// remark tells what PORTAGE_QUIET keeps back.
func (c *Course) remark(format string, args ...any) {
	if c.Build.Variables["PORTAGE_QUIET"] != "1" {
		c.tell(format, args...)
	}
}

// testsAllowed says whether ALLOW_TEST overrides RESTRICT=test.
func (c *Course) testsAllowed() bool {
	allow := words(c.Build.Variables["ALLOW_TEST"])
	has := func(property string) bool { return slices.Contains(c.Build.Properties, property) }
	return slices.Contains(allow, "all") || slices.Contains(allow, "network") && has("test_network") ||
		slices.Contains(allow, "privileged") && has("test_privileged")
}

// sourceless says whether the package has no sources at all: no distfiles, no phase
// from unpack to test, no PATCHES, and it is not live.
func (c *Course) sourceless() (bool, error) {
	b := c.Build
	if len(b.Distfiles) > 0 || slices.Contains(b.Properties, "live") {
		return false, nil
	}
	for p := phase.Unpack; p <= phase.Test; p++ {
		if c.defines(p) {
			return false, nil
		}
	}
	patches, err := b.Dir.Saved(func(name string) bool { return name == "PATCHES" })
	if err != nil {
		return false, err
	}
	return len(patches["PATCHES"]) == 0 || len(patches["PATCHES"]) == 1 && patches["PATCHES"][0] == "", nil
}
