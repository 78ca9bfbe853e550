package checkroot

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/fnmatch"
)

//go:embed ignore.txt
var builtIn string

// rules say what is passed over.
type rules struct {
	text     string
	sonames  []sonameRule
	shebangs []string
	symlinks []string
}

// A sonameRule says what packages may lack.
type sonameRule struct {
	atom    *atoms.Atom
	sonames []ebuild.Soname
}

// readRules reads a file of rules, or takes those that are built in.
func readRules(file *string, abs func(string) string) (*rules, error) {
	name, text := "built-in rules", builtIn
	if file != nil {
		name = abs(*file)
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read what to ignore: %w", err)
		}
		text = string(data)
	}
	return parseRules(name, text)
}

// parseRules reads rules; see ignore.txt.
func parseRules(name, text string) (*rules, error) {
	r := &rules{text: text}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := r.add(line); err != nil {
			return nil, &linefile.Problem{File: name, Line: number, Text: line, Err: err}
		}
	}
	return r, nil
}

// add reads one rule.
func (r *rules) add(line string) error {
	words := strings.Fields(line)
	switch {
	case words[0] == "soname" && len(words) >= 4:
		a, err := atoms.ParseAtom(words[1], atoms.AtomOptions{AllowWildcard: true})
		if err != nil {
			return err
		}
		rule := sonameRule{atom: a}
		for _, soname := range words[3:] {
			rule.sonames = append(rule.sonames, ebuild.Soname{Category: words[2], Name: soname})
		}
		r.sonames = append(r.sonames, rule)
	case words[0] == "shebang" && len(words) == 2:
		r.shebangs = append(r.shebangs, words[1])
	case words[0] == "symlink" && len(words) == 2:
		r.symlinks = append(r.symlinks, words[1])
	default:
		return errors.New("want soname ATOM CATEGORY SONAME..., shebang GLOB or symlink GLOB")
	}
	return nil
}

// mayLack lists the libraries that a package may lack.
func (r *rules) mayLack(p *ebuild.Package) map[ebuild.Soname]bool {
	out := map[ebuild.Soname]bool{}
	for _, rule := range r.sonames {
		if !rule.atom.Match(p.Candidate(nil)) {
			continue
		}
		for _, s := range rule.sonames {
			out[s] = true
		}
	}
	return out
}

func matches(globs []string, path string) bool {
	for _, g := range globs {
		if fnmatch.Match(g, path) {
			return true
		}
	}
	return false
}
