package resolvertest

import (
	"bytes"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// A section is one "-- name --" part of a text world.
type section struct {
	name  string
	line  int      // of the marker
	lines []string // lines[i] is line line+1+i of the file
}

// sections splits a file at its markers. Text before the first is a comment.
func sections(data []byte) []section {
	var out []section
	for i, l := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		l = strings.TrimRight(l, "\r")
		if name, ok := marker(l); ok {
			out = append(out, section{name: name, line: i + 1})
		} else if n := len(out); n > 0 {
			out[n-1].lines = append(out[n-1].lines, l)
		}
	}
	for i := range out {
		for n := len(out[i].lines); n > 0 && strings.TrimSpace(out[i].lines[n-1]) == ""; n-- {
			out[i].lines = out[i].lines[:n-1]
		}
	}
	return out
}

func marker(l string) (string, bool) {
	l = strings.TrimRight(l, " \t")
	name, ok := strings.CutPrefix(l, "-- ")
	name, ok2 := strings.CutSuffix(name, " --")
	name = strings.TrimSpace(name)
	return name, ok && ok2 && name != ""
}

// A textParser reads the sections of one text world.
type textParser struct {
	path string
	p    *Playground
	seen map[string]int // section name -> line
}

// textEAPI is the EAPI of packages and profiles of text worlds that name none.
const textEAPI = "8"

// ParseText reads a text world; see the package comment for the form. The path
// is only used in messages and for the area's name. Errors name
// file, line and culprit.
func ParseText(path string, data []byte) (*File, error) {
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, fmt.Errorf("%s:1: not a text", path)
	}
	t := &textParser{path: path, seen: map[string]int{}, p: &Playground{Method: areaOf(path), Definition: Definition{EAPI: textEAPI}}}
	all := sections(data)
	if len(all) == 0 {
		return nil, fmt.Errorf("%s:1: no section: a line such as %q is expected", path, "-- repo --")
	}
	for _, s := range all {
		if err := t.section(s); err != nil {
			return nil, err
		}
	}
	if len(t.p.Cases) == 0 {
		return nil, fmt.Errorf("%s:%d: no request: a section such as %q is expected", path, all[len(all)-1].line, "-- emerge cat/pkg --")
	}
	if d := &t.p.Definition; !d.TargetRoot && (d.WorldTo != nil || d.SysrootTarget || d.RunningProfile != nil || d.RunningConfig != nil) {
		return nil, fmt.Errorf("%s:%d: sections about a target root, and no section %q", path, all[0].line, "-- installed target --")
	}
	return &File{Path: path, Area: areaOf(path), Playgrounds: []*Playground{t.p}}, nil
}

func (t *textParser) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", t.path, line, fmt.Sprintf(format, args...))
}

// section reads one section by the first word of its name.
func (t *textParser) section(s section) error {
	words := strings.Fields(s.name)
	if words[0] == "emerge" {
		return t.request(s, words[1:])
	}
	key := strings.Join(words, " ")
	if first, dup := t.seen[key]; dup {
		return t.errorf(s.line, "section %q occurs again (first in line %d)", key, first)
	}
	t.seen[key] = s.line
	d := &t.p.Definition
	switch {
	case key == "repo", key == "installed", key == "binary", key == "installed target":
		return t.packages(s, key, "")
	case len(words) == 2 && (words[0] == "repo" || words[0] == "binary"):
		if !repoName.MatchString(words[1]) {
			return t.errorf(s.line, "repository name %q is not valid", words[1])
		}
		return t.packages(s, words[0], words[1])
	case key == "world":
		d.World = contentLines(s)
	case key == "world target":
		d.WorldTo = contentLines(s)
	case key == "sysroot target":
		d.SysrootTarget = true
	case key == "world_sets":
		d.WorldSets = contentLines(s)
	case len(words) == 1 && strings.Contains(key, "/"):
		return t.file(s, key)
	default:
		return t.errorf(s.line, "section %q is unknown", s.name)
	}
	return nil
}

var repoName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)

// contentLines returns the lines of a section without comments and blank lines.
func contentLines(s section) []string {
	out := []string{}
	for _, l := range s.lines {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
			out = append(out, l)
		}
	}
	return out
}

// packages reads a section with one package on a line. Indented lines continue
// the package above.
func (t *textParser) packages(s section, sort, name string) error {
	var list []Package
	key := ""
	for i, l := range s.lines {
		line := s.line + 1 + i
		text := strings.TrimSpace(l)
		switch {
		case text == "" || text[0] == '#':
			continue
		case l[0] == ' ' || l[0] == '\t':
			if len(list) == 0 {
				return t.errorf(line, "indented line %q continues no package", text)
			}
		default:
			cpv := strings.Fields(text)[0]
			if !strings.Contains(cpv, "/") || strings.Contains(cpv, "=") {
				return t.errorf(line, "%q is not a package: cat/pkg-1.0 is expected", cpv)
			}
			if sort == "repo" && strings.Contains(cpv, "::") {
				return t.errorf(line, "%q: the repository is named by the section", cpv)
			}
			text, key = text[len(cpv):], ""
			if sort == "repo" && name != "" {
				cpv += "::" + name
			}
			list = append(list, Package{CPV: cpv, Metadata: map[string]string{}, line: line})
		}
		var err error
		if key, err = t.metadata(list[len(list)-1].Metadata, key, text, line); err != nil {
			return err
		}
	}
	t.p.Definition.add(sort, name, list)
	return nil
}

