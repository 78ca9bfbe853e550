package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A source is where a line stands: its number, and the first and last line of the
// comment right before it (0: none).
type source struct {
	file              string
	line, first, last int
	comment           bool
}

func (s *source) String() string {
	return fmt.Sprintf("%s:%d:%d-%d", s.file, s.line, s.first, s.last)
}

// next notes a line, and says if it holds anything.
func (s *source) next(text string) bool {
	s.line++
	if strings.HasPrefix(text, "#") {
		if !s.comment {
			s.first = s.line
		}
		s.last, s.comment = s.line, true
		return false
	}
	s.comment = false
	if text == "" {
		s.first, s.last = 0, 0
	}
	return text != ""
}

// eachFile calls do with the text of a file, or of every file below a folder, in the
// order of their names. Hidden files and backups are passed over.
func eachFile(path string, do func(path, text string)) {
	text, err := os.ReadFile(path)
	if err == nil {
		do(path, string(text))
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return
	}
	for _, e := range entries {
		if name := e.Name(); name[0] != '.' && !strings.HasSuffix(name, "~") {
			eachFile(path+"/"+name, do)
		}
	}
}

// readAssignments reads variables from a make.conf or make.defaults.
func (s *Settings) readAssignments(path string) { s.assign(path, 0) }

// assign reads a file that is so many "source" away from the first.
func (s *Settings) assign(path string, depth int) {
	const limit = 32 // a file that sources itself ends here
	if depth > limit {
		return
	}
	eachFile(path, func(file, text string) {
		lines := strings.SplitAfter(text, "\n")
		at := source{file: file}
		for i := 0; i < len(lines); i++ {
			line := strings.TrimSpace(lines[i])
			if !at.next(line) {
				continue
			}
			if other, ok := strings.CutPrefix(line, "source "); ok {
				if !filepath.IsAbs(other) {
					other = filepath.Join(filepath.Dir(file), other)
				}
				s.assign(other, depth+1)
				continue
			}
			v := s.assigned(line)
			if v == nil {
				continue
			}
			value, used := valueOf(line[len(v.Name):], lines[i+1:])
			v.set(value, at.String())
			i, at.line = i+used, at.line+used
		}
	})
}

// assigned is the variable that a line gives a value to, nil if it is none of ours.
func (s *Settings) assigned(line string) *Variable {
	name, _, _ := strings.Cut(line, "=")
	return s.find(strings.TrimRight(name, " "))
}

// valueOf is the value in what follows a name, and how many of the lines after it
// were needed.
func valueOf(text string, more []string) (value string, used int) {
	_, text, _ = strings.Cut(text, "=")
	text = strings.TrimLeft(text, " \t")
	if text == "" || (text[0] != '"' && text[0] != '\'') {
		if i := strings.IndexAny(text, "# \t\n"); i >= 0 {
			text = text[:i]
		}
		return text, 0
	}
	quote := text[:1]
	value, _, closed := strings.Cut(text[1:], quote)
	for _, line := range more {
		if closed {
			break
		}
		var part string
		part, _, closed = strings.Cut(line, quote)
		value += part
		used++
	}
	return value, used
}

// readProfile reads a profile after its parents.
func (s *Settings) readProfile(dir string, open map[string]bool) {
	if open[dir] {
		return // its own ancestor: nothing is to be learnt from it again
	}
	open[dir] = true
	defer delete(open, dir)
	text, _ := os.ReadFile(dir + "/parent") // a profile need not have parents
	for _, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if parent := s.parent(dir, line); parent != "" {
			s.readProfile(real(parent), open)
		}
	}
	s.readAssignments(dir + "/make.defaults")
	s.profiles = append(s.profiles, dir)
}

// parent is the folder that a line of a parent file means, "" if there is none.
func (s *Settings) parent(dir, line string) string {
	name, path, ok := strings.Cut(line, ":")
	if !ok {
		return dir + "/" + line
	}
	best := ""
	for _, r := range s.Repos {
		switch {
		case name != "" && r.Name == name:
			return r.Location + "/profiles/" + path
		case name == "" && strings.HasPrefix(dir, r.Location) && len(r.Location) > len(best):
			best = r.Location
		}
	}
	if best == "" {
		return ""
	}
	return best + "/profiles/" + path
}

// Masks reads the package.mask files of the main repository and of the profile.
// A line with a hyphen takes an earlier mask back.
func (s *Settings) Masks() []Mask {
	var files []string
	if s.home != nil {
		files = append(files, s.home.Location+"/profiles/package.mask")
	}
	for _, p := range s.profiles {
		files = append(files, p+"/package.mask")
	}
	words, origins := &Words{}, map[string]string{}
	for _, file := range files {
		eachFile(file, func(file, text string) {
			at := source{file: file}
			for line := range strings.Lines(text) {
				line = strings.TrimSpace(line)
				switch {
				case !at.next(line):
				case line[0] == '-':
					words.remove(line[1:])
				case !words.has(line):
					words.Add(line)
					origins[line] = at.String()
				}
			}
		})
	}
	out := make([]Mask, 0, words.Len())
	for _, w := range words.List() {
		out = append(out, Mask{Atom: w, Origin: origins[w]})
	}
	return out
}
