package regen_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/regen"
	"github.com/tumpline/tumpline/ebuild/confine"
)

func TestMain(m *testing.M) {
	confine.Trampoline()
	os.Exit(m.Run())
}

// A recorded is one call of egencache that was recorded.
type recorded struct {
	ID      string
	Args    []string
	Env     map[string]string
	State   string
	Setup   []string
	Stdout  string
	Exit    int
	Written map[string]struct {
		Text    *string
		Removed bool
	} `json:"files_written"`
}

// unpack lays out the root of a recorded state, its own path in place of the one
// that its configuration names.
func unpack(t *testing.T, state, root string) {
	t.Helper()
	f, err := os.Open(sharedtest.Path(t, "cli/states", state+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		name, ok := strings.CutPrefix(h.Name, filepath.Join(state, "root")+string(filepath.Separator))
		if !ok {
			continue
		}
		extract(t, filepath.Join(root, name), h, r, strings.NewReplacer("/build/"+state, root))
	}
}

func extract(t *testing.T, path string, h *tar.Header, r io.Reader, own *strings.Replacer) {
	t.Helper()
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		err = os.MkdirAll(path, 0o755)
	case tar.TypeSymlink:
		err = os.Symlink(own.Replace(h.Linkname), path)
	case tar.TypeReg:
		var data []byte
		if data, err = io.ReadAll(r); err == nil && strings.Contains(path, "/etc/portage/") {
			data = []byte(own.Replace(string(data)))
		}
		err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// files gives the content of all files below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRecorded repeats the recorded calls of egencache: standard output, exit
// status and the files of the repository are those of Portage.
func TestRecorded(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("ebuilds are sourced by bash:", err)
	}
	data, err := os.ReadFile(sharedtest.Path(t, "cli/egencache.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []recorded
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if slices.Contains(c.Args, "--help") {
			continue // the text is our own
		}
		t.Run(c.ID, func(t *testing.T) { c.replay(t) })
	}
}

func (c *recorded) replay(t *testing.T) {
	root, scratch := t.TempDir(), t.TempDir()
	unpack(t, c.State, root)
	tokens := strings.NewReplacer("${BOARD_ROOT}", root, "${TMP}", scratch)
	for _, line := range c.Setup {
		command := exec.Command("bash", "-c", tokens.Replace(line))
		command.Dir = scratch
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	repository := filepath.Join(root, "var/db/repos")
	before := files(t, repository)
	env := &cli.Env{Name: "egencache", Dir: scratch, Vars: map[string]string{
		"PATH": os.Getenv("PATH"), "TUMPLINE_BUILD_ROOT": root, "TUMPLINE_CACHE_DIR": filepath.Join(scratch, "index"),
	}}
	for name, value := range c.Env {
		env.Vars[name] = tokens.Replace(value)
	}
	for _, arg := range c.Args {
		env.Args = append(env.Args, tokens.Replace(arg))
	}
	var out, errs bytes.Buffer
	env.In, env.Out, env.Err = strings.NewReader(""), &out, &errs
	status := cli.Run(context.Background(), env, regen.Egencache)
	if status != c.Exit || out.String() != c.Stdout {
		t.Errorf("egencache %v: status %d, output %q; want %d, %q\n%s", env.Args, status, out.String(), c.Exit, c.Stdout, errs.String())
	}
	want := maps.Clone(before)
	for path, f := range c.Written {
		if f.Text != nil {
			want[tokens.Replace(path)] = tokens.Replace(*f.Text)
		}
	}
	got := files(t, repository)
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if got[path] != want[path] {
			t.Errorf("%s: %q, want %q", path, got[path], want[path])
		}
	}
	if t.Failed() {
		t.Logf("standard error: %s", errs.String())
	}
	for _, path := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[path]; !ok {
			t.Errorf("%s: was written", path)
		}
	}
}
