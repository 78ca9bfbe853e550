package repos

import (
	"errors"
	"path/filepath"
	"sort"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// Categories reads profiles/categories of all repositories, the main one first
// and then by ascending priority, and the file "categories" below userDir
// (/etc/portage; "" for none). Like Portage it makes one list for all
// repositories, from which "-category" of a later file removes. The result is
// sorted.
func (c *Config) Categories(userDir string) ([]string, []error) {
	set := map[string]bool{}
	var problems []error
	for _, dir := range c.categoryDirs(userDir) {
		lines, more := linefile.Read(filepath.Join(dir, "categories"), linefile.FileOnly)
		problems = append(problems, more...)
		for _, l := range lines {
			if p := stackCategory(set, l); p != nil {
				problems = append(problems, p)
			}
		}
	}
	list := make([]string, 0, len(set))
	for name := range set {
		list = append(list, name)
	}
	sort.Strings(list)
	return list, problems
}

func (c *Config) categoryDirs(userDir string) []string {
	var dirs []string
	if c.Main != nil {
		dirs = append(dirs, c.Main.Profiles())
	}
	for _, r := range c.Repos {
		if r != c.Main {
			dirs = append(dirs, r.Profiles())
		}
	}
	if userDir != "" {
		dirs = append(dirs, userDir)
	}
	return dirs
}

func stackCategory(set map[string]bool, l linefile.Line) error {
	word := l.Text()
	removed, remove := strings.CutPrefix(word, "-")
	switch {
	case word == "-*":
		clear(set)
	case remove:
		delete(set, removed)
	case !validCategory(word):
		return l.Problem(word, errors.New("not a valid category name"))
	default:
		set[word] = true
	}
	return nil
}

// validCategory checks PMS section "Category names".
func validCategory(name string) bool {
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
		case i > 0 && (c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return name != ""
}
