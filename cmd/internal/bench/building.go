package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// buildRuns is how often each package is built, by us and by hand in turn.
const buildRuns = 3

// tarballs is where .ci/install-upstream puts what it takes out of Debian source packages.
const tarballs = "bin/upstream"

// A recipe is a package that is built both by the program and by hand: with the same
// command to configure, taken from the program's log, and the same make.
type recipe struct {
	name    string // of the Debian source package
	ebuild  string // functions of the ebuild
	command string // pattern of the command that configures
	by      string // what is done by hand after it, in bash, in the sources; D is the image
	limit   string
}

func recipes() []recipe {
	return []recipe{
		{name: "empty", limit: "at most 0.25 s"},
		{"attr", "", `(?m)^\./configure .*`, `make -j${JOBS} && make DESTDIR="${D}" install`, "at most +15 %"},
		{"tini", `src_configure() { edo cmake -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_BUILD_TYPE=None -B build -Wno-dev -DCMAKE_POLICY_VERSION_MINIMUM=3.5 .; }
src_compile() { emake -C build; }
src_install() { emake -C build DESTDIR="${D}" install; }
edo() { echo "$*"; "$@" || die; }
`, `(?m)^cmake .*`, `make -j${JOBS} -C build && make -C build DESTDIR="${D}" install`, "at most +15 %"},
	}
}

// building times builds from clean to install.
func building(program, work string) error {
	machine, err := exec.Command("gcc", "-dumpmachine").Output()
	if err != nil {
		fmt.Println("builds: left out,", err)
		return nil
	}
	b := &bed{program, filepath.Join(work, "building"), strings.TrimSpace(string(machine))}
	fmt.Printf("%-34s %10s %10s %8s   %s\n", "build, clean to install (best run)", "CPU s", "by hand", "more", "target")
	for _, r := range recipes() {
		if err := b.compare(&r); err != nil {
			return fmt.Errorf("build %s: %w", r.name, err)
		}
	}
	return nil
}

// A bed is a repository with a root to build for.
type bed struct{ program, dir, machine string }

func (b *bed) compare(r *recipe) error {
	found, err := filepath.Glob(filepath.Join(tarballs, r.name+"_*.orig.tar.*"))
	if err != nil {
		return err
	}
	if r.command != "" && len(found) == 0 {
		fmt.Printf("%-34s left out: no tarball in %s (.ci/install-upstream fetches it)\n", r.name, tarballs)
		return nil
	}
	ebuild, err := b.lay(r, found)
	if err != nil {
		return err
	}
	ours := func() (run, error) { return b.run(ebuild, "clean", "install") }
	if r.command == "" {
		o, err := least(5, ours)
		if err == nil {
			fmt.Printf("%-34s %10.2f %10s %8s   %s\n", "nothing to compile", o.cpu.Seconds(), "", "", r.limit)
		}
		return err
	}
	if _, err := b.run(ebuild, "manifest"); err != nil {
		return err
	}
	first, err := ours()
	if err != nil {
		return err
	}
	configure := regexp.MustCompile(r.command).FindString(first.output)
	if configure == "" {
		return errors.New("the log does not tell how it was configured")
	}
	var o, h run
	for i := range buildRuns { // in turn, since other work on the machine comes and goes
		mine, err := ours()
		if err != nil {
			return err
		}
		hand, err := b.byHand(r, found[0], configure)
		if err != nil {
			return err
		}
		if i == 0 || mine.cpu < o.cpu {
			o = mine
		}
		if i == 0 || hand.cpu < h.cpu {
			h = hand
		}
	}
	fmt.Printf("%-34s %10.2f %10.2f %+7.0f%%   %s\n", r.name, o.cpu.Seconds(), h.cpu.Seconds(), 100*(o.cpu.Seconds()/h.cpu.Seconds()-1), r.limit)
	return nil
}

// least is the run that took the least CPU time.
func least(n int, once func() (run, error)) (least run, err error) {
	for i := range n {
		r, err := once()
		if err != nil {
			return run{}, err
		}
		if i == 0 || r.cpu < least.cpu {
			least = r
		}
	}
	return least, nil
}

// lay makes the repository with the package, and gives the ebuild.
func (b *bed) lay(r *recipe, tarball []string) (string, error) {
	text := "EAPI=8\nDESCRIPTION=\"is timed\"\nSLOT=0\nKEYWORDS=amd64\n"
	if len(tarball) == 0 {
		text += "S=${WORKDIR}\nsrc_install() { insinto /usr/lib/sysusers.d; newins - g.conf <<<'g g 7'; }\n"
	} else {
		abs, err := filepath.Abs(tarball[0])
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf("SRC_URI=\"file://%s\"\nsrc_unpack() { default; mv */ \"${S}\" || die; }\n%s", abs, r.ebuild)
	}
	ebuild := filepath.Join(b.dir, "repo/app-misc", r.name, r.name+"-1.ebuild")
	for name, text := range map[string]string{
		ebuild:                      text,
		"repo/metadata/layout.conf": "masters =\nthin-manifests = true\n",
		"repo/profiles/repo_name":   "bench\n",
		"repo/profiles/categories":  "app-misc\n",
		"repo/profiles/arch.list":   "amd64\n",
		"repo/profiles/p/eapi":      "8\n",
		"repo/profiles/p/make.defaults": fmt.Sprintf("ARCH=amd64\nACCEPT_KEYWORDS=amd64\nCHOST=%s\nCFLAGS=-O2\nMAKEOPTS=-j%d\nGENTOO_MIRRORS=\"\"\n"+
			"FEATURES=\"-userpriv -userfetch -binpkg-multi-instance\"\n", b.machine, runtime.NumCPU()),
		"root/etc/portage/repos.conf": "[DEFAULT]\nmain-repo = bench\n[bench]\nlocation = " + b.dir + "/repo\n",
		"tmp/.keep":                   "",
	} {
		if !filepath.IsAbs(name) {
			name = filepath.Join(b.dir, name)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	profile := filepath.Join(b.dir, "root/etc/portage/make.profile")
	if err := os.Symlink(filepath.Join(b.dir, "repo/profiles/p"), profile); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return ebuild, nil
}

func (b *bed) run(ebuild string, commands ...string) (run, error) {
	root := b.dir + "/root"
	vars := map[string]string{"LC_ALL": "C.UTF-8", "PORTAGE_CONFIGROOT": root, "ROOT": root, "SYSROOT": root, "TUMPLINE_BUILD_ROOT": root,
		"PORTAGE_TMPDIR": b.dir + "/tmp", "DISTDIR": b.dir + "/dist", "TUMPLINE_CACHE_DIR": b.dir + "/cache"}
	cmd := exec.Command(b.program, append([]string{"ebuild", ebuild}, commands...)...)
	cmd.Dir = b.dir
	return measure(cmd, environment(vars))
}

// byHand unpacks, configures, makes and installs without us.
func (b *bed) byHand(r *recipe, tarball, configure string) (run, error) {
	dir := filepath.Join(b.dir, "hand")
	if err := os.RemoveAll(dir); err != nil {
		return run{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return run{}, err
	}
	abs, err := filepath.Abs(tarball)
	if err != nil {
		return run{}, err
	}
	script := fmt.Sprintf("set -e; tar -xf %q; cd */; %s; %s", abs, strings.TrimSpace(configure), r.by)
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = dir
	return measure(cmd, environment(map[string]string{"LC_ALL": "C.UTF-8", "CFLAGS": "-O2", "D": dir + "/image", "JOBS": fmt.Sprint(runtime.NumCPU())}))
}
