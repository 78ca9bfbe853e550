package main

import (
	"crypto/sha512"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/confine"
)

// TestUpstream builds real tarballs of upstream with ebuilds of ours (testdata/upstream),
// for this machine and for arm64, merges them, and runs what came of it. What it needs
// comes from .ci/install-upstream; under CI=true all of it has to be there.
func TestUpstream(t *testing.T) {
	if missing := confine.Probe().Missing; len(missing) > 0 {
		sharedtest.Lacking(t, fmt.Sprintf("this kernel does not confine phases: %v", missing[0]))
	}
	for _, program := range []string{"gcc", "make", "meson", "ninja", "cmake", "pkg-config", "autoreconf", "libtoolize", "debugedit"} {
		if _, err := exec.LookPath(program); err != nil {
			sharedtest.Lacking(t, fmt.Sprintf("%v (.ci/install-upstream installs it)", err))
		}
	}
	native, err := exec.Command("gcc", "-dumpmachine").Output()
	if err != nil {
		t.Fatal(err)
	}
	chost := strings.TrimSpace(string(native))
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		machine, ok := map[string]target{
			"x86_64": {arch: "amd64", machine: elf.EM_X86_64, category: "x86_64"}, "aarch64": {arch: "arm64", machine: elf.EM_AARCH64, category: "arm_64"},
		}[strings.Split(chost, "-")[0]]
		if !ok {
			sharedtest.Lacking(t, "a machine that the test does not know: "+chost)
		}
		machine.cbuild, machine.chost = chost, chost
		machine.run = func(root string) []string { return []string{"env", "LD_LIBRARY_PATH=" + root + "/usr/lib64"} }
		machine.check(t)
	})
	t.Run("arm64", func(t *testing.T) {
		t.Parallel()
		const cross = "aarch64-linux-gnu"
		if _, err := exec.LookPath(cross + "-gcc"); err != nil {
			sharedtest.Lacking(t, err)
		}
		board := target{arch: "arm64", cbuild: chost, chost: cross, machine: elf.EM_AARCH64, category: "arm_64"}
		for _, name := range []string{"qemu-aarch64-static", "qemu-aarch64"} {
			if program, err := exec.LookPath(name); err == nil {
				board.run = func(root string) []string {
					return []string{program, "-L", "/usr/" + cross, "-E", "LD_LIBRARY_PATH=" + root + "/usr/lib64:/usr/" + cross + "/lib"}
				}
			}
		}
		board.check(t)
		if board.run == nil {
			sharedtest.Lacking(t, "no qemu-aarch64: programs were built and not run")
		}
	})
}

// A target is what programs are built for.
type target struct {
	arch, cbuild, chost string
	machine             elf.Machine
	category            string                     // of PROVIDES and REQUIRES
	run                 func(root string) []string // begins a command that runs a program of a root; nil: none can be run
	dir, root           string
}

// upstream are the packages with tarballs, and the Debian source packages of these.
var upstream = map[string]string{
	"dev-libs/jansson": "jansson", "app-misc/jshon": "jshon", "dev-libs/inih": "libinih", "dev-libs/cJSON": "cjson", "sys-process/tini": "tini",
}

// check builds everything for the target and looks at it.
func (m *target) check(t *testing.T) {
	m.dir = t.TempDir()
	// With userpriv a user without privileges goes through here.
	if err := os.Chmod(filepath.Dir(m.dir), 0o755); err != nil {
		t.Fatal(err)
	}
	m.root = m.dir + "/board"
	m.lay(t)
	for cp := range upstream {
		ebuilds, err := filepath.Glob(m.dir + "/repo/" + cp + "/*.ebuild")
		if err != nil || len(ebuilds) != 1 {
			t.Fatalf("ebuilds of %s: %v, %v", cp, ebuilds, err)
		}
		m.exec(t, "ebuild", ebuilds[0], "manifest")
	}
	if err := os.RemoveAll(m.dir + "/dist"); err != nil { // so that they are fetched
		t.Fatal(err)
	}
	m.exec(t, "emerge", "--oneshot", "--jobs=2", "--quiet-build", "app-misc/jshon", "app-misc/reader", "sys-process/tini")
	m.checkFiles(t)
	m.checkDatabase(t)
	m.checkPkgConfig(t)
	if m.run != nil {
		m.checkPrograms(t)
	}
}

