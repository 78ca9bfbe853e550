package xpak

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Segment returns what follows the tar of a package with these files: the
// segment itself, sorted by name, and its length with the closing mark. The format
// has no room for more than 4 GiB.
func Segment(files map[string][]byte) ([]byte, error) {
	members := make([]Member, 0, len(files))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		members = append(members, Member{Name: name, Data: files[name]})
	}
	out, err := Archive(members)
	if err != nil {
		return nil, err
	}
	out = binary.BigEndian.AppendUint32(out, uint32(len(out)))
	return append(out, "STOP"...), nil
}

// ValidName says whether a member may have this name: that of a file in
// build-info, without folders.
func ValidName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00")
}

// TarSize returns the length of what comes before the segment of the package r,
// which has size bytes.
func TarSize(r io.ReaderAt, size int64) (int64, error) {
	if size < trailerLen+headerLen {
		return 0, bad("only %d bytes", size)
	}
	var trailer [trailerLen]byte
	if err := readAt(r, trailer[:], size-trailerLen); err != nil {
		return 0, err
	}
	length := int64(binary.BigEndian.Uint32(trailer[8:]))
	if string(trailer[:8]) != "XPAKSTOP" || string(trailer[12:]) != "STOP" {
		return 0, bad("no trailer")
	}
	if length > size-8 {
		return 0, fmt.Errorf("%w: segment of %d bytes in a file of %d", ErrFormat, length, size)
	}
	return size - 8 - length, nil
}
