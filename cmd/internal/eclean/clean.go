package eclean

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/merge/binpkg"
)

// colours are how names and sizes are painted.
type colours struct{ name, size string }

var (
	normalColours     = colours{"green", "turquoise"}
	invalidColours    = colours{"red", "teal"}
	deprecatedColours = colours{"yellow", "teal"}
)

// prettySize is a size in a unit that suits it.
func prettySize(n int64) string {
	size, units := float64(n), []string{" G", " M", " K", " B"}
	for size >= 1000 && len(units) > 1 {
		size /= 1024
		units = units[:len(units)-1]
	}
	return fmt.Sprintf("%.1f%s", math.Round(size*10)/10, units[len(units)-1])
}

// sizeBox is the size in brackets.
func (c *cleaner) sizeBox(n int64, colour string) string {
	return " " + c.style.Paint("blue", "[ ") + c.style.Paint(colour, fmt.Sprintf("%8s", prettySize(n))) + c.style.Paint("blue", " ]")
}

// total prints the last line of a list.
func (c *cleaner) total(n int64, message string) {
	c.print(" ===========")
	c.print(c.sizeBox(n, "red") + " " + message)
}

// removeAll removes files, by their names, and checkouts, or says that it would.
func (c *cleaner) removeAll(what string, files map[string][]string, checkouts []string) error {
	if len(files) == 0 && len(checkouts) == 0 {
		c.info("Your " + c.action + " directory was already clean.")
		return nil
	}
	verb := "were"
	if c.pretend {
		verb = "would be"
		c.info("Here are the " + what + " that would be deleted:")
	} else {
		c.info("Cleaning " + what + "...")
	}
	if c.skipVCS || !c.deep {
		checkouts = nil
	}
	size, err := c.sweep(files, checkouts)
	if err != nil {
		return err
	}
	c.removed.Bytes = size
	if !c.quiet {
		c.total(size, fmt.Sprintf("Total space from %s files %s freed in the %s directory",
			c.style.Paint("red", fmt.Sprint(len(files)+len(checkouts))), verb, c.action))
	}
	return nil
}

// sweep removes files and checkouts, and gives how much room that made.
func (c *cleaner) sweep(files map[string][]string, checkouts []string) (int64, error) {
	if c.pretend {
		size := c.removeCheckouts(checkouts)
		return size + c.list(files, normalColours), nil
	}
	if c.action == "packages" {
		return c.removePackages(files, normalColours)
	}
	size := c.removeFiles(files, "file", normalColours)
	return size + c.removeCheckouts(checkouts), nil
}

// list says what would be removed, and gives how much room that would make.
func (c *cleaner) list(files map[string][]string, with colours) int64 {
	var all int64
	for _, name := range slices.Sorted(maps.Keys(files)) {
		var size int64
		for _, path := range files[name] {
			bytes, links, err := measure(path)
			if err != nil {
				c.error("Could not get stat info for:" + path)
				c.error("Error: " + pythonError(err))
				continue
			}
			if links == 1 {
				size += bytes
			}
			c.note(name, path, bytes)
		}
		c.ask(size, name, files[name], "file", with)
		all += size
	}
	return all
}

// note adds a file to the document.
func (c *cleaner) note(name, path string, bytes int64) {
	c.removed.Files = append(c.removed.Files, fileObject{Name: name, Path: path, Bytes: bytes})
}

// measure gives the size of a file and how many names it has.
func measure(path string) (bytes int64, links uint64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	links = 1
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		links = uint64(st.Nlink)
	}
	return info.Size(), links, nil
}

// ask tells about files and says if they are to be removed.
func (c *cleaner) ask(size int64, name string, paths []string, what string, with colours) bool {
	if !c.quiet {
		c.print(c.sizeBox(size, with.size) + " " + c.style.Paint(with.name, name))
	} else if c.pretend || c.interactive {
		for _, path := range paths {
			c.print(path)
		}
	}
	return !c.pretend && (!c.interactive || c.acceptAll || c.yes("Do you want to delete this "+what+"?"))
}

// yes asks the user. No answer is a yes, as the prompt shows.
func (c *cleaner) yes(question string) bool {
	prefix := "??? "
	if !c.plain {
		prefix = " " + c.style.Paint("red", ">") + " "
	}
	for {
		_, _ = io.WriteString(c.env.Out, prefix+question+" [Y/n/a]: ") // see print
		switch strings.ToLower(c.answer()) {
		case "a", "all":
			c.acceptAll = true
			return true
		case "", "y", "yes":
			return true
		case "n", "no":
			return false
		}
	}
}

