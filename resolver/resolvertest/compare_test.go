package resolvertest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// spoil changes one field of a result so that it cannot be right any more.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		e := reflect.New(v.Type().Elem()).Elem()
		if e.Kind() == reflect.String {
			e.SetString("cat/spoiled-1")
		}
		v.Set(reflect.Append(v, e))
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		for _, k := range v.MapKeys() {
			m.SetMapIndex(k, v.MapIndex(k))
		}
		m.SetMapIndex(reflect.ValueOf("cat/spoiled-1"), reflect.Zero(v.Type().Elem()))
		v.Set(m)
	}
}

// fieldOf finds the field of a key.
func fieldOf(r *Result, k Kind, key string) reflect.Value {
	v := reflect.ValueOf(r).Elem()
	if k == KindRemove && key == "unsatisfied_deps" {
		return v.FieldByName("BrokenDeps")
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("json") == key {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// Every key of every recorded answer is spoiled in turn: the comparison with
// the answer must tell this key and no other, and the comparison with the
// demands must tell it if the test checks it.
func TestSpoiledAnswersFail(t *testing.T) {
	spoiled := 0
	for _, f := range readVectors(t) {
		for _, p := range f.Playgrounds {
			for _, c := range p.Cases {
				for i := range c.Recorded {
					spoiled += spoilRun(t, f.Area+"/"+p.Name(c), c, c.Recorded[i].Actual)
				}
			}
		}
	}
	if spoiled < 5000 {
		t.Errorf("%d answers were spoiled, want more than 5000", spoiled)
	}
}

func spoilRun(t *testing.T, id string, c *Case, actual map[string]any) int {
	t.Helper()
	n := 0
	for _, key := range keysOf(c.Kind, false) {
		if _, recorded := actual[key]; !recorded {
			continue
		}
		n++
		r := decodeResult(t, c.Kind, actual)
		spoil(fieldOf(r, c.Kind, key))
		diffs, err := c.CompareActual(actual, r)
		if stable := !slices.Contains(c.Nondeterministic, key); err != nil || stable && (len(diffs) != 1 || !strings.HasPrefix(diffs[0].Key, key)) {
			t.Errorf("%s: CompareActual with %s spoiled: %v, %v", id, key, diffs, err)
		}
		if c.Expected == nil || !slices.Contains(keysOf(c.Kind, true), key) {
			continue
		}
		diffs, err = c.CompareExpected(r)
		_, mentioned := c.Expected[key]
		if wants := mentioned || !optional(c.Kind, key); err != nil || wants != (len(diffs) == 1) {
			t.Errorf("%s: CompareExpected with %s spoiled: %v, %v", id, key, diffs, err)
		}
	}
	return n
}

// parseValue reads a JSON value.
func parseValue(tb testing.TB, text string) any {
	tb.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestCompareKey(t *testing.T) {
	tests := []struct {
		name      string
		c         Case
		key       string
		want, got string
		differ    bool
	}{
		{"order counts", Case{}, "mergelist", `["a/a-1","a/b-1"]`, `["a/b-1","a/a-1"]`, true},
		{"set of tasks", Case{IgnoreMergelistOrder: true}, "mergelist", `["a/a-1","a/b-1"]`, `["a/b-1","a/a-1"]`, false},
		{"set of tasks, one missing", Case{IgnoreMergelistOrder: true}, "mergelist", `["a/a-1","a/b-1"]`, `["a/b-1"]`, true},
		{"null is not empty", Case{}, "mergelist", `null`, `[]`, true},
		{"null is null", Case{IgnoreMergelistOrder: true}, "mergelist", `null`, `null`, false},
		{"repository is stripped", Case{}, "mergelist", `["a/a-1::x"]`, `["a/a-1::y"]`, false},
		{"repository of binary", Case{}, "mergelist", `["[binary]a/a-1"]`, `["[binary]a/a-1::y"]`, false},
		{"repository counts", Case{CheckRepoNames: true}, "mergelist", `["a/a-1::x"]`, `["a/a-1::y"]`, true},
		{"repository of blocker", Case{}, "mergelist", `["!a/a::x"]`, `["!a/a::y"]`, true},
		{"group", Case{AmbiguousMergeOrder: true}, "mergelist", `["a/a-1",{"any_order":["a/b-1","a/c-1"]},"a/d-1"]`, `["a/a-1","a/c-1","a/b-1","a/d-1"]`, false},
		{"group with repositories", Case{AmbiguousMergeOrder: true}, "mergelist", `[{"any_order":["a/b-1::x","a/c-1"]}]`, `["a/c-1","a/b-1"]`, false},
		{"group incomplete", Case{AmbiguousMergeOrder: true}, "mergelist", `[{"any_order":["a/b-1","a/c-1"]}]`, `["a/c-1"]`, true},
		{"group twice the same", Case{AmbiguousMergeOrder: true}, "mergelist", `[{"any_order":["a/b-1","a/c-1"]}]`, `["a/c-1","a/c-1"]`, true},
		{"after group", Case{AmbiguousMergeOrder: true}, "mergelist", `[{"any_order":["a/b-1","a/c-1"]}]`, `["a/c-1","a/b-1","a/d-1"]`, true},
		{"outside group", Case{AmbiguousMergeOrder: true}, "mergelist", `[{"any_order":["a/b-1","a/c-1"]},"a/d-1"]`, `["a/d-1","a/c-1","a/b-1"]`, true},
		{"group without permission", Case{}, "mergelist", `[{"any_order":["a/b-1"]}]`, `["a/b-1"]`, true},
		{"group and nothing", Case{AmbiguousMergeOrder: true}, "mergelist", `[{"any_order":["a/b-1"]}]`, `[]`, true},
		{"assertion holds", Case{AmbiguousMergeOrder: true, MergeOrderAssertions: [][2]string{{"a/b-1", "a/c-1"}}}, "mergelist",
			`[{"any_order":["a/b-1","a/c-1"]}]`, `["a/b-1","a/c-1"]`, false},
		{"assertion fails", Case{AmbiguousMergeOrder: true, MergeOrderAssertions: [][2]string{{"a/b-1", "a/c-1"}}}, "mergelist",
			`[{"any_order":["a/b-1","a/c-1"]}]`, `["a/c-1","a/b-1"]`, true},
		{"assertion of a stranger", Case{AmbiguousMergeOrder: true, MergeOrderAssertions: [][2]string{{"a/b-1", "a/x-1"}}}, "mergelist",
			`[{"any_order":["a/b-1","a/c-1"]}]`, `["a/b-1","a/c-1"]`, true},
		{"set", Case{}, "unstable_keywords", `["a/a-1","a/b-1"]`, `["a/b-1","a/a-1"]`, false},
		{"sets below a mapping", Case{}, "forced_rebuilds", `{"a/a-1":["a/b-1","a/c-1"]}`, `{"a/a-1":["a/c-1","a/b-1"]}`, false},
		{"sets below a mapping differ", Case{}, "license_changes", `{"a/a-1":["X","Y"]}`, `{"a/a-1":["X"]}`, true},
		{"sets of sets", Case{}, "circular_dependency_solutions", `{"a/a-1":[[["x",true],["y",false]],[["z",true]]]}`,
			`{"a/a-1":[[["z",true]],[["y",false],["x",true]]]}`, false},
		{"clean list in order", Case{Kind: KindRemove}, "cleanlist", `["a/a-1","a/b-1"]`, `["a/b-1","a/a-1"]`, true},
		{"clean list as set", Case{Kind: KindRemove, IgnoreCleanlistOrder: true}, "cleanlist", `["a/a-1","a/b-1"]`, `["a/b-1","a/a-1"]`, false},
		{"unsatisfied of depclean", Case{Kind: KindRemove}, "unsatisfied_deps", `{"a/a-1":["x/y","x/z"]}`, `{"a/a-1":["x/z","x/y"]}`, false},
		{"solutions", Case{}, "slot_collision_solutions", `[{"a/a-1":{"x":true}}]`, `[{"a/a-1":{"x":false}}]`, true},
		{"one of the solutions", Case{AmbiguousSlotCollisionSolutions: true}, "slot_collision_solutions",
			`[[], [{"a/a-1":{"x":true}}]]`, `[{"a/a-1":{"x":true}}]`, false},
		{"none of the solutions", Case{AmbiguousSlotCollisionSolutions: true}, "slot_collision_solutions",
			`[[], [{"a/a-1":{"x":true}}]]`, `[{"a/a-1":{"x":false}}]`, true},
	}
	for _, tt := range tests {
		d := tt.c.compareKey(tt.key, parseValue(t, tt.want), normalise(tt.key, parseValue(t, tt.got)))
		if (d != nil) != tt.differ {
			t.Errorf("%s: compareKey(%s, %s, %s) = %v, want a difference: %t", tt.name, tt.key, tt.want, tt.got, d, tt.differ)
		}
	}
}

func TestDifferenceShowsFirstMember(t *testing.T) {
	long := strings.Repeat("x", 200)
	d := difference("mergelist", []any{long, "a", "b"}, []any{long, "a", "c", "d"})
	if want := (Difference{"mergelist[2]", `"b"`, `"c"`}); *d != want {
		t.Errorf("difference = %v, want %v", *d, want)
	}
	d = difference("mergelist", []any{long, "a"}, []any{long})
	if want := (Difference{"mergelist[1]", `"a"`, "nothing (1 entries)"}); *d != want {
		t.Errorf("difference = %v, want %v", *d, want)
	}
}