// lay makes repository, configuration and roots.
func (m *target) lay(t *testing.T) {
	from := filepath.Join(sharedtest.RepoRoot(t), "testdata/upstream")
	repo := m.dir + "/repo"
	if err := os.CopyFS(repo, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	hashes, err := os.ReadFile(from + "/hashes")
	if err != nil {
		t.Fatal(err)
	}
	for cp, source := range upstream {
		m.give(t, cp, tarball(t, source, string(hashes)))
	}
	vars := map[string]string{
		"ARCH": m.arch, "ACCEPT_KEYWORDS": m.arch, "CHOST": m.chost, "CBUILD": m.cbuild, "CFLAGS": "-O2 -g", "DEFAULT_ABI": m.arch, "ABI": m.arch, "LIBDIR_" + m.arch: "lib64",
		"ACCEPT_LICENSE": "*", "IUSE_IMPLICIT": "test", "MAKEOPTS": "-j2", "GENTOO_MIRRORS": "", "PORTAGE_USERNAME": "nobody", "PORTAGE_GRPNAME": "nogroup",
		"FEATURES": "sandbox usersandbox userpriv network-sandbox ipc-sandbox pid-sandbox strict multilib-strict splitdebug compressdebug fixlafiles -userfetch -binpkg-multi-instance -merge-wait",
	}
	var text strings.Builder
	for name, value := range vars {
		fmt.Fprintf(&text, "%s=%q\n", name, value)
	}
	for name, text := range map[string]string{
		"repo/metadata/layout.conf": "masters =\nthin-manifests = true\n", "repo/profiles/repo_name": "upstream\n", "repo/profiles/arch.list": "amd64\narm64\n",
		"repo/profiles/categories": "app-misc\ndev-libs\nsys-process\n", "repo/profiles/p/eapi": "8\n", "repo/profiles/p/make.defaults": text.String(),
		"board/etc/portage/repos.conf": "[DEFAULT]\nmain-repo = upstream\n[upstream]\nlocation = " + repo + "\n",
		"board/tmp/.keep":              "",
	} {
		path := filepath.Join(m.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(repo+"/profiles/p", m.root+"/etc/portage/make.profile"); err != nil {
		t.Fatal(err)
	}
}

// give gives an ebuild the version of its tarball.
func (m *target) give(t *testing.T, cp, tarball string) {
	_, version, _ := strings.Cut(filepath.Base(tarball), "_")
	version, _, _ = strings.Cut(version, ".orig.")
	version, _, _ = strings.Cut(version, "+") // +dfsg: upstream's, without something
	name := filepath.Join(m.dir, "repo", cp, filepath.Base(cp))
	text, err := os.ReadFile(name + ".ebuild")
	if err == nil {
		err = os.Remove(name + ".ebuild")
	}
	if err == nil {
		filled := strings.NewReplacer("@SOURCES@", filepath.Dir(tarball), "@FILE@", filepath.Base(tarball)).Replace(string(text))
		err = os.WriteFile(name+"-"+version+".ebuild", []byte(filled), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tarball finds the tarball of a Debian source package, and checks it if its hash is known.
func tarball(t *testing.T, source, hashes string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(sharedtest.RepoRoot(t), "bin/upstream", source+"_*.orig.tar.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		sharedtest.Lacking(t, "no tarball of "+source+" in bin/upstream (.ci/install-upstream fetches them)")
	}
	name := found[len(found)-1]
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(hashes) {
		if f := strings.Fields(line); f[0] == filepath.Base(name) {
			if got := fmt.Sprintf("%x", sha512.Sum512(text)); got != f[2] {
				t.Fatalf("%s has the SHA512 %s, want %s", name, got, f[2])
			}
			return name
		}
	}
	t.Logf("%s is of a version that the test does not know: it is built as it is", filepath.Base(name))
	return name
}

// exec runs a command of ours on the board.
func (m *target) exec(t *testing.T, args ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args, cmd.Dir = args, m.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + m.dir, "LC_ALL=C.UTF-8", "PORTAGE_CONFIGROOT=" + m.root, "ROOT=" + m.root, "SYSROOT=" + m.root,
		"TUMPLINE_BUILD_ROOT=" + m.root, "PORTAGE_TMPDIR=" + m.root + "/tmp", "DISTDIR=" + m.dir + "/dist", "TUMPLINE_CACHE_DIR=" + m.dir + "/cache"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
