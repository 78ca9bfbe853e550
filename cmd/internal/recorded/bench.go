package recorded

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/ebuild/updates"
	"github.com/tumpline/tumpline/merge/mtimedb"
)

// A Bench plays records. It unpacks each state once.
type Bench struct {
	shared  string // ../shared
	dir     string // of its own
	scratch string
	mounts  []bind
	base    string // lowest layer: what mounts need

	mu     sync.Mutex
	states map[string]string // layers made so far
}

// NewBench makes a bench in an empty folder. program is run in place of the tools:
// names lists those that it answers to.
func NewBench(shared, dir, program string, names []string) (*Bench, error) {
	b := &Bench{shared: shared, dir: dir, scratch: filepath.Join(dir, "scratch"), base: filepath.Join(dir, "base"), states: map[string]string{}}
	for _, d := range []string{b.scratch, b.in("proc"), b.in("dev"), b.in("root"), b.in("tmp"), b.in("etc"), b.in("var"), b.in("build"), b.in(toolsPath)} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
	}
	if err := b.system(); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	if err := os.WriteFile(b.in(toolsPath, "tumpline"), nil, 0o755); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	b.mounts = append(b.mounts, bind{From: program, To: filepath.Join(toolsPath, "tumpline"), ReadOnly: true}, bind{From: "/dev", To: "/dev"})
	for _, name := range names {
		if err := os.Symlink("tumpline", b.in(toolsPath, name)); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
	}
	for _, tree := range []string{"portage-stable", "coreos-overlay"} {
		if err := os.MkdirAll(b.in(treesPath, tree), 0o755); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		b.mounts = append(b.mounts, bind{From: filepath.Join(shared, "corpus/flatcar/trees", tree), To: filepath.Join(treesPath, tree), ReadOnly: true})
	}
	return b, nil
}

func (b *Bench) in(parts ...string) string {
	return filepath.Join(append([]string{b.base}, parts...)...)
}

// system shows the machine's programs and users, as a Gentoo system.
func (b *Bench) system() error {
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case !isSystem(e):
		case e.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink("/" + e.Name())
			if err != nil {
				return err
			}
			if err := os.Symlink(target, b.in(e.Name())); err != nil {
				return err
			}
		default:
			if err := os.Mkdir(b.in(e.Name()), 0o755); err != nil {
				return err
			}
			b.mounts = append(b.mounts, bind{From: "/" + e.Name(), To: "/" + e.Name(), ReadOnly: true, Programs: true})
		}
	}
	for _, name := range []string{"passwd", "group", "ld.so.cache", "ld.so.conf", "nsswitch.conf"} {
		text, err := os.ReadFile("/etc/" + name)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.in("etc", name), text, 0o644); err != nil {
			return err
		}
	}
	// Debian's commands are links through this folder: awk.
	if _, err := os.Stat("/etc/alternatives"); err == nil {
		if err := os.CopyFS(b.in("etc/alternatives"), os.DirFS("/etc/alternatives")); err != nil {
			return err
		}
	}
	if err := os.Symlink("/proc/self/mounts", b.in("etc/mtab")); err != nil {
		return err
	}
	return os.WriteFile(b.in("etc/os-release"), []byte("NAME=Gentoo\nID=gentoo\n"), 0o644)
}

// layers are those of a record's state.
func (b *Bench) layers(r *Record) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var parts []string
	switch {
	case r.State == "small":
		parts = []string{"small"}
	case r.board() == "":
		parts = []string{"sdk.full"}
	default:
		parts = []string{r.State, "sdk.full"}
	}
	var out []string
	for _, part := range parts {
		layer, ok := b.states[part]
		if !ok {
			var err error
			if layer, err = b.unpack(part); err != nil {
				return nil, fmt.Errorf("bench: state %s: %w", part, err)
			}
			b.states[part] = layer
		}
		out = append(out, layer)
	}
	return append(out, b.base), nil
}

