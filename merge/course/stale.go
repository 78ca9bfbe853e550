package course

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/merge/phase"
)

// Files of the build directory that say what it was made from.
const (
	sourcesFile = ".sources"        // digests of the ebuild and its eclasses
	changedFile = ".ebuild_changed" // tells phases to read the ebuild again
)

// words splits a value at blanks.
func words(value string) []string { return strings.Fields(value) }

// digest is that of the ebuild with all eclasses that it inherits.
func (c *Course) digest() (string, error) {
	h := sha256.New()
	files := []string{c.Build.Ebuild}
	for _, name := range words(c.Build.Metadata["INHERITED"]) {
		if file := c.Build.Eclasses[name]; file != "" {
			files = append(files, file)
		}
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		n, err := io.Copy(h, f)
		f.Close() // only read
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "\x00%d\x00", n)
	}
	return hex.EncodeToString(h.Sum(nil)) + "\n", nil
}

// remember notes what the environment was made from.
func (c *Course) remember() error {
	sum, err := c.digest()
	if err != nil {
		return fmt.Errorf("%s: %w", c.Build.CPV(), err)
	}
	return c.Build.Dir.Write(sourcesFile, sum)
}

// refresh finds out what has changed since the last run: an ebuild or eclass, which
// phases still to come read again, or a distfile, for which all begins anew.
func (c *Course) refresh(ctx context.Context, goal phase.Phase) error {
	b := c.Build
	if !b.Dir.Done(phase.Setup) {
		return nil
	}
	newer, err := c.newerDistfile()
	if err != nil {
		return err
	}
	if newer != "" && goal >= phase.Unpack {
		c.tell(">>> %s is newer than WORKDIR; starting anew", newer)
		if err := c.anew(ctx); err != nil {
			return err
		}
		return c.begin(goal)
	}
	sum, err := c.digest()
	if err != nil {
		return fmt.Errorf("%s: %w", b.CPV(), err)
	}
	was, err := os.ReadFile(filepath.Join(string(b.Dir), sourcesFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case string(was) != sum:
		c.tell(" * The ebuild of %s or an eclass has changed since its build began: phases still", b.CPV())
		c.tell(" * to come will read it again. Run 'clean' to start with a fresh environment.")
		return b.Dir.Write(changedFile, "")
	}
	return nil
}

// anew removes what was built, whatever FEATURES want to keep.
func (c *Course) anew(ctx context.Context) error {
	c.closeLog()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.Build.Dir.Clean(false, false); err != nil {
		return fmt.Errorf("%s: clean the build directory: %w", c.Build.CPV(), err)
	}
	return nil
}

// newerDistfile gives a distfile that was changed after it was unpacked.
func (c *Course) newerDistfile() (string, error) {
	b := c.Build
	if !b.Dir.Done(phase.Unpack) {
		return "", nil
	}
	unpacked, err := os.Stat(filepath.Join(string(b.Dir), ".unpacked"))
	if err != nil {
		return "", err
	}
	for _, name := range b.Distfiles {
		info, err := os.Stat(filepath.Join(b.DistDir, name))
		if err == nil && info.ModTime().After(unpacked.ModTime()) {
			return name, nil
		}
	}
	return "", nil
}
