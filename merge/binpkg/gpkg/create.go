package gpkg

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha512"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/blake2b"

	"github.com/tumpline/tumpline/merge/binpkg/compression"
)

// A Signer makes OpenPGP signatures.
type Signer interface {
	// Detached returns an armoured signature of what r gives.
	Detached(ctx context.Context, r io.Reader) ([]byte, error)
	// Clear returns a text with a signature around it.
	Clear(ctx context.Context, text []byte) ([]byte, error)
}

// Contents are what becomes a container.
type Contents struct {
	Base     string            // the folder of the members: PF, or PF-BUILD_ID
	Metadata map[string][]byte // files of build-info
	// Image writes the tar of the image, whose members begin with "image".
	Image    func(w io.Writer) error
	Method   compression.Method
	Programs *compression.Programs
	Time     time.Time // of all members; those of the image have their own
	Signer   Signer    // nil: there are no signatures
}

// Create writes a container to the empty file f. Metadata is sorted by name.
func Create(ctx context.Context, f *os.File, c *Contents) error {
	if c.Base == "" || strings.ContainsAny(c.Base, "/\x00") || c.Base == "." || c.Base == ".." {
		return bad("%q is no name of a package", c.Base)
	}
	w := &creator{Contents: c, f: f}
	if err := w.member(ctx, version, func(io.Writer) error { return nil }); err != nil {
		return err
	}
	for _, inner := range []struct {
		name  string
		write func(io.Writer) error
	}{{"metadata", w.metadata}, {"image", c.Image}} {
		if err := w.compressed(ctx, inner.name+".tar"+c.Method.Extension(), inner.write); err != nil {
			return fmt.Errorf("%s: %w", inner.name, err)
		}
	}
	return w.finish(ctx)
}

// version is the name of the member that says what the file is.
const version = "gpkg-1"

// A creator writes members one after the other.
type creator struct {
	*Contents
	f        *os.File
	at       int64 // end of what is written
	manifest bytes.Buffer
}

// compressed writes a member through the compressor, and its signature.
func (w *creator) compressed(ctx context.Context, name string, write func(io.Writer) error) error {
	start := w.at
	err := w.member(ctx, name, func(out io.Writer) error {
		in, err := w.Programs.Writer(ctx, w.Method, out)
		if err != nil {
			return err
		}
		err = write(in)
		if cerr := in.Close(); err == nil || cerr != nil && ctx.Err() == nil && isPipe(err) {
			err = cerr
		}
		return err
	})
	if err != nil || w.Signer == nil {
		return err
	}
	header, size, err := w.extent(start)
	if err != nil {
		return err
	}
	signature, err := w.Signer.Detached(ctx, io.NewSectionReader(w.f, start+header, size))
	if err != nil {
		return fmt.Errorf("sign %s: %w", name, err)
	}
	return w.member(ctx, name+".sig", func(out io.Writer) error {
		_, err := out.Write(signature)
		return err
	})
}

// extent finds the member at an offset: the length of its header and of its data.
func (w *creator) extent(at int64) (header, size int64, err error) {
	s := io.NewSectionReader(w.f, at, w.at-at)
	h, err := tar.NewReader(s).Next()
	if err != nil {
		return 0, 0, err
	}
	header, err = s.Seek(0, io.SeekCurrent)
	return header, h.Size, err
}

// A digester counts and hashes what passes.
type digester struct {
	w             io.Writer
	size          int64
	sha512, blake hash.Hash
}

func newDigester(w io.Writer) (*digester, error) {
	blake, err := blake2b.New512(nil)
	return &digester{w: w, sha512: sha512.New(), blake: blake}, err
}

// Write passes bytes on.
func (d *digester) Write(b []byte) (int, error) {
	n, err := d.w.Write(b)
	d.size += int64(n)
	_, _ = d.sha512.Write(b[:n]) // a hash never fails
	_, _ = d.blake.Write(b[:n])
	return n, err
}

// member writes one member, whose size is known only afterwards, and notes it for
// the Manifest.
func (w *creator) member(ctx context.Context, name string, write func(io.Writer) error) error {
	start := w.at
	header, err := w.header(name, 0)
	if err != nil {
		return err
	}
	out := io.NewOffsetWriter(w.f, start+int64(len(header)))
	d, err := newDigester(out)
	if err != nil {
		return err
	}
	if err := write(d); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if padding := -d.size & (block - 1); padding > 0 {
		if _, err := out.Write(make([]byte, padding)); err != nil {
			return err
		}
	}
	if header, err = w.header(name, d.size); err != nil {
		return err
	}
	if _, err := w.f.WriteAt(header, start); err != nil {
		return err
	}
	w.at = start + int64(len(header)) + (d.size+block-1)&^(block-1)
	fmt.Fprintf(&w.manifest, "DATA %s %d SHA512 %x BLAKE2B %x\n", name, d.size, d.sha512.Sum(nil), d.blake.Sum(nil))
	return nil
}

const (
	block      = 512
	longBase   = 154     // length of a base name from which on Portage writes GNU tars
	ustarLimit = 8 << 30 // size that ustar has no digits for
)

// header makes the header of a member. Its length does not depend on the size.
func (w *creator) header(name string, size int64) ([]byte, error) {
	h := &tar.Header{Name: w.Base + "/" + name, Typeflag: tar.TypeReg, Mode: 0o644, Size: size, ModTime: time.Unix(w.Time.Unix(), 0), Format: tar.FormatUSTAR}
	if len(w.Base) >= longBase || size >= ustarLimit {
		h.Format = tar.FormatGNU
	}
	var b bytes.Buffer
	if err := tar.NewWriter(&b).WriteHeader(h); err != nil {
		return nil, fmt.Errorf("header of %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// metadata writes the tar with the files of build-info.
func (w *creator) metadata(out io.Writer) error {
	t := tar.NewWriter(out)
	for _, name := range slices.Sorted(maps.Keys(w.Metadata)) {
		if !validName(name) {
			return bad("%q is no name of a file of build-info", name)
		}
		content := w.Metadata[name]
		h := &tar.Header{Name: "metadata/" + name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content)), ModTime: time.Unix(w.Time.Unix(), 0), Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(content); err != nil {
			return err
		}
	}
	return t.Close()
}

// validName says whether a file of build-info may have this name.
func validName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00")
}

// finish writes the Manifest and the end of the tar.
func (w *creator) finish(ctx context.Context) error {
	text := bytes.Clone(w.manifest.Bytes())
	if w.Signer != nil {
		var err error
		if text, err = w.Signer.Clear(ctx, text); err != nil {
			return fmt.Errorf("sign Manifest: %w", err)
		}
	}
	err := w.member(ctx, "Manifest", func(out io.Writer) error {
		_, err := out.Write(text)
		return err
	})
	if err == nil {
		_, err = w.f.WriteAt(make([]byte, 2*block), w.at)
	}
	return err
}
