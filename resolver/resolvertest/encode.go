package resolvertest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// MarshalJSON writes the pair [flag, enabled] of the case files.
func (c FlagChange) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{c.Flag, c.Enabled})
}

// MarshalJSON writes the object of the case files, which has other keys for
// ebuilds, built packages and blockers.
func (t Task) MarshalJSON() ([]byte, error) {
	if t.Type == TaskBlocker {
		return json.Marshal(map[string]any{
			"type": t.Type.String(), "atom": t.Atom, "satisfied": t.Satisfied, "forbid_overlap": t.ForbidOverlap})
	}
	root := "running"
	if t.Target {
		root = "target"
	}
	m := map[string]any{
		"type": t.Type.String(), "operation": t.Operation.String(), "cpv": t.CPV, "slot": t.Slot,
		"sub_slot": t.Subslot, "repo": t.Repo, "root": root, "iuse": sortedSet(t.IUSE), "use": sortedSet(t.USE)}
	if t.Type == TaskBinary {
		m["remote"], m["build_id"] = t.Remote, nil
		if t.BuildID >= 0 {
			m["build_id"] = t.BuildID
		}
	}
	return json.Marshal(m)
}

func sortedSet(in []string) []string {
	out := append([]string{}, in...)
	slices.Sort(out)
	return out
}

// mergeKeys are the keys of a merge result in the order in which Portage's
// tests check them; those that only recorded answers have come last.
var mergeKeys = [...]string{
	"success", "mergelist", "use_changes", "license_changes", "unstable_keywords", "slot_collision_solutions",
	"circular_dependency_solutions", "needed_p_mask_changes", "unsatisfied_deps", "forced_rebuilds",
	"required_use_unsatisfied", "graph_order", "virtual_cycle",
	"mergelist_detail", "missing_args", "favorites", "display",
}

// checkedMergeKeys is how many of mergeKeys a test can check.
const checkedMergeKeys = 13

// removeKeys are the keys of a depclean or prune result.
var removeKeys = [...]string{"success", "cleanlist", "ordered", "req_pkg_count", "graph_order", "unsatisfied_deps"}

// keysOf returns the keys of a result, checked says: only those which a test can check.
func keysOf(k Kind, checked bool) []string {
	switch {
	case k == KindRemove:
		return removeKeys[:]
	case checked:
		return mergeKeys[:checkedMergeKeys]
	default:
		return mergeKeys[:]
	}
}

// optional says if a key is checked only when the case mentions it.
func optional(k Kind, key string) bool {
	if k == KindRemove {
		return key != "success"
	}
	switch key {
	case "forced_rebuilds", "required_use_unsatisfied", "unsatisfied_deps", "graph_order":
		return true
	}
	return false
}

// setDepth says how many levels below the value of a key lists are sets: 0
// none, 1 the value itself, 2 the values of a mapping, 3 both of
// the two lists below a mapping.
func setDepth(key string) int {
	switch key {
	case "unstable_keywords", "needed_p_mask_changes", "required_use_unsatisfied", "virtual_cycle":
		return 1
	case "unsatisfied_deps", "license_changes", "forced_rebuilds":
		return 2
	case "circular_dependency_solutions":
		return 3
	}
	return 0
}

// document returns the result as it would stand in a case file, with sets
// sorted, so that comparing is comparing JSON values.
func (r *Result) document(k Kind) (map[string]any, error) {
	doc, err := toValue(r)
	if err != nil {
		return nil, err
	}
	m := doc.(map[string]any)
	if k == KindRemove {
		if m["unsatisfied_deps"], err = toValue(r.BrokenDeps); err != nil {
			return nil, err
		}
	}
	for key, v := range m {
		m[key] = normalise(key, v)
	}
	return m, nil
}

func toValue(x any) (any, error) {
	b, err := json.Marshal(x)
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return v, nil
}

// normalise sorts the lists of a value that stand for sets.
func normalise(key string, v any) any {
	switch depth := setDepth(key); depth {
	case 1:
		return sortList(v)
	case 2, 3:
		m, ok := v.(map[string]any)
		if !ok {
			return sortList(v)
		}
		out := make(map[string]any, len(m))
		for k, e := range m {
			if list, ok := e.([]any); ok && depth == 3 {
				inner := make([]any, len(list))
				for i := range list {
					inner[i] = sortList(list[i])
				}
				e = inner
			}
			out[k] = sortList(e)
		}
		return out
	}
	if key == "mergelist_detail" {
		return sortTasks(v)
	}
	return v
}

// sortTasks sorts the flag lists of the merge list's details.
func sortTasks(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = e
		t, ok := e.(map[string]any)
		if !ok {
			continue
		}
		c := make(map[string]any, len(t))
		for k, f := range t {
			if k == "use" || k == "iuse" {
				f = sortList(f)
			}
			c[k] = f
		}
		out[i] = c
	}
	return out
}

// sortList returns a list as a set: sorted by the text of its members and
// each once; other values as they are.
func sortList(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := append([]any{}, list...)
	slices.SortStableFunc(out, func(a, b any) int { return strings.Compare(compact(a), compact(b)) })
	return slices.CompactFunc(out, func(a, b any) bool { return compact(a) == compact(b) })
}

// compact returns a JSON value on one line.
func compact(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
