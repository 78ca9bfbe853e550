package emaint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/confprotect"
)

// forgotten lists the paths in the memory of offered updates that are not in the
// root any more, sorted, and the text of the memory without them.
func (r *run) forgotten() (gone []string, rest string, err error) {
	text, err := os.ReadFile(r.memory())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if session.Exists(filepath.Join(r.root.Path, words[0])) {
			rest += strings.Join(words, " ") + "\n"
			continue
		}
		gone = append(gone, words[0])
	}
	slices.Sort(gone)
	return slices.Compact(gone), rest, nil
}

func (r *run) memory() string { return filepath.Join(r.eroot(), confprotect.MemoryName) }

// memoryText tells what is gone.
func memoryText(gone []string, done string) []string {
	if len(gone) == 0 {
		return nil
	}
	out := []string{"Not Installed:"}
	for _, path := range gone {
		out = append(out, "  "+path)
	}
	return append(out, fmt.Sprintf("%s\n  Total %d Not installed%s", strings.Repeat("-", 36), len(gone), done))
}

// checkMemory lists what the memory of offered updates knows of files that are gone.
func checkMemory(_ context.Context, r *run) (bool, []string, error) {
	gone, _, err := r.forgotten()
	return true, memoryText(gone, ""), err
}

// fixMemory forgets them.
func fixMemory(_ context.Context, r *run) (bool, []string, error) {
	gone, rest, err := r.forgotten()
	if err != nil || len(gone) == 0 {
		return true, nil, err
	}
	return true, memoryText(gone, " ...Cleaned"), replace(r.memory(), []byte(rest))
}

// replace replaces a file that is there and keeps its mode.
func replace(path string, text []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(path, text, info.Mode().Perm())
}
