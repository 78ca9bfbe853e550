// Package xpak reads and makes the metadata that Portage appends to a compressed
// tar to make a binary package (.tbz2, .xpak).
//
// The end of such a file is, all numbers big-endian and 32 bits wide:
//
//	XPAKPACK <index length> <data length> <index> <data> XPAKSTOP
//	<length of all that> STOP
//
// and the index is a list of records: length of the name, the name, offset in
// the data, length of the data. The package writes no files, never unpacks the
// tar, and uses names as keys only. Unlike Portage it checks every length
// against the file, so that a damaged package is an error and not an empty one.
package xpak

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	trailerLen = 16 // XPAKSTOP, u32, STOP
	headerLen  = 16 // XPAKPACK, u32, u32
	stopLen    = 8  // XPAKSTOP, which the recorded length includes
)

// ErrFormat is the reason for every error about the content of a file.
var ErrFormat = errors.New("not an xpak file")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// ReadFile returns the metadata of the package file at path: content by name.
// If want is not nil, only files for which it is true are read.
func ReadFile(path string, want func(name string) bool) (map[string][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read binary package: %w", err)
	}
	defer f.Close() // only read from
	fi, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read binary package: %w", err)
	}
	m, err := Read(f, fi.Size(), want)
	if err != nil {
		return nil, &fs.PathError{Op: "read binary package", Path: path, Err: err}
	}
	return m, nil
}

// Read returns the metadata at the end of r, which has size bytes. See ReadFile.
func Read(r io.ReaderAt, size int64, want func(name string) bool) (map[string][]byte, error) {
	if size < trailerLen+headerLen {
		return nil, bad("only %d bytes", size)
	}
	var trailer [trailerLen]byte
	if err := readAt(r, trailer[:], size-trailerLen); err != nil {
		return nil, err
	}
	if string(trailer[:8]) != "XPAKSTOP" || string(trailer[12:]) != "STOP" {
		return nil, bad("no trailer")
	}
	length := int64(binary.BigEndian.Uint32(trailer[8:]))
	start := size - 8 - length
	if start < 0 || length < headerLen+stopLen {
		return nil, bad("segment of %d bytes in a file of %d", length, size)
	}
	var header [headerLen]byte
	if err := readAt(r, header[:], start); err != nil {
		return nil, err
	}
	if string(header[:8]) != "XPAKPACK" {
		return nil, bad("no header")
	}
	indexLen := int64(binary.BigEndian.Uint32(header[8:]))
	dataLen := int64(binary.BigEndian.Uint32(header[12:]))
	if headerLen+indexLen+dataLen+stopLen != length {
		return nil, bad("index of %d and data of %d bytes in a segment of %d", indexLen, dataLen, length)
	}
	index := make([]byte, indexLen)
	if err := readAt(r, index, start+headerLen); err != nil {
		return nil, err
	}
	data := io.NewSectionReader(r, start+headerLen+indexLen, dataLen)
	return readFiles(index, data, want)
}

// readFiles returns the wanted files of an index. If a name occurs twice, the
// last one counts.
func readFiles(index []byte, data *io.SectionReader, want func(string) bool) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for len(index) > 0 {
		name, pos, length, rest, err := record(index)
		if err != nil {
			return nil, err
		}
		index = rest
		if pos+length > data.Size() {
			return nil, bad("%q lies outside of the data", name)
		}
		if want != nil && !want(name) {
			continue
		}
		content := make([]byte, length)
		if err := readAt(data, content, pos); err != nil {
			return nil, err
		}
		files[name] = content
	}
	return files, nil
}

// record takes the first record off an index.
func record(index []byte) (name string, pos, length int64, rest []byte, err error) {
	if len(index) < 4 {
		return "", 0, 0, nil, bad("index ends within a record")
	}
	n := int64(binary.BigEndian.Uint32(index))
	if int64(len(index)) < n+12 {
		return "", 0, 0, nil, bad("index ends within a record")
	}
	name = string(index[4 : 4+n])
	pos = int64(binary.BigEndian.Uint32(index[4+n:]))
	length = int64(binary.BigEndian.Uint32(index[8+n:]))
	return name, pos, length, index[12+n:], nil
}

// readAt fills b from offset off.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	return fmt.Errorf("read %d bytes at %d: %w", len(b), off, err)
}
