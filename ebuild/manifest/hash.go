package manifest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	//lint:ignore SA1019 Manifests of old have it, beside others
	"golang.org/x/crypto/ripemd160"
)

// DefaultHashes are the hashes of repositories that name none, sorted.
func DefaultHashes() []string { return []string{"BLAKE2B", "SHA512"} }

// NewHash gives the hash function of a name as written in Manifests, or nil if
// there is none of that name here. Those that Portage computes all exist.
func NewHash(name string) hash.Hash {
	var h hash.Hash
	var err error
	switch name {
	case "MD5":
		h = md5.New()
	case "SHA1":
		h = sha1.New()
	case "SHA256":
		h = sha256.New()
	case "SHA512":
		h = sha512.New()
	case "SHA3_256":
		h = sha3.New256()
	case "SHA3_512":
		h = sha3.New512()
	case "RMD160":
		h = ripemd160.New()
	case "BLAKE2B":
		h, err = blake2b.New512(nil)
	case "BLAKE2S":
		h, err = blake2s.New256(nil)
	case "WHIRLPOOL":
		h = newWhirlpool()
	}
	if err != nil {
		panic("internal error: a hash without key has no wrong key: " + err.Error())
	}
	return h
}

// Known says whether the hash can be computed here.
func Known(name string) bool { return NewHash(name) != nil }

// A Digester hashes a stream under several algorithms at once. Large streams
// are hashed by as many goroutines as there are hashes; Sum or Close ends them.
type Digester struct {
	names   []string // sorted
	hashes  []hash.Hash
	size    int64
	workers *workers // nil while the stream is small
	pending []byte   // not yet given to the workers
}

// NewDigester returns a Digester for the named hashes; each must be Known.
func NewDigester(names []string) (*Digester, error) {
	d := &Digester{names: slices.Clone(names)}
	slices.Sort(d.names)
	d.names = slices.Compact(d.names)
	for _, name := range d.names {
		h := NewHash(name)
		if h == nil {
			return nil, fmt.Errorf("hash %s is not supported", name)
		}
		d.hashes = append(d.hashes, h)
	}
	return d, nil
}

// Bytes from which several hashes are computed side by side, and how many are
// handed over at once.
const (
	parallelFrom = 1 << 20
	blockSize    = 256 << 10
	queueDepth   = 4
)

// Write hashes p. It never fails.
func (d *Digester) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	if d.workers == nil && (len(d.hashes) < 2 || d.size < parallelFrom) {
		for _, h := range d.hashes {
			_, _ = h.Write(p) // a hash never fails
		}
		return len(p), nil
	}
	if d.workers == nil {
		d.workers = startWorkers(d.hashes)
	}
	n := len(p)
	for len(p) > 0 {
		if d.pending == nil {
			d.pending = d.workers.buffer()
		}
		k := min(len(p), blockSize-len(d.pending))
		d.pending = append(d.pending, p[:k]...)
		p = p[k:]
		if len(d.pending) == blockSize {
			d.flush()
		}
	}
	return n, nil
}

func (d *Digester) flush() {
	if len(d.pending) > 0 {
		d.workers.send(d.pending)
		d.pending = nil
	}
}

// Size is how many bytes were written.
func (d *Digester) Size() int64 { return d.size }

// Sum ends the stream and gives its digests, in alphabetical order of the names.
func (d *Digester) Sum() []Hash {
	d.Close()
	sums := make([]Hash, len(d.hashes))
	for i, h := range d.hashes {
		sums[i] = Hash{Name: d.names[i], Hex: hex.EncodeToString(h.Sum(nil))}
	}
	return sums
}

// Close ends the goroutines. It may be called more than once.
func (d *Digester) Close() {
	if d.workers != nil {
		d.flush()
		d.workers.stop()
		d.workers = nil
	}
}

// workers are one goroutine for each hash, which all hash the same blocks.
type workers struct {
	queues []chan *block
	free   chan []byte
	wg     sync.WaitGroup
}

// A block goes back to the free ones when its last reader is done.
type block struct {
	data []byte
	left sync.WaitGroup
}

func startWorkers(hashes []hash.Hash) *workers {
	w := &workers{free: make(chan []byte, queueDepth)}
	for range queueDepth {
		w.free <- make([]byte, 0, blockSize)
	}
	for _, h := range hashes {
		q := make(chan *block, queueDepth)
		w.queues = append(w.queues, q)
		w.wg.Go(func() {
			for b := range q {
				_, _ = h.Write(b.data) // a hash never fails
				b.left.Done()
			}
		})
	}
	return w
}

func (w *workers) buffer() []byte { return <-w.free }

func (w *workers) send(data []byte) {
	b := &block{data: data}
	b.left.Add(len(w.queues))
	for _, q := range w.queues {
		q <- b
	}
	w.wg.Go(func() {
		b.left.Wait()
		w.free <- data[:0]
	})
}

func (w *workers) stop() {
	for _, q := range w.queues {
		close(q)
	}
	w.wg.Wait()
}

// Digests hashes what r gives to its end.
func Digests(r io.Reader, names []string) (size int64, sums []Hash, err error) {
	d, err := NewDigester(names)
	if err != nil {
		return 0, nil, err
	}
	defer d.Close()
	buf := make([]byte, 64<<10)
	if _, err := io.CopyBuffer(struct{ io.Writer }{d}, struct{ io.Reader }{r}, buf); err != nil {
		return 0, nil, err
	}
	return d.Size(), d.Sum(), nil
}

// A Filter says which hashes are verified: PORTAGE_CHECKSUM_FILTER, words such
// as "-* SHA512", of which a later one is stronger. The zero value takes all.
type Filter struct {
	words []string // upper case; the last first
}

// ParseFilter reads the value of PORTAGE_CHECKSUM_FILTER.
func ParseFilter(text string) Filter {
	words := strings.Fields(strings.ToUpper(text))
	if len(words) == 0 || words[len(words)-1] == "*" {
		return Filter{}
	}
	slices.Reverse(words)
	return Filter{words}
}

// Takes says whether a hash is verified.
func (f Filter) Takes(name string) bool {
	if len(f.words) == 0 {
		return true
	}
	for _, w := range f.words {
		switch w {
		case "*", name:
			return true
		case "-*", "-" + name:
			return false
		}
	}
	return false
}

// Apply leaves out the hashes that are unknown here and those that the filter
// does not take, but never the last one that is known. The slow WHIRLPOOL is left
// out if there is another. The result is in alphabetical order.
func (f Filter) Apply(hashes []Hash) []Hash {
	var known, kept []Hash
	for _, h := range hashes {
		if Known(h.Name) {
			known = append(known, h)
		}
	}
	slices.SortFunc(known, func(a, b Hash) int { return strings.Compare(a.Name, b.Name) })
	if len(known) > 1 {
		known = slices.DeleteFunc(known, func(h Hash) bool { return h.Name == "WHIRLPOOL" })
	}
	for _, h := range known {
		if f.Takes(h.Name) {
			kept = append(kept, h)
		}
	}
	if len(kept) == 0 && len(known) > 0 {
		kept = known[len(known)-1:]
	}
	return kept
}
