package resolvertest_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// A lookup checks the packages of recorded merge lists in a world that was
// laid out: that they exist with slot and sub-slot, and their USE.
type lookup struct {
	t     *testing.T
	w     *resolvertest.World
	repos *ebuild.RepoSet
	calc  *use.Calculator

	mu    *sync.Mutex
	tasks *int
}

var errNoResolver = errors.New("no resolver")

func (l *lookup) Resolve(context.Context, resolvertest.Request) (*resolvertest.Result, error) {
	return nil, errNoResolver
}

// scratch returns a folder for worlds, in memory where possible.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "cases")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// find returns the package of a recorded task.
func (l *lookup) find(task map[string]any) *ebuild.Package {
	cpv, err := atoms.ParseCPV(task["cpv"].(string))
	if err != nil {
		l.t.Fatal(err)
	}
	sources := []ebuild.Source{l.repos}
	switch task["type"] {
	case "installed":
		sources = []ebuild.Source{l.w.Installed}
	case "binary":
		sources = []ebuild.Source{l.w.Binary}
		for _, b := range l.w.Binhosts {
			if task["remote"] == true {
				sources = append(sources, b.Packages)
			}
		}
	}
	var found *ebuild.Package
	for _, s := range sources {
		list, err := s.Packages(cpv.CP)
		if err != nil {
			l.t.Error(err)
		}
		for _, p := range list {
			id, _ := task["build_id"].(float64)
			if p.CPV == cpv && p.Repo == task["repo"] && (task["build_id"] == nil || p.BuildID == int(id)) && (p.Remote != "") == (task["remote"] == true) {
				found = p
			}
		}
	}
	return found
}

func (l *lookup) check(id string, actual map[string]any) {
	changes, _ := actual["use_changes"].(map[string]any)
	details, _ := actual["mergelist_detail"].([]any)
	for _, d := range details {
		task := d.(map[string]any)
		if task["type"] == "blocker" {
			continue
		}
		l.mu.Lock()
		*l.tasks++
		l.mu.Unlock()
		p := l.find(task)
		if p == nil {
			l.t.Errorf("%s: no package for %v", id, task)
			continue
		}
		if p.Slot != task["slot"] || p.Subslot != task["sub_slot"] {
			l.t.Errorf("%s: %s has slot %s/%s, want %v/%v", id, p, p.Slot, p.Subslot, task["slot"], task["sub_slot"])
		}
		if _, changed := changes[p.CPV.String()]; changed {
			continue
		}
		var enabled []string
		for _, f := range l.calc.State(p).EnabledFlags() {
			if p.HasIUSE(f) {
				enabled = append(enabled, f)
			}
		}
		if got, want := strings.Join(enabled, " "), words(task["use"]); got != want {
			l.t.Errorf("%s: %s has USE %q, want %q", id, p, got, want)
		}
	}
}

func words(v any) string {
	var out []string
	for _, e := range v.([]any) {
		out = append(out, e.(string))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Every package of every recorded merge list is found in its world, with the
// slot and the USE flags that real Portage saw.
func TestWorldsHoldRecordedPackages(t *testing.T) {
	files, errs := resolvertest.Read(sharedtest.Path(t, "vectors", "resolver"))
	for _, err := range errs {
		t.Error(err)
	}
	var mu sync.Mutex
	tasks := 0
	for _, f := range files {
		for _, p := range f.Playgrounds {
			one := &resolvertest.File{Path: f.Path, Area: f.Area, Playgrounds: []*resolvertest.Playground{p}}
			resolvertest.Run(t.Context(), []*resolvertest.File{one}, func(_ context.Context, w *resolvertest.World) (resolvertest.Session, error) {
				l := open(t, w)
				if l == nil {
					return nil, errNoResolver
				}
				l.mu, l.tasks = &mu, &tasks
				for _, c := range p.Cases {
					for _, r := range c.Recorded {
						l.check(f.Area+"/"+p.Name(c), r.Actual)
					}
				}
				return l, nil
			}, resolvertest.RunOptions{Dir: scratch(t)})
		}
	}
	if tasks < 1500 {
		t.Errorf("%d tasks checked, want more than 1500", tasks)
	}
}

func open(t *testing.T, w *resolvertest.World) *lookup {
	cfg, err := profiles.Load(profiles.Options{ConfigRoot: w.ConfigRoot, Root: w.Root, Sysroot: w.Sysroot, EPrefix: w.EPrefix, BRoot: w.EPrefix, Env: map[string]string{}})
	if err != nil {
		t.Errorf("load configuration: %v", err)
		return nil
	}
	for _, p := range cfg.Warnings() {
		t.Log(p)
	}
	set, err := ebuild.Open(cfg.Repos(), ebuild.OpenOptions{})
	if err != nil {
		t.Errorf("open repositories: %v", err)
		return nil
	}
	return &lookup{t: t, w: w, repos: set, calc: use.New(cfg)}
}
