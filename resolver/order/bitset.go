package order

import (
	"iter"
	"math/bits"
)

// A bitset is a set of positions. Sets that meet in one expression have the
// same length.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i int32)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) clear(i int32)    { b[i>>6] &^= 1 << (i & 63) }
func (b bitset) has(i int32) bool { return b[i>>6]>>(i&63)&1 != 0 }

// first returns the least member of all sets together, or -1.
func first(sets ...bitset) int32 { return nextIn(0, sets) }

// nextIn returns the least member of all sets that is at least from, or -1.
func nextIn(from int32, sets []bitset) int32 {
	word := int(from >> 6)
	mask := ^uint64(0) << (from & 63)
	for ; word < len(sets[0]); word++ {
		w := sets[0][word] & mask
		for _, s := range sets[1:] {
			w &= s[word]
		}
		if w != 0 {
			return int32(word<<6 + bits.TrailingZeros64(w))
		}
		mask = ^uint64(0)
	}
	return -1
}

// each yields the members of all sets together, ascending. Members may be
// removed meanwhile.
func each(sets ...bitset) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i := nextIn(0, sets); i >= 0; i = nextIn(i+1, sets) {
			if !yield(i) || int(i+1)>>6 >= len(sets[0]) {
				return
			}
		}
	}
}

// eachOnly yields the members of a that are not in b, ascending.
func eachOnly(a, b bitset) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i := range a {
			for w := a[i] &^ b[i]; w != 0; w &= w - 1 {
				if !yield(int32(i<<6 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}
