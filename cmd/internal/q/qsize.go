package q

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"

	"github.com/tumpline/tumpline/cmd/internal/q/tree"
	"github.com/tumpline/tumpline/merge/vdb"
)

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
)

func qsize() applet {
	return applet{name: "qsize", args: "<pkgname>", about: "calculate size usage", kind: Sizes, run: runSize, options: []option{
		{letter: 'f', name: "filesystem", about: "Show size used on disk"},
		{letter: 's', name: "sum", about: "Include a summary"},
		{letter: 'S', name: "sum-only", about: "Show just the summary"},
		{letter: 'm', name: "megabytes", about: "Display all sizes in megabytes"},
		{letter: 'k', name: "kilobytes", about: "Display all sizes in kilobytes"},
		{letter: 'b', name: "bytes", about: "Display all sizes in bytes"},
		{letter: 'i', name: "ignore=", about: "Ignore regexp string"},
		formatOption(),
	}}
}

// A usage is what files take up.
type usage struct {
	files, others, ignored int
	unique                 int // files that were not counted before under another name
	bytes                  int64
}

func (u *usage) add(v usage) {
	u.files += v.files
	u.others += v.others
	u.ignored += v.ignored
	u.unique += v.unique
	u.bytes += v.bytes
}

// An inode is a file by whatever name.
type inode struct{ device, number uint64 }

// A sizer is one run of qsize.
type sizer struct {
	*call
	ignore []*regexp.Regexp
	seen   map[inode]bool
	unit   int64 // 0: what fits the number
	named  string
}

func runSize(_ context.Context, c *call) error {
	s := &sizer{call: c, seen: map[inode]bool{}}
	for _, text := range c.values("ignore") {
		re, err := extended(text)
		if err != nil {
			return c.fail("invalid regexp: %s -- %s", text, err)
		}
		s.ignore = append(s.ignore, re)
	}
	for _, g := range c.given { // the last one counts
		switch g.name {
		case "megabytes":
			s.unit, s.named = megabyte, "MiB"
		case "kilobytes":
			s.unit, s.named = kilobyte, "KiB"
		case "bytes":
			s.unit, s.named = 1, "bytes"
		}
	}
	format, full := c.last("format")
	if !full {
		format = c.nameFormat()
	}
	t := c.installed()
	if t == nil {
		return ended(false)
	}
	var total usage
	var data []sized
	for _, p := range c.each(t, c.atoms()) {
		u, ok := s.measure(p)
		if !ok {
			continue
		}
		total.add(u)
		data = append(data, sizedOf(p, u))
		if c.json || c.has("sum-only") {
			continue
		}
		a := p.Atom()
		if full {
			a = p.Full()
		}
		s.show(c.format(format, a), u)
	}
	if c.json {
		return c.sizesAsData(data, total)
	}
	if c.has("sum") || c.has("sum-only") {
		s.show(" "+c.col.Bold+"Totals"+c.col.Norm, total)
	}
	return nil
}

// measure adds up the files of a package. Files that were counted already, by another
// name, do not count again. Without CONTENTS there is nothing to tell.
func (s *sizer) measure(p *tree.Package) (u usage, ok bool) {
	if _, ok = p.Get("CONTENTS"); !ok {
		return u, false
	}
	for _, e := range contents(p) {
		hits := 0
		for _, re := range s.ignore {
			if re.MatchString(e.Path) {
				hits++
			}
		}
		u.ignored += hits
		switch {
		case hits > 0:
			continue
		case e.Kind == vdb.KindDir:
			u.others++
			continue
		}
		u.files++
		info, err := os.Lstat(p.Tree.Root + e.Path[1:])
		if err != nil {
			continue // gone: it takes up nothing
		}
		stat, known := info.Sys().(*syscall.Stat_t)
		if !known {
			continue
		}
		if id := (inode{uint64(stat.Dev), stat.Ino}); !s.seen[id] {
			s.seen[id] = true
			u.unique++
			if u.bytes += info.Size(); s.has("filesystem") {
				u.bytes += stat.Blocks*512 - info.Size()
			}
		}
	}
	return u, true
}

func (s *sizer) show(name string, u usage) {
	unique, ignored := "", ""
	if u.unique != u.files {
		unique = fmt.Sprintf(" (%d unique)", u.unique)
	}
	if u.ignored > 0 {
		ignored = fmt.Sprintf("%d names-ignored, ", u.ignored)
	}
	s.printf("%s: %d files%s, %d non-files, %s%s %s\n", name, u.files, unique, u.others, ignored, sizeText(u.bytes, s.unit), s.named)
}

// sizeText is a number of bytes in a unit, rounded; unit 0: with one decimal place in
// whatever unit fits.
func sizeText(n, unit int64) string {
	switch {
	case n == 0:
		return "0"
	case unit > 0:
		return strconv.FormatInt((n+unit/2)/unit, 10)
	case n < 1024:
		return strconv.FormatInt(n, 10)
	}
	tenths, at := int64(0), 0
	for ; n >= 1024; at++ {
		tenths = (n%1024*10 + 512) / 1024
		n /= 1024
	}
	if tenths >= 10 {
		n, tenths = n+1, 0
	}
	return fmt.Sprintf("%d.%d%c", n, tenths, " KMGTPE"[at])
}
