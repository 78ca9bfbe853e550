package corpus

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A Bench lays out the roots of requests below one folder. States are unpacked
// once and shared by requests, which only read them.
type Bench struct {
	corpus *Corpus
	dir    string

	mu     sync.Mutex
	states map[string]func() (string, error)
}

// NewBench returns a bench that works below an existing folder.
func NewBench(c *Corpus, dir string) *Bench {
	return &Bench{corpus: c, dir: dir, states: map[string]func() (string, error){}}
}

// Roots are the folders of one request.
type Roots struct {
	Dir    string // holds everything that belongs to the request
	Build  string // the SDK: what "/" is to the recorded answers
	Target string // the board, or Build
	Trees  string
}

// Lay lays out the roots of a request.
func (b *Bench) Lay(r *Request) (*Roots, error) {
	dir, err := filepath.Abs(filepath.Join(b.dir, "requests", r.ID))
	if err != nil {
		return nil, fmt.Errorf("lay out %s: %w", r.ID, err)
	}
	roots := &Roots{Dir: dir, Build: filepath.Join(dir, "build"), Trees: filepath.Join(b.corpus.Dir, "trees")}
	roots.Target = roots.Build
	sdk := r.SDKState
	if sdk == "" {
		sdk = "sdk.full"
	}
	if err := b.root(roots, roots.Build, "sdk", sdk); err != nil {
		return nil, fmt.Errorf("lay out %s: %w", r.ID, err)
	}
	if r.Board() {
		roots.Target = filepath.Join(dir, "board")
		state := r.BoardState
		if state == "" {
			state = r.Target + ".empty"
		}
		if err := b.root(roots, roots.Target, r.Target, state); err != nil {
			return nil, fmt.Errorf("lay out %s: %w", r.ID, err)
		}
	}
	if err := r.additions(roots.Target); err != nil {
		return nil, fmt.Errorf("lay out %s: %w", r.ID, err)
	}
	return roots, nil
}

// root makes one root: its configuration, its own world file, and links to the
// package databases of its state.
func (b *Bench) root(roots *Roots, root, config, state string) error {
	if err := os.MkdirAll(filepath.Join(root, "var/lib/portage"), 0o755); err != nil {
		return err
	}
	if err := roots.configuration(filepath.Join(b.corpus.Dir, "config", config), root); err != nil {
		return err
	}
	from, err := b.state(state)
	if err != nil {
		return err
	}
	for _, rel := range []string{"var/db/pkg", "var/lib/portage/pkgs"} {
		if _, err := os.Stat(filepath.Join(from, rel)); err != nil {
			if err := os.MkdirAll(filepath.Join(root, rel), 0o755); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, rel)), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(filepath.Join(from, rel), filepath.Join(root, rel)); err != nil {
			return err
		}
	}
	world, err := os.ReadFile(filepath.Join(from, "var/lib/portage/world"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(filepath.Join(root, "var/lib/portage/world"), world, 0o644)
}

// configuration copies etc/portage and puts paths in place of the tokens.
// Paths of the SDK's own files are moved to the build root.
func (roots *Roots) configuration(from, root string) error {
	replace := strings.NewReplacer(
		"${TREES}", roots.Trees,
		"${BOARD_ROOT}", root,
		`"/etc/portage/`, `"`+roots.Build+"/etc/portage/",
		`"/var/lib/portage/`, `"`+roots.Build+"/var/lib/portage/",
		"../../../../../trees/", roots.Trees+"/",
	)
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(root, rel), 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(root, rel), []byte(replace.Replace(string(data))), 0o644)
	})
}

// additions adds the configuration and world file of a request.
func (r *Request) additions(root string) error {
	for _, rel := range slices.Sorted(maps.Keys(r.Config)) {
		path := filepath.Join(root, "etc/portage", rel)
		if !filepath.IsLocal(rel) {
			return fmt.Errorf("configuration file %q leads out of the root", rel)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.WriteFile(path, append(old, lines(r.Config[rel])...), 0o644); err != nil {
			return err
		}
	}
	if r.World == nil {
		return nil
	}
	return os.WriteFile(filepath.Join(root, "var/lib/portage/world"), []byte(lines(r.World)), 0o644)
}

func lines(l []string) string {
	if len(l) == 0 {
		return ""
	}
	return strings.Join(l, "\n") + "\n"
}

// state returns the folder of an unpacked state. An empty state has no file.
func (b *Bench) state(name string) (string, error) {
	b.mu.Lock()
	f, ok := b.states[name]
	if !ok {
		f = sync.OnceValues(func() (string, error) { return b.unpack(name) })
		b.states[name] = f
	}
	b.mu.Unlock()
	return f()
}

// unpack unpacks a state unless an earlier run did so completely.
func (b *Bench) unpack(name string) (string, error) {
	dir, err := filepath.Abs(filepath.Join(b.dir, "states", name))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return "", err
	}
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(b.corpus.Dir, "states", name+".tar.gz")
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, ".empty"):
		return dir, os.Rename(partial, dir)
	case err != nil:
		return "", err
	}
	defer f.Close()
	if err := untar(f, partial); err != nil {
		return "", fmt.Errorf("unpack %s: %w", path, err)
	}
	return dir, os.Rename(partial, dir)
}

// untar unpacks regular files and folders of a gzip-compressed tar.
func untar(r io.Reader, dir string) error {
	z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return err
	}
	made := map[string]bool{}
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(h.Name) {
			return fmt.Errorf("member %q leads out of the folder", h.Name)
		}
		path := filepath.Join(dir, h.Name)
		parent := filepath.Dir(path)
		if h.Typeflag == tar.TypeDir {
			parent = path
		}
		if !made[parent] {
			if err := os.MkdirAll(parent, 0o755); err != nil {
				return err
			}
			made[parent] = true
		}
		if h.Typeflag == tar.TypeReg {
			if err := writeMember(path, t, h); err != nil {
				return err
			}
		}
	}
}

// writeMember writes a regular file with its time: package databases are
// compared by it.
func writeMember(path string, r io.Reader, h *tar.Header) error {
	data := make([]byte, h.Size)
	if _, err := io.ReadFull(r, data); err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	return os.Chtimes(path, h.ModTime, h.ModTime)
}
