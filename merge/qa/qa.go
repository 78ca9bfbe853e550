// Package qa looks at an image for what must not be merged, and for what its
// packager should know.
//
// The checks are those that Portage makes after src_install, in words of our own;
// paths are given as they will be in the root. It changes nothing but search paths
// of ELF files (CutRunPaths); what else is put right is the business of
// merge/imagefix. Links are never followed: an image may hold any.
package qa

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/merge/elfscan"
)

// Severity says what a finding means.
type Severity uint8

const (
	Notice Severity = iota // to be told
	Fatal                  // the image must not be merged
)

// String names the severity.
func (s Severity) String() string {
	switch s {
	case Notice:
		return "notice"
	case Fatal:
		return "fatal"
	}
	return fmt.Sprintf("Severity(%d)", uint8(s))
}

// A Finding is one sort of thing that was found, with where.
type Finding struct {
	Severity Severity
	Check    string // a short name
	Text     string
	Paths    []string // sorted; each may have a remark behind the path
}

// Options say what is looked at, and how strictly.
type Options struct {
	D, EPrefix string // the image; its offset
	Arch       string // ARCH, for the variables that are for one
	CHOST      string
	Objects    []elfscan.Object
	// Var gives the value of a variable as src_install left it, an array in its
	// elements; nil if it is not set.
	Var      func(name string) []string
	Stricter bool // FEATURES=stricter: some notices are fatal
	Binaries bool // look into ELF files (not with RESTRICT=binchecks)
	// MultilibDirs and MultilibDeny are MULTILIB_STRICT_DIRS and MULTILIB_STRICT_DENY
	// with FEATURES=multilib-strict, else empty.
	MultilibDirs []string
	MultilibDeny string
	// Shell checks the syntax of a shell script; nil: that is not checked.
	Shell func(file string) error
}

// Check makes all checks. The findings come in a fixed order.
func Check(o *Options) ([]Finding, error) {
	c := &checker{Options: o}
	if err := c.walk(); err != nil {
		return nil, fmt.Errorf("check the image: %w", err)
	}
	c.doubled()
	c.names()
	c.prefix()
	c.modes()
	c.folders()
	c.libraries()
	c.archives()
	c.scripts()
	if err := c.multilib(); err != nil {
		return nil, err
	}
	if o.Binaries {
		c.objects()
	}
	return c.findings, nil
}

// A file of the image.
type file struct {
	path string // below D, with a slash in front
	mode fs.FileMode
}

type checker struct {
	*Options
	files    []file
	there    map[string]fs.FileMode
	findings []Finding
}

func (c *checker) add(s Severity, check, text string, paths []string) {
	if len(paths) == 0 {
		return
	}
	slices.Sort(paths)
	c.findings = append(c.findings, Finding{Severity: s, Check: check, Text: text, Paths: paths})
}

func (c *checker) walk() error {
	c.there = make(map[string]fs.FileMode)
	return filepath.WalkDir(c.D, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name := "/" + strings.TrimPrefix(strings.TrimPrefix(p, c.D), "/")
		c.there[name] = info.Mode()
		if p != c.D {
			c.files = append(c.files, file{name, info.Mode()})
		}
		return nil
	})
}

// select gives the paths of files for which want holds.
func (c *checker) choose(want func(file) bool) []string {
	var out []string
	for _, f := range c.files {
		if want(f) {
			out = append(out, f.path)
		}
	}
	return out
}

// inPrefix gives a path below the offset.
func (c *checker) inPrefix(name string) string { return filepath.Join("/", c.EPrefix, name) }

// below gives the path without the offset; false if it is not below.
func (c *checker) below(name string) (string, bool) {
	if c.EPrefix == "" {
		return name, true
	}
	rest, ok := strings.CutPrefix(name, strings.TrimRight(c.EPrefix, "/")+"/")
	return "/" + rest, ok
}

// doubled finds what was installed into D inside D.
func (c *checker) doubled() {
	inside := filepath.Clean(c.D) + "/"
	c.add(Fatal, "double-D", "files were installed into the path of the image inside the image",
		c.choose(func(f file) bool { return strings.HasPrefix(f.path, inside) }))
}

