package manifest

import (
	"encoding/binary"
	"hash"
	"math/bits"
	"sync"
)

// Whirlpool (ISO/IEC 10118-3) is in Manifests of before 2017. It has ten rounds
// over a state of 8 rows of 8 bytes, each held as one big-endian word.
const (
	whirlpoolRounds = 10
	whirlpoolBlock  = 64
)

// whirlpoolTables are the substitution and diffusion of a byte in column 0 (the
// other columns are rotations of it), and the constants of the rounds.
type whirlpoolTables struct {
	spread [256]uint64
	rounds [whirlpoolRounds]uint64
}

// whirlpoolOnce makes the tables when they are first needed.
var whirlpoolOnce = sync.OnceValue(makeWhirlpoolTables)

func makeWhirlpoolTables() *whirlpoolTables {
	box := whirlpoolBox()
	t := new(whirlpoolTables)
	for i, s := range box {
		for _, factor := range []byte{1, 1, 4, 1, 8, 5, 2, 9} {
			t.spread[i] = t.spread[i]<<8 | uint64(timesWhirlpool(s, factor))
		}
	}
	for r := range t.rounds {
		t.rounds[r] = binary.BigEndian.Uint64(box[8*r:])
	}
	return t
}

// whirlpoolBox makes the substitution box from the mini-boxes E and R.
func whirlpoolBox() (box [256]byte) {
	e := [16]byte{0x1, 0xb, 0x9, 0xc, 0xd, 0x6, 0xf, 0x3, 0xe, 0x8, 0x7, 0x4, 0xa, 0x2, 0x5, 0x0}
	r := [16]byte{0x7, 0xc, 0xb, 0xd, 0xe, 0x4, 0x9, 0xf, 0x6, 0x3, 0x8, 0xa, 0x2, 0x5, 0x1, 0x0}
	var inverse [16]byte
	for i, v := range e {
		inverse[v] = byte(i)
	}
	for i := range box {
		high, low := e[i>>4], inverse[i&15]
		mix := r[high^low]
		box[i] = e[high^mix]<<4 | inverse[low^mix]
	}
	return box
}

// timesWhirlpool multiplies in GF(2^8) modulo x^8+x^4+x^3+x^2+1.
func timesWhirlpool(a, b byte) (product byte) {
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			product ^= a
		}
		carry := a >> 7
		a = a<<1 ^ carry*0x1d
	}
	return product
}

type whirlpool struct {
	tables *whirlpoolTables
	state  [8]uint64
	buffer [whirlpoolBlock]byte
	filled int
	length uint64 // bytes
}

func newWhirlpool() hash.Hash { return &whirlpool{tables: whirlpoolOnce()} }

// Size is the length of the digest in bytes.
func (w *whirlpool) Size() int { return 64 }

// BlockSize is the length of a block in bytes.
func (w *whirlpool) BlockSize() int { return whirlpoolBlock }

// Reset starts anew.
func (w *whirlpool) Reset() { *w = whirlpool{tables: w.tables} }

// Write hashes p; it never fails.
func (w *whirlpool) Write(p []byte) (int, error) {
	n := len(p)
	w.length += uint64(n)
	for len(p) > 0 {
		k := copy(w.buffer[w.filled:], p)
		w.filled += k
		p = p[k:]
		if w.filled == whirlpoolBlock {
			w.compress()
			w.filled = 0
		}
	}
	return n, nil
}

// Sum appends the digest of what was written so far.
func (w *whirlpool) Sum(b []byte) []byte {
	end := *w
	padding := []byte{0x80}
	for (end.filled+len(padding))%whirlpoolBlock != 32 {
		padding = append(padding, 0)
	}
	length := make([]byte, 32) // in bits, big endian
	binary.BigEndian.PutUint64(length[24:], w.length<<3)
	length[23] = byte(w.length >> 61)
	_, _ = end.Write(append(padding, length...))
	for _, word := range end.state {
		b = binary.BigEndian.AppendUint64(b, word)
	}
	return b
}

// compress takes the buffered block into the state (Miyaguchi-Preneel).
func (w *whirlpool) compress() {
	var block, state [8]uint64
	key := w.state
	for i := range block {
		block[i] = binary.BigEndian.Uint64(w.buffer[8*i:])
		state[i] = block[i] ^ key[i]
	}
	for _, constant := range w.tables.rounds {
		key = w.round(&key)
		key[0] ^= constant
		state = w.round(&state)
		for i := range state {
			state[i] ^= key[i]
		}
	}
	for i := range w.state {
		w.state[i] ^= state[i] ^ block[i]
	}
}

// round substitutes, shifts column j down by j rows, and mixes the rows.
func (w *whirlpool) round(in *[8]uint64) (out [8]uint64) {
	for i := range out {
		for j := range 8 {
			b := byte(in[(i-j+8)%8] >> (56 - 8*j))
			out[i] ^= bits.RotateLeft64(w.tables.spread[b], -8*j)
		}
	}
	return out
}
