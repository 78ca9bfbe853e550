package equery

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func sizeModule() *module {
	return &module{
		name: "size", letter: "s", shown: "(s)ize", about: "display total size of all files owned by PKG",
		doc: "Print total size of files contained in a given package", arg: "pkgspec", warns: true,
		options: [][2]string{
			{" -b, --bytes", "report size in bytes"},
			{" -f, --full-regex", "query is a regular expression"},
		},
		spec: getopt.Spec{Short: "hbfe", Long: []string{"help", "bytes", "full-regex", "exact-name"}},
		kind: sizesKind, run: size,
	}
}

// sizesKind is the document of size.
var sizesKind = answer.NewKind[sizesDocument]("tumpline.equery-sizes", "1.0.0", "how much room the files of installed packages take")

type sizesDocument struct {
	answer.Head
	Packages []sizeObject `json:"packages"`
}

type sizeObject struct {
	CPV          string `json:"cpv" jsonschema:"CATEGORY/PF"`
	Files        int    `json:"files" jsonschema:"that are there, folders included, hard links once"`
	Inaccessible int    `json:"inaccessible"`
	Bytes        int64  `json:"bytes"`
}

func size(c *call, options []getopt.Option, queries []string) error {
	regex, bytes := false, false
	for _, o := range options {
		switch o.Name {
		case "-b", "--bytes":
			bytes = true
		case "-f", "--full-regex":
			regex = true
		case "-e", "--exact-name":
			c.warn("-e, --exact-name is now default.")
			c.warn("Use globbing to simulate the old behavior.")
			c.out.Print("")
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	system, err := c.open()
	if err != nil {
		return err
	}
	d := &sizesDocument{Packages: []sizeObject{}}
	for i, text := range queries {
		c.separate(i)
		q, err := parseQuery(text, regex)
		if err != nil {
			return err
		}
		matches, err := system.Find(q, gentoolkit.Scope{Installed: true})
		if err != nil {
			return err
		}
		for _, p := range matches {
			o := c.sizeOf(system, p)
			d.Packages = append(d.Packages, o)
			c.showSize(o, bytes)
		}
	}
	if c.data {
		return sizesKind.Write(c.env.Out, d)
	}
	return nil
}

// sizeOf adds up the files of a package. Those that are gone do not count, and of
// several with one inode one does.
func (c *call) sizeOf(s *gentoolkit.System, p *gentoolkit.Package) sizeObject {
	o := sizeObject{CPV: p.CPV}
	seen := map[uint64]bool{}
	for _, f := range c.contents(p) {
		info, err := os.Lstat(s.RealPath(f.Path))
		if err != nil {
			continue
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			if seen[st.Ino] {
				continue
			}
			seen[st.Ino] = true
		}
		o.Files++
		o.Bytes += info.Size()
	}
	return o
}

func (c *call) showSize(o sizeObject, bytes bool) {
	if c.data {
		return
	}
	if !c.verbose {
		c.out.Line(fmt.Sprintf("%s: total(%d), inaccessible(%d), size(%d)", o.CPV, o.Files, o.Inaccessible, o.Bytes))
		return
	}
	c.out.Line(" * " + c.style.CPV(o.CPV))
	c.out.Print("         Total files : " + c.style.Number(strconv.Itoa(o.Files)))
	number, unit := strconv.FormatInt(o.Bytes, 10), ""
	if !bytes {
		number, unit = humanSize(o.Bytes)
	}
	c.out.Print("         Total size  : " + c.style.Number(number) + unit)
}

// humanSize gives a number of bytes in the greatest unit that fits, cut after two
// decimals, and " " and the unit.
func humanSize(n int64) (number, unit string) {
	switch n {
	case 0:
		return "0", " bytes"
	case 1:
		return "1", " byte"
	}
	units := []struct {
		factor int64
		name   string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "bytes"}}
	for _, u := range units {
		if n < u.factor {
			continue
		}
		whole, decimals, _ := strings.Cut(strconv.FormatFloat(float64(n)/float64(u.factor), 'f', -1, 64), ".")
		decimals = decimals[:min(2, len(decimals))]
		if strings.Trim(decimals, "0") != "" {
			whole += "." + decimals
		}
		return whole, " " + u.name
	}
	return strconv.FormatInt(n, 10), " bytes" // negative, which no sum is
}
