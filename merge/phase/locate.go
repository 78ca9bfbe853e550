package phase

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/bash"
)

// functionsFile says where the functions of the state stood when the ebuild was
// sourced: lines "NAME LINE FILE".
const functionsFile = ".functions"

// locate makes places in the saved state places in the ebuild and its eclasses. The
// state has functions as bash writes them, without comments and blank lines; a line
// is found again by its text, below where its function begins.
func (b *Build) locate(e *Error) {
	text, err := os.ReadFile(filepath.Join(string(b.Dir), functionsFile))
	if err != nil {
		return // then the state is the best place there is
	}
	where := make(map[string]Frame)
	for line := range strings.Lines(string(text)) {
		if f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3); len(f) == 3 {
			if n, err := strconv.Atoi(f[1]); err == nil && f[2] != bash.SourceName {
				where[f[0]] = Frame{Function: f[0], File: f[2], Line: n}
			}
		}
	}
	state := readLines(b.Dir.State())
	for i, c := range e.Calls {
		if f, ok := where[c.Function]; ok && c.File == b.Dir.State() {
			said := ""
			if c.Line > 0 && c.Line <= len(state) {
				said = state[c.Line-1]
			}
			f.Line = like(readLines(f.File), f.Line, said)
			e.Calls[i] = f
		}
	}
	e.blame()
}

// maxRead bounds the files that lines are looked for in.
const maxRead = 16 << 20

func readLines(file string) []string {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > maxRead {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return strings.Split(string(text), "\n")
}

// like finds the line of a function, which begins in line from, that says the same
// as a line of the state; from, if there is none.
func like(lines []string, from int, said string) int {
	said = squeezed(said)
	if said == "" {
		return from
	}
	for i := from - 1; i >= 0 && i < len(lines); i++ {
		if i > from-1 && strings.HasPrefix(lines[i], "}") {
			break
		}
		if p := squeezed(lines[i]); p == said || strings.Contains(p, said) {
			return i + 1
		}
	}
	return from
}

// squeezed leaves out of a line how it is laid out.
func squeezed(line string) string {
	return strings.TrimSuffix(strings.Join(strings.Fields(line), " "), ";")
}
