package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// overheadTarget is the CPU time that clean to install of a package may take in
// which there is nothing to compile.
const overheadTarget = 250 * time.Millisecond

// TestVectorsBuildOverhead measures what a build costs before anything is built.
func TestVectorsBuildOverhead(t *testing.T) {
	if len(confine.Probe().Missing) > 0 {
		t.Skip("this kernel does not confine phases")
	}
	ebuild, env := overheadRepository(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	best := time.Hour
	for range 3 {
		cmd := exec.Command(self)
		cmd.Args, cmd.Env = []string{"ebuild", ebuild, "clean", "install"}, env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		best = min(best, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	t.Logf("figure: build-overhead %d ms CPU (target %d ms; Portage 2500)", best.Milliseconds(), overheadTarget.Milliseconds())
}

// overheadRepository makes a package like those of acct-group.
func overheadRepository(t *testing.T) (ebuild string, env []string) {
	t.Helper()
	dir := t.TempDir()
	ebuild = filepath.Join(dir, "repo/acct-group/g/g-0.ebuild")
	for name, text := range map[string]string{
		"repo/metadata/layout.conf": "masters =\nthin-manifests = true\n", "repo/profiles/repo_name": "test\n", "repo/profiles/categories": "acct-group\n",
		"repo/profiles/arch.list": "amd64\n", "repo/profiles/p/eapi": "8\n",
		"repo/profiles/p/make.defaults": "ARCH=amd64\nACCEPT_KEYWORDS=amd64\nCHOST=x86_64-pc-linux-gnu\nFEATURES=\"sandbox usersandbox network-sandbox\"\n",
		"conf/etc/portage/repos.conf":   "[DEFAULT]\nmain-repo = test\n[test]\nlocation = " + dir + "/repo\n",
		"root/.keep":                    "",
		"repo/acct-group/g/g-0.ebuild":  "EAPI=8\nDESCRIPTION=\"a group\"\nSLOT=0\nKEYWORDS=amd64\nS=${WORKDIR}\ninherit group\n",
		"repo/eclass/group.eclass":      "EXPORT_FUNCTIONS pkg_pretend src_install pkg_preinst\ngroup_pkg_pretend() { [[ -n ${PN} ]] || die; }\ngroup_src_install() { insinto /usr/lib/sysusers.d; newins - acct-group-g.conf <<<\"g g 7\"; }\ngroup_pkg_preinst() { :; }\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	profile := filepath.Join(dir, "conf/etc/portage/make.profile")
	if err := os.RemoveAll(profile); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "repo/profiles/p"), profile); err != nil {
		t.Fatal(err)
	}
	env = []string{"PATH=" + os.Getenv("PATH"), "PORTAGE_CONFIGROOT=" + dir + "/conf", "ROOT=" + dir + "/root", "TUMPLINE_BUILD_ROOT=" + dir + "/root",
		"PORTAGE_TMPDIR=" + dir, "DISTDIR=" + dir, "TUMPLINE_CACHE_DIR=" + dir + "/cache"}
	return ebuild, env
}
