package digraph

import (
	"maps"
	"slices"
)

// A bundleTable interns priority lists. A dependency graph has tens of
// thousands of edges but only a few dozen different lists.
type bundleTable struct {
	lists [][]Priority // by Bundle; lists[dead] is empty
	next  map[bundleStep]Bundle
}

// A bundleStep is the addition of one priority to a list.
type bundleStep struct {
	from Bundle
	add  Priority
}

func newBundleTable() bundleTable {
	return bundleTable{lists: make([][]Priority, 1), next: make(map[bundleStep]Bundle)}
}

// with returns the bundle of b's list and p.
func (t *bundleTable) with(b Bundle, p Priority) Bundle {
	step := bundleStep{b, p}
	if to, ok := t.next[step]; ok {
		return to
	}
	to := t.intern(insert(t.lists[b], p))
	t.next[step] = to
	return to
}

// intern returns the bundle of list, which it may keep. A linear search will
// do: each step is searched for once.
func (t *bundleTable) intern(list []Priority) Bundle {
	for i := 1; i < len(t.lists); i++ {
		if slices.Equal(t.lists[i], list) {
			return Bundle(i)
		}
	}
	t.lists = append(t.lists, list)
	return Bundle(len(t.lists) - 1)
}

func (t *bundleTable) clone() bundleTable {
	return bundleTable{lists: slices.Clone(t.lists), next: maps.Clone(t.next)}
}

// insert returns a copy of list with p after the last entry that is not harder.
// A p that is there already moves to that place.
func insert(list []Priority, p Priority) []Priority {
	out := make([]Priority, 0, len(list)+1)
	for _, q := range list {
		if q != p {
			out = append(out, q)
		}
	}
	at := len(out)
	for at > 0 && out[at-1].Hardness() > p.Hardness() {
		at--
	}
	return slices.Insert(out, at, p)
}

// Bundles returns the number of bundles so far, counting the one that no edge
// has (0): the length of a table indexed by Bundle.
func (g *Graph) Bundles() int { return len(g.bundles.lists) }

// BundlePriorities returns the list that b stands for, by rising hardness. The
// caller must not change it.
func (g *Graph) BundlePriorities(b Bundle) []Priority { return g.bundles.lists[b] }
