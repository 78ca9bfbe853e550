package use_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/use"
)

// An answer is the part of a recorded answer of Portage that tells USE.
type answer struct {
	Request struct {
		ID, Target string
		Env        map[string]string
		Config     map[string][]string
	}
	Resolve struct {
		Mergelist []struct {
			Operation, Type, CPV, Repo, Root string
			Use                              []string
		}
		UseChanges json.RawMessage `json:"use_changes"`
	}
}

func readAnswers(tb testing.TB) []answer {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(sharedtest.Path(tb, "corpus", "flatcar", "answers"), "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	list := make([]answer, len(files))
	for i, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		if err := json.Unmarshal(data, &list[i]); err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
	}
	return list
}

// worlds loads configurations once each.
type worlds struct {
	tb    testing.TB
	known map[string]*world
}

type world struct {
	set  *ebuild.RepoSet
	calc *use.Calculator
}

func (w *worlds) get(target string, files map[string][]string, env map[string]string) *world {
	w.tb.Helper()
	key, err := json.Marshal([]any{target, files, env})
	if err != nil {
		w.tb.Fatal(err)
	}
	if found := w.known[string(key)]; found != nil {
		return found
	}
	o := profilestest.Corpus(w.tb, target, files)
	o.Env = env
	c, err := profiles.Load(o)
	if err != nil {
		w.tb.Fatal(err)
	}
	set, err := ebuild.Open(c.Repos(), ebuild.OpenOptions{})
	if err != nil {
		w.tb.Fatal(err)
	}
	found := &world{set, use.New(c)}
	w.known[string(key)] = found
	return found
}

func (w *world) find(tb testing.TB, cpv, repo string) *ebuild.Package {
	tb.Helper()
	name, err := atoms.ParseCPV(cpv)
	if err != nil {
		tb.Fatal(err)
	}
	list, err := w.set.Packages(name.CP)
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range list {
		if p.CPV == name && p.Repo == repo {
			return p
		}
	}
	return nil
}

// TestCorpusAnswers compares the USE flags of all ebuilds in the recorded
// merge lists. A package whose flags Portage proposed to change is compared
// where the proposal does not matter: not at all.
func TestCorpusAnswers(t *testing.T) {
	w := worlds{t, make(map[string]*world)}
	compared, flags, changed := 0, 0, 0
	for _, a := range readAnswers(t) {
		changes := string(a.Resolve.UseChanges)
		for _, m := range a.Resolve.Mergelist {
			if m.Type != "ebuild" || m.Operation != "merge" {
				continue
			}
			if strings.Contains(changes, `"`+m.CPV) {
				changed++
				continue
			}
			at := w.get("sdk", nil, nil)
			if m.Root == "board" || a.Request.Target == "sdk" {
				at = w.get(a.Request.Target, a.Request.Config, a.Request.Env)
			}
			p := at.find(t, m.CPV, m.Repo)
			if p == nil {
				t.Errorf("%s: no %s::%s", a.Request.ID, m.CPV, m.Repo)
				continue
			}
			got := listedOn(at.calc.State(p))
			slices.Sort(m.Use)
			if !slices.Equal(got, m.Use) {
				t.Errorf("%s: USE of %v in %s = %v, want %v", a.Request.ID, p, m.Root, got, m.Use)
			}
			compared++
			flags += len(p.IUSE)
		}
	}
	t.Logf("%d packages with %d flags compared, %d with proposed changes left out, %d configurations", compared, flags, changed, len(w.known))
	if compared < 2000 {
		t.Errorf("only %d packages compared", compared)
	}
}

// listedOn returns the enabled flags among those that the package lists.
func listedOn(s *use.State) []string {
	list := []string{}
	for _, flag := range s.IUSE() {
		if s.Enabled(flag) {
			list = append(list, flag)
		}
	}
	return list
}

func allPackages(tb testing.TB, set *ebuild.RepoSet) []*ebuild.Package {
	tb.Helper()
	cps, err := set.CPs()
	if err != nil {
		tb.Fatal(err)
	}
	var list []*ebuild.Package
	for _, cp := range cps {
		packages, err := set.Packages(cp)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, packages...)
	}
	return list
}

func BenchmarkState(b *testing.B) {
	w := (&worlds{b, make(map[string]*world)}).get("amd64-usr", nil, nil)
	list := allPackages(b, w.set)[:900]
	o := profilestest.Corpus(b, "amd64-usr", nil)
	c, err := profiles.Load(o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		calc := use.New(c)
		for _, p := range list {
			calc.State(p)
		}
	}
}