// answer reads a line, byte by byte so that nothing after it is lost.
func (c *cleaner) answer() string {
	if w, ok := c.env.Out.(*bufio.Writer); ok {
		_ = w.Flush() // see print
	}
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := c.env.In.Read(b)
		if n == 1 && b[0] != '\n' {
			line = append(line, b[0])
			continue
		}
		if n == 1 || err != nil {
			return strings.TrimSpace(string(line))
		}
	}
}

// removeFiles removes files and gives how much room that made.
func (c *cleaner) removeFiles(files map[string][]string, what string, with colours) int64 {
	var all int64
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, path := range files[name] {
			all += c.removeFile(name, path, what, with)
		}
	}
	return all
}

func (c *cleaner) removeFile(name, path, what string, with colours) int64 {
	bytes, links, err := measure(path)
	if errors.Is(err, fs.ErrNotExist) {
		if os.Remove(path) == nil {
			c.error("Removed broken symbolic link " + path)
		}
		return 0
	}
	if err != nil {
		c.error("Could not get stat info for:" + path)
		c.error("Error: " + pythonError(err))
		return 0
	}
	if !c.ask(bytes, name, []string{path}, what, with) {
		return 0
	}
	if err := os.Remove(path); err != nil {
		c.error("Could not delete " + path)
		c.error("Error: " + pythonError(err))
		return 0
	}
	c.note(name, path, bytes)
	if links != 1 {
		return 0
	}
	_ = os.Remove(filepath.Dir(path)) // if nothing else is in it
	return bytes
}

// removePackages removes binary packages and brings their index up to date.
func (c *cleaner) removePackages(files map[string][]string, with colours) (int64, error) {
	before := len(c.removed.Files)
	all := c.removeFiles(files, "binary package", with)
	if len(c.removed.Files) == before || c.pretend {
		return all, nil
	}
	config := c.system.Root.Config
	dir := &binpkg.Dir{Path: config.Get("PKGDIR"), MultiInstance: config.Feature("binpkg-multi-instance"),
		CompressIndex: config.Feature("compress-index"), Header: binpkg.HeaderOf(config), CHOST: config.Get("CHOST")}
	index := filepath.Join(dir.Path, "Packages")
	old, _, err := measure(index)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil // there is no index to mend
	}
	if err != nil {
		return all, fmt.Errorf("look at index: %w", err)
	}
	if _, err := dir.Reindex(c.ctx, c.system.Session.Repos.HasCategory, c.now); err != nil {
		return all, fmt.Errorf("bring index up to date: %w", err)
	}
	now, _, err := measure(index)
	if err != nil {
		return all, fmt.Errorf("look at index: %w", err)
	}
	c.ask(old-now, "Packages Index", []string{index}, "Index", with)
	return all + old - now, nil
}

// removeInvalid removes binary packages that cannot be used.
func (c *cleaner) removeInvalid(files map[string][]string) error {
	if !c.quiet {
		c.print("")
		c.print(c.style.Emph("   The following ") + c.style.Paint("red", "invalid") + c.style.Emph(" binpkgs were found"))
		for _, name := range slices.Sorted(maps.Keys(files)) {
			c.print(strings.Repeat(" ", 12) + " " + c.style.Paint(invalidColours.name, name))
		}
		c.print("")
	}
	verb := "were"
	if c.pretend {
		verb = "would be"
	}
	size, err := c.removePackages(files, invalidColours)
	if err != nil {
		return err
	}
	if !c.quiet {
		c.total(size, fmt.Sprintf("%s invalid binpkgs %s removed from the %s directory",
			c.style.Paint("red", fmt.Sprint(len(files))), verb, c.action))
	}
	return nil
}

// removeCheckouts removes folders of version control, or with --pretend only tells.
func (c *cleaner) removeCheckouts(dirs []string) int64 {
	var all int64
	for _, dir := range dirs {
		var size int64
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				if bytes, _, err := measure(path); err == nil { // a link to nothing takes no room
					size += bytes
				}
			}
			return err
		})
		if err != nil {
			c.error("Could not get stat info for:" + dir)
		}
		all += size
		c.ask(size, dir, []string{dir}, "checkout", normalColours)
		if c.pretend {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			c.error("Could not delete " + dir)
			c.error("Error: " + pythonError(err))
			continue
		}
		c.note(dir, dir, size)
	}
	return all
}
