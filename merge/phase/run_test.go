package phase_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/phase"
)

// TestMain lets this program be the commands of the phases that it tests.
func TestMain(m *testing.M) {
	confine.Trampoline()
	name := filepath.Base(os.Args[0])
	if !phase.IsCommand(name, os.Getenv) {
		os.Exit(m.Run())
	}
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	os.Exit(phase.Command(phase.Caller{Name: name, Args: os.Args[1:], Env: os.Getenv, Dir: dir,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}

// build makes a Build of an ebuild given as text.
func build(t testing.TB, eapiName, text string) (*phase.Build, *bytes.Buffer) {
	t.Helper()
	features, ok := eapi.Lookup(eapiName)
	if !ok {
		t.Fatalf("no EAPI %s", eapiName)
	}
	base := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := phase.WriteCommands(base+"/commands", self); err != nil {
		t.Fatal(err)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(base+"/repo/files", 0o755); err != nil {
		t.Fatal(err)
	}
	ebuild := base + "/repo/pkg-1.2-r3.ebuild"
	if err := os.WriteFile(ebuild, []byte("EAPI="+eapiName+"\n"+text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	b := &phase.Build{
		Category: "app-misc", PN: "pkg", PV: "1.2", PR: "r3", PVR: "1.2-r3", Slot: "0/5", Repo: "test", EAPI: features,
		Ebuild: ebuild, FilesDir: base + "/repo/files", Metadata: map[string]string{"SLOT": "0/5"},
		USE: []string{"on"}, IUSEEffective: []string{"off", "on"}, Variables: map[string]string{"CFLAGS": "-O2", "CHOST": "x86_64-pc-linux-gnu"},
		Features: map[string]bool{}, Dir: phase.NewDir(base+"/tmp", "app-misc", "pkg-1.2-r3"), DistDir: base + "/distfiles",
		Roots: phase.Roots{}, Bash: bash, Commands: base + "/commands", Path: filepath.SplitList(os.Getenv("PATH")), Output: &out,
	}
	if err := b.Prepare(nil); err != nil {
		t.Fatal(err)
	}
	return b, &out
}

func run(t testing.TB, b *phase.Build, out *bytes.Buffer, phases ...phase.Phase) {
	t.Helper()
	for _, p := range phases {
		if err := b.Run(context.Background(), p); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}

func TestPhases(t *testing.T) {
	b, out := build(t, "8", `
DESCRIPTION="a test"
SLOT="0/5"
IUSE="on off"
S=${WORKDIR}
declare -A MAP=( [a]=1 )
pkg_setup() { SETUP=1; einfo "setup $(usev on)"; }
src_unpack() { echo hello >file; printf 'a\nb\n' >p.txt; }
src_prepare() {
	printf -- '--- a/p.txt\n+++ b/p.txt\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n' >"${T}/x.patch"
	eapply "${T}/x.patch"
	eapply_user
}
src_compile() { [[ ${SETUP} == 1 && ${MAP[a]} == 1 ]] || die "no state"; export CC=mycc; }
src_install() {
	insinto /usr/share/pkg
	doins file p.txt
	dosym file /usr/share/pkg/link
	keepdir /var/lib/pkg
	echo manual >a.1
	find . -name a.1 -exec doman {} +
	use off && die "off is on"
	newbin - tool <<<'#!/bin/sh'
}
`)
	run(t, b, out, phase.Setup, phase.Unpack, phase.Prepare, phase.Configure, phase.Compile, phase.Install)
	for _, want := range []string{"usr/share/pkg/file", "usr/share/man/man1/a.1", "var/lib/pkg/.keep_app-misc_pkg-0", "usr/bin/tool"} {
		if _, err := os.Stat(filepath.Join(b.Dir.Image(), want)); err != nil {
			t.Errorf("image: %v\n%s", err, out)
		}
	}
	if text, err := os.ReadFile(b.Dir.Image() + "/usr/share/pkg/p.txt"); err != nil || string(text) != "a\nc\n" {
		t.Errorf("p.txt = %q, %v", text, err)
	}
	for name, want := range map[string]string{"CC": "mycc\n", "CFLAGS": "-O2\n", "SLOT": "0/5\n", "USE": "on\n", "DESCRIPTION": "a test\n", "PF": "pkg-1.2-r3\n"} {
		if text, err := os.ReadFile(filepath.Join(b.Dir.Info(), name)); err != nil || string(text) != want {
			t.Errorf("build-info/%s = %q, %v; want %q", name, text, err, want)
		}
	}
	if !strings.Contains(out.String(), "setup on") || !b.Dir.Done(phase.Install) {
		t.Errorf("output or marker missing:\n%s", out)
	}
}

// TestFailures holds how phases end that fail, and what is told.
func TestFailures(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"die", "pkg_setup() {\n\tdie broken\n}", ":3: app-misc/pkg-1.2-r3: setup phase: broken"},
		{"subshell", "pkg_setup() {\n\t( die inside )\n}", ":3: app-misc/pkg-1.2-r3: setup phase: inside"},
		{"substitution", "pkg_setup() { local x=$(die within); :; }", "within"},
		{"pipe", "pkg_setup() { true | die piped; }", "piped"},
		{"helper", "pkg_setup() { doins /nonexistent; }", "doins failed"},
		{"find", "pkg_setup() { find / -maxdepth 0 -exec die found ';'; }", "found"},
		{"exit", "pkg_setup() { exit 0; }", "exited unexpectedly"},
		{"exec", "pkg_setup() { exec true; }", "exited unexpectedly"},
		{"kill", "pkg_setup() { kill -9 $$; }", "signal 9"},
		{"use", "pkg_setup() { use nosuch; }", "'nosuch' not in IUSE"},
		{"syntax", "pkg_setup() { if; }", "cannot be sourced"},
		{"forged", "pkg_setup() { echo x done >&200; }", "wrote to the package manager's descriptor"},
		{"eclass", "inherit nosuch", "nosuch.eclass does not exist"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, out := build(t, "8", tt.body+"\n")
			err := b.Run(context.Background(), phase.Setup)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q\n%s", err, tt.want, out)
			}
		})
	}
}

func TestNonfatal(t *testing.T) {
	b, out := build(t, "8", `
pkg_setup() {
	nonfatal doins /nonexistent && die "succeeded"
	nonfatal die -n "soft" && die "die -n succeeded"
	find / -maxdepth 0 -exec nonfatal doins /nonexistent ';'
	return 0
}
`)
	run(t, b, out, phase.Setup)
}

// TestCancel holds that a phase can be ended, with all that it has started.
func TestCancel(t *testing.T) {
	b, _ := build(t, "8", "pkg_setup() { sleep 1000 & sleep 1000; }\n")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- b.Run(ctx, phase.Setup) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want canceled", err)
	}
}

func TestAnswers(t *testing.T) {
	b, out := build(t, "8", `
pkg_setup() {
	has_version ">=dev-libs/a-1" || die "not there"
	has_version -b dev-libs/none && die "there"
	[[ $(best_version dev-libs/a) == dev-libs/a-2 ]] || die "best: $(best_version dev-libs/a)"
}
src_unpack() { pkg_setup; }
`)
	b.Answers = func(q phase.Question) (string, error) {
		if strings.Contains(q.Atom, "none") {
			return "", nil
		}
		return "dev-libs/a-2", nil
	}
	run(t, b, out, phase.Setup, phase.Unpack)
}

func BenchmarkSetup(b *testing.B) {
	build, out := build(b, "8", "pkg_setup() { :; }\n")
	runtime.GC()
	for b.Loop() {
		run(b, build, out, phase.Setup)
	}
}

// confined skips a test where phases cannot be confined.
func confined(t *testing.T) {
	t.Helper()
	for _, missing := range confine.Probe().Missing {
		if missing.Part != confine.PartUsers || os.Getuid() != 0 { // root confines without, as in a chroot
			t.Skipf("this kernel does not confine: %v", missing)
		}
	}
}

// TestSandboxed runs a whole build in a sandbox, as the builds of users do.
func TestSandboxed(t *testing.T) {
	confined(t)
	b, out := build(t, "8", `
S=${WORKDIR}
src_unpack() { has_version dev-libs/a || die "no answer"; }
src_compile() { echo x >"${WORKDIR}/file"; echo y >"${TMPDIR}/scratch"; }
src_install() { insinto /usr; doins file; fperms 4755 /usr/file; }
`)
	b.Launch = &phase.Sandboxed{}
	b.Features["sandbox"], b.Features["network-sandbox"] = true, true
	b.Answers = func(phase.Question) (string, error) { return "dev-libs/a-1", nil }
	run(t, b, out, phase.Setup, phase.Unpack, phase.Prepare, phase.Configure, phase.Compile, phase.Install)
	if info, err := os.Stat(b.Dir.Image() + "/usr/file"); err != nil || info.Mode()&os.ModeSetuid == 0 {
		t.Errorf("installed file: %v, %v\n%s", info, err, out)
	}
}

// TestBreakout holds that a phase which changes what is not its own fails, with the
// path told, and changes nothing.
func TestBreakout(t *testing.T) {
	confined(t)
	outside := t.TempDir() + "/outside"
	b, out := build(t, "8", "src_unpack() { echo x >"+outside+"; return 0; }\nsrc_prepare() { default; addpredict "+outside+"; echo x >"+outside+"; return 0; }\nS=${WORKDIR}\n")
	b.Launch = &phase.Sandboxed{}
	b.Features["sandbox"] = true
	run(t, b, out, phase.Setup)
	err := b.Run(context.Background(), phase.Unpack)
	if err == nil || !strings.Contains(err.Error(), outside) || !strings.Contains(err.Error(), "unpack phase") {
		t.Errorf("error %v, want one that names %s\n%s", err, outside, out)
	}
	run(t, b, out, phase.Prepare)
	if _, err := os.Stat(outside); err == nil {
		t.Error("the file was written")
	}
}
