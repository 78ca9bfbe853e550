package complete

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/universe"
)

// hit returns the cheapest set of softs that has one of each core, the earliest
// of equally cheap ones; false if that takes too long.
func (r *remedy) hit() ([]int, bool) {
	h := &hitting{remedy: r, least: 1 << 30, left: maxHittingWork, in: make(map[int]bool)}
	h.cover(0, 0)
	if h.left < 0 {
		return nil, false
	}
	slices.Sort(h.found)
	return h.found, true
}

// hitting is the working state of one hit.
type hitting struct {
	*remedy
	found []int
	least int
	taken []int
	in    map[int]bool
	left  int
}

// cover adds members of the cores from a place on to those that were taken.
func (h *hitting) cover(from, cost int) {
	if h.left--; h.left < 0 || cost >= h.least {
		return
	}
	for from < len(h.cores) && slices.ContainsFunc(h.cores[from], func(i int) bool { return h.in[i] }) {
		from++
	}
	if from == len(h.cores) {
		h.found, h.least = append([]int{}, h.taken...), cost
		return
	}
	if cost+h.bound(from) >= h.least {
		return
	}
	members := slices.Clone(h.cores[from])
	slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(h.relax.softs[a].cost, h.relax.softs[b].cost) })
	for _, i := range members {
		h.in[i] = true
		h.taken = append(h.taken, i)
		h.cover(from+1, cost+h.relax.softs[i].cost)
		h.taken = h.taken[:len(h.taken)-1]
		delete(h.in, i)
	}
}

// bound returns what the cores from a place on cost at least: the cheapest
// members of those that have nothing in common.
func (h *hitting) bound(from int) int {
	used := make(map[int]bool)
	sum := 0
	for _, core := range h.cores[from:] {
		if slices.ContainsFunc(core, func(i int) bool { return used[i] || h.in[i] }) {
			continue
		}
		cheapest := 1 << 30
		for _, i := range core {
			used[i] = true
			cheapest = min(cheapest, h.relax.softs[i].cost)
		}
		sum += cheapest
	}
	return sum
}

func byFlag(a, b universe.FlagChange) int { return strings.Compare(a.Flag, b.Flag) }
