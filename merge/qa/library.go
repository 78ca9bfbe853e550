package qa

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	libraryName = regexp.MustCompile(`\.(a|dll|dylib|sl|so)(\.[^/]*)?$`)
	libFolder   = regexp.MustCompile(`^/(opt/[^/]+/|usr/)?lib[^/]*$`)
	rootLib     = regexp.MustCompile(`^/lib[^/]*$`)
	usrLib      = regexp.MustCompile(`^/usr/lib[^/]*$`)
)

// in says whether a file lies right in a folder of a form.
func (c *checker) in(f file, folder *regexp.Regexp) bool {
	name, ok := c.below(f.path)
	return ok && folder.MatchString(filepath.Dir(name))
}

// libraries finds links of libraries that point to absolute paths.
func (c *checker) libraries() {
	var absolute []string
	for _, f := range c.files {
		if f.mode.Type() != fs.ModeSymlink || !libraryName.MatchString(f.path) || !c.in(f, libFolder) {
			continue
		}
		if to, err := os.Readlink(filepath.Join(c.D, f.path)); err == nil && filepath.IsAbs(to) {
			absolute = append(absolute, f.path+" -> "+to)
		}
	}
	c.add(Notice, "absolute-library-links", "links in library folders are absolute; they should be relative, or linker scripts", absolute)
}

// archives checks what the linker would take in place of shared libraries.
func (c *checker) archives() {
	var unpaired, misplaced, soiled []string
	for _, f := range c.files {
		ext := filepath.Ext(f.path)
		if ext != ".a" && ext != ".la" {
			continue
		}
		switch {
		case c.in(f, rootLib):
			misplaced = append(misplaced, f.path)
		case c.in(f, usrLib) && ext == ".a":
			so := strings.TrimSuffix(f.path, ".a") + ".so"
			_, beside := c.there[so]
			_, inRoot := c.there[strings.Replace(so, "/usr/", "/", 1)]
			if !beside && inRoot {
				unpaired = append(unpaired, f.path)
			}
		case c.in(f, usrLib) && f.mode.IsRegular():
			text, err := os.ReadFile(filepath.Join(c.D, f.path))
			if err == nil && bytes.Contains(text, []byte(filepath.Clean(c.D))) {
				soiled = append(soiled, f.path)
			}
		}
	}
	c.add(Fatal, "linker-script", "static libraries in /usr/lib* hide the shared ones in /lib*: linker scripts (gen_usr_ldscript) are missing", unpaired)
	c.add(Fatal, "root-archives", "static and libtool libraries belong into /usr/lib*, not /lib*", misplaced)
	c.add(Fatal, "soiled-libtool", "libtool libraries name the path of the image", soiled)
}

// multilib finds libraries in folders of another ABI.
func (c *checker) multilib() error {
	if len(c.MultilibDirs) == 0 || c.MultilibDeny == "" {
		return nil
	}
	deny, err := regexp.Compile(c.MultilibDeny)
	if err != nil {
		return fmt.Errorf("MULTILIB_STRICT_DENY: %w", err)
	}
	allowed, err := c.patterns("QA_MULTILIB_PATHS")
	if err != nil {
		return err
	}
	var bad []string
	for _, o := range c.Objects {
		name, ok := c.below(o.File)
		if !ok || !o.Mode.IsRegular() {
			continue
		}
		for _, dir := range c.MultilibDirs {
			if filepath.Dir(name) == filepath.Join("/", dir) && deny.MatchString(describe(&o)) && !anyMatch(allowed, strings.TrimPrefix(name, "/")) {
				bad = append(bad, o.File)
			}
		}
	}
	c.add(Fatal, "multilib-strict", "libraries lie in folders of another ABI (FEATURES=multilib-strict)", bad)
	return nil
}

func anyMatch(list []*regexp.Regexp, name string) bool {
	for _, re := range list {
		if re.MatchString(name) {
			return true
		}
	}
	return false
}

// value gives a QA variable: that for the architecture takes the place of the
// general one, and QA_STRICT_... makes it count for nothing.
func (c *checker) value(name string) []string {
	if c.Var == nil || c.Var("QA_STRICT_"+strings.TrimPrefix(name, "QA_")) != nil {
		return nil
	}
	list := c.Var(name + "_" + strings.ReplaceAll(c.Arch, "-", "_"))
	if len(list) == 0 {
		list = c.Var(name)
	}
	if len(list) == 1 {
		return strings.Fields(list[0])
	}
	return list
}

// patterns gives a QA variable of regular expressions, which match whole paths
// without the slash in front.
func (c *checker) patterns(name string) ([]*regexp.Regexp, error) {
	var out []*regexp.Regexp
	for _, text := range c.value(name) {
		re, err := regexp.Compile("^(?:" + strings.TrimPrefix(text, "/") + ")$")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, re)
	}
	return out, nil
}

// globs gives a QA variable of shell patterns, in which * matches slashes too.
func (c *checker) globs(name string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, text := range append(c.value(name), "lib*/modules/*.ko") {
		re := regexp.QuoteMeta(strings.TrimPrefix(text, "/"))
		re = strings.ReplaceAll(strings.ReplaceAll(re, `\*`, ".*"), `\?`, ".")
		out = append(out, regexp.MustCompile("^(?s:"+re+")$"))
	}
	return out
}
