package course

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// tellSizes tells how much room the sources and the image take.
func (c *Course) tellSizes() {
	work, err := diskUsage(c.Build.Dir.Work())
	if err != nil {
		return // it is only told
	}
	image, err := diskUsage(c.Build.Dir.Image())
	if err != nil {
		return
	}
	width := max(len(strconv.FormatInt(work, 10)), len(strconv.FormatInt(image, 10)))
	for _, l := range []struct {
		what       string
		size, with int64
	}{{"build directory: ", work, image}, {"installed tree:  ", image, work}} {
		text := fmt.Sprintf(" * Final size of %s%*d KiB", l.what, width, l.size)
		if l.size > kib {
			own, other := inUnits(l.size), ""
			if l.with > kib {
				other = inUnits(l.with)
			}
			text += fmt.Sprintf(" (%*s)", len(other), own)
		}
		c.tell("%s", text)
	}
	c.remark("")
}

const kib = 1024

// inUnits gives a number of KiB in the largest unit that fits, cut to one digit
// behind the point.
func inUnits(n int64) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	n *= 10
	for n > 10*kib && len(units) > 1 {
		n /= kib
		units = units[1:]
	}
	return fmt.Sprintf("%d.%d %s", n/10, n%10, units[0])
}

// diskUsage is the room that a folder takes, in KiB. A file of several names counts
// once.
func diskUsage(dir string) (int64, error) {
	type file struct{ dev, ino uint64 }
	seen := make(map[file]bool)
	var blocks int64
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		if id := (file{st.Dev, st.Ino}); st.Nlink < 2 || !seen[id] {
			seen[id] = true
			blocks += st.Blocks
		}
		return nil
	})
	return (blocks*512 + kib - 1) / kib, err
}
