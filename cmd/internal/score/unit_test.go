package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

func TestReap(t *testing.T) {
	h := reap(`=== RUN   TestVectorsAtom
    atom_test.go:10: vectors: unit/dep_c_parser/Atom 300/317 inapplicable 2
    spec_test.go:20: vectors: unit/dep_c_parser/use_reduce 174/174
    version_test.go:3: vectors: unit/versions_vercmp 40/40
    x_test.go:3: vectors: nonsense 1/2
    x_test.go:4: figure: deps-parse 71 ms (target 100 ms)
FAIL	github.com/tumpline/tumpline/atoms	0.1s
FAIL	github.com/tumpline/tumpline/ebuild [build failed]
FAIL
`)
	want := harvest{vectors: map[string]tally{"dep_c_parser": {474, 491, 2}, "versions_vercmp": {40, 40, 0}},
		figures: []string{"deps-parse 71 ms (target 100 ms)"}, failed: []string{"github.com/tumpline/tumpline/atoms", "github.com/tumpline/tumpline/ebuild [build failed]"}}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("reap = %+v, want %+v", h, want)
	}
}

func TestShowUnit(t *testing.T) {
	var b strings.Builder
	showUnit(&b, harvest{vectors: map[string]tally{"a": {1, 2, 0}, "b": {2, 3, 1}, "d": {2, 2, 0}}}, []string{"a", "b", "c", "d"},
		map[string]int{"a": 2, "b": 3, "c": 4, "d": 3})
	want := "Unit vectors: 5/12 passed, 1 inapplicable; 1/4 files whole, the others:\n  a 1/2           c 0/4 (0 told)  d 2/3 (2 told)\n"
	if b.String() != want {
		t.Errorf("showUnit:\n%swant:\n%s", b.String(), want)
	}
}

func TestColumns(t *testing.T) {
	var b strings.Builder
	columns(&b, []string{strings.Repeat("x", 70), "b", "c"})
	if want := "  " + strings.Repeat("x", 70) + "\n  b\n  c\n"; b.String() != want {
		t.Errorf("columns:\n%s", b.String())
	}
}

func TestTestPackages(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		"a/x_test.go": "package a\n\nfunc TestVectorsOfA(t *testing.T) {}\n", "a/y_test.go": "func TestMoreVectors(t *testing.T) {\n\tt.Logf(\"vectors: unit/x 1/1\")\n}\n",
		"b/x_test.go": "// TestVectors\nfunc TestOther(t *testing.T) {}\n", "b/x.go": "func TestVectors() {}\n",
		"testdata/x_test.go": "func TestVectors(t *testing.T) {}\n", "x_test.go": "func ExampleVectors() {}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	unit, figures, err := testPackages(dir)
	if err != nil || !slices.Equal(unit, []string{"./a"}) || !slices.Equal(figures, []string{"./."}) {
		t.Errorf("testPackages = %q, %q, %v", unit, figures, err)
	}
}

func TestTeller(t *testing.T) {
	var told, figures strings.Builder
	w := &teller{to: &told, what: "unit vectors", total: 2, figures: &figures}
	for _, part := range []string{"=== RUN TestVectors\n    a_test.go:1: figure: x 1", " ms\nok  \tx/a", "\t0.5s\nFAIL\nFAIL\tx/b\t1.0s\n"} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	want := "unit vectors: 1 of 2 packages: ok x/a 0.5s\nunit vectors: 2 of 2 packages: FAIL x/b 1.0s\n"
	if told.String() != want || !strings.Contains(w.all.String(), "1 ms\nok  \tx/a\t0.5s\n") {
		t.Errorf("told %q, want %q; kept %q", told.String(), want, w.all.String())
	}
	if figures.String() != "  x 1 ms\n" {
		t.Errorf("figures %q", figures.String())
	}
}

func TestSectionLimit(t *testing.T) {
	var out, errs strings.Builder
	env := &cli.Env{Streams: cli.Streams{Out: &out, Err: &errs}}
	s := section{"slow", true, func(ctx context.Context, env *cli.Env, _ *options, _ string) error {
		<-ctx.Done()
		_, err := env.Out.Write([]byte("half\n"))
		return err
	}}
	err := s.run(context.Background(), env, &options{limit: time.Millisecond}, "")
	if err == nil || err.Error() != "slow: cut off after 1ms" || out.String() != "half\n" {
		t.Errorf("run: %v, %q", err, out.String())
	}
	s.print = func(context.Context, *cli.Env, *options, string) error { return nil }
	if err := s.run(context.Background(), env, &options{limit: time.Hour}, ""); err != nil {
		t.Error(err)
	}
}
