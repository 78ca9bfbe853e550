// Package wholetree verifies a whole tree against the Manifest in its root (GLEP
// 74): every file must be listed there or in Manifests that are listed there,
// and the top one may be signed.
//
// Hidden files (with a name that starts with a dot) are passed over unless they
// are listed. Entries about one path in several Manifests must agree. Manifests
// compressed with gzip and bzip2 are understood. The package makes no Manifests
// of this kind.
package wholetree

import (
	"bytes"
	"cmp"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/openpgp"
)

// Options say what is asked of a tree. The zero value asks that every file is
// listed and intact, whoever says so.
type Options struct {
	Keys   *openpgp.Keyring // the top Manifest must be signed with one of them; nil: need not
	Now    time.Time        // time of the call: for keys and MaxAge
	MaxAge time.Duration    // of the TIMESTAMP of the top Manifest; 0: any
	// Lenient takes MISC files that are absent or altered, and OPTIONAL ones that
	// are there.
	Lenient bool
	Filter  manifest.Filter
	Jobs    int // files hashed at once; 0: as many as there are processors
}

// A Report is what is known about a tree.
type Report struct {
	Signature *openpgp.Signature // of the top Manifest; nil if there is none, or no key to verify it
	Timestamp time.Time          // of the top Manifest; zero if there is none
	Manifests int
	Verified  int     // files
	Bytes     int64   // of them
	Errors    []error // *manifest.FileError, *linefile.Problem, *ConflictError, *StaleError; by path
}

// A StaleError says that a tree is older than allowed.
type StaleError struct {
	Manifest  string
	Timestamp time.Time // zero if there is none
	MaxAge    time.Duration
}

// Error tells the age limit.
func (e *StaleError) Error() string {
	if e.Timestamp.IsZero() {
		return fmt.Sprintf("%s: there is no TIMESTAMP to tell the age from", e.Manifest)
	}
	return fmt.Sprintf("%s: TIMESTAMP %s is older than %s", e.Manifest, e.Timestamp.UTC().Format(time.RFC3339), e.MaxAge)
}

// maxManifest bounds the text of one Manifest, uncompressed.
const maxManifest = 64 << 20

// Top finds the Manifest in the root of a tree.
func Top(root string) (name string, ok bool) {
	for _, name := range []string{"Manifest", "Manifest.gz", "Manifest.bz2"} {
		file := filepath.Join(root, name)
		if st, err := os.Stat(file); err == nil && st.Mode().IsRegular() {
			return file, true
		}
	}
	return "", false
}

