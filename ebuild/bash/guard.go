package bash

import (
	"fmt"
	"os"
	"path"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// A Violation is something that a confined shell tried and must not.
type Violation struct {
	Call string // the system call
	Path string // as it was given; "" if there is none
	Text string // "reads /etc/passwd"
}

// A guard judges the calls of one confined shell by its policy, and remembers
// those that it refuses.
type guard struct {
	policy *confine.Policy

	mu      sync.Mutex
	sources bool // it has opened an ebuild or eclass; before, it looks for its libraries
	refused []Violation
}

// maxViolations bounds what is remembered of one request.
const maxViolations = 20

func newGuard(p *confine.Policy) *guard { return &guard{policy: p} }

// judge lets the kernel go on with what the policy grants. Since the kernel
// holds the policy by itself, this serves to know of attempts.
func (g *guard) judge(a *confine.Access) confine.Answer {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.granted(a) {
		return confine.Answer{Continue: true}
	}
	if g.sources && len(g.refused) < maxViolations {
		g.refused = append(g.refused, violation(a))
	}
	return confine.Answer{Errno: unix.EACCES}
}

func (g *guard) granted(a *confine.Access) bool {
	switch {
	case a.Op == confine.OpSocket:
		return false
	case a.Op == confine.OpExec:
		// The shell itself is executed before it sources anything. That call is told
		// of again whenever a signal interrupts it.
		return !g.sources
	case a.Op == confine.OpAccess:
		return true
	}
	name := a.Target.Resolved
	if device(name) {
		return true
	}
	if a.Writes {
		return below(name, g.policy.Write)
	}
	if below(name, g.policy.Read) || below(a.Target.Absolute, g.policy.Read) {
		g.sources = true
		return true
	}
	return !g.sources && (below(name, g.policy.Exec) || below(a.Target.Absolute, g.policy.Exec))
}

// device tells the devices that every policy grants, and names of descriptors
// that a process has.
func device(name string) bool {
	switch name {
	case "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/stdin", "/dev/stdout", "/dev/stderr":
		return true
	}
	return strings.HasPrefix(name, "/dev/fd/") || strings.HasPrefix(name, "/proc/self/fd/")
}

// below says whether a path is one of those given, or in one.
func below(name string, list []string) bool {
	for _, l := range list {
		l = path.Clean(l)
		if name == l || strings.HasPrefix(name, strings.TrimSuffix(l, "/")+"/") {
			return true
		}
	}
	return false
}

func violation(a *confine.Access) Violation {
	v := Violation{Call: a.Call, Path: a.Target.Given}
	switch {
	case a.Op == confine.OpSocket:
		v.Text = "uses the network"
	case a.Op == confine.OpExec:
		v.Text = "executes " + a.Target.Absolute
	case a.Writes:
		v.Text = "writes " + a.Target.Absolute
	default:
		v.Text = "reads " + a.Target.Absolute
	}
	return v
}

// take gives what was refused since it was called last.
func (g *guard) take() []Violation {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.refused
	g.refused = nil
	return list
}

// How long processes that end by themselves after their parent may take, as
// those of process substitutions do: so many times so many milliseconds.
const patience, moment = 20, 5

// leaves says whether a process still has children after a while. The first
// process of a pid namespace inherits what others leave behind.
func leaves(pid int) bool {
	for range patience {
		// A kernel without this file does not tell; what is left ends with the shell.
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil || len(text) == 0 {
			return false
		}
		// It may be interrupted; then a moment is shorter.
		_, _ = unix.Poll(nil, moment)
	}
	return true
}
