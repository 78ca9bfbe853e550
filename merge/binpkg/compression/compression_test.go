package compression_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/binpkg/compression"
)

func methods() []compression.Method {
	return []compression.Method{compression.None, compression.Bzip2, compression.Gzip, compression.LZ4, compression.Lzip, compression.Lzop, compression.XZ, compression.Zstd}
}

func TestNames(t *testing.T) {
	for _, m := range methods() {
		if got, err := compression.Parse(m.String()); got != m || err != nil {
			t.Errorf("Parse(%q) = %v, %v", m, got, err)
		}
		if got, err := compression.OfName("image.tar" + m.Extension()); got != m || err != nil {
			t.Errorf("OfName of %v = %v, %v", m, got, err)
		}
	}
	for _, name := range []string{"zip", "Zstd"} {
		if _, err := compression.Parse(name); !errors.Is(err, compression.ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"image", "image.tar.zip", "image.tar.gz.sig"} {
		if _, err := compression.OfName(name); !errors.Is(err, compression.ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestCommands makes Portage's command lines.
func TestCommands(t *testing.T) {
	bin := t.TempDir()
	for _, name := range []string{"bzip2", "lbzip2", "gzip", "lz4", "lzip", "lzop", "xz", "zstd"} {
		if err := os.WriteFile(filepath.Join(bin, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	vars := map[string]string{"PORTAGE_BZIP2_COMMAND": "lbzip2", "BINPKG_COMPRESS_FLAGS": "-9 -v", "BINPKG_COMPRESS_FLAGS_ZSTD": "--long=30"}
	p := &compression.Programs{Path: []string{bin}, Jobs: 5, Lookup: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}
	for m, want := range map[compression.Method][2]string{
		compression.Bzip2: {"lbzip2 -9 -v", "lbzip2 -d"},
		compression.Gzip:  {"gzip -9 -v", "gzip -d"},
		compression.XZ:    {"xz -T5 --memlimit-compress=50% -q -9 -v", "xz -T5 -d"},
		compression.Zstd:  {"zstd -T5 --long=30", "zstd -d --long=31"},
	} {
		pack, err1 := p.Compress(m)
		unpack, err2 := p.Decompress(m)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		got := [2]string{strings.TrimPrefix(strings.Join(pack, " "), bin+"/"), strings.TrimPrefix(strings.Join(unpack, " "), bin+"/")}
		if got != want {
			t.Errorf("%v: %q, want %q", m, got, want)
		}
	}
	var missing *compression.MissingError
	if _, err := (&compression.Programs{}).Compress(compression.XZ); !errors.As(err, &missing) || err.Error() != "xz: no program xz (package app-arch/xz-utils)" {
		t.Error(err)
	}
}

// TestStreams packs and unpacks with what this machine has, and recognises it.
func TestStreams(t *testing.T) {
	p := &compression.Programs{Path: filepath.SplitList(os.Getenv("PATH")), Env: os.Environ(), Jobs: 2}
	text := bytes.Repeat([]byte("some text to be packed\n"), 5000)
	for _, m := range methods() {
		var packed bytes.Buffer
		w, err := p.Writer(t.Context(), m, &packed)
		var missing *compression.MissingError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := compression.Recognise(packed.Bytes()[:compression.HeadSize]); got != m {
			t.Errorf("Recognise of %v: %v", m, got)
		}
		r, err := p.Reader(t.Context(), m, bytes.NewReader(packed.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if cerr := r.Close(); err != nil || cerr != nil || !slices.Equal(got, text) {
			t.Errorf("%v: %d bytes, %v, %v", m, len(got), err, cerr)
		}
		if m == compression.None {
			continue
		}
		r, err = p.Reader(t.Context(), m, bytes.NewReader(packed.Bytes()[:packed.Len()/2]))
		if err != nil {
			continue
		}
		_, err = io.ReadAll(r)
		if cerr := r.Close(); err == nil && cerr == nil {
			t.Errorf("%v: half of a file is no error", m)
		}
	}
}
