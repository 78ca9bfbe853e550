// Package compression knows the compressors of binary packages: their names in
// BINPKG_COMPRESS, their file name extensions and magic bytes, and the programs
// that do the work.
//
// PMS says nothing of binary packages; programs and their options are Portage's.
// Packing is always done by those programs, so that the bytes are the same as
// Portage's; unpacking is done here for gzip and zstd, and for bzip2 where there
// is no program. The package refuses to know what is compressed.
package compression

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A Method is a way to compress.
type Method uint8

const (
	None  Method = iota // "" or "none"
	Bzip2               // bzip2
	Gzip                // gzip
	LZ4                 // lz4
	Lzip                // lzip
	Lzop                // lzop
	XZ                  // xz
	Zstd                // zstd
)

// An entry is what is known of a method.
type entry struct {
	name, extension string
	compress        string // with Portage's variables; {JOBS} is a number
	decompress      string
	alternative     string // to decompress with, if decompress is empty
	provider        string // the package with the program
}

func (m Method) entry() entry {
	switch m {
	case Bzip2:
		return entry{"bzip2", ".bz2", "${PORTAGE_BZIP2_COMMAND} ${BINPKG_COMPRESS_FLAGS}", "${PORTAGE_BUNZIP2_COMMAND}", "${PORTAGE_BZIP2_COMMAND} -d", "app-arch/bzip2"}
	case Gzip:
		return entry{"gzip", ".gz", "gzip ${BINPKG_COMPRESS_FLAGS}", "gzip -d", "", "app-arch/gzip"}
	case LZ4:
		return entry{"lz4", ".lz4", "lz4 ${BINPKG_COMPRESS_FLAGS}", "lz4 -d", "", "app-arch/lz4"}
	case Lzip:
		return entry{"lzip", ".lz", "lzip ${BINPKG_COMPRESS_FLAGS}", "lzip -d", "", "app-arch/lzip"}
	case Lzop:
		return entry{"lzop", ".lzo", "lzop ${BINPKG_COMPRESS_FLAGS}", "lzop -d", "", "app-arch/lzop"}
	case XZ:
		return entry{"xz", ".xz", "xz -T{JOBS} --memlimit-compress=50% -q ${BINPKG_COMPRESS_FLAGS}", "xz -T{JOBS} -d", "", "app-arch/xz-utils"}
	case Zstd:
		return entry{"zstd", ".zst", "zstd -T{JOBS} ${BINPKG_COMPRESS_FLAGS}", "zstd -d --long=31", "", "app-arch/zstd"}
	}
	return entry{name: "none"}
}

// methods lists all but None.
func methods() []Method { return []Method{Bzip2, Gzip, LZ4, Lzip, Lzop, XZ, Zstd} }

// String returns the name in BINPKG_COMPRESS.
func (m Method) String() string { return m.entry().name }

// Extension returns what follows ".tar" in the name of a member of a gpkg.
func (m Method) Extension() string { return m.entry().extension }

// ErrUnknown reports a compression that nobody knows.
var ErrUnknown = errors.New("unknown compression")

// Parse reads BINPKG_COMPRESS.
func Parse(name string) (Method, error) {
	if name == "" || name == "none" {
		return None, nil
	}
	for _, m := range methods() {
		if m.String() == name {
			return m, nil
		}
	}
	return None, fmt.Errorf("%w: %q", ErrUnknown, name)
}

// OfName returns the method of a file called <name>.tar<extension>.
func OfName(name string) (Method, error) {
	_, ext, ok := strings.Cut(name, ".tar")
	if ok && ext == "" {
		return None, nil
	}
	for _, m := range methods() {
		if ok && m.Extension() == ext {
			return m, nil
		}
	}
	return None, fmt.Errorf("%w: %s", ErrUnknown, name)
}

// HeadSize is how many bytes Recognise needs.
const HeadSize = 9

// Recognise returns the method of what begins with head, None if it has none that
// is known. It is wider than Portage's in one point: any level of bzip2 counts.
func Recognise(head []byte) Method {
	magic := func(text string) bool { return bytes.HasPrefix(head, []byte(text)) }
	switch {
	case magic("BZh"):
		return Bzip2
	case magic("\x1f\x8b"):
		return Gzip
	case magic("\x04\x22\x4d\x18"), magic("\x02\x21\x4c\x18"):
		return LZ4
	case magic("LZIP"):
		return Lzip
	case magic("\x89LZO\x00\x0d\x0a\x1a\x0a"):
		return Lzop
	case magic("\xfd7zXZ\x00"):
		return XZ
	case len(head) >= 4 && head[0] >= 0x22 && head[0] <= 0x28 && magic(string(head[:1])+"\xb5\x2f\xfd"):
		return Zstd
	}
	return None
}
