package install_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/merge/install"
)

var update = flag.Bool("update", false, "write what real Portage (its checkout in PORTAGE_SRC) does as wanted")

// TestMain lets this program be the commands: the cases call it by their names.
func TestMain(m *testing.M) {
	name := filepath.Base(os.Args[0])
	if !slices.Contains(install.Names(), name) {
		flag.Parse()
		os.Exit(m.Run())
	}
	features, _ := eapi.Lookup(os.Getenv("EAPI"))
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	res := install.Run(&install.Call{Name: name, Args: os.Args[1:], Dir: dir, Var: os.Getenv, EAPI: features,
		Nonfatal: os.Getenv("PORTAGE_NONFATAL") == "1", Stdin: os.Stdin, Out: os.Stderr})
	if res.Die != "" {
		fmt.Fprintln(os.Stderr, "die:", res.Die)
	}
	os.Exit(res.Status)
}

// TestPortageCases runs the commands of each file of testdata by Portage's rules:
// what is wanted was recorded from its own commands, under nonfatal.
func TestPortageCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runFile(t, file) })
	}
}

// runFile runs a file: its comment says which EAPIs, "setup" prepares the working
// folder, "run" has a command in each line, "want EAPI" what comes of them.
func runFile(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(archive.Comment), "needs root") && os.Getuid() != 0 {
		t.Skip("changes owners, which only root may")
	}
	sections := make(map[string]string)
	for _, f := range archive.Files {
		sections[f.Name] = string(f.Data)
	}
	for _, name := range strings.Fields(sections["eapis"]) {
		if *update {
			sections["want "+name] = play(t, filepath.Join(os.Getenv("PORTAGE_SRC"), "bin/ebuild-helpers"), name, sections)
			continue
		}
		got := play(t, ourCommands(t), name, sections)
		if diff := cmp.Diff(sections["want "+name], got); diff != "" {
			t.Errorf("EAPI %s (-want +got):\n%s", name, diff)
		}
	}
	if *update {
		rewrite(t, file, archive, sections)
	}
}

func rewrite(t *testing.T, file string, archive *txtar.Archive, sections map[string]string) {
	out := &txtar.Archive{Comment: archive.Comment}
	for _, name := range []string{"eapis", "setup", "run"} {
		out.Files = append(out.Files, txtar.File{Name: name, Data: []byte(sections[name])})
	}
	for _, name := range strings.Fields(sections["eapis"]) {
		out.Files = append(out.Files, txtar.File{Name: "want " + name, Data: []byte(sections["want "+name])})
	}
	if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ourCommands gives a folder with links to this program.
func ourCommands(t *testing.T) string {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range install.Names() {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// play runs the commands with those of a folder, and tells each exit status and
// the image in the end.
func play(t *testing.T, commands, eapiName string, sections map[string]string) string {
	base := t.TempDir()
	env := []string{"EAPI=" + eapiName, "PF=pkg-1-r2", "PN=pkg", "CATEGORY=app-misc", "SLOT=3/4", "T=" + base + "/T",
		"D=" + base + "/D/", "ED=" + base + "/D/", "ROOT=" + base + "/target", "EROOT=" + base + "/target",
		"SYSROOT=" + base + "/target", "ESYSROOT=" + base + "/target", "EBUILD_PHASE=install",
		"PORTAGE_NONFATAL=1", "PORTAGE_ACTUAL_DISTDIR=" + base + "/distfiles", "ABI=amd64", "LIBDIR_amd64=lib64",
		"INSOPTIONS=-m0644", "EXEOPTIONS=-m0755", "LIBOPTIONS=-m0644", "DIROPTIONS=-m0755",
		"__E_DESTTREE=/usr", "__E_INSDESTTREE=", "__E_EXEDESTTREE=", "__E_DOCDESTTREE=",
		"PORTAGE_BIN_PATH=" + filepath.Dir(commands), "PORTAGE_PYM_PATH=" + filepath.Join(filepath.Dir(filepath.Dir(commands)), "lib"),
		"PORTAGE_PYTHON=python3", "LC_ALL=C", "MOPREFIX=pkg",
		"PATH=" + commands + ":" + os.Getenv("PATH"), "HOME=" + base}
	if eapiName < "7" {
		env = append(env, "DESTTREE=/usr", "INSDESTTREE=")
	}
	for _, dir := range []string{"T", "D", "cwd", "target/etc", "distfiles"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := shell(base, env, sections["setup"]); err != nil {
		t.Fatalf("setup: %v\n%s", err, out)
	}
	var b strings.Builder
	for line := range strings.Lines(sections["run"]) {
		_, err := shell(base, env, line)
		var exit *exec.ExitError
		status := 0
		if errors.As(err, &exit) {
			status = min(exit.ExitCode(), 1)
		}
		fmt.Fprintf(&b, "%d %s", status, line)
	}
	return b.String() + tree(t, base+"/D", base)
}

func shell(base string, env []string, script string) ([]byte, error) {
	c := exec.Command("bash", "-c", "umask 022; "+script)
	c.Dir, c.Env = base+"/cwd", env
	return c.CombinedOutput()
}

// tree lists an image: type, mode, owners that are not root's, path, content.
func tree(t *testing.T, dir, base string) string {
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		fmt.Fprintf(&b, "%06o %s", st.Mode, strings.TrimPrefix(p, dir))
		if st.Uid != uint32(os.Getuid()) || st.Gid != uint32(os.Getgid()) {
			fmt.Fprintf(&b, " %d:%d", st.Uid, st.Gid)
		}
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(p)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " -> %s", strings.ReplaceAll(to, base, "BASE"))
		case info.Mode().IsRegular():
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %q", bytes.TrimSpace(data))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
