package build_test

import (
	"context"
	"crypto/sha512"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/phase"
)

var (
	update  = flag.Bool("update", false, "write what real Portage (its checkout in PORTAGE_SRC) does as wanted")
	missing = flag.Bool("missing", false, "with -update: only where nothing was recorded")
)

// TestMain lets this program be the commands of the phases that it tests.
func TestMain(m *testing.M) {
	confine.Trampoline()
	name := filepath.Base(os.Args[0])
	if !phase.IsCommand(name, os.Getenv) {
		flag.Parse()
		os.Exit(m.Run())
	}
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	os.Exit(phase.Command(phase.Caller{Name: name, Args: os.Args[1:], Env: os.Getenv, Dir: dir,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}

// TestPortagePhases runs the ebuild of each file of testdata/portage through its
// phases: what is wanted was recorded from real Portage, EAPI by EAPI.
func TestPortagePhases(t *testing.T) {
	files, err := filepath.Glob("testdata/portage/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runFile(t, file) })
	}
}

// TestPortageFailures runs one snippet of pkg_setup in each line of a file: "EAPI OUTCOME
// SNIPPET", the outcome with _ for blanks.
func TestPortageFailures(t *testing.T) {
	const file = "testdata/failures.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		eapiName, rest, _ := strings.Cut(line, " ")
		want, snippet, _ := strings.Cut(rest, " ")
		w := &world{archive: &txtar.Archive{Files: []txtar.File{{Name: "pkg.ebuild", Data: []byte("SLOT=0\nKEYWORDS=mach\nIUSE=\"on off\"\nS=${WORKDIR}\npkg_setup() {\n\t" +
			snippet + "\n\techo on >>${T}/report\n}\n")}}}, section: map[string]string{"phases": "setup"}}
		t.Run(eapiName+" "+strings.TrimSpace(snippet), func(t *testing.T) {
			run := ours
			if *update {
				run = portage
			}
			got := strings.ReplaceAll(strings.Join(strings.Fields(w.play(t, eapiName, run)), "_"), "done_on", "done")
			if *update {
				want = got
			} else if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
		fmt.Fprintf(&out, "%s %s %s", eapiName, want, snippet)
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A world is one file of testdata. Its sections:
//
//	eapis         those to try
//	phases        what is run; "setup install" if missing
//	show          what is told besides the report: image, values, environment
//	prepare       a script that runs first, in the folder of it all
//	pkg.ebuild    the ebuild, without its EAPI; it writes what it sees to ${T}/report
//	BASE/...      a file in the folder of it all
//	want EAPI     what came of it
type world struct {
	archive *txtar.Archive
	section map[string]string
}

func (w *world) words(section, otherwise string) []string {
	text, ok := w.section[section]
	if !ok {
		text = otherwise
	}
	return strings.Fields(text)
}

func runFile(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{archive: archive, section: make(map[string]string)}
	for _, f := range archive.Files {
		w.section[f.Name] = string(f.Data)
	}
	for _, name := range w.words("eapis", "") {
		t.Run(name, func(t *testing.T) {
			if *update {
				if _, ok := w.section["want "+name]; !ok || !*missing {
					w.section["want "+name] = w.play(t, name, portage)
				}
				return
			}
			if want, got := w.section["want "+name], w.play(t, name, ours); want != got {
				t.Errorf("-want +got:\n%s", differ(t, want, got))
			}
		})
	}
	if *update {
		w.rewrite(t, file)
	}
}

// differ shows two texts by their lines.
func differ(t *testing.T, want, got string) string {
	dir := t.TempDir()
	write(t, dir+"/want", want)
	write(t, dir+"/got", got)
	cmd := exec.Command("diff", "-U1", "want", "got")
	cmd.Dir = dir
	if out, _ := cmd.Output(); len(out) > 0 {
		return string(out)
	}
	return cmp.Diff(want, got)
}

func (w *world) rewrite(t *testing.T, file string) {
	out := &txtar.Archive{Comment: w.archive.Comment}
	for _, f := range w.archive.Files {
		if !strings.HasPrefix(f.Name, "want ") {
			out.Files = append(out.Files, f)
		}
	}
	for _, name := range w.words("eapis", "") {
		out.Files = append(out.Files, txtar.File{Name: "want " + name, Data: []byte(w.section["want "+name])})
	}
	if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A stage is where an ebuild is run.
type stage struct {
	base   string
	env    map[string]string
	phases []string
	eapi   string
}

const ebuildName = "repo/app-misc/pkg/pkg-1.2-r3.ebuild"

func (s *stage) builddir() string { return filepath.Join(s.base, "tmp/portage/app-misc/pkg-1.2-r3") }

// play lays the world out, lets run run it, and tells what came of it.
func (w *world) play(t *testing.T, eapiName string, run func(*testing.T, *stage) string) string {
	s := &stage{base: t.TempDir(), phases: w.words("phases", "setup install"), eapi: eapiName}
	s.env = map[string]string{"HOME": s.base + "/home", "LANG": "C.UTF-8", "PORTAGE_USERNAME": "root", "PORTAGE_GRPNAME": "root", "TERM": "dumb", "NOCOLOR": "true", "LEAK": "leaked", "UNSETME": "1",
		"PORTAGE_CONFIGROOT": s.base, "ROOT": s.base + "/target", "SYSROOT": s.base + "/target", "PATH": s.base + "/bin:" + os.Getenv("PATH"),
		"BASE": s.base, "EAPI_HERE": eapiName}
	standard, err := txtar.ParseFile("testdata/world.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(standard.Files, w.archive.Files...) {
		name := f.Name
		switch {
		case name == "pkg.ebuild":
			name = ebuildName
			f.Data = append([]byte("EAPI="+eapiName+"\n"), f.Data...)
		case strings.HasPrefix(name, "BASE/"):
			name = strings.TrimPrefix(name, "BASE/")
		default:
			continue
		}
		write(t, filepath.Join(s.base, name), strings.ReplaceAll(string(f.Data), "@BASE@", s.base))
	}
	for _, dir := range []string{"home", "target", "distfiles", "tmp", "bin", "cache"} {
		if err := os.MkdirAll(filepath.Join(s.base, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := "umask 022; chmod -f +x bin/* || :; ln -s ../../repo/profiles/default etc/portage/make.profile;" + w.section["prepare"]
	cmd := exec.Command("bash", "-ec", script)
	cmd.Dir, cmd.Env = s.base, s.environ()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("prepare: %v\n%s", err, out)
	}
	s.manifest(t)
	end := run(t, s)
	return s.clean(end + "\n" + s.told(t, w.words("show", "")))
}

func (s *stage) environ() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		list = append(list, name+"="+s.env[name])
	}
	return list
}

func write(t *testing.T, path, text string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// manifest lists what the preparation has put in DISTDIR.
func (s *stage) manifest(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(s.base, "distfiles"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(s.base, "distfiles", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 0 {
			fmt.Fprintf(&b, "DIST %s %d SHA512 %x\n", e.Name(), len(data), sha512.Sum512(data))
		}
	}
	write(t, filepath.Join(s.base, filepath.Dir(ebuildName), "Manifest"), b.String())
}

// portage runs the phases with real Portage.
func portage(t *testing.T, s *stage) string {
	src := os.Getenv("PORTAGE_SRC")
	if src == "" {
		t.Fatal("PORTAGE_SRC is not set")
	}
	// It calls GNU programs by the names that they have at Gentoo.
	for _, name := range []string{"tar", "patch"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(s.base, "bin/g"+name)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("python3", append([]string{"-b", filepath.Join(src, "bin/ebuild"), filepath.Join(s.base, ebuildName)}, s.phases...)...)
	cmd.Dir, cmd.Env = s.base, append(s.environ(), "PYTHONPATH="+filepath.Join(src, "lib"))
	out, err := cmd.CombinedOutput()
	// Checks of the image that follow the phases are not meant here; with EAPI 0 to 2 they
	// fail in bash ("local: ED: readonly variable").
	if err == nil || strings.Contains(string(out), "!!! post install failed") {
		return "done"
	}
	t.Logf("%s", out)
	if m := regexp.MustCompile(`failed \((\w+) phase\)`).FindSubmatch(out); m != nil {
		return "failed in " + string(m[1])
	}
	if m := regexp.MustCompile(`The ebuild phase '(\w+)' has exited unexpectedly`).FindSubmatch(out); m != nil {
		return "failed in " + string(m[1])
	}
	t.Errorf("%v\n%s", err, out)
	return "failed"
}

// ours runs them with this program.
func ours(t *testing.T, s *stage) string {
	opened, err := session.Open(&session.Options{Vars: s.env, Abs: func(p string) string { return p }}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	var out strings.Builder
	m, err := build.New(&cli.Env{Vars: s.env, Dir: s.base, Streams: cli.Streams{Out: &out, Err: &out}}, opened)
	if err != nil {
		t.Fatal(err)
	}
	m.Launch = nil
	p, err := m.Find("=app-misc/pkg-1.2-r3")
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Of(p)
	if err != nil {
		s.skipWithoutShell(t)
		t.Fatal(err)
	}
	for _, ph := range s.all(t, b.Features["test"]) {
		if err := b.Prepare(nil); err != nil {
			t.Fatal(err)
		}
		if err := b.Run(context.Background(), ph); err != nil {
			t.Logf("%v\n%s", err, &out)
			if e := (*phase.Error)(nil); errors.As(err, &e) {
				return "failed in " + e.Phase.String()
			}
			return "failed"
		}
	}
	t.Logf("%s", &out)
	return "done"
}

// skipWithoutShell skips an EAPI that needs a newer bash than is here.
func (s *stage) skipWithoutShell(t *testing.T) {
	for _, shell := range session.Shells(s.env) {
		if v, err := bash.AskVersion(shell); err == nil && v.AtLeast(bash.Version{Major: 5, Minor: 3}) {
			return
		}
	}
	if s.eapi == "9" {
		sharedtest.Lacking(t, "EAPI 9 needs bash 5.3")
	}
}

// all adds the phases that must precede install.
func (s *stage) all(t *testing.T, tests bool) []phase.Phase {
	var list []phase.Phase
	for _, name := range s.phases {
		p, err := phase.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if p == phase.Setup {
			list = append(list, phase.Pretend)
		}
		if p == phase.Install {
			list = append(list, phase.Unpack, phase.Prepare, phase.Configure, phase.Compile)
			if tests {
				list = append(list, phase.Test)
			}
		}
		list = append(list, p)
	}
	return list
}

// clean replaces the names of folders that differ from run to run.
func (s *stage) clean(text string) string {
	text = regexp.MustCompile(` --jobserver-auth=\S+`).ReplaceAllString(text, "") // makes differ
	text = strings.ReplaceAll(text, s.builddir(), "BUILD")
	return strings.ReplaceAll(text, s.base, "BASE")
}

// told gives the ebuild's report and what else is wanted.
func (s *stage) told(t *testing.T, show []string) string {
	var b strings.Builder
	if text, err := os.ReadFile(s.builddir() + "/temp/report"); err == nil {
		b.Write(text)
	}
	for _, what := range show {
		fmt.Fprintf(&b, "\n%s:\n", what)
		switch what {
		case "image":
			b.WriteString(s.image(t))
		case "values":
			b.WriteString(s.values(t))
		case "environment":
			b.WriteString(s.environment(t))
		}
	}
	return b.String()
}

// image lists the files of the image with their modes and sizes.
func (s *stage) image(t *testing.T) string {
	cmd := exec.Command("bash", "-c", `find . -mindepth 1 \( -type d -printf '%P/ %m\n' -o -type l -printf '%P -> %l\n' -o -printf '%P %m %s\n' \) | LC_ALL=C sort`)
	cmd.Dir = s.builddir() + "/image"
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// values gives the files of build-info that come from variables of the shell.
func (s *stage) values(t *testing.T) string {
	var b strings.Builder
	entries, err := os.ReadDir(s.builddir() + "/build-info")
	if err != nil {
		t.Fatal(err)
	}
	after := strings.Fields("BUILD_TIME SIZE CHOST IUSE IUSE_EFFECTIVE REPO_REVISIONS FEATURES environment.bz2 pkg-1.2-r3.ebuild NEEDED NEEDED.ELF.2 PROVIDES REQUIRES " +
		"LICENSE PROPERTIES RESTRICT DEPEND RDEPEND PDEPEND BDEPEND IDEPEND")
	for _, e := range entries {
		if slices.Contains(after, e.Name()) {
			continue
		}
		text, err := os.ReadFile(s.builddir() + "/build-info/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s: %q\n", e.Name(), text)
	}
	return b.String()
}

// environment names the variables, with their attributes, and the functions of
// environment.bz2.
func (s *stage) environment(t *testing.T) string {
	out, err := exec.Command("bzip2", "-dc", s.builddir()+"/build-info/environment.bz2").Output()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	// PYENV_*: the recording's Python. f, i and x: loops of Portage. KV: of /usr/src/linux. The command depends on the machine.
	others := regexp.MustCompile(`^(_?PYENV_.*|[fix]|KV|PORTAGE_COMPRESSION_COMMAND)$`)
	for line := range strings.Lines(string(out)) {
		if m := regexp.MustCompile(`^declare (-\S+ )?(\w+)`).FindStringSubmatch(line); m != nil {
			if !others.MatchString(m[2]) {
				fmt.Fprintf(&b, "%s%s\n", m[1], m[2])
			}
		} else if m := regexp.MustCompile(`^(\S+) \(\) ?$`).FindStringSubmatch(line); m != nil {
			fmt.Fprintf(&b, "%s()\n", m[1])
		}
	}
	return b.String()
}
