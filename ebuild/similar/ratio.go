package similar

// A matcher compares words with one word, b.
type matcher struct {
	b      []rune
	places map[rune][]int // where each character of b is; without popular ones
	counts map[rune]int
	left   map[rune]int // scratch of quickRatio
	before []int        // scratch of longest: block lengths ending at each place of b
	now    []int
}

// popularLength is the length from which difflib takes characters that make up
// more than a hundredth of a word for noise.
const popularLength = 200

func newMatcher(word string) *matcher {
	m := &matcher{b: []rune(word), places: make(map[rune][]int), counts: make(map[rune]int), left: make(map[rune]int)}
	for i, r := range m.b {
		m.places[r] = append(m.places[r], i)
		m.counts[r]++
	}
	if n := len(m.b); n >= popularLength {
		for r, c := range m.counts {
			if c > n/100+1 {
				delete(m.places, r)
			}
		}
	}
	m.before = make([]int, len(m.b)+1)
	m.now = make([]int, len(m.b)+1)
	return m
}

// atLeast gives the ratio of a and b if it is at least the cutoff. Two cheaper
// upper bounds are tried first.
func (m *matcher) atLeast(a []rune, cutoff float64) (float64, bool) {
	total := len(a) + len(m.b)
	if ratio(min(len(a), len(m.b)), total) < cutoff || ratio(m.common(a), total) < cutoff {
		return 0, false
	}
	score := ratio(m.matching(a, 0, len(m.b)), total)
	return score, score >= cutoff
}

func ratio(matching, total int) float64 {
	if total == 0 {
		return 1
	}
	return 2.0 * float64(matching) / float64(total)
}

// common counts the characters that a and b share, wherever they are.
func (m *matcher) common(a []rune) int {
	clear(m.left)
	n := 0
	for _, r := range a {
		left, seen := m.left[r]
		if !seen {
			left = m.counts[r]
		}
		m.left[r] = left - 1
		if left > 0 {
			n++
		}
	}
	return n
}

// matching adds up the blocks that a and b[lo:hi] share.
func (m *matcher) matching(a []rune, lo, hi int) int {
	i, j, size := m.longest(a, lo, hi)
	if size == 0 {
		return 0
	}
	return size + m.matching(a[:i], lo, j) + m.matching(a[i+size:], j+size, hi)
}

// longest finds the longest block that a and b[lo:hi] share: a[i:i+size] is
// b[j:j+size]. Of equally long ones it is the first in a, then in b.
func (m *matcher) longest(a []rune, lo, hi int) (i, j, size int) {
	j = lo
	clear(m.before)
	for x, r := range a {
		clear(m.now)
		for _, y := range m.places[r] {
			if y < lo {
				continue
			}
			if y >= hi {
				break
			}
			k := 1
			if y > lo {
				k += m.before[y-1]
			}
			m.now[y] = k
			if k > size {
				i, j, size = x-k+1, y-k+1, k
			}
		}
		m.before, m.now = m.now, m.before
	}
	for i > 0 && j > lo && a[i-1] == m.b[j-1] { // over popular characters
		i, j, size = i-1, j-1, size+1
	}
	for i+size < len(a) && j+size < hi && a[i+size] == m.b[j+size] {
		size++
	}
	return i, j, size
}
