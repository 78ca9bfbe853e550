package shellconf_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// vectors reads the records of one file of shared unit vectors.
func vectors(t *testing.T, name string, records any) {
	t.Helper()
	data, err := os.ReadFile(sharedtest.Path(t, "vectors", "unit", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &struct{ Records any }{records}); err != nil {
		t.Fatal(err)
	}
}

func TestGetconfigVectors(t *testing.T) {
	var records []struct {
		Inputs struct {
			Content string
			Expand  bool
		}
		Expected map[string]string
	}
	vectors(t, "util_getconfig", &records)
	if len(records) == 0 {
		t.Fatal("no records")
	}
	failed := map[int]bool{}
	for i, r := range records {
		f, err := shellconf.Parse("f", []byte(r.Inputs.Content), shellconf.Options{Literal: !r.Inputs.Expand})
		if err != nil {
			failed[i] = true
			t.Errorf("Parse(%q): %v", r.Inputs.Content, err)
			continue
		}
		got := map[string]string{}
		for v := range f.All() {
			got[v.Name] = v.Value
		}
		if d := cmp.Diff(r.Expected, got); d != "" {
			failed[i] = true
			t.Errorf("Parse(%q): (-want +got)\n%s", r.Inputs.Content, d)
		}
	}
	t.Logf("vectors: unit/util_getconfig %d/%d", len(records)-len(failed), len(records))
}

func TestVarexpandVectors(t *testing.T) {
	var records []struct {
		Inputs struct {
			MyString string
			MyDict   shellconf.Env
		}
		Expected string
	}
	vectors(t, "util_varExpand", &records)
	if len(records) == 0 {
		t.Fatal("no records")
	}
	failed := map[int]bool{}
	for i, r := range records {
		if got, err := shellconf.Expand(r.Inputs.MyString, r.Inputs.MyDict); err != nil || got != r.Expected {
			failed[i] = true
			t.Errorf("Expand(%q, %v) = %q, %v, want %q", r.Inputs.MyString, r.Inputs.MyDict, got, err, r.Expected)
		}
	}
	t.Logf("vectors: unit/util_varExpand %d/%d", len(records)-len(failed), len(records))
}

// corpus lists the files called make.defaults of the shared repositories.
func corpus(tb testing.TB) (paths []string, size int64) {
	tb.Helper()
	files, _ := linefile.Files(sharedtest.Path(tb, "corpus", "flatcar", "trees"))
	for _, path := range files {
		if filepath.Base(path) != "make.defaults" {
			continue
		}
		fi, err := os.Stat(path)
		if err != nil {
			tb.Fatal(err)
		}
		paths, size = append(paths, path), size+fi.Size()
	}
	if len(paths) == 0 {
		tb.Fatal("no make.defaults in the corpus")
	}
	return paths, size
}

func TestCorpusEvaluates(t *testing.T) {
	paths, _ := corpus(t)
	for _, path := range paths {
		f, err := shellconf.ReadFile(path, shellconf.Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		if len(f.Warnings) > 0 || f.Len() == 0 && strings.Contains(path, "amd64") {
			t.Errorf("%s: %d variables, warnings %v", path, f.Len(), f.Warnings)
		}
	}
}

func BenchmarkReadMakeDefaults(b *testing.B) {
	paths, size := corpus(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		env := shellconf.Env{}
		for _, path := range paths {
			if _, err := shellconf.ReadFile(path, shellconf.Options{Env: env}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
