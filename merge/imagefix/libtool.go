package imagefix

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// errDependencyLibs reports a file that is no libtool archive.
var errDependencyLibs = errors.New("missing or invalid dependency_libs")

// A libtoolFile collects what dependency_libs and inherited_linker_flags should be.
type libtoolFile struct {
	run, dirs, libs, flags []string // -R, -L, libraries, flags of the linker
	hasFlags               bool
}

// Libtool gives the text of a .la file as it should be: folders before libraries,
// each once; a library named by its .la file becomes -l, so that the file need not
// be there; flags about threads go to the line for flags, if there is one.
func Libtool(text string) (string, error) {
	deps, hasDeps, err := quoted(text, "dependency_libs")
	if err != nil {
		return "", err
	}
	if !hasDeps {
		return "", errDependencyLibs
	}
	var f libtoolFile
	flags, hasFlags, err := quoted(text, "inherited_linker_flags")
	if err != nil {
		return "", err
	}
	f.hasFlags, f.flags = hasFlags, strings.Fields(flags)
	for _, word := range strings.Fields(deps) {
		if err := f.add(word); err != nil {
			return "", err
		}
	}
	text = strings.ReplaceAll(text, "dependency_libs='"+deps+"'", "dependency_libs='"+list(f.run, f.dirs, f.libs)+"'")
	if hasFlags {
		text = strings.ReplaceAll(text, "inherited_linker_flags='"+flags+"'", "inherited_linker_flags='"+list(f.flags)+"'")
	}
	return text, nil
}

// quoted finds the value of a line NAME='value'.
func quoted(text, name string) (value string, ok bool, err error) {
	for line := range strings.SplitSeq(text, "\n") {
		rest, found := strings.CutPrefix(line, name+"='")
		if !found {
			continue
		}
		v, tail, closed := strings.Cut(rest, "'")
		if !closed || tail != "" {
			continue
		}
		if ok {
			return "", false, fmt.Errorf("duplicated %s entry", name)
		}
		value, ok = v, true
	}
	return value, ok, nil
}

func list(groups ...[]string) string {
	out := ""
	for _, g := range groups {
		for _, word := range g {
			out += " " + word
		}
	}
	return out
}

func addOnce(to *[]string, word string) {
	if !slices.Contains(*to, word) {
		*to = append(*to, word)
	}
}

func (f *libtoolFile) add(word string) error {
	switch {
	case strings.HasPrefix(word, "-l"):
		addOnce(&f.libs, word)
	case strings.HasSuffix(word, ".la"):
		dir, base := path.Split(word)
		if dir == "" || !strings.HasPrefix(base, "lib") {
			addOnce(&f.libs, word)
			return nil
		}
		addOnce(&f.libs, "-l"+base[3:len(base)-3])
		addOnce(&f.dirs, "-L"+cleanDir(dir))
	case strings.HasPrefix(word, "-L"):
		addOnce(&f.dirs, plainDir(word))
	case strings.HasPrefix(word, "-R"):
		addOnce(&f.run, word)
	case threads(word) && f.hasFlags:
		addOnce(&f.flags, word)
	case threads(word):
		addOnce(&f.libs, word)
	default:
		return fmt.Errorf("unexpected entry %q in dependency_libs", word)
	}
	return nil
}

func cleanDir(dir string) string {
	if trimmed := strings.TrimRight(dir, "/"); trimmed != "" {
		return trimmed
	}
	return dir
}

// plainDir takes detours out of a -L word.
func plainDir(word string) string {
	word = strings.NewReplacer("X11R6/lib", "lib", "local/lib", "lib").Replace(word)
	word = regexp.MustCompile(`usr/lib[^/]*/pkgconfig/\.\./\.\.`).ReplaceAllString(word, "usr")
	return regexp.MustCompile(`(usr/lib[^/]*)/pkgconfig/\.\.`).ReplaceAllString(word, "$1")
}

// threads says whether a word is about threads.
func threads(word string) bool {
	for _, p := range []string{"-mt", "-mthreads", "-kthread", "-Kthread", "-pthread", "-pthreads", "--thread-safe", "-threads"} {
		if strings.HasPrefix(word, p) {
			return true
		}
	}
	return false
}
