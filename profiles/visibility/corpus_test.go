package visibility_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
)

func corpus(tb testing.TB, target string) (*profiles.Config, []*ebuild.Package) {
	tb.Helper()
	c, err := profiles.Load(profilestest.Corpus(tb, target, nil))
	if err != nil {
		tb.Fatal(err)
	}
	set, err := ebuild.Open(c.Repos(), ebuild.OpenOptions{})
	if err != nil {
		tb.Fatal(err)
	}
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
	return c, list
}

// TestCorpus judges everything and compares with what Portage says.
func TestCorpus(t *testing.T) {
	want := recordedMasks(t)
	for _, target := range profilestest.Targets() {
		c, list := corpus(t, target)
		j := visibility.New(c, use.New(c))
		masked := 0
		for _, p := range list {
			v := j.Verdict(p)
			name := p.CPV.String() + "::" + p.Repo
			if got := describe(t, v); got != want[target][name] {
				t.Errorf("%s: %s: %q, want %q", target, name, got, want[target][name])
			}
			if v.Visible() == (len(v.Reasons) > 0) {
				t.Errorf("%s: %s: visible %v with %v", target, name, v.Visible(), v.Texts())
			}
			if len(v.Reasons) > 0 {
				masked++
			}
		}
		t.Logf("%s: %d of %d masked", target, masked, len(list))
		if masked != len(want[target]) {
			t.Errorf("%s: %d masked, want %d", target, masked, len(want[target]))
		}
	}
}

// describe tells a verdict as testdata/corpus_masked.txt does.
func describe(t *testing.T, v visibility.Verdict) string {
	if len(v.Reasons) == 0 {
		return ""
	}
	text := strings.Join(v.Texts(), ", ")
	if r := v.Find(visibility.KindMask); r != nil {
		trees := sharedtest.Path(t, "corpus", "flatcar", "trees") + "/"
		text += "\t" + strings.TrimPrefix(r.Pos.File, trees) + "\t" + strconv.Itoa(len(r.Comment))
	}
	return text
}

// recordedMasks reads testdata/corpus_masked.txt: by target and package, the
// rest of the line.
func recordedMasks(t *testing.T) map[string]map[string]string {
	data, err := os.ReadFile("testdata/corpus_masked.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]map[string]string)
	var section map[string]string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		name, rest, _ := strings.Cut(line, "\t")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = make(map[string]string)
			all[strings.Trim(line, "[]")] = section
		default:
			section[name] = rest
		}
	}
	return all
}

// BenchmarkVerdict judges all packages, whose dependencies are parsed already.
func BenchmarkVerdict(b *testing.B) {
	c, list := corpus(b, "amd64-usr")
	calc := use.New(c)
	j := visibility.New(c, calc)
	for _, p := range list {
		j.Verdict(p)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range list {
			j.Verdict(p)
		}
	}
	b.ReportMetric(float64(len(list)), "packages")
}
