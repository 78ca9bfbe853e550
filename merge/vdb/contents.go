package vdb

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Kind is the type of a file that a package installed.
type Kind uint8

const (
	KindDir     Kind = iota // dir: a directory
	KindFile                // obj: a regular file
	KindSymlink             // sym: a symbolic link
	KindDevice              // dev: a device node
	KindFIFO                // fif: a named pipe
)

// String returns the word that starts a line of CONTENTS.
func (k Kind) String() string {
	switch k {
	case KindDir:
		return "dir"
	case KindFile:
		return "obj"
	case KindSymlink:
		return "sym"
	case KindDevice:
		return "dev"
	case KindFIFO:
		return "fif"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// A Content is one line of CONTENTS: a file that a package installed.
type Content struct {
	Kind   Kind
	Path   string // absolute, relative to ROOT; it includes EPREFIX
	Target string // what a symbolic link points to
	MD5    string // of a regular file: lower-case hexadecimal
	MTime  int64  // of regular files and symbolic links: seconds since the epoch
}

// String returns the line without its end.
func (c Content) String() string {
	switch c.Kind {
	case KindFile:
		return fmt.Sprintf("obj %s %s %d", c.Path, c.MD5, c.MTime)
	case KindSymlink:
		return fmt.Sprintf("sym %s -> %s %d", c.Path, c.Target, c.MTime)
	}
	return c.Kind.String() + " " + c.Path
}

// Problems of CONTENTS lines.
var (
	ErrNullByte = errors.New("null byte in CONTENTS entry")
	ErrContent  = errors.New("unrecognized CONTENTS entry")
)

// ParseContents parses text as the CONTENTS file called file. A line that is
// not understood is a *linefile.Problem; its file then belongs to nobody. The
// fields of obj lines are taken from the right, since paths may hold blanks;
// sym lines are split at the last " -> ". If a path occurs twice, the later
// line counts, at the place of the earlier.
func ParseContents(file string, text []byte) (contents []Content, problems []error) {
	t := linefile.ParseText(file, text)
	problems = t.Problems
	contents = make([]Content, 0, len(t.Lines))
	seen := make(map[string]int, len(t.Lines))
	for i, line := range t.Lines {
		c, err := parseContent(line)
		if err != nil {
			problems = append(problems, &linefile.Problem{File: file, Line: i + 1, Text: line, Err: err})
			continue
		}
		if at, ok := seen[c.Path]; ok {
			contents[at] = c
			continue
		}
		seen[c.Path] = len(contents)
		contents = append(contents, c)
	}
	return contents, problems
}

// parseContent parses one line.
func parseContent(line string) (Content, error) {
	if strings.IndexByte(line, 0) >= 0 {
		return Content{}, ErrNullByte
	}
	kind, rest, _ := strings.Cut(line, " ")
	c, ok := Content{}, rest != ""
	switch kind {
	case "obj":
		c, ok = parseFile(rest)
	case "sym":
		c, ok = parseSymlink(rest)
	case "dir":
		c.Kind, c.Path = KindDir, rest
	case "dev":
		c.Kind, c.Path = KindDevice, rest
	case "fif":
		c.Kind, c.Path = KindFIFO, rest
	default:
		ok = false
	}
	if !ok {
		return Content{}, ErrContent
	}
	c.Path = normalize(c.Path)
	return c, nil
}

// parseFile parses "path md5 mtime".
func parseFile(s string) (Content, bool) {
	s, mtime, ok := cutSeconds(s)
	if !ok {
		return Content{}, false
	}
	i := strings.LastIndexByte(s, ' ')
	if i <= 0 || i+1 == len(s) || strings.ContainsFunc(s[i+1:], linefile.IsSpace) {
		return Content{}, false
	}
	return Content{Kind: KindFile, Path: s[:i], MD5: strings.ToLower(s[i+1:]), MTime: mtime}, true
}

// parseSymlink parses "path -> target mtime". In very old entries the time is
// the ninth number of a printed stat tuple.
func parseSymlink(s string) (Content, bool) {
	left, mtime, ok := cutSeconds(s)
	if !ok {
		left, mtime, ok = cutTuple(s)
	}
	if !ok {
		return Content{}, false
	}
	const arrow = " -> "
	for end := len(left); ; {
		i := strings.LastIndex(left[:end], arrow)
		if i < 0 {
			return Content{}, false
		}
		if i > 0 && i+len(arrow) < len(left) {
			return Content{Kind: KindSymlink, Path: left[:i], Target: left[i+len(arrow):], MTime: mtime}, true
		}
		end = i + len(arrow) - 1 // the target was empty: try the arrow before
	}
}

// cutSeconds splits "rest digits".
func cutSeconds(s string) (rest string, seconds int64, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i <= 0 || i+1 == len(s) || s[i+1] < '0' || s[i+1] > '9' {
		return "", 0, false
	}
	seconds, err := strconv.ParseInt(s[i+1:], 10, 64)
	return s[:i], seconds, err == nil
}

// cutTuple splits "rest (mode, inoL, devL, nlink, uid, gid, sizeL, atime,
// mtime, ctime)".
func cutTuple(s string) (rest string, seconds int64, ok bool) {
	i := strings.LastIndex(s, " (")
	inner, closed := strings.CutSuffix(s, ")")
	if i <= 0 || !closed || i+2 > len(inner) {
		return "", 0, false
	}
	fields := strings.Split(inner[i+2:], ", ")
	if len(fields) != 10 {
		return "", 0, false
	}
	for j, f := range fields {
		if j == 1 || j == 2 || j == 6 {
			f, ok = strings.CutSuffix(f, "L")
			if !ok {
				return "", 0, false
			}
		}
		n, err := strconv.ParseUint(f, 10, 63)
		if err != nil {
			return "", 0, false
		}
		if j == 8 {
			seconds = int64(n)
		}
	}
	return s[:i], seconds, true
}

// normalize makes p absolute and removes "//", "." and ".." elements and a
// trailing slash.
func normalize(p string) string {
	if p[0] == '/' && !strings.Contains(p, "//") && !strings.Contains(p, "/.") && (p[len(p)-1] != '/' || p == "/") {
		return p
	}
	return path.Clean("/" + p)
}

// WithParents adds the directories above each path that contents does not
// list, up to but without eprefix ("" for none): packages own them too.
func WithParents(contents []Content, eprefix string) []Content {
	known := make(map[string]bool, 2*len(contents))
	for _, c := range contents {
		known[c.Path] = true
	}
	all := contents[:len(contents):len(contents)]
	for _, c := range contents {
		for dir := path.Dir(c.Path); len(dir) > max(len(eprefix), 1) && !known[dir]; dir = path.Dir(dir) {
			known[dir] = true
			all = append(all, Content{Kind: KindDir, Path: dir})
		}
	}
	return all
}
