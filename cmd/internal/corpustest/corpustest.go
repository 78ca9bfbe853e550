// Package corpustest lays out the recorded Flatcar corpus so that the program
// can be asked what real Portage was asked, and compares the answers.
//
// The corpus lies in the shared directory beside the repository (see
// atoms/sharedtest): trees, package databases, requests, and the answers that
// Portage 3.0.82 gave on them. It is test support: nothing of the program
// imports it.
package corpustest

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A Request is one question of the corpus (requests.json).
type Request struct {
	ID         string              `json:"id"`
	Target     string              `json:"target"` // amd64-usr, arm64-usr or sdk
	Args       []string            `json:"args"`   // emerge's, without --pretend
	BoardState string              `json:"board_state"`
	SDKState   string              `json:"sdk_state"`
	Env        map[string]string   `json:"env"`
	Config     map[string][]string `json:"config"` // lines added to files of the target's etc/portage
	World      *[]string           `json:"world"`  // replaces the world file
}

// A Corpus is the recorded corpus with a folder to work in.
type Corpus struct {
	dir   string // holds trees, config, states, requests.json, answers
	work  string
	trees string // where repos.conf points to

	mu       sync.Mutex
	unpacked map[string]bool
}

// Open opens the corpus at dir; states are unpacked and roots are laid out
// below work.
func Open(dir, work string) (*Corpus, error) {
	if _, err := os.Stat(filepath.Join(dir, "requests.json")); err != nil {
		return nil, fmt.Errorf("open corpus: %w", err)
	}
	return &Corpus{dir: dir, work: work, trees: filepath.Join(dir, "trees"), unpacked: map[string]bool{}}, nil
}

// UseTrees makes the roots that are laid out from now on point to other trees
// than the recorded ones: those of WriteStubTrees.
func (c *Corpus) UseTrees(dir string) { c.trees = dir }

// Requests lists the recorded requests.
func (c *Corpus) Requests() ([]Request, error) {
	var list []Request
	if err := readJSON(filepath.Join(c.dir, "requests.json"), &list); err != nil {
		return nil, err
	}
	return list, nil
}

// Answer reads what Portage answered to a request.
func (c *Corpus) Answer(id string) (*Answer, error) {
	a := new(Answer)
	return a, readJSON(filepath.Join(c.dir, "answers", id+".json"), a)
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// A Place is a laid-out request: the environment and arguments to call emerge
// with, and the roots.
type Place struct {
	Vars  map[string]string
	Args  []string
	Board string // the board's root; empty if the SDK itself is the target
	SDK   string // the build root
}

// Lay lays out the roots of a request. Package databases are shared between
// requests through links, since --pretend changes nothing.
func (c *Corpus) Lay(r Request) (*Place, error) {
	p := &Place{
		SDK:  filepath.Join(c.work, "roots", r.ID, "sdk"),
		Args: append([]string{"--pretend", "--color=n"}, r.Args...),
		Vars: map[string]string{"TERM": "dumb", "NOCOLOR": "true", "LC_ALL": "C.UTF-8", "TUMPLINE_CACHE_DIR": filepath.Join(c.work, "cache")},
	}
	if err := c.root(p.SDK, "sdk", r.SDKState); err != nil {
		return nil, err
	}
	p.Vars["TUMPLINE_BUILD_ROOT"] = p.SDK
	target := p.SDK
	if r.Target != "sdk" {
		p.Board = filepath.Join(c.work, "roots", r.ID, "board")
		state := r.BoardState
		if state == "" {
			state = r.Target + ".empty"
		}
		if err := c.root(p.Board, r.Target, state); err != nil {
			return nil, err
		}
		for _, name := range []string{"PORTAGE_CONFIGROOT", "SYSROOT", "ROOT"} {
			p.Vars[name] = p.Board
		}
		target = p.Board
	}
	for name, value := range r.Env {
		p.Vars[name] = value
	}
	for name, lines := range r.Config {
		if err := appendLines(filepath.Join(target, "etc/portage", name), lines); err != nil {
			return nil, err
		}
	}
	if r.World != nil {
		return p, replaceWorld(target, *r.World)
	}
	return p, nil
}

// root lays out one root: a copy of its etc/portage, links to its state.
func (c *Corpus) root(root, config, state string) error {
	state, err := c.state(state)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(root); err != nil {
		return err
	}
	if err := c.copyConfig(filepath.Join(root, "etc/portage"), config, root); err != nil {
		return err
	}
	for _, dir := range []string{"var/db", "var/lib"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	for _, link := range []string{"var/db/pkg", "var/lib/portage"} {
		if err := os.Symlink(filepath.Join(state, link), filepath.Join(root, link)); err != nil {
			return err
		}
	}
	return nil
}

// copyConfig copies the etc/portage of a target, with the tokens replaced.
func (c *Corpus) copyConfig(into, config, root string) error {
	from := filepath.Join(c.dir, "config", config, "etc/portage")
	tokens := strings.NewReplacer("${TREES}", c.trees, "${BOARD_ROOT}", root,
		// The SDK is /, which is elsewhere here.
		`source "/etc`, `source "`+root+`/etc`, `="/var/`, `="`+root+`/var/`)
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(into, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if rel == "make.profile/parent" { // a relative path, made for another place
			_, below, _ := strings.Cut(string(text), "/trees/")
			text = []byte(filepath.Join(c.trees, below) + "\n")
		}
		return os.WriteFile(to, []byte(tokens.Replace(string(text))), 0o644)
	})
}

func appendLines(path string, lines []string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, append(old, []byte(strings.Join(lines, "\n")+"\n")...), 0o644)
}

// replaceWorld gives a root a world file of its own beside the shared state.
func replaceWorld(root string, world []string) error {
	dir := filepath.Join(root, "var/lib/portage")
	shared, err := os.Readlink(dir)
	if err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := os.Symlink(filepath.Join(shared, "pkgs"), filepath.Join(dir, "pkgs")); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "world"), []byte(strings.Join(world, "\n")+"\n"), 0o644)
}

// state unpacks a state once and gives its folder. States called .empty have
// no file: nothing is installed.
func (c *Corpus) state(name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	dir := filepath.Join(c.work, "states", name)
	if c.unpacked[name] {
		return dir, nil
	}
	for _, sub := range []string{"var/db/pkg", "var/lib/portage"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return "", err
		}
	}
	if !strings.HasSuffix(name, ".empty") {
		if err := unpack(filepath.Join(c.dir, "states", name+".tar.gz"), dir); err != nil {
			return "", err
		}
	}
	c.unpacked[name] = true
	return dir, nil
}

func unpack(archive, dir string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", archive, err)
	}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unpack %s: %w", archive, err)
		}
		if err := unpackEntry(r, h, dir); err != nil {
			return fmt.Errorf("unpack %s: %s: %w", archive, h.Name, err)
		}
	}
}

func unpackEntry(r io.Reader, h *tar.Header, dir string) error {
	if !filepath.IsLocal(h.Name) {
		return errors.New("a path outside the archive")
	}
	path := filepath.Join(dir, h.Name)
	if h.Typeflag == tar.TypeDir {
		return os.MkdirAll(path, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return err
	}
	// Package databases are compared by time as well.
	return os.Chtimes(path, h.ModTime, h.ModTime)
}
