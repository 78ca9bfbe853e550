// Package gpkg reads and writes binary packages in the container format of GLEP 78
// (.gpkg.tar).
//
// A container is a tar with members <directory>/gpkg-1, metadata.tar, image.tar
// (each perhaps compressed, and with a signature beside it) and Manifest, which
// has size and digests of the others. [Read] gives the metadata, having checked
// the shape of the container, all sizes, and the SHA512 of the metadata; [Open]
// verifies everything before anything is used; [Create] writes a container, equal
// ones for equal contents. The package refuses to know what is in build-info and
// in an image, and to judge keys.
package gpkg

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Reasons for errors about the content of a file.
var (
	ErrFormat      = errors.New("not a gpkg file")
	ErrManifest    = errors.New("container does not agree with its Manifest")
	ErrCompression = errors.New("unsupported compression")
)

// maxMetadata bounds the metadata, compressed and not, in bytes.
const maxMetadata = 256 << 20

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// ReadFile returns the metadata of the package file at path: content by name.
// If want is not nil, only files for which it is true are kept.
func ReadFile(path string, want func(name string) bool) (map[string][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read binary package: %w", err)
	}
	defer f.Close() // only read from
	m, err := Read(f, want)
	if err != nil {
		return nil, &fs.PathError{Op: "read binary package", Path: path, Err: err}
	}
	return m, nil
}

// Read returns the metadata of the container r. See ReadFile. If r is an
// io.Seeker the image is skipped.
func Read(r io.Reader, want func(name string) bool) (map[string][]byte, error) {
	c, err := readContainer(r)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	inner, err := decompress(c.metadata, path.Ext(c.metadataName))
	if err != nil {
		return nil, err
	}
	return readInner(inner, want)
}

// A container is what is known of a package file after one pass.
type container struct {
	names        []string // in order
	sizes        map[string]int64
	metadataName string
	metadata     []byte
	manifest     []byte
}

// readContainer reads the members of the container.
func readContainer(r io.Reader) (*container, error) {
	c := &container{sizes: make(map[string]int64)}
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return nil, bad("%v", err)
		}
		if _, ok := c.sizes[h.Name]; ok {
			return nil, bad("member %q is there twice", h.Name)
		}
		c.names = append(c.names, h.Name)
		c.sizes[h.Name] = h.Size
		base := path.Base(h.Name)
		switch {
		case base == "Manifest":
			c.manifest, err = limited(t)
		case isMetadata(base) && c.metadataName == "":
			c.metadataName = h.Name
			c.metadata, err = limited(t)
		}
		if err != nil {
			return nil, bad("member %q: %v", h.Name, err)
		}
	}
}

// isMetadata reports whether a member is the metadata, not its signature.
func isMetadata(base string) bool {
	switch strings.TrimPrefix(base, "metadata.tar") {
	case "", ".bz2", ".gz", ".lz4", ".lz", ".lzo", ".xz", ".zst":
		return strings.HasPrefix(base, "metadata.tar")
	}
	return false
}

// limited reads all of r, but not more than maxMetadata.
func limited(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxMetadata+1))
	if err == nil && len(b) > maxMetadata {
		err = fmt.Errorf("larger than %d bytes", maxMetadata)
	}
	return b, err
}

// check checks the shape of the container and its agreement with the Manifest.
func (c *container) check() error {
	version := false
	for _, name := range c.names {
		dir, base := path.Split(name)
		if first, _ := path.Split(c.names[0]); dir != first || strings.Count(name, "/") != 1 || name[0] == '/' || base == "" {
			return bad("member %q is not in the one directory of the package", name)
		}
		version = version || base == "gpkg-1"
	}
	switch {
	case !version:
		return bad("no gpkg-1")
	case c.metadataName == "":
		return bad("no metadata")
	case c.manifest == nil:
		return bad("no Manifest")
	}
	return c.checkManifest()
}

// decompress returns a reader of what is compressed as the extension says.
func decompress(b []byte, ext string) (io.Reader, error) {
	r := bytes.NewReader(b)
	switch ext {
	case ".tar":
		return r, nil
	case ".gz":
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, bad("metadata: %v", err)
		}
		return z, nil
	case ".bz2":
		return bzip2.NewReader(bufio.NewReader(r)), nil
	case ".zst":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxMetadata))
		if err != nil {
			return nil, bad("metadata: %v", err)
		}
		defer z.Close()
		b, err := limited(z)
		if err != nil {
			return nil, bad("metadata: %v", err)
		}
		return bytes.NewReader(b), nil
	}
	return nil, fmt.Errorf("%w: %s", ErrCompression, ext)
}

// readInner reads the files of the metadata tar.
func readInner(r io.Reader, want func(string) bool) (map[string][]byte, error) {
	files := make(map[string][]byte)
	left := int64(maxMetadata)
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, bad("metadata: %v", err)
		}
		name, ok := strings.CutPrefix(h.Name, "metadata/")
		if !ok {
			return nil, bad("metadata: member %q", h.Name)
		}
		if want != nil && !want(name) || h.Typeflag != tar.TypeReg {
			continue
		}
		if left -= h.Size; left < 0 {
			return nil, bad("metadata: larger than %d bytes", maxMetadata)
		}
		if files[name], err = io.ReadAll(t); err != nil {
			return nil, bad("metadata: %v", err)
		}
	}
}