// Verify verifies the tree at root. An error means that there is nothing to go
// by: no top Manifest, or one whose signature does not hold
// (*openpgp.SignatureError); what is wrong with files is in the report.
func Verify(ctx context.Context, root string, o Options) (*Report, error) {
	v := &verifier{root: root, o: o, report: &Report{}, entries: map[string]*entry{}, broken: map[string]bool{}}
	top, ok := Top(root)
	if !ok {
		return nil, fmt.Errorf("verify tree %s: there is no Manifest: %w", root, fs.ErrNotExist)
	}
	text, err := readManifest(top)
	if err != nil {
		return nil, err
	}
	if text, err = v.signed(top, text); err != nil {
		return nil, err
	}
	if err := v.load(ctx, filepath.Base(top), text); err != nil {
		return nil, err
	}
	if o.MaxAge > 0 && o.Now.Sub(v.report.Timestamp) > o.MaxAge {
		v.problem("", &StaleError{Manifest: top, Timestamp: v.report.Timestamp, MaxAge: o.MaxAge})
	}
	v.walk("", []fs.FileInfo{})
	if err := v.checkAll(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(v.found, func(a, b finding) int { return cmp.Compare(a.path, b.path) })
	for _, f := range v.found {
		v.report.Errors = append(v.report.Errors, f.err)
	}
	return v.report, nil
}

// A finding is an error with the path it is about.
type finding struct {
	path string
	err  error
}

type verifier struct {
	root    string
	o       Options
	report  *Report
	entries map[string]*entry // by path
	order   []*entry
	broken  map[string]bool // folders whose Manifest cannot be used: nothing can be said about their files
	found   []finding
}

func (v *verifier) problem(path string, err error) { v.found = append(v.found, finding{path, err}) }

func (v *verifier) abs(path string) string { return filepath.Join(v.root, filepath.FromSlash(path)) }

// signed gives the part of the top Manifest that may be believed.
func (v *verifier) signed(name string, text []byte) (signed []byte, err error) {
	if v.o.Keys == nil {
		if !openpgp.IsClear(text) {
			return text, nil
		}
		return stripped(text), nil
	}
	signed, v.report.Signature, err = v.o.Keys.Clear(name, text, v.o.Now)
	return append(bytes.Repeat([]byte("\n"), headLines(text)), signed...), err // lines keep their numbers
}

// headLines counts the lines before the text in a cleartext signature.
func headLines(text []byte) (n int) {
	for line := range bytes.Lines(text) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	return n
}

// stripped takes the armour off a text whose signature nobody asked about; the
// lines keep their numbers.
func stripped(text []byte) []byte {
	var out bytes.Buffer
	inside := false
	for line := range bytes.Lines(text) {
		switch {
		case bytes.HasPrefix(line, []byte("-----BEGIN PGP SIGNATURE")):
			return out.Bytes()
		case inside:
			out.Write(bytes.TrimPrefix(line, []byte("- ")))
		default:
			inside = len(bytes.TrimSpace(line)) == 0
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// load reads the entries of the Manifest at path, and of those that it lists.
func (v *verifier) load(ctx context.Context, name string, text []byte) error {
	v.report.Manifests++
	dir := path.Dir(name)
	entries, problems := parse(v.abs(name), dir, text)
	for _, p := range problems {
		v.problem(name, p)
	}
	for i := range entries {
		e := &entries[i]
		if e.tag == tagTimestamp {
			if dir == "." {
				v.report.Timestamp = e.stamp
			}
			continue
		}
		if old := v.entries[e.path]; old != nil {
			if err := old.join(e); err != nil {
				v.problem(e.path, err)
			}
			continue
		}
		v.entries[e.path] = e
		v.order = append(v.order, e)
		if e.tag != tagManifest {
			continue
		}
		if err := v.sub(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// sub verifies and loads a listed Manifest.
func (v *verifier) sub(ctx context.Context, e *entry) error {
	err := e.from.CheckFile(ctx, e.Entry, v.abs(e.path), v.o.Filter)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		v.broken[path.Dir(e.path)] = true
		return nil // told when all files are checked
	}
	text, err := readManifest(v.abs(e.path))
	if err != nil {
		v.broken[path.Dir(e.path)] = true
		v.problem(e.path, err)
		return nil
	}
	if openpgp.IsClear(text) {
		text = stripped(text) // its digest is known: a signature adds nothing
	}
	return v.load(ctx, e.path, text)
}

func readManifest(file string) (text []byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read Manifest: %w", err)
	}
	defer f.Close()
	var r io.Reader = f
	switch filepath.Ext(file) {
	case ".gz":
		r, err = gzip.NewReader(f)
	case ".bz2":
		r = bzip2.NewReader(f)
	case ".xz", ".lzma", ".zst", ".lz4":
		err = errors.New("this compression is not supported")
	}
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(r, maxManifest+1))
	}
	if err == nil && len(text) > maxManifest {
		err = fmt.Errorf("larger than %d bytes", maxManifest)
	}
	if err != nil {
		return nil, fmt.Errorf("read Manifest %s: %w", file, err)
	}
	return text, nil
}

// walk looks for files that are not listed below the folder dir.
func (v *verifier) walk(dir string, above []fs.FileInfo) {
	st, err := os.Stat(v.abs(dir))
	if err != nil {
		v.problem(dir, fmt.Errorf("walk tree: %w", err))
		return
	}
	if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, st) }) {
		v.problem(dir, fmt.Errorf("walk tree: %s: a link to a folder above it", v.abs(dir)))
		return
	}
	if v.broken[dir] {
		return
	}
	above = append(slices.Clip(above), st)
	list, err := os.ReadDir(v.abs(dir))
	if err != nil {
		v.problem(dir, fmt.Errorf("walk tree: %w", err))
	}
	for _, d := range list {
		name := path.Join(dir, d.Name())
		e := v.entries[name]
		if strings.HasPrefix(d.Name(), ".") || e != nil && e.tag == tagIgnore {
			continue
		}
		folder := d.IsDir()
		if d.Type()&fs.ModeSymlink != 0 {
			st, err := os.Stat(v.abs(name))
			folder = err == nil && st.IsDir()
		}
		switch {
		case folder:
			v.walk(name, above)
		case e == nil && !(dir == "" && strings.HasPrefix(d.Name(), manifest.FileName) && v.isTop(name)):
			v.problem(name, &manifest.FileError{Fault: manifest.Unlisted, File: v.abs(name), Manifest: v.nearest(dir)})
		}
	}
}

func (v *verifier) isTop(name string) bool {
	top, _ := Top(v.root)
	return filepath.Base(top) == name
}

// nearest gives the Manifest that should list the files of a folder.
func (v *verifier) nearest(dir string) string {
	for ; dir != "" && dir != "."; dir = path.Dir(dir) {
		for _, suffix := range []string{"", ".gz", ".bz2"} {
			if e := v.entries[path.Join(dir, manifest.FileName+suffix)]; e != nil && e.tag == tagManifest {
				return v.abs(e.path)
			}
		}
	}
	top, _ := Top(v.root)
	return top
}

// checkAll verifies the listed files, several at once.
func (v *verifier) checkAll(ctx context.Context) error {
	jobs := v.o.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, len(v.order))
	next := make(chan int)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for i := range next {
				errs[i] = v.check(ctx, v.order[i])
			}
		})
	}
	for i := range v.order {
		next <- i
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, e := range v.order {
		switch {
		case errs[i] != nil:
			v.problem(e.path, errs[i])
		case e.tag == tagData || e.tag == tagManifest || e.tag == tagMisc:
			v.report.Verified++
			v.report.Bytes += e.Size
		}
	}
	return nil
}

func (v *verifier) check(ctx context.Context, e *entry) error {
	switch {
	case e.tag == tagIgnore, v.o.Lenient && (e.tag == tagMisc || e.tag == tagOptional):
		return nil
	case e.tag == tagOptional:
		if _, err := os.Lstat(v.abs(e.path)); err == nil {
			return e.from.Fail(e.Entry, v.abs(e.path), manifest.Unlisted)
		}
		return nil
	}
	return e.from.CheckFile(ctx, e.Entry, v.abs(e.path), v.o.Filter)
}
