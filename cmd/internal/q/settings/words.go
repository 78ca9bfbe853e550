package settings

import "slices"

// Words are a set of words that lists them in the order in which portage-utils does:
// that of its hash table. Scripts have come to rely on it, so ours is the same.
type Words struct {
	buckets [128][]string
	count   int
}

// Add adds a word, unless it is there.
func (w *Words) Add(word string) {
	b := bucket(word)
	if !slices.Contains(w.buckets[b], word) {
		w.buckets[b] = append(w.buckets[b], word)
		w.count++
	}
}

// Len is how many words there are.
func (w *Words) Len() int { return w.count }

// List lists the words.
func (w *Words) List() []string {
	out := make([]string, 0, w.count)
	for _, b := range w.buckets {
		out = append(out, b...)
	}
	return out
}

func (w *Words) has(word string) bool { return slices.Contains(w.buckets[bucket(word)], word) }

func (w *Words) remove(word string) {
	b := bucket(word)
	if i := slices.Index(w.buckets[b], word); i >= 0 {
		w.buckets[b] = slices.Delete(w.buckets[b], i, i+1)
		w.count--
	}
}

func (w *Words) clear() { *w = Words{} }

// bucket is the FNV-1a hash of a word, of which the signed characters are those of C.
func bucket(word string) int {
	hash := uint32(2166136261)
	for i := range len(word) {
		hash = (hash ^ uint32(int32(int8(word[i])))) * 16777619
	}
	return int(hash % uint32(len(Words{}.buckets)))
}