// unpack makes the layer of a state.
func (b *Bench) unpack(state string) (string, error) {
	layer := filepath.Join(b.dir, "state."+state)
	switch {
	case state == "sdk.full":
		if err := b.recordedState(state, "sdk", layer); err != nil {
			return layer, err
		}
		return layer, b.upToDate(layer)
	case state == "small" || strings.HasPrefix(state, "real."):
		board := strings.TrimPrefix(state, "real.")
		root := filepath.Join(layer, "build", board)
		if err := untar(filepath.Join(b.shared, "cli/states", state+".tar.gz"), root, "--strip-components=2", state+"/root"); err != nil {
			return layer, err
		}
		if state == "small" {
			if err := os.MkdirAll(filepath.Join(layer, "etc"), 0o755); err != nil {
				return layer, err
			}
			return layer, os.Symlink("/build/small/etc/portage", filepath.Join(layer, "etc/portage"))
		}
		if err := untar(filepath.Join(b.shared, "cli/states", state+".tar.gz"), layer+".list", state+"/files.tsv"); err != nil {
			return layer, err
		}
		return layer, files(filepath.Join(layer+".list", state, "files.tsv"), root)
	default:
		board, _, _ := strings.Cut(state, ".")
		return layer, b.recordedState(state, board, filepath.Join(layer, "build", board))
	}
}

// upToDate notes in the SDK that package moves were carried out in it: records tell of
// those in boards alone.
func (b *Bench) upToDate(root string) error {
	times := make(map[string]int64)
	for _, tree := range []string{"portage-stable", "coreos-overlay"} {
		dir := filepath.Join(b.shared, "corpus/flatcar/trees", tree, "profiles/updates")
		for _, name := range updates.Files(dir) {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			times[filepath.Join(treesPath, tree, "profiles/updates", name)] = info.ModTime().Unix()
		}
	}
	return mtimedb.NoteUpdates(filepath.Join(root, mtimedb.Name), times)
}

// recordedState lays out a state of the corpus with its configuration.
func (b *Bench) recordedState(state, config, root string) error {
	if err := untar(filepath.Join(b.shared, "corpus/flatcar/states", state+".tar.gz"), root); err != nil {
		return err
	}
	from := filepath.Join(b.shared, "corpus/flatcar/config", config)
	replace := strings.NewReplacer("${TREES}", treesPath, "${BOARD_ROOT}", "/build/"+config)
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(root, rel)
		if e.IsDir() {
			if e.Name() == "make.profile" {
				return nil
			}
			return os.MkdirAll(to, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if rel == "etc/portage/make.profile/parent" { // a link, as eselect makes it
			_, profile, ok := strings.Cut(strings.TrimSpace(string(text)), "/trees/")
			if !ok {
				return fmt.Errorf("%s: no path of a tree: %s", path, text)
			}
			return os.Symlink(filepath.Join(treesPath, profile), filepath.Dir(to))
		}
		return os.WriteFile(to, []byte(replace.Replace(string(text))), 0o644)
	})
}

// untar unpacks (parts of) an archive with their times.
func untar(archive, dir string, args ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	out, err := exec.Command("tar", append([]string{"-xzpf", archive, "-C", dir}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("unpack %s: %w: %s", archive, err, out)
	}
	return nil
}

// files makes the files of a list with path, type, mode, size, time and link target:
// of their size, but empty.
func files(list, root string) error {
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for number := 1; s.Scan(); number++ {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		if err := file(strings.Split(s.Text(), "\t"), root); err != nil {
			return fmt.Errorf("%s:%d: %w", list, number, err)
		}
	}
	return s.Err()
}

func file(fields []string, root string) error {
	if len(fields) != 6 {
		return fmt.Errorf("%d fields, want 6", len(fields))
	}
	path, last := filepath.Join(root, fields[0]), fields[5]
	mode, err := strconv.ParseUint(fields[2], 8, 32)
	if err != nil {
		return err
	}
	size, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	switch fields[1] {
	case "dir":
		return os.MkdirAll(path, 0o755)
	case "sym":
		return os.Symlink(last, path)
	}
	if _, err := os.Lstat(path); err == nil {
		return nil // the archive has it, with its content
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(path, size); err != nil {
		return err
	}
	if err := os.Chmod(path, fs.FileMode(mode&0o777)); err != nil {
		return err
	}
	return os.Chtimes(path, time.Unix(seconds, 0), time.Unix(seconds, 0))
}

// Play makes the call of a record and compares. The error is that it could not be made.
func (b *Bench) Play(ctx context.Context, r *Record) (*Comparison, error) {
	out, err := b.Call(ctx, r)
	if err != nil {
		return nil, err
	}
	return r.compare(out), nil
}

// Call makes the call of a record.
func (b *Bench) Call(ctx context.Context, r *Record) (*Outcome, error) {
	p, err := b.prepare(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID, err)
	}
	out, err := p.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID, err)
	}
	return out, nil
}
