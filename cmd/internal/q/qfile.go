package q

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
	"github.com/tumpline/tumpline/merge/vdb"
)

func qfile() applet {
	return applet{name: "qfile", args: "<filename>", about: "list all pkgs owning files", kind: Owners, run: runFile, options: []option{
		formatOption(),
		{letter: 'd', name: "dir", about: "Also match directories for single component arguments"},
		{letter: 'o', name: "orphans", about: "List orphan files"},
		{letter: 'R', name: "root-prefix", about: "Assume arguments are already prefixed by $ROOT"},
		{letter: 'x', name: "exclude=", about: "Don't look in package <arg> (used with --orphans)"},
		{letter: 'S', name: "slots", about: "Display installed packages with slots"},
		{letter: 'P', name: "skip-plibreg", about: "Don't look in the prunelib registry"},
	}}
}

// A sought file is an argument of qfile. Folders are paths below ROOT.
type sought struct {
	arg     string
	base    string
	dir     string // "" for a name alone
	realDir string // dir without symbolic links, if that is another
	skip    bool   // it lies outside of ROOT, or cannot be found
	owned   bool
}

// A finder is one run of qfile.
type finder struct {
	*call
	format  string
	full    bool
	root    string // ROOT without links and without a slash at its end; "" for /
	prefix  string // printed before paths
	exclude *loose.Atom
	sought  []*sought
	found   []owner
}

// registry is where Portage notes libraries that it kept for others.
const registry = "/var/lib/portage/preserved_libs_registry"

func runFile(_ context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.usage()
	}
	f := &finder{call: c, full: c.has("slots")}
	if err := f.prepare(); err != nil {
		return err
	}
	some := slices.ContainsFunc(f.sought, func(s *sought) bool { return !s.skip })
	if t := c.installed(); t != nil && some {
		f.search(t)
	}
	kept := 0
	if some && !c.has("skip-plibreg") {
		kept = f.searchRegistry()
	}
	if c.json {
		if err := f.asData(); err != nil {
			return err
		}
	}
	if c.has("orphans") {
		return f.orphans(len(f.found) + kept)
	}
	return ended(len(f.found)+kept > 0)
}

// prepare reads the options and the arguments.
func (f *finder) prepare() error {
	f.format = f.nameFormat()
	if f.full {
		f.format += "%[SLOT]"
	}
	if format, ok := f.last("format"); ok {
		f.format, f.full = format, true
	}
	if excluded := f.values("exclude"); len(excluded) > 1 {
		return f.fail("--exclude can only be used once.")
	} else if len(excluded) == 1 {
		f.exclude = loose.Parse(excluded[0])
	}
	root, err := filepath.EvalSymlinks(f.env.Abs(f.conf.Root()))
	if err != nil {
		return f.fail("Could not read real path of ROOT (\"%s\") + $PWD: %s", f.conf.Root(), reason(err))
	}
	f.root = strings.TrimSuffix(root, "/")
	if f.has("root-prefix") {
		f.prefix = f.conf.Root()
		if len(f.prefix) > 1 {
			f.prefix = strings.TrimSuffix(f.prefix, "/")
		}
	}
	for _, arg := range f.args {
		s := &sought{arg: arg}
		if !f.locate(s) {
			f.warn("Skipping query item \"%s\".", arg)
			s.skip = true
		}
		f.sought = append(f.sought, s)
	}
	return nil
}

// locate works out which folder an argument means; false: none below ROOT.
func (f *finder) locate(s *sought) bool {
	path := s.arg
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	named := path != "." && path != ".." && path != "/" && path != ""
	if named && !strings.Contains(s.arg, "/") {
		s.base = path
		return true
	}
	full := path
	if !strings.HasPrefix(path, "/") {
		full = f.env.Dir + "/" + path
	}
	if !f.has("root-prefix") {
		full = f.root + full
	}
	lookAt := full
	if named {
		s.base = full[strings.LastIndexByte(full, '/')+1:]
		lookAt = full[:strings.LastIndexByte(full, '/')]
		s.dir = orSlash(strings.TrimPrefix(lookAt, f.root))
		lookAt = orSlash(lookAt)
	}
	resolved, err := filepath.EvalSymlinks(lookAt)
	switch {
	case err != nil && named:
		if f.verbose > 0 {
			f.warn("Could not read real path of \"%s\": %s", lookAt, reason(err))
			f.warn("Results for query item \"%s\" may be inaccurate.", s.arg)
		}
		return true
	case err != nil:
		f.warn("Could not read real path of \"%s\": %s", lookAt, reason(err))
		return false
	case f.root != "" && resolved != f.root && !strings.HasPrefix(resolved, f.root+"/"):
		f.warn("Real path of \"%s\" is not under ROOT: %s", lookAt, resolved)
		return false
	}
	below := orSlash(strings.TrimPrefix(resolved, f.root))
	if !named {
		s.base = filepath.Base(below)
		below = filepath.Dir(below)
	}
	if below != s.dir {
		s.realDir = below
	}
	return true
}

