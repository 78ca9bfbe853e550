package xpak

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// Segment returns what follows the tar of a package with these files: the
// segment itself, sorted by name, and its length with the closing mark. The format
// has no room for more than 4 GiB.
func Segment(files map[string][]byte) ([]byte, error) {
	var index, data []byte
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !ValidName(name) {
			return nil, bad("%q is no name of a file of build-info", name)
		}
		content := files[name]
		if int64(len(data))+int64(len(content)) > math.MaxUint32/2 || len(index) > math.MaxUint32/4 {
			return nil, bad("more than %d bytes of files", math.MaxUint32/2)
		}
		index = binary.BigEndian.AppendUint32(index, uint32(len(name)))
		index = append(index, name...)
		index = binary.BigEndian.AppendUint32(index, uint32(len(data)))
		index = binary.BigEndian.AppendUint32(index, uint32(len(content)))
		data = append(data, content...)
	}
	out := make([]byte, 0, headerLen+len(index)+len(data)+trailerLen)
	out = append(out, "XPAKPACK"...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(index)))
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	out = append(append(out, index...), data...)
	out = append(out, "XPAKSTOP"...)
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
