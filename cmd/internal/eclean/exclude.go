package eclean

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// An exclude is what an exclusion file keeps.
type exclude struct {
	categories, packages, not []string // not: packages that their category does not keep
	files                     []filePattern
}

// A filePattern names files by their whole name or by its start.
type filePattern struct {
	text  string
	start *regexp.Regexp
}

var (
	categoryLine = regexp.MustCompile(`^([a-zA-Z0-9]+-[a-zA-Z0-9]+)(/\*)?$`)
	packageLine  = regexp.MustCompile(`^[-a-zA-Z0-9_]+/[-a-zA-Z0-9_]+$`)
)

// readExclude reads the file at path, shown as file in errors.
func readExclude(path, file string, known func(category string) bool) (*exclude, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("Could not open exclusion file: %s", file)
	}
	return parseExclude(string(text), known)
}

func parseExclude(text string, known func(category string) bool) (*exclude, error) {
	x := &exclude{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if m := categoryLine.FindStringSubmatch(line); m != nil {
			if !known(m[1]) {
				return nil, fmt.Errorf("Invalid category: %s @line # %d", m[1], i+1)
			}
			x.categories = append(x.categories, m[1])
			continue
		}
		list := &x.packages
		if line[0] == '!' {
			list, line = &x.not, line[1:]
		}
		if packageLine.MatchString(line) {
			if _, err := atoms.ParseCP(line); err == nil {
				*list = append(*list, line)
				continue
			}
		}
		start, err := regexp.Compile("^(?:" + line + ")")
		if err != nil {
			start = regexp.MustCompile("^" + regexp.QuoteMeta(line))
		}
		x.files = append(x.files, filePattern{text: line, start: start})
	}
	return x, nil
}

// keepsPackage says if the packages of a name are kept.
func (x *exclude) keepsPackage(cp atoms.CP) bool {
	if x == nil || slices.Contains(x.not, string(cp)) {
		return false
	}
	return slices.Contains(x.packages, string(cp)) || slices.Contains(x.categories, cp.Category())
}

// keepsFile says if a source file is kept for its own name.
func (x *exclude) keepsFile(name string) bool {
	return x != nil && slices.ContainsFunc(x.files, func(f filePattern) bool { return f.text == name || f.start.MatchString(name) })
}

// names gives the packages that are kept, those of categories out of a list.
func (x *exclude) names(all []atoms.CP) []atoms.CP {
	if x == nil {
		return nil
	}
	var out []atoms.CP
	for _, cp := range all {
		if slices.Contains(x.categories, cp.Category()) {
			out = append(out, cp)
		}
	}
	for _, cp := range x.packages {
		if !slices.Contains(out, atoms.CP(cp)) {
			out = append(out, atoms.CP(cp))
		}
	}
	return slices.DeleteFunc(out, func(cp atoms.CP) bool { return slices.Contains(x.not, string(cp)) })
}

// fileNames are the forms of the names of source files: the name of a package, then
// its version.
var fileNames = []*regexp.Regexp{
	regexp.MustCompile(`^([-a-zA-z0-9\+]+)(-\d+\S+)`),
	regexp.MustCompile(`^([-a-zA-z]+)(_\d+\S+)`),
	regexp.MustCompile(`^([-a-zA-z_]+)(\d\d+\S+)`),
	regexp.MustCompile(`^([-a-zA-z0-9_]+)(-default\S+)`),
	regexp.MustCompile(`^([-a-zA-z0-9]+)(_\d\S+)`),
	regexp.MustCompile(`^([-a-zA-z0-9\+\.]+)(-\d+\S+)`),
	regexp.MustCompile(`^([-a-zA-z0-9\+\.]+)(.\d+\S+)`),
}

// packageOf guesses the package of a source file by its name; "" if it has no version.
func packageOf(file string) string {
	for _, form := range fileNames {
		if m := form.FindStringSubmatch(file); m != nil {
			return m[1]
		}
	}
	return ""
}
