package build

import (
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/merge/phase"
)

// jobserver lets builds share the jobs of a make that called this program, if it
// speaks by a named pipe (make 4.4). Descriptors are not handed on to phases: then
// make is told of no jobserver, so that it does not complain.
func (m *Making) jobserver(b *phase.Build) {
	flags := m.Env.Vars["MAKEFLAGS"]
	if !strings.Contains(flags, jobserverAuth) && !strings.Contains(flags, jobserverOld) {
		return
	}
	var kept []string
	for _, word := range strings.Fields(flags) {
		auth, ours := strings.CutPrefix(word, jobserverAuth)
		if pipe, ok := strings.CutPrefix(auth, "fifo:"); ours && ok {
			if info, err := os.Stat(pipe); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
				m.mayWrite(b, pipe)
				kept = append(kept, word)
			}
			continue
		}
		if !ours && !strings.HasPrefix(word, jobserverOld) {
			kept = append(kept, word)
		}
	}
	b.Caller = maps.Clone(b.Caller)
	for _, vars := range []map[string]string{b.Caller, b.Variables} {
		delete(vars, "MAKEFLAGS")
		if len(kept) > 0 {
			vars["MAKEFLAGS"] = strings.Join(kept, " ")
		}
	}
}

// How make names its jobserver, now and before make 4.2.
const (
	jobserverAuth = "--jobserver-auth="
	jobserverOld  = "--jobserver-fds="
)

// mayWrite grants the phases of a build a path outside of their folder.
func (m *Making) mayWrite(b *phase.Build, path string) {
	if s, ok := b.Launch.(*phase.Sandboxed); ok {
		granted := *s
		granted.Write = append(slices.Clone(s.Write), path)
		b.Launch = &granted
	}
}
