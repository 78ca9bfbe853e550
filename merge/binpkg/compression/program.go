package compression

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// Programs says how programs are found and called. The zero value finds none.
type Programs struct {
	// Lookup gives configuration variables: PORTAGE_BZIP2_COMMAND,
	// PORTAGE_BUNZIP2_COMMAND, BINPKG_COMPRESS_FLAGS, BINPKG_COMPRESS_FLAGS_<NAME>.
	Lookup func(name string) (string, bool)
	Path   []string // folders with programs, absolute
	Env    []string // environment of programs
	Jobs   int      // threads (MAKEOPTS); 0: 1
}

// A MissingError says that there is no program for a method.
type MissingError struct {
	Method  Method
	Program string // empty: no command is configured
}

// Error names the package that has the program.
func (e *MissingError) Error() string {
	what := "no program"
	if e.Program != "" {
		what = "no program " + e.Program
	}
	return fmt.Sprintf("%s: %s (package %s)", e.Method, what, e.Method.entry().provider)
}

func (p *Programs) lookup(name string) (string, bool) {
	if p.Lookup == nil {
		return "", false
	}
	return p.Lookup(name)
}

// Compress returns the command that compresses standard input to standard output.
func (p *Programs) Compress(m Method) ([]string, error) {
	text := m.entry().compress
	own := "BINPKG_COMPRESS_FLAGS_" + strings.ToUpper(m.String())
	if _, ok := p.lookup(own); ok {
		text = strings.Replace(text, "${BINPKG_COMPRESS_FLAGS}", "${"+own+"}", 1)
	}
	return p.command(m, text)
}

// Decompress returns the command that undoes Compress.
func (p *Programs) Decompress(m Method) ([]string, error) {
	argv, err := p.command(m, m.entry().decompress)
	var missing *MissingError
	if errors.As(err, &missing) && missing.Program == "" && m.entry().alternative != "" {
		return p.command(m, m.entry().alternative)
	}
	return argv, err
}

// command makes the words of a command line, the first of which is a path.
func (p *Programs) command(m Method, text string) ([]string, error) {
	vars := map[string]string{}
	for _, name := range variables(text) {
		vars[name], _ = p.lookup(name)
		if name == "PORTAGE_BZIP2_COMMAND" && vars[name] == "" {
			vars[name] = "bzip2"
		}
	}
	text = strings.ReplaceAll(text, "{JOBS}", strconv.Itoa(max(p.Jobs, 1)))
	expanded, err := shellconf.Expand(text, vars)
	if err != nil {
		return nil, fmt.Errorf("command for %s: %w", m, err)
	}
	words, err := shellconf.Split(expanded)
	if err != nil {
		return nil, fmt.Errorf("command for %s: %w", m, err)
	}
	if len(words) == 0 {
		return nil, &MissingError{Method: m}
	}
	program := p.find(words[0])
	if program == "" {
		return nil, &MissingError{Method: m, Program: words[0]}
	}
	words[0] = program
	return words, nil
}

// variables lists the names in "${NAME}".
func variables(text string) (names []string) {
	for {
		_, rest, ok := strings.Cut(text, "${")
		if !ok {
			return names
		}
		var name string
		name, text, _ = strings.Cut(rest, "}")
		names = append(names, name)
	}
}

// find returns the path of a program, "" if there is none.
func (p *Programs) find(name string) string {
	if filepath.IsAbs(name) {
		if unix.Access(name, unix.X_OK) == nil {
			return name
		}
		return ""
	}
	for _, dir := range p.Path {
		if path := filepath.Join(dir, name); filepath.IsAbs(path) && unix.Access(path, unix.X_OK) == nil {
			return path
		}
	}
	return ""
}

// A stage is a program that is one end of a stream.
type stage struct {
	io.Writer
	io.Reader
	close func() error
}

// Close ends the stream.
func (s *stage) Close() error { return s.close() }

// Writer returns a stream whose content comes out compressed in w. The caller must
// close it, which waits for the program; then all has been written.
func (p *Programs) Writer(ctx context.Context, m Method, w io.Writer) (io.WriteCloser, error) {
	if m == None {
		buffered := bufio.NewWriterSize(w, 256<<10)
		return &stage{Writer: buffered, close: buffered.Flush}, nil
	}
	argv, err := p.Compress(m)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var said bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = p.Env, w, &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	buffered := bufio.NewWriterSize(in, 64<<10)
	return &stage{Writer: buffered, close: func() error {
		err := buffered.Flush()
		if cerr := in.Close(); err == nil {
			err = cerr
		}
		if werr := cmd.Wait(); werr != nil {
			return programError(argv, werr, said.String())
		}
		return err
	}}, nil
}

// Reader returns a stream with the content of r. The caller must close it; if it
// was not read to its end, the program is ended.
func (p *Programs) Reader(ctx context.Context, m Method, r io.Reader) (io.ReadCloser, error) {
	switch m {
	case None:
		return io.NopCloser(r), nil
	case Gzip:
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 64<<10))
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		return z, nil
	case Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(1<<31), zstd.WithDecoderConcurrency(max(p.Jobs, 1)))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		return z.IOReadCloser(), nil
	}
	argv, err := p.Decompress(m)
	if err != nil {
		if m == Bzip2 {
			return io.NopCloser(bzip2.NewReader(bufio.NewReaderSize(r, 64<<10))), nil
		}
		return nil, err
	}
	return p.run(ctx, argv, r)
}

// run starts a program that reads r, and gives what it writes.
func (p *Programs) run(ctx context.Context, argv []string, r io.Reader) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var said bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stderr = p.Env, r, &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	end := &ending{Reader: out}
	return &stage{Reader: end, close: func() error {
		defer cancel()
		if !end.seen {
			cancel()
			_ = cmd.Wait() // it was ended because nobody wants the rest
			return nil
		}
		if err := cmd.Wait(); err != nil {
			return programError(argv, err, said.String())
		}
		return nil
	}}, nil
}

// An ending notes that a reader came to its end.
type ending struct {
	io.Reader
	seen bool
}

// Read reads.
func (e *ending) Read(b []byte) (int, error) {
	n, err := e.Reader.Read(b)
	e.seen = e.seen || errors.Is(err, io.EOF)
	return n, err
}

// programError adds what a program said to how it ended.
func programError(argv []string, err error, said string) error {
	if said = strings.TrimSpace(said); said != "" {
		return fmt.Errorf("%s: %w: %s", argv[0], err, said)
	}
	return fmt.Errorf("%s: %w", argv[0], err)
}
