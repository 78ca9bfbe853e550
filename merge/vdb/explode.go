package vdb

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// ErrOnlyCopy reports a file metadata that is the only copy of some variable, but is not
// true of its entry.
var ErrOnlyCopy = errors.New("the file metadata is the only copy of some variables and cannot be trusted")

// Consolidated returns what the file metadata of an entry says, if it is true of it;
// else nothing.
func Consolidated(dir string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, snapshotName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read entry: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("read entry: %w", err)
	}
	values, stamp := parseSnapshot(string(text))
	if !stampedAt(stamp, info.ModTime().UnixNano()) {
		return nil, nil
	}
	return values, nil
}

// Explode removes the file metadata of an entry. Variables that have no file of their
// own get one first; it says how many. The error is ErrOnlyCopy if they would be lost.
func Explode(dir string) (restored int, err error) {
	name := filepath.Join(dir, snapshotName)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("explode entry: %w", err)
	}
	claimed, _ := parseSnapshot(string(text))
	trusted, err := Consolidated(dir)
	if err != nil {
		return 0, err
	}
	for _, key := range slices.Sorted(maps.Keys(claimed)) {
		if _, err := os.Lstat(filepath.Join(dir, key)); err == nil || !filepath.IsLocal(key) {
			continue
		}
		if trusted == nil {
			return restored, ErrOnlyCopy
		}
		if err := atomicfile.WriteFile(filepath.Join(dir, key), []byte(trusted[key]+"\n"), 0o644); err != nil {
			return restored, fmt.Errorf("explode entry: %w", err)
		}
		restored++
	}
	if err := os.Remove(name); err != nil {
		return restored, fmt.Errorf("explode entry: %w", err)
	}
	return restored, nil
}

// stampedAt says if a time recorded in nanoseconds is that of a folder. A folder of
// which whole seconds are left (an archive that was unpacked) has the time recorded
// if the seconds agree.
func stampedAt(recorded, actual int64) bool {
	const second = 1_000_000_000
	return recorded == actual || actual%second == 0 && recorded-recorded%second == actual
}
