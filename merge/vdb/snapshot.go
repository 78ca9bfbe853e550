package vdb

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// snapshotName is the file with most variables of an entry: "#format=1",
// KEY=value lines, and last "#dir_mtime=" with the modification time of the
// entry's directory in nanoseconds. If that is the time which the directory
// has, the file is complete: a variable it lacks has no file either.
const snapshotName = "metadata"

const (
	formatPrefix   = "#format="
	dirMtimePrefix = "#dir_mtime="
)

// inSnapshot reports whether format 1 of the file has the variable.
func inSnapshot(key string) bool {
	switch key {
	case "BDEPEND", "BUILD_ID", "BUILD_TIME", "CHOST", "COUNTER", "DEFINED_PHASES", "DEPEND", "DESCRIPTION",
		"EAPI", "HOMEPAGE", "IDEPEND", "IUSE", "KEYWORDS", "LICENSE", "PDEPEND", "PROPERTIES", "PROVIDES",
		"RDEPEND", "REQUIRES", "RESTRICT", "SLOT", "USE", "repository":
		return true
	}
	return false
}

// readSnapshot returns what the file metadata of an entry says, nil if there
// is none of a known format, and whether it is up to date.
func (e *entry) readSnapshot(dir directory, mtime int64) (values map[string]string, fresh bool) {
	text, stamp, err := dir.read(snapshotName)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			e.problem(snapshotName, fmt.Errorf("read: %w", err))
		}
		return nil, false
	}
	e.note(snapshotKey, stamp, "")
	values, recorded := parseSnapshot(valid(text))
	return values, values != nil && recorded == mtime
}

// parseSnapshot returns the variables of the file and the time recorded in
// it; nil if the format is unknown, time -1 if there is none.
func parseSnapshot(text string) (values map[string]string, mtime int64) {
	values, mtime = make(map[string]string), -1
	known := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if number, ok := strings.CutPrefix(line, formatPrefix); ok {
			if strings.TrimSpace(number) != "1" {
				return nil, -1
			}
			known = true
		} else if number, ok := strings.CutPrefix(line, dirMtimePrefix); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
			if err != nil {
				return nil, -1
			}
			mtime = n
		} else if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			values[key] = value
		}
	}
	if !known {
		return nil, -1
	}
	return values, mtime
}
