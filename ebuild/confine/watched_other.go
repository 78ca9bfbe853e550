//go:build !amd64

package confine

// watchedCalls are the calls of this architecture that can be watched.
func watchedCalls() []watched { return callsAt() }
