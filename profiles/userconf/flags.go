package userconf

import (
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Flag is one line of use.mask, use.force or their .stable forms.
type Flag struct {
	Name    string
	Removed bool // "-": takes back what a parent said
	File    string
	Line    int
	Comment []string // comment lines since the last blank line, with "#"
}

// ReadFlags returns the flags of the file at path, one on a line. A missing
// path has none. Invalid names are problems.
func ReadFlags(path string, shape linefile.Shape) (flags []Flag, problems []error) {
	lines, problems := linefile.Read(path, shape)
	for _, l := range lines {
		name, removed := strings.CutPrefix(l.Text(), "-")
		if !atoms.IsUSEFlag(name) {
			problems = append(problems, l.Problem(l.Text(), ErrFlag))
			continue
		}
		flags = append(flags, Flag{Name: name, Removed: removed, File: l.File, Line: l.Number, Comment: l.Comment})
	}
	return flags, problems
}

// A Provided is one line of package.provided.
type Provided struct {
	CPV  atoms.CPV
	File string
	Line int
}

// ReadProvided returns what the package.provided files at paths say together,
// in order: "-cat/pkg-1" takes back an equal line that came before it, "-*" all
// of them. A missing path says nothing. Whether a profile may have the file is
// a question of its EAPI that the caller answers.
func ReadProvided(shape linefile.Shape, paths ...string) (provided []Provided, problems []error) {
	var kept []linefile.Line
	for _, path := range paths {
		lines, more := linefile.Read(path, shape)
		problems = append(problems, more...)
		for _, l := range lines {
			kept = stackLine(kept, l)
		}
	}
	for _, l := range kept {
		cpv, err := atoms.ParseCPV(l.Text())
		if err != nil {
			problems = append(problems, l.Problem(l.Text(), ErrWord))
			continue
		}
		provided = append(provided, Provided{CPV: cpv, File: l.File, Line: l.Number})
	}
	return provided, problems
}

// stackLine adds l to kept, or takes back what it names. A line that is there
// already keeps its place and gets the newer position.
func stackLine(kept []linefile.Line, l linefile.Line) []linefile.Line {
	text, removed := strings.CutPrefix(l.Text(), "-")
	if removed && text == "*" {
		return nil
	}
	for i := range kept {
		if kept[i].Text() != text {
			continue
		}
		if removed {
			return append(kept[:i], kept[i+1:]...)
		}
		kept[i] = l
		return kept
	}
	if removed {
		return kept
	}
	return append(kept, l)
}