// add adds the packages of a section.
func (d *Definition) add(sort, name string, list []Package) {
	switch {
	case sort == "repo":
		d.Ebuilds = append(d.Ebuilds, list...)
	case sort == "installed":
		d.Installed = list
	case sort == "installed target":
		d.InstalledTo, d.TargetRoot = list, true
	case name == "":
		d.Binpkgs = list
	default:
		d.Binrepos = append(d.Binrepos, Binrepo{Name: name, Packages: list})
	}
}

var metadataKey = regexp.MustCompile(`^([A-Z][A-Z0-9_]*)=`)

// metadata reads KEY=value words; a value goes on to the next KEY=, or is in
// double quotes. Words before the first KEY= continue the value of key. It returns
// the key whose value may go on in the next line.
func (t *textParser) metadata(m map[string]string, key, text string, line int) (string, error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if k := metadataKey.FindStringSubmatch(text); k != nil {
			key, text = k[1], text[len(k[0]):]
			if _, dup := m[key]; dup {
				return "", t.errorf(line, "%s is given twice", key)
			}
			m[key] = ""
			if rest, ok := strings.CutPrefix(text, `"`); ok {
				value, rest, closed := strings.Cut(rest, `"`)
				if !closed {
					return "", t.errorf(line, "value of %s: the quote is not closed", key)
				}
				m[key], text, key = value, rest, ""
				continue
			}
			if text == "" || strings.TrimSpace(text[:1]) == "" {
				continue
			}
		}
		word := strings.Fields(text)[0]
		text = text[len(word):]
		if key == "" {
			return "", t.errorf(line, "%q: KEY=value is expected", word)
		}
		if strings.Contains(word, `"`) {
			return "", t.errorf(line, "%q: a quote inside the value of %s", word, key)
		}
		m[key] = strings.TrimSpace(m[key] + " " + word)
	}
	return key, nil
}

// file reads a section that is a configuration file.
func (t *textParser) file(s section, name string) error {
	if !filepath.IsLocal(name) || path.Clean(name) != name {
		return t.errorf(s.line, "path %q is not a clean relative path", name)
	}
	d := &t.p.Definition
	lines := append([]string{}, s.lines...)
	parts := strings.Split(name, "/")
	switch {
	case strings.HasPrefix(name, "etc/portage/sets/"):
		set(&d.Sets, strings.TrimPrefix(name, "etc/portage/sets/"), lines)
	case strings.HasPrefix(name, "etc/portage/make.profile"):
		return t.errorf(s.line, "%q: files of the profile are given as profile/FILE", name)
	case strings.HasPrefix(name, "etc/portage/"):
		set(&d.UserConfig, strings.TrimPrefix(name, "etc/portage/"), lines)
	case strings.HasPrefix(name, "running/etc/portage/"):
		set(&d.RunningConfig, strings.TrimPrefix(name, "running/etc/portage/"), lines)
	case strings.HasPrefix(name, "running/profile/"):
		set(&d.RunningProfile, strings.TrimPrefix(name, "running/profile/"), lines)
	case parts[0] == "profile":
		set(&d.Profile, strings.TrimPrefix(name, "profile/"), lines)
	case parts[0] == "repo" && len(parts) > 3 && parts[2] == "profiles":
		return t.repoFile(s, parts[1], strings.Join(parts[3:], "/"), lines)
	case parts[0] == "repo" && len(parts) == 4 && parts[2] == "metadata" && parts[3] == "layout.conf":
		return t.repoFile(s, parts[1], parts[3], lines)
	case name == "var/lib/portage/world" || name == "var/lib/portage/world_sets":
		return t.errorf(s.line, "%q is given as section %q", name, path.Base(name))
	case parts[0] == "etc" || parts[0] == "usr" || parts[0] == "var":
		set(&d.FilesByPath, name, lines)
	default:
		return t.errorf(s.line, "path %q is neither below etc/portage, profile, repo/NAME/profiles, etc, usr nor var", name)
	}
	return nil
}

func (t *textParser) repoFile(s section, repo, name string, lines []string) error {
	if !repoName.MatchString(repo) {
		return t.errorf(s.line, "repository name %q is not valid", repo)
	}
	d := &t.p.Definition
	if d.RepoConfigs == nil {
		d.RepoConfigs = map[string]map[string][]string{}
	}
	files := d.RepoConfigs[repo]
	set(&files, name, lines)
	d.RepoConfigs[repo] = files
	return nil
}

// set adds a file to a mapping that may be nil.
func set(m *map[string][]string, name string, lines []string) {
	if *m == nil {
		*m = map[string][]string{}
	}
	(*m)[name] = lines
}

// request reads an "emerge ARGS" section.
func (t *textParser) request(s section, words []string) error {
	args, options, err := ParseArgs(words)
	if err != nil {
		return t.errorf(s.line, "%v", err)
	}
	c := &Case{Index: len(t.p.Cases), Requests: [][]string{args}, Options: options, CheckRepoNames: true, line: s.line}
	if c.Action, err = parseAction("", options); err != nil {
		return t.errorf(s.line, "%v", err)
	}
	if c.Action != ActionMerge {
		c.Kind = KindRemove
	}
	if c.Lines, err = t.expectLines(s, c.Kind); err != nil {
		return err
	}
	t.p.Cases = append(t.p.Cases, c)
	return nil
}
