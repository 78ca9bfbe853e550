package metagen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/metagen"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// thirdParty gives the folder of the Flatcar trees with ebuilds and eclasses:
// sdk_container/src/third_party of a checkout of flatcar/scripts at ab6d76d,
// named by the environment, since it is too large to be kept.
func thirdParty(tb testing.TB) string {
	dir := os.Getenv("TUMPLINE_FLATCAR_SCRIPTS")
	if dir == "" {
		tb.Skip("TUMPLINE_FLATCAR_SCRIPTS names no checkout of flatcar/scripts")
	}
	return filepath.Join(dir, "sdk_container/src/third_party")
}

// A job is one ebuild of a tree.
type job struct {
	repo *ebuild.Repository
	cpv  atoms.CPV
	path string
}

func flatcar(tb testing.TB) (*ebuild.RepoSet, []job) {
	dir := thirdParty(tb)
	text := "[DEFAULT]\nmain-repo = portage-stable\n[portage-stable]\nlocation = " + dir +
		"/portage-stable\n[coreos-overlay]\nlocation = " + dir + "/coreos-overlay\n"
	set, err := ebuild.Open(repos.Load(repos.Options{Text: &text}), ebuild.OpenOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return set, ebuilds(tb, set)
}

// ebuilds lists all ebuilds.
func ebuilds(tb testing.TB, set *ebuild.RepoSet) []job {
	var jobs []job
	for _, r := range set.All() {
		paths, err := filepath.Glob(filepath.Join(r.Location, "*/*/*.ebuild"))
		if err != nil {
			tb.Fatal(err)
		}
		for _, path := range paths {
			cat := filepath.Base(filepath.Dir(filepath.Dir(path)))
			cpv, err := atoms.ParseCPV(cat + "/" + strings.TrimSuffix(filepath.Base(path), ".ebuild"))
			if err != nil {
				tb.Fatal(err)
			}
			jobs = append(jobs, job{r, cpv, path})
		}
	}
	return jobs
}

// shells gives the programs to try: the bash of the system, and bash-static of
// Debian if its place is in the environment.
func shells(tb testing.TB) []string {
	var out []string
	if path, err := exec.LookPath("bash"); err == nil {
		out = append(out, path)
	}
	if path, err := exec.LookPath("bash-static"); err == nil {
		out = append(out, path)
	}
	if path := os.Getenv("TUMPLINE_BASH"); path != "" {
		out = append(out, path)
	}
	if len(out) == 0 {
		sharedtest.Lacking(tb, "no bash")
	}
	return out
}

// each runs work for all jobs, n at once.
func each(n int, jobs []job, work func(job)) {
	ch := make(chan job)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for j := range ch {
				work(j)
			}
		})
	}
	for _, j := range jobs {
		ch <- j
	}
	close(ch)
	wg.Wait()
}

// TestFlatcar compares the entries of all ebuilds of Flatcar with those that
// Portage made.
func TestFlatcar(t *testing.T) {
	_, jobs := flatcar(t)
	g, err := metagen.New(metagen.Options{Bash: shells(t), Jobs: runtime.NumCPU(), Output: func(cpv atoms.CPV, text string) {
		t.Logf("%s prints %q", cpv, text)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	want := sharedtest.Path(t, "corpus/flatcar/trees")
	var mu sync.Mutex
	same := 0
	each(runtime.NumCPU(), jobs, func(j job) {
		e, err := g.Entry(t.Context(), j.repo, j.cpv, j.path)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.Errorf("%s: %v", j.cpv, err)
			return
		}
		data, err := os.ReadFile(filepath.Join(want, j.repo.Name, "metadata/md5-cache", j.cpv.String()))
		if err != nil {
			t.Error(err)
			return
		}
		if e.Text() != string(data) {
			t.Errorf("%s:\n%s", j.cpv, difference(string(data), e.Text()))
			return
		}
		same++
	})
	t.Logf("%d of %d entries identical", same, len(jobs))
}

// difference lists the lines that differ.
func difference(want, got string) string {
	in := func(text string) map[string]bool {
		m := map[string]bool{}
		for line := range strings.Lines(text) {
			m[line] = true
		}
		return m
	}
	var b strings.Builder
	w, g := in(want), in(got)
	for line := range strings.Lines(want) {
		if !g[line] {
			b.WriteString("-" + line)
		}
	}
	for line := range strings.Lines(got) {
		if !w[line] {
			b.WriteString("+" + line)
		}
	}
	return b.String()
}
