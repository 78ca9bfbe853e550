package recorded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// An Aspect is one thing that is compared.
type Aspect uint8

// The aspects.
const (
	Stdout Aspect = iota
	Exit
	Files
	Stderr // told, but not demanded
)

// String gives the aspect's name.
func (a Aspect) String() string { return [...]string{"stdout", "exit", "files", "stderr"}[a] }

// A Comparison says how a call differs from its record.
type Comparison struct {
	Diffs map[Aspect]string // an aspect that is not there is equal
}

// Equal says if standard output, exit status and files are equal.
func (c *Comparison) Equal() bool {
	for a := range c.Diffs {
		if a != Stderr {
			return false
		}
	}
	return true
}

// compare compares what came of a call.
func (r *Record) compare(out *Outcome) *Comparison {
	c := &Comparison{Diffs: map[Aspect]string{}}
	note := func(a Aspect, diff string) {
		if diff != "" {
			c.Diffs[a] = diff
		}
	}
	if out.Exit != r.Exit {
		note(Exit, fmt.Sprintf("exit status %d, want %d", out.Exit, r.Exit))
	}
	if r.Binary != nil {
		note(Stdout, r.binary(out.Stdout))
	} else {
		note(Stdout, cmp.Diff(r.normal("stdout", r.expand(r.Stdout)), r.normal("stdout", string(out.Stdout))))
	}
	note(Stderr, cmp.Diff(r.normal("stderr", r.expand(r.Stderr)), r.normal("stderr", string(out.Stderr))))
	note(Files, r.files(out.Written))
	return c
}

func (r *Record) binary(got []byte) string {
	sum := sha256.Sum256(got)
	if hex.EncodeToString(sum[:]) == r.Binary.SHA256 {
		return ""
	}
	return fmt.Sprintf("%d bytes with another digest, want %d bytes", len(got), r.Binary.Size)
}

// The size of a package, at the end of a line.
var packageSize = regexp.MustCompile(`: [0-9.]+[KMG]$`)

// Numbers, times and sizes, as they stand in lines that are not the same twice.
var number = regexp.MustCompile(`[0-9]+([.,:][0-9]+)*`)

// normal gives an output as a list of lines that can be compared: sorted where the
// order is that of a folder, with numbers masked where the line is unstable.
func (r *Record) normal(part, text string) []string {
	lines := strings.Split(stable(text), "\n")
	var masked []string
	for _, l := range r.Unstable.lines(part) {
		masked = append(masked, mask(stable(r.expand(l))))
	}
	for i, l := range lines {
		if m := mask(l); slices.Contains(masked, m) {
			lines[i] = m
		}
	}
	progress := strings.Contains(string(r.Unstable["by_nature"]), "progress lines")
	for i, l := range lines {
		if progress && strings.HasPrefix(l, ">>> Jobs:") || strings.HasPrefix(l, "Dependency resolution took") {
			lines[i] = mask(l)
		}
	}
	if strings.Contains(string(r.Unstable["by_nature"]), "sizes and digests of the binary package") {
		for i, l := range lines {
			if packageSize.MatchString(l) {
				lines[i] = mask(l)
			}
		}
	}
	if strings.Contains(string(r.Unstable[part]), "order of words") {
		for i, l := range lines {
			words := strings.Fields(l)
			slices.Sort(words)
			lines[i] = strings.Join(words, " ")
		}
	}
	sortRuns(lines, func(l string) bool { return strings.Contains(l, "/profiles/updates/") })
	if strings.HasPrefix(r.Tool, "q") || strings.Contains(string(r.Unstable["by_nature"]), "two buffers") {
		slices.Sort(lines)
	}
	return lines
}

// sortRuns sorts the lines that stand together and are of a sort: Portage tells of files
// in the order of their folder.
func sortRuns(lines []string, is func(string) bool) {
	for from := 0; from < len(lines); from++ {
		to := from
		for to < len(lines) && is(lines[to]) {
			to++
		}
		slices.Sort(lines[from:to])
		from = max(from, to-1)
	}
}

