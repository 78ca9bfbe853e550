package gpkg

import (
	"archive/tar"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/merge/binpkg/compression"
)

// A Verifier judges OpenPGP signatures; name stands for what was signed in errors.
type Verifier interface {
	// Detached returns an error if signature is not one of what r gives that is
	// trusted.
	Detached(ctx context.Context, name string, r io.Reader, signature []byte) error
	// Clear returns the signed part of a text with a signature around it.
	Clear(ctx context.Context, name string, text []byte) ([]byte, error)
}

// Policy says what signatures a container must have.
type Policy struct {
	Verifier Verifier // nil: signatures are ignored
	Require  bool     // a container without signatures is refused
}

// Reasons why the signatures of a container do not do.
var (
	ErrUnsigned = errors.New("package is not signed")
	ErrVerifier = errors.New("signatures are required, and nothing to verify them with is configured")
)

// A File is a container that was verified: its Manifest lists all members, and no
// others, with the right sizes and digests, and the signatures do.
type File struct {
	Base     string // the folder of the members
	Signed   bool   // and verified, unless the policy has no Verifier
	r        io.ReaderAt
	members  []member
	metadata *member
	image    *member
}

type member struct {
	name         string // in full
	base         string
	offset, size int64
}

// maxManifest and maxSignature bound what is held in memory, in bytes.
const (
	maxManifest  = 1 << 20
	maxSignature = 1 << 16
	maxMembers   = 64
)

// Open reads and verifies the container r, which has size bytes.
func Open(ctx context.Context, r io.ReaderAt, size int64, p Policy) (*File, error) {
	f := &File{r: r}
	if err := f.list(size); err != nil {
		return nil, err
	}
	if err := f.shape(); err != nil {
		return nil, err
	}
	text, err := f.manifest(ctx, p)
	if err != nil {
		return nil, err
	}
	return f, f.verify(ctx, text)
}

// list finds the members.
func (f *File) list(size int64) error {
	s := io.NewSectionReader(f.r, 0, size)
	for t := tar.NewReader(s); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return bad("%v", err)
		}
		at, err := s.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || h.PAXRecords["GNU.sparse.major"] != "" {
			return bad("member %q is no regular file", h.Name)
		}
		if f.find(path.Base(h.Name)) != nil {
			return bad("member %q is there twice", h.Name)
		}
		if at+h.Size > size || len(f.members) == maxMembers {
			return bad("member %q ends after the file", h.Name)
		}
		f.members = append(f.members, member{h.Name, path.Base(h.Name), at, h.Size})
	}
}

func (f *File) find(base string) *member {
	for i := range f.members {
		if f.members[i].base == base {
			return &f.members[i]
		}
	}
	return nil
}

// shape checks which members there are.
func (f *File) shape() error {
	for i := range f.members {
		m := &f.members[i]
		dir, base := path.Split(m.name)
		if first, _ := path.Split(f.members[0].name); dir != first || strings.Count(m.name, "/") != 1 || m.name[0] == '/' || base == "" {
			return bad("member %q is not in the one directory of the package", m.name)
		}
		_, err := compression.OfName(base)
		switch {
		case err != nil:
		case strings.HasPrefix(base, "metadata.tar") && f.metadata == nil:
			f.metadata = m
		case strings.HasPrefix(base, "image.tar") && f.image == nil:
			f.image = m
		}
	}
	switch {
	case f.find(version) == nil:
		return bad("no %s", version)
	case f.metadata == nil:
		return bad("no metadata")
	case f.image == nil:
		return bad("no image")
	case f.find("Manifest") == nil:
		return bad("no Manifest")
	}
	f.Base = path.Dir(f.members[0].name)
	return nil
}

// bytes reads a member of not more than limit bytes.
func (f *File) bytes(m *member, limit int64) ([]byte, error) {
	if m.size > limit {
		return nil, bad("member %q: larger than %d bytes", m.name, limit)
	}
	b := make([]byte, m.size)
	if _, err := f.r.ReadAt(b, m.offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("member %q: %w", m.name, err)
	}
	return b, nil
}

func (f *File) section(m *member) *io.SectionReader {
	return io.NewSectionReader(f.r, m.offset, m.size)
}

