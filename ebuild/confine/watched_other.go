//go:build !amd64

package confine

// statAt is the number of fstatat on architectures with the common numbers.
const statAt = 79

// watchedCalls are the calls of this architecture that can be watched.
func watchedCalls() []watched { return callsAt() }
