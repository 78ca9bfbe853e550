// Package confprotect decides what becomes of configuration files that a merge would
// overwrite or a removal would take: CONFIG_PROTECT, the memory of updates that were
// offered before, and the names of updates that wait.
//
// It follows Portage to the letter, its dependence on the order of CONFIG_PROTECT
// included. It changes no files. PMS section "Configuration file protection".
package confprotect

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Tree answers what exists below a root. Paths are absolute and begin with
// EPREFIX if there is one.
type Tree interface {
	// IsDir says if a path leads to a folder, links followed.
	IsDir(name string) bool
	// Exists says if there is anything at a path, a link that leads nowhere included.
	Exists(name string) bool
}

// A Root is the Tree below a folder: an absolute path. Links that lead out of it
// are followed.
type Root string

// IsDir says if a path leads to a folder.
func (r Root) IsDir(name string) bool {
	st, err := os.Stat(filepath.Join(string(r), name))
	return err == nil && st.IsDir()
}

// Exists says if there is anything at a path.
func (r Root) Exists(name string) bool {
	_, err := os.Lstat(filepath.Join(string(r), name))
	return err == nil
}

// A Protect says which paths are protected.
type Protect struct {
	protect, mask []string
	dirs          map[string]bool
}

// New looks at the words of CONFIG_PROTECT and CONFIG_PROTECT_MASK. A protected path
// counts if its folder exists, a masked one if it does itself.
func New(t Tree, eprefix string, protect, mask []string) *Protect {
	p := &Protect{dirs: make(map[string]bool)}
	for _, word := range protect {
		name := path.Join("/", eprefix, word)
		if t.IsDir(path.Dir(name)) {
			p.protect = append(p.protect, name)
		}
		if t.IsDir(name) {
			p.dirs[name] = true
		}
	}
	for _, word := range mask {
		name := path.Join("/", eprefix, word)
		if !t.Exists(name) {
			continue
		}
		p.mask = append(p.mask, name)
		if t.IsDir(name) {
			p.dirs[name] = true
		}
	}
	return p
}

// Protected says if a path is protected: by the last word that covers it and is
// longer than what masked the path before, unless a mask of that length or a longer
// one covers it too.
func (p *Protect) Protected(name string) bool {
	masked, protected := 0, 0
	for _, word := range p.protect {
		if len(word) <= masked || !p.covers(word, name) {
			continue
		}
		protected = len(word)
		for _, m := range p.mask {
			if len(m) >= protected && p.covers(m, name) {
				masked = len(m)
			}
		}
	}
	return protected > masked
}

// covers says if a word is the path or a folder above it.
func (p *Protect) covers(word, name string) bool {
	return name == word || p.dirs[word] && strings.HasPrefix(name, strings.TrimSuffix(word, "/")+"/")
}

// MemoryName is where the memory is, below EROOT.
const MemoryName = "var/lib/portage/config"

// A Memory has the digests of the updates that were offered, by path: the MD5 of the
// file, or of the target of a link.
type Memory map[string]string

// ParseMemory reads the lines "path digest". A line with one word is none.
func ParseMemory(text []byte) Memory {
	m := make(Memory)
	for line := range strings.Lines(string(text)) {
		if words := linefile.Words(line); len(words) >= 2 {
			if _, known := m[words[0]]; !known {
				m[words[0]] = words[1]
			}
		}
	}
	return m
}

// Bytes gives the text of the memory, sorted by path.
func (m Memory) Bytes() []byte {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	var out strings.Builder
	for _, name := range names {
		fmt.Fprintf(&out, "%s %s\n", name, m[name])
	}
	return []byte(out.String())
}

// A File is what one side of a decision has: nothing, a file or a link.
type File struct {
	Exists bool
	MD5    string // of a file, or of the target of a link
	Link   string // target; "" for a file
}

// A Case is a protected file that is to be merged.
type Case struct {
	New, Live File
	// Owned says that the version which is replaced installed the path, and Record
	// what it installed there.
	Owned  bool
	Record File
	// IfModified: a file that nobody changed since it was installed is overwritten.
	IfModified bool
	Remembered string // digest in the memory, or ""
	Ignore     bool   // the memory is not asked
}

// A Verdict says what to do.
type Verdict uint8

const (
	Install Verdict = iota // install it under its own name
	Offer                  // install it under the next name for updates
	Skip                   // install nothing: it has been offered before
)

// String names the verdict.
func (v Verdict) String() string {
	switch v {
	case Install:
		return "install"
	case Offer:
		return "offer"
	case Skip:
		return "skip"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Decide decides about a protected file. remember says that the digest of the new
// one goes to the memory.
func Decide(c Case) (v Verdict, remember bool) {
	if !c.Live.Exists {
		if c.Owned {
			return Offer, false // somebody removed it, or renamed it
		}
		return Install, false
	}
	switch {
	case c.Owned && c.IfModified && same(c.Record, c.Live):
		return Install, false
	case c.New.MD5 == c.Live.MD5:
		return Install, true
	case c.New.MD5 == c.Remembered && !c.Ignore:
		return Skip, false
	}
	return Offer, true
}

// same says if a live file is as it was recorded.
func same(record, live File) bool {
	if record.Link != "" {
		return record.Link == live.Link
	}
	return record.Exists && record.MD5 == live.MD5
}

// NextName gives the name under which an update of the file base waits: with the next
// free number, or that of the last one if reuse says that it holds the same. names
// are those of the folder.
func NextName(base string, names []string, reuse func(last string) bool) string {
	number, last := -1, ""
	for _, n := range names {
		if len(n) < 10 || n[:5] != "._cfg" || n[10:] != base {
			continue
		}
		if i, err := strconv.Atoi(n[5:9]); err == nil && i > number {
			number, last = i, n
		}
	}
	if last != "" && reuse(last) {
		return last
	}
	return fmt.Sprintf("._cfg%04d_%s", number+1, base)
}
