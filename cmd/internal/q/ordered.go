package q

import (
	"runtime"
	"sync/atomic"
)

// ordered does n pieces of work, as many at a time as there are processors, and takes
// the results in their order, each as soon as it can be had.
func ordered[T any](n int, work func(i int) T, take func(T)) {
	results := make([]chan T, n)
	for i := range results {
		results[i] = make(chan T, 1)
	}
	var next atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		go func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				results[i] <- work(i)
			}
		}()
	}
	for _, r := range results {
		take(<-r)
	}
}
