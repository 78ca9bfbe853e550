package vdb

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// FormatContents gives the text of a CONTENTS file: one line for each content,
// sorted by path as Portage sorts whenever it edits one.
func FormatContents(list []Content) []byte {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Content) int { return strings.Compare(a.Path, b.Path) })
	return ListContents(list)
}

// ListContents is FormatContents in the order given.
func ListContents(list []Content) []byte {
	var out bytes.Buffer
	for _, c := range list {
		out.WriteString(c.String())
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// Consolidate writes the file metadata of an entry from its single files, and
// stamps it: Portage then reads it in their place. An entry whose single files are
// gone is left alone. It must be the last change of the entry's folder; Stamp has to
// be called if it is not. It is not synchronised: cut short by a crash, it has no stamp
// and is not believed.
func Consolidate(dir string) error {
	names, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("consolidate entry: %w", err)
	}
	var text bytes.Buffer
	text.WriteString(formatPrefix + "1\n")
	found := false
	for _, n := range names {
		if !inSnapshot(n.Name()) {
			continue
		}
		value, err := os.ReadFile(filepath.Join(dir, n.Name()))
		if err != nil {
			return fmt.Errorf("consolidate entry: %w", err)
		}
		found = true
		fmt.Fprintf(&text, "%s=%s\n", n.Name(), collapse(value))
	}
	if !found {
		return nil
	}
	if err := atomicfile.ReplaceFile(filepath.Join(dir, snapshotName), text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("consolidate entry: %w", err)
	}
	return Stamp(dir)
}

// Stamp notes in the file metadata of an entry, if it has one, when the entry's
// folder was changed last, unless it says so already.
func Stamp(dir string) error {
	name := filepath.Join(dir, snapshotName)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("stamp entry: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("stamp entry: %w", err)
	}
	if values, stamp := parseSnapshot(string(text)); values == nil || stamp == info.ModTime().UnixNano() {
		return nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("stamp entry: %w", err)
	}
	defer f.Close()
	end := bytes.LastIndex(text, []byte("\n"+dirMtimePrefix)) + 1
	if end == 0 {
		end = len(text)
	}
	if err := f.Truncate(int64(end)); err != nil { // without a stamp it is not believed
		return fmt.Errorf("stamp entry: %w", err)
	}
	if _, err := f.WriteAt(fmt.Appendf(nil, "%s%d\n", dirMtimePrefix, info.ModTime().UnixNano()), int64(end)); err != nil {
		return fmt.Errorf("stamp entry: %w", err)
	}
	return nil
}

// Stamped says if the file metadata of an entry is there and true of its folder.
func Stamped(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, snapshotName))
	if err != nil {
		return false
	}
	info, err := os.Stat(dir)
	if err != nil {
		return false
	}
	values, stamp := parseSnapshot(string(text))
	return values != nil && stampedAt(stamp, info.ModTime().UnixNano())
}

// ReplaceFile replaces one file of an entry, whole and durably, and keeps its file
// metadata as true as it is.
func ReplaceFile(dir, name string, text []byte) error {
	stamped := Stamped(dir)
	if err := atomicfile.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
		return fmt.Errorf("change entry: %w", err)
	}
	if inSnapshot(name) {
		return Consolidate(dir)
	}
	if !stamped {
		return nil
	}
	return Stamp(dir)
}

// CounterName is where the last COUNTER given is noted, below EROOT.
const CounterName = "var/cache/edb/counter"

// NextCounter gives a COUNTER that no entry of the database dir has, and notes it in
// file: one more than that file and every entry say, 0 for the first of all. Callers
// hold the lock of the database. A number is not given twice, whatever becomes of the
// merge, unless power is lost and the merge that had it is undone.
func NextCounter(dir, file string) (int64, error) {
	last := int64(-1)
	if text, err := os.ReadFile(file); err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			last = n
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("read counter: %w", err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "[^.]*", "COUNTER"))
	if err != nil {
		return 0, fmt.Errorf("read counters: %w", err)
	}
	for _, name := range found {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it went meanwhile, or reads as 0
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			last = max(last, n)
		}
	}
	last++
	if err := atomicfile.ReplaceFile(file, strconv.AppendInt(nil, last, 10), 0o644); err != nil {
		return 0, fmt.Errorf("write counter: %w", err)
	}
	return last, nil
}

// Names of the files below EROOT that say what the user asked for.
const (
	WorldName     = "var/lib/portage/world"
	WorldSetsName = "var/lib/portage/world_sets"
)

// EditWorld gives the text of a world file (or world_sets) with some lines added and
// others removed: sorted, each once. As in Portage comments are lost.
func EditWorld(text []byte, add, remove []string) []byte {
	var lines []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !slices.Contains(remove, line) {
			lines = append(lines, line)
		}
	}
	lines = append(lines, add...)
	slices.Sort(lines)
	var out bytes.Buffer
	for _, line := range slices.Compact(lines) {
		out.WriteString(line)
		out.WriteByte('\n')
	}
	return out.Bytes()
}
