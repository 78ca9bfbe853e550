package main

import (
	"reflect"
	"strings"
	"testing"
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
