package resolvertest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Comparison says what a result was held against.
type Comparison uint8

const (
	AgainstExpected Comparison = iota // what the test demands
	AgainstActual                     // all that real Portage answered
)

// String returns "expected" or "actual".
func (c Comparison) String() string {
	if c == AgainstActual {
		return "actual"
	}
	return "expected"
}

// A Difference is one key of a result that is not as it should be.
type Difference struct {
	Key  string
	Want string // JSON, or the part of it that differs
	Got  string
}

// String returns "key: want ..., got ...".
func (d Difference) String() string { return fmt.Sprintf("%s: want %s, got %s", d.Key, d.Want, d.Got) }

// CompareExpected holds a result against what the case demands, by the rules
// of Portage's own tests: a key that the case does not mention must be null,
// unless it is one that is only checked on demand.
func (c *Case) CompareExpected(r *Result) ([]Difference, error) {
	if c.Lines != nil {
		return c.compareLines(r), nil
	}
	got, err := r.document(c.Kind)
	if err != nil {
		return nil, err
	}
	var diffs []Difference
	for _, key := range keysOf(c.Kind, true) {
		want, mentioned := c.Expected[key]
		if want == nil && optional(c.Kind, key) {
			continue
		}
		if !mentioned {
			want = nil
		}
		if d := c.compareKey(key, want, got[key]); d != nil {
			diffs = append(diffs, *d)
		}
	}
	return diffs, nil
}

// compareKey applies the rule of one key.
func (c *Case) compareKey(key string, want, got any) *Difference {
	want = normalise(key, want)
	switch {
	case key == "mergelist":
		return c.compareMergelist(want, got)
	case key == "cleanlist" && c.IgnoreCleanlistOrder:
		want, got = sortList(want), sortList(got)
	case key == "slot_collision_solutions" && c.AmbiguousSlotCollisionSolutions:
		if list, ok := want.([]any); ok {
			for _, alternative := range list {
				if reflect.DeepEqual(alternative, got) {
					return nil
				}
			}
		}
	}
	if reflect.DeepEqual(want, got) {
		return nil
	}
	return difference(key, want, got)
}

// compareMergelist applies the rules for repository names, order and
// alternatives to the merge list.
func (c *Case) compareMergelist(want, got any) *Difference {
	if !c.CheckRepoNames {
		want, got = stripRepos(want), stripRepos(got)
	}
	gotList, _ := got.([]any)
	wantList, _ := want.([]any)
	switch {
	case c.IgnoreMergelistOrder && got != nil:
		if reflect.DeepEqual(sortList(flatten(wantList)), sortList(got)) {
			return nil
		}
	case c.AmbiguousMergeOrder && len(gotList) > 0:
		if !matchAmbiguous(wantList, gotList) {
			break
		}
		for _, pair := range c.MergeOrderAssertions {
			a, b := slices.Index(gotList, any(pair[0])), slices.Index(gotList, any(pair[1]))
			if a < 0 || b < 0 || a >= b {
				return &Difference{"merge_order_assertions", pair[0] + " before " + pair[1], compact(got)}
			}
		}
		return nil
	case reflect.DeepEqual(want, got):
		return nil
	}
	return difference("mergelist", want, got)
}

// stripRepos removes "::repo" (and what follows it) from all but blockers.
func stripRepos(v any) any {
	switch v := v.(type) {
	case string:
		if !strings.HasPrefix(v, "!") {
			v, _, _ = strings.Cut(v, "::")
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = stripRepos(v[i])
		}
		return out
	case map[string]any:
		return map[string]any{anyOrder: stripRepos(v[anyOrder])}
	}
	return v
}

// anyOrder is the key of a group of merge list entries without order.
const anyOrder = "any_order"

// group returns the members of an {"any_order": [...]} object.
func group(v any) ([]any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	list, ok := m[anyOrder].([]any)
	return list, ok
}

func flatten(list []any) any {
	out := []any{}
	for _, e := range list {
		if g, ok := group(e); ok {
			out = append(out, g...)
		} else {
			out = append(out, e)
		}
	}
	return out
}

// matchAmbiguous says if got is want where groups stand for any order of their members.
func matchAmbiguous(want, got []any) bool {
	for _, w := range want {
		members, isGroup := group(w)
		if !isGroup {
			members = []any{w}
		}
		if len(got) < len(members) {
			return false
		}
		n := len(members)
		members = slices.Clone(members)
		for _, g := range got[:n] {
			i := slices.IndexFunc(members, func(m any) bool { return reflect.DeepEqual(m, g) })
			if i < 0 {
				return false
			}
			members = slices.Delete(members, i, i+1)
		}
		got = got[n:]
	}
	return len(got) == 0
}

// CompareActual holds a result against everything that real Portage answered,
// except for keys that were not stable there.
func (c *Case) CompareActual(actual map[string]any, r *Result) ([]Difference, error) {
	got, err := r.document(c.Kind)
	if err != nil {
		return nil, err
	}
	var diffs []Difference
	for _, key := range keysOf(c.Kind, false) {
		want, recorded := actual[key]
		if !recorded || slices.Contains(c.Nondeterministic, key) {
			continue
		}
		if want = normalise(key, want); !reflect.DeepEqual(want, got[key]) {
			diffs = append(diffs, *difference(key, want, got[key]))
		}
	}
	return diffs, nil
}

// difference describes two values that differ. Of long lists it shows the
// first members that differ.
func difference(key string, want, got any) *Difference {
	w, g := compact(want), compact(got)
	const long = 300
	wl, wok := want.([]any)
	gl, gok := got.([]any)
	if wok && gok && len(w)+len(g) > long {
		i := 0
		for i < len(wl) && i < len(gl) && reflect.DeepEqual(wl[i], gl[i]) {
			i++
		}
		return &Difference{Key: fmt.Sprintf("%s[%d]", key, i), Want: member(wl, i), Got: member(gl, i)}
	}
	return &Difference{Key: key, Want: w, Got: g}
}

func member(list []any, i int) string {
	if i >= len(list) {
		return fmt.Sprintf("nothing (%d entries)", len(list))
	}
	return compact(list[i])
}