func orSlash(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// search looks through the files of all packages. Most packages have nothing that is
// sought: their CONTENTS are read, but no line of them.
func (f *finder) search(t *tree.Tree) {
	all := f.packages(t, nil)
	var names [][]byte
	for _, s := range f.sought {
		if !s.skip {
			names = append(names, []byte("/"+s.base))
		}
	}
	buffers := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	ordered(len(all), func(i int) []owner {
		p := all[i]
		if f.exclude != nil && p.Matches(f.exclude) {
			return nil
		}
		b := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(b)
		if !load(b, p.Path()+"/CONTENTS") || !slices.ContainsFunc(names, func(name []byte) bool { return bytes.Contains(b.Bytes(), name) }) {
			return nil
		}
		return f.owned(p, bytes.Clone(b.Bytes()))
	}, func(found []owner) {
		for _, o := range found {
			o.by.owned = true
			f.found = append(f.found, o)
			if !f.json && !f.has("orphans") {
				f.show(o)
			}
		}
	})
}

// load reads a file into a buffer, which is kept from one file to the next: a fresh one
// for each would take longer than the reading. A package may have no CONTENTS.
func load(b *bytes.Buffer, path string) bool {
	b.Reset()
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer syscall.Close(fd) // only read
	for {
		b.Grow(64 << 10)
		free := b.AvailableBuffer()
		n, err := syscall.Read(fd, free[:cap(free)])
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return false
		case n == 0:
			return true
		}
		b.Write(free[:n])
	}
}

// An owner is a package with a file that is sought.
type owner struct {
	pkg  *tree.Package
	file vdb.Content
	by   *sought
}

// owned lists what a package with this CONTENTS has of what is sought.
func (f *finder) owned(p *tree.Package, text []byte) []owner {
	var out []owner
	contents, _ := vdb.ParseContents(p.Path()+"/CONTENTS", text) // what cannot be understood owns nothing
	for _, e := range contents {
		slash := strings.LastIndexByte(e.Path, '/')
		if slash < 0 || e.Kind == vdb.KindDevice || e.Kind == vdb.KindFIFO {
			continue
		}
		dir, base := orSlash(e.Path[:slash]), e.Path[slash+1:]
		for _, s := range f.sought {
			if s.skip || s.base != base || !f.here(s, dir, e.Kind) {
				continue
			}
			out = append(out, owner{p, e, s})
		}
	}
	return out
}

// here says if a file with the right name lies in a right folder.
func (f *finder) here(s *sought, dir string, kind vdb.Kind) bool {
	switch {
	case s.dir == dir || s.realDir == dir, f.has("dir"):
		return true
	case s.dir != "":
		return false
	}
	return dir == f.env.Dir || s.realDir == "" && kind != vdb.KindDir
}

func (f *finder) show(o owner) {
	a := o.pkg.Atom()
	if f.full {
		a = o.pkg.Full()
	}
	name := f.call.format(f.format, a)
	switch {
	case f.quiet > 0:
		f.printf("%s\n", name)
	case f.verbose > 0 && o.file.Kind == vdb.KindSymlink:
		f.printf("%s: %s%s -> %s\n", name, f.prefix, o.file.Path, o.file.Target)
	default:
		f.printf("%s: %s%s\n", name, f.prefix, o.file.Path)
	}
}

// searchRegistry looks for what no package has among the libraries that were kept.
func (f *finder) searchRegistry() int {
	text, err := os.ReadFile(registry)
	if err != nil {
		return 0 // none were kept
	}
	found := 0
	for _, s := range f.sought {
		if s.skip || s.owned {
			continue
		}
		path := s.base
		if s.dir != "" {
			path = s.dir + "/" + s.base
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			if !strings.Contains(lines.Text(), path) {
				continue
			}
			found++
			if f.quiet > 0 {
				f.printf("%splib_registry%s: %s\n", f.col.Blue, f.col.Norm, path)
			} else if !f.json {
				f.printf("%splib_registry%s\n", f.col.Blue, f.col.Norm)
			}
		}
	}
	return found
}

// orphans lists the arguments that nobody owns. One is enough for a failure.
func (f *finder) orphans(found int) error {
	for _, s := range f.sought {
		if s.owned || s.skip {
			continue
		}
		found = 0
		if f.quiet > 0 {
			break
		}
		if !f.json {
			f.printf("%s\n", s.arg)
		}
	}
	return ended(found > 0)
}