// manifest returns the text of the Manifest, verified with all signatures as the
// policy wants.
func (f *File) manifest(ctx context.Context, p Policy) (string, error) {
	text, err := f.bytes(f.find("Manifest"), maxManifest)
	if err != nil {
		return "", err
	}
	f.Signed = strings.Contains(string(text), "-----BEGIN PGP SIGN")
	for _, m := range f.members {
		f.Signed = f.Signed || strings.HasSuffix(m.base, ".sig")
	}
	switch {
	case p.Require && p.Verifier == nil:
		return "", ErrVerifier
	case p.Require && !f.Signed:
		return "", ErrUnsigned
	case p.Verifier == nil || !f.Signed:
		return string(text), nil
	}
	for i := range f.members {
		if err := f.signature(ctx, &f.members[i], p.Verifier); err != nil {
			return "", err
		}
	}
	if text, err = p.Verifier.Clear(ctx, f.find("Manifest").name, text); err != nil {
		return "", err
	}
	return string(text), nil
}

// signature verifies the detached signature of one member.
func (f *File) signature(ctx context.Context, m *member, v Verifier) error {
	if m.base == version || m.base == "Manifest" || strings.HasSuffix(m.base, ".sig") {
		return nil
	}
	sig := f.find(m.base + ".sig")
	if sig == nil {
		return fmt.Errorf("%w: %s", ErrUnsigned, m.base)
	}
	b, err := f.bytes(sig, maxSignature)
	if err != nil {
		return err
	}
	return v.Detached(ctx, m.name, f.section(m), b)
}

// verify compares all members with the Manifest.
func (f *File) verify(ctx context.Context, text string) error {
	records, err := parseManifest(text)
	if err != nil {
		return err
	}
	for i := range f.members {
		m := &f.members[i]
		if m.base == "Manifest" {
			continue
		}
		r, ok := records[m.base]
		switch {
		case !ok:
			return fmt.Errorf("%w: %s is not listed", ErrManifest, m.base)
		case r.size != m.size:
			return fmt.Errorf("%w: %s has %d bytes, not %d", ErrManifest, m.base, m.size, r.size)
		}
		if err := f.digests(ctx, m, r); err != nil {
			return err
		}
		delete(records, m.base)
	}
	return missing(records)
}

// digests compares the digests of one member. Both must be listed, as for Portage.
func (f *File) digests(ctx context.Context, m *member, r record) error {
	d, err := newDigester(io.Discard)
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(d, struct{ io.Reader }{&interruptible{ctx, f.section(m)}}, make([]byte, 256<<10)); err != nil {
		return fmt.Errorf("member %q: %w", m.name, err)
	}
	for _, sum := range []struct{ name, listed, is string }{
		{"SHA512", r.sha512, hex.EncodeToString(d.sha512.Sum(nil))},
		{"BLAKE2B", r.blake2b, hex.EncodeToString(d.blake.Sum(nil))},
	} {
		if !strings.EqualFold(sum.listed, sum.is) {
			return fmt.Errorf("%w: %s of %s", ErrManifest, sum.name, m.base)
		}
	}
	return nil
}

// An interruptible reader ends with its context.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

// Read reads.
func (i *interruptible) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(b)
}

// Metadata returns the files of build-info.
func (f *File) Metadata(ctx context.Context, p *compression.Programs) (map[string][]byte, error) {
	r, err := f.inner(ctx, f.metadata, p)
	if err != nil {
		return nil, err
	}
	files, err := readInner(io.LimitReader(r, maxMetadata+1), nil)
	if cerr := r.Close(); err == nil && cerr != nil {
		err = bad("metadata: %v", cerr)
	}
	if err != nil {
		return nil, err
	}
	for name := range files {
		if !validName(name) {
			return nil, bad("metadata: member %q", name)
		}
	}
	return files, nil
}

// Image opens the tar of the image, decompressed. The caller must close it.
func (f *File) Image(ctx context.Context, p *compression.Programs) (io.ReadCloser, error) {
	return f.inner(ctx, f.image, p)
}

func (f *File) inner(ctx context.Context, m *member, p *compression.Programs) (io.ReadCloser, error) {
	method, err := compression.OfName(m.base)
	if err != nil {
		return nil, err
	}
	return p.Reader(ctx, method, f.section(m))
}

// isPipe says whether a program closed its end, so that its own error tells more.
func isPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
