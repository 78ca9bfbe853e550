package cli

import (
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// The growth of the heap, in per cent, at which garbage is collected, unless
// GOGC says otherwise: first, which is of the 4 MiB that the runtime starts
// from, and then of what was kept. Most runs take a tenth of a second and keep
// most of what they read, so that collecting early is wasted time; large ones
// must not grow to several times what they need.
const (
	collectFirst = 1400
	collectAgain = 130
)

// collectLate puts off the first collection. What it returns is what the first
// collection finds.
func collectLate() *[16]byte {
	debug.SetGCPercent(collectFirst)
	sentinel := new([16]byte)
	runtime.SetFinalizer(sentinel, func(*[16]byte) { debug.SetGCPercent(collectAgain) })
	return sentinel
}

// heapAhead is how much of the heap is taken in huge pages.
const heapAhead = 64 << 20

// LargeHeap prepares the process for a front that will need some ten megabytes:
// the system is asked to back the first part of the heap with huge pages, where
// it gives them to those that ask (transparent_hugepage/enabled is madvise). A
// resolution touches ten thousand pages of new heap, once each, and a first touch
// costs as much as a system call that reads a small file. It does nothing if GOGC
// is set, or the process is not this package's (see Exit).
//
// The runtime takes memory from the system step by step and offers no say in how;
// but what it once had it keeps, at least until the second collection. So a block
// is taken, advised, and given back untouched by a collection, which finds next to
// nothing to do.
func (e *Env) LargeHeap() {
	if e.collection == nil {
		return
	}
	runtime.SetFinalizer(e.collection, nil)
	debug.SetGCPercent(-1)
	adviseHeap()
	runtime.GC()
	e.collection = collectLate()
}

// adviseHeap leaves a block for the next collection to give back.
func adviseHeap() {
	block := make([]byte, heapAhead)
	// A system without huge pages serves as well, if slower.
	_ = unix.Madvise(block, unix.MADV_HUGEPAGE)
}
