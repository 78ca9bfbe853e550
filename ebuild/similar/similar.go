// Package similar finds the package names nearest to one that does not exist,
// for "did you mean" suggestions.
//
// Nearness is that of Python's difflib.get_close_matches, which Portage uses, so
// that the same suggestions come out: twice the number of matching characters
// (found by taking the longest common block, then the longest ones left and right
// of it) divided by the length of both words; the best three of at least 0.6.
package similar

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// Defaults of difflib.get_close_matches.
const (
	matches = 3
	cutoff  = 0.6
)

// CPs gives the names most like wanted, a name with or without category, out of
// all; the best first. Case does not count, but a name that differs only by case
// is a suggestion. Names that are equally good come in reverse alphabetical
// order, as in Portage, and those that share a package name in alphabetical
// order, where Portage's order is that of a hash table.
func CPs(wanted string, all []atoms.CP) []atoms.CP {
	byLower := make(map[string][]atoms.CP, len(all))
	for _, cp := range all {
		if string(cp) != wanted {
			lower := strings.ToLower(string(cp))
			byLower[lower] = append(byLower[lower], cp)
		}
	}
	lower := strings.ToLower(wanted)
	var found []string
	if strings.Contains(wanted, "/") {
		found = Closest(lower, keys(byLower), matches, cutoff)
	} else {
		found = closestNames(wanted, lower, byLower)
	}
	var list []atoms.CP
	for _, f := range found {
		cps := slices.Clone(byLower[f])
		slices.Sort(cps)
		list = append(list, slices.Compact(cps)...)
	}
	return list
}

// closestNames compares package names alone, and gives qualified lower-case names.
func closestNames(wanted, lower string, byLower map[string][]atoms.CP) []string {
	byName := make(map[string][]string)
	for cp, originals := range byLower {
		_, name, _ := strings.Cut(cp, "/")
		if name == lower && allNamed(originals, wanted) {
			continue // a folder without ebuilds, else it would have been found
		}
		byName[name] = append(byName[name], cp)
	}
	var found []string
	for _, name := range Closest(lower, keys(byName), matches, cutoff) {
		slices.Sort(byName[name])
		found = append(found, byName[name]...)
	}
	return found
}

func allNamed(cps []atoms.CP, name string) bool {
	for _, cp := range cps {
		if cp.Name() != name {
			return false
		}
	}
	return true
}

func keys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}

// Closest gives at most n of the words whose ratio to the given word is at least
// the cutoff, the best first and, of equally good ones, the alphabetically last
// first: difflib.get_close_matches, which does not depend on the order of words.
func Closest(word string, words []string, n int, cutoff float64) []string {
	type scored struct {
		score float64
		word  string
	}
	m := newMatcher(word)
	var list []scored
	for _, w := range words {
		if score, ok := m.atLeast([]rune(w), cutoff); ok {
			list = append(list, scored{score, w})
		}
	}
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(b.word, a.word))
	})
	var best []string
	for _, s := range list[:min(n, len(list))] {
		best = append(best, s.word)
	}
	return best
}

// A Likeness says which words are like one word.
type Likeness struct {
	matcher *matcher
	cutoff  float64
}

// NewLikeness gives the words whose ratio to the given word is at least the
// cutoff, from 0 to 1.
func NewLikeness(word string, cutoff float64) *Likeness {
	return &Likeness{matcher: newMatcher(word), cutoff: cutoff}
}

// Like says if a word is like that of l. It is not safe for concurrent use.
func (l *Likeness) Like(word string) bool {
	_, ok := l.matcher.atLeast([]rune(word), l.cutoff)
	return ok
}
