package course_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/course"
	"github.com/tumpline/tumpline/merge/phase"
)

// of makes the course of an ebuild given as text, whose phases write their names to
// work/course. Nothing is confined, and no command of ours is called.
func of(t *testing.T, text string, defined ...string) (*course.Course, *[]string) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		sharedtest.Lacking(t, "no bash")
	}
	features, _ := eapi.Lookup("8")
	dir := t.TempDir()
	ebuild := filepath.Join(dir, "p-1.ebuild")
	if err := os.WriteFile(ebuild, []byte("EAPI=8\nSLOT=0\nS=${WORKDIR}\n"+text), 0o644); err != nil {
		t.Fatal(err)
	}
	told := &[]string{}
	c := &course.Course{Build: &phase.Build{
		Category: "app", PN: "p", PV: "1", PR: "r0", PVR: "1", Slot: "0", EAPI: features, Ebuild: ebuild, FilesDir: dir + "/files",
		DefinedPhases: defined, Metadata: map[string]string{"SLOT": "0"}, Variables: map[string]string{}, Features: map[string]bool{},
		ConfigRoot: dir, Dir: phase.NewDir(dir, "app", "p-1"), DistDir: dir, Bash: bash, Commands: dir + "/commands", Path: filepath.SplitList(os.Getenv("PATH")),
	}, Log: course.LogOptions{Group: -1, Now: time.Unix(0, 0)}, Tell: func(line string) { *told = append(*told, line) }}
	if err := c.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, told
}

func done(c *course.Course) (names []string) {
	for p := phase.Pretend; p <= phase.Install; p++ {
		if c.Build.Dir.Done(p) {
			names = append(names, p.String())
		}
	}
	return names
}

func TestOrder(t *testing.T) {
	c, told := of(t, "src_compile() { echo one >>file; }\nsrc_test() { die no; }\n", "compile", "test")
	finished := 0
	c.Finish = func(context.Context) error { finished++; return nil }
	ctx := context.Background()
	if err := c.To(ctx, phase.Compile); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"setup", "unpack", "prepare", "configure", "compile"}, done(c)); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	c.Build.Features["test"], c.Build.Restrict = true, []string{"test"}
	for range 2 {
		if err := c.To(ctx, phase.Install); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(c.Build.Dir.Work() + "/file"); err != nil || string(text) != "one\n" || finished != 1 {
		t.Errorf("file %q, %v; finished %d times", text, err, finished)
	}
	if !strings.Contains(strings.Join(*told, "\n"), "RESTRICT=test") {
		t.Errorf("told %q", *told)
	}
	if _, err := atomicfile.TryAcquire(filepath.Dir(string(c.Build.Dir))+"/.p-1.portage_lockfile", atomicfile.Exclusive); err == nil {
		t.Error("the build directory is not locked")
	}
}

// TestFinish holds that an image which cannot be finished is installed anew.
func TestFinish(t *testing.T) {
	c, _ := of(t, "src_install() { echo installing; }\n", "install")
	fails := true
	c.Finish = func(context.Context) error {
		if fails {
			return os.ErrInvalid
		}
		return nil
	}
	err := c.To(context.Background(), phase.Install)
	f, ok := err.(*course.Failure)
	if !ok || f.Phase != phase.Install || !strings.Contains(strings.Join(f.Tail, "\n"), "installing") || c.Build.Dir.Done(phase.Install) {
		t.Errorf("To = %#v", err)
	}
	fails = false
	if err := c.To(context.Background(), phase.Install); err != nil || !c.Build.Dir.Done(phase.Install) {
		t.Errorf("To = %v", err)
	}
}

func TestFeatures(t *testing.T) {
	warnings, err := course.CheckFeatures(map[string]bool{"sandbox": true, "nonsense": true, "chflags": true, "news": true, "off": false})
	want := []string{"FEATURES: chflags is not done here; it has no effect", `FEATURES: "nonsense" is not known`}
	if diff := cmp.Diff(want, warnings); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := course.CheckFeatures(map[string]bool{"selinux": true}); err == nil {
		t.Error("selinux is not refused")
	}
}

func TestMasquerade(t *testing.T) {
	broot := t.TempDir()
	if err := os.MkdirAll(broot+"/usr/lib/ccache/bin", 0o755); err != nil {
		t.Fatal(err)
	}
	b := &phase.Build{Features: map[string]bool{"ccache": true, "icecream": true}, Variables: map[string]string{}, Path: []string{"/bin"}, Roots: phase.Roots{Broot: broot}}
	warnings := course.Masquerade(b, broot)
	if len(warnings) != 1 || b.Features["icecream"] || !cmp.Equal(b.Path, []string{broot + "/usr/lib/ccache/bin", "/bin"}) || b.Variables["CCACHE_DIR"] != broot+"/ccache" {
		t.Errorf("%q, PATH %q, %v", warnings, b.Path, b.Variables)
	}
}