func mask(line string) string {
	return strings.Join(strings.Fields(number.ReplaceAllString(line, "N")), " ")
}

// files compares what was written.
func (r *Record) files(written map[string]File) string {
	unstable := map[string]bool{}
	for _, p := range r.Unstable.paths() {
		unstable[r.expand(p)] = true
	}
	want, got := map[string]string{}, map[string]string{}
	for path, f := range r.Written {
		path = stable(r.expand(path))
		if f.Removed && r.removesBefore(path) {
			continue
		}
		w, ok := written[path]
		if !ok {
			w = written[stableName(written, path)]
		}
		want[path] = r.file(path, f, f, unstable[path], r.Written)
		if ok || w != (File{}) {
			got[path] = r.file(path, w, f, unstable[path], r.Written)
		}
	}
	for path, f := range written {
		if path = stable(path); got[path] == "" {
			got[path] = r.file(path, f, f, unstable[path], r.Written)
		}
	}
	return cmp.Diff(want, got)
}

// removesBefore says if a folder was removed before the call: records tell of that too.
func (r *Record) removesBefore(path string) bool {
	return slices.ContainsFunc(r.Setup, func(line string) bool {
		return slices.Contains(strings.Fields(r.expand(line)), path) && strings.HasPrefix(line, "rm -r ")
	})
}

// Names that mkstemp made.
var temporary = regexp.MustCompile(`\._checksum_failure_\.[A-Za-z0-9_]+`)

func stable(path string) string {
	return temporary.ReplaceAllString(path, "._checksum_failure_.XXXXXXXX")
}

// stableName finds the written file whose stable name is path.
func stableName(written map[string]File, path string) string {
	for _, p := range slices.Sorted(maps.Keys(written)) {
		if stable(p) == path {
			return p
		}
	}
	return path
}

// file describes a file as far as the record like tells of it.
func (r *Record) file(path string, f, like File, unstable bool, all map[string]File) string {
	switch {
	case like.Present:
		return "present"
	case f.Removed:
		return "removed"
	case strings.Contains(path, "/var/cache/edb/"), path == "/etc/ld.so.cache": // of this machine

		return "there"
	case f.Symlink != nil:
		return "link to " + r.expand(*f.Symlink)
	case unstable || strings.HasSuffix(path, ".tbz2") || strings.HasSuffix(path, "/BUILD_TIME") || strings.HasSuffix(path, "/environment.bz2"):
		// An environment has variables of the tools that made it.
		return f.Mode
	case like.Text == nil:
		return fmt.Sprintf("%s %s", f.Mode, f.SHA256)
	case f.Text == nil:
		return f.Mode + " binary"
	case filepath.Base(path) == "Packages":
		return f.Mode + "\n" + index(r.expand(*f.Text), all)
	}
	return f.Mode + "\n" + r.expand(*f.Text)
}

// index gives the text of a Packages file without times, and without the digests of
// packages that the call made.
func index(text string, all map[string]File) string {
	made := map[string]bool{}
	for path := range all {
		made[filepath.Base(path)] = true
	}
	var out []string
	for _, block := range strings.Split(text, "\n\n") {
		var lines []string
		fresh := false
		for _, l := range strings.Split(block, "\n") {
			if p, ok := strings.CutPrefix(l, "PATH: "); ok && made[filepath.Base(p)] {
				fresh = true
			}
		}
		for _, l := range strings.Split(block, "\n") {
			key, _, _ := strings.Cut(l, ":")
			switch {
			case key == "TIMESTAMP", key == "MTIME", key == "BUILD_TIME":
			case fresh && (key == "MD5" || key == "SHA1" || key == "SIZE"):
			default:
				lines = append(lines, l)
			}
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	return strings.Join(out, "\n\n")
}