// names finds what the package database could not write down, and what is no file.
func (c *checker) names() {
	c.add(Fatal, "newline", "names have line ends in them; the package database could not hold them",
		c.choose(func(f file) bool { return strings.ContainsAny(f.path, "\n\r") }))
	c.add(Notice, "special-files", "device nodes, sockets or pipes are installed",
		c.choose(func(f file) bool { return f.mode&(fs.ModeDevice|fs.ModeSocket|fs.ModeNamedPipe) != 0 }))
}

// prefix finds what is outside the offset.
func (c *checker) prefix() {
	if c.EPrefix == "" {
		return
	}
	top := filepath.Clean(c.EPrefix)
	c.add(Fatal, "prefix", "files are outside of EPREFIX", c.choose(func(f file) bool {
		return f.path != top && !strings.HasPrefix(f.path, top+"/") && !strings.HasPrefix(top, f.path+"/")
	}))
	c.add(Fatal, "double-prefix", "files were installed into EPREFIX inside EPREFIX", c.choose(func(f file) bool {
		return strings.HasPrefix(f.path, top+top+"/")
	}))
}

// modes finds files that too many may write to.
func (c *checker) modes() {
	setid := fs.ModeSetuid | fs.ModeSetgid
	writable := func(f file) bool { return f.mode.IsRegular() && f.mode&0o002 != 0 }
	c.add(Fatal, "world-writable-setid", "files that run with the rights of their owner can be written to by everybody",
		c.choose(func(f file) bool { return writable(f) && f.mode&setid != 0 }))
	c.add(Notice, "world-writable", "files can be written to by everybody",
		c.choose(func(f file) bool { return writable(f) && f.mode&setid == 0 }))
	c.add(Notice, "world-writable-folder", "folders can be written to by everybody, and everybody can remove there what others made",
		c.choose(func(f file) bool { return f.mode.IsDir() && f.mode&0o002 != 0 && f.mode&fs.ModeSticky == 0 }))
	bin := regexp.MustCompile(`^/(usr/(local/)?)?s?bin/[^/]*$`)
	c.add(Notice, "group-writable-bin", "programs can be written to by their group", c.choose(func(f file) bool {
		name, ok := c.below(f.path)
		return ok && f.mode.IsRegular() && f.mode&0o020 != 0 && f.mode&0o002 == 0 && bin.MatchString(name)
	}))
}

// folders finds what is in folders that packages should not install into.
func (c *checker) folders() {
	var old, runtime []string
	for _, name := range []string{"etc/app-defaults", "usr/man", "usr/info", "usr/X11R6", "usr/doc", "usr/locale"} {
		if c.there[c.inPrefix(name)].IsDir() {
			old = append(old, c.inPrefix(name))
		}
	}
	c.add(Notice, "deprecated-folders", "folders of earlier times are installed into", old)
	for _, name := range []string{"var/cache", "var/lock", "var/run", "var/tmp", "run"} {
		top := c.inPrefix(name)
		runtime = append(runtime, c.choose(func(f file) bool { return strings.HasPrefix(f.path, top+"/") })...)
	}
	c.add(Notice, "runtime-folders", "what belongs to a running system is installed, where programs should make it when they start", runtime)
}

// scripts checks the syntax of OpenRC's files.
func (c *checker) scripts() {
	if c.Shell == nil {
		return
	}
	var bad, renamed []string
	for _, f := range c.files {
		dir := filepath.Dir(f.path)
		init := dir == c.inPrefix("etc/init.d")
		if !f.mode.IsRegular() || !init && dir != c.inPrefix("etc/conf.d") {
			continue
		}
		file := filepath.Join(c.D, f.path)
		if init && !strings.HasSuffix(f.path, ".sh") {
			line := firstLine(file)
			if !shellLine.MatchString(line) {
				continue
			}
			if line == "#!/sbin/runscript" {
				renamed = append(renamed, f.path)
			}
		}
		if err := c.Shell(file); err != nil {
			bad = append(bad, fmt.Sprintf("%s: %v", f.path, err))
		}
	}
	c.add(Notice, "runscript", "init scripts say #!/sbin/runscript, which is #!/sbin/openrc-run now", renamed)
	c.add(Fatal, "openrc", "init scripts have errors of syntax", bad)
}

// shellLine is the first line of init scripts that a shell reads.
var shellLine = regexp.MustCompile(`^#!.*[\t /](openrc-run|runscript|sh)$`)

func firstLine(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, 256)
	n, _ := f.Read(buf) // of an empty file nothing
	line, _, _ := strings.Cut(string(buf[:n]), "\n")
	return line
}
