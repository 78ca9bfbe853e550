package sandbox

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// A guard judges the calls of one phase. Only one call is judged at a time.
type guard struct {
	record
	fixed   bool
	static  []string // the kernel lets these be changed
	granted []string // the options too, but they did not exist
	predict []string
	deny    []string
	told    map[int]*grants // by process: what it has said with addwrite and its kin
	loose   bool            // writing is not judged

	hides  func(path string) string // of Options
	missed map[string]bool          // what was asked for and hidden
}

// grants are those of a process and its children.
type grants struct {
	write, predict, deny []string
	off                  bool // SANDBOX_ON is 0

	started string // when the process has, since numbers of processes come again
}

func newGuard(o *Options, p *confine.Policy) *guard {
	g := &guard{loose: o.Loose, hides: o.Hides, missed: map[string]bool{}, fixed: o.Fixed, static: append(devices(), p.Write...), told: map[int]*grants{}}
	for _, name := range o.Predict {
		g.predict = append(g.predict, resolved(name)...)
	}
	for _, name := range o.Deny {
		g.deny = append(g.deny, resolved(name)...)
	}
	for _, c := range p.Cover {
		g.static = append(g.static, c.Path)
	}
	for _, name := range o.Write {
		g.granted = append(g.granted, strings.TrimSuffix(name, "/"))
	}
	return g
}

// devices are written by everybody, and keep nothing.
func devices() []string {
	return []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/proc/self/fd", "/proc/thread-self/fd"}
}

// A verdict is what is to become of one name in a call, from the mildest on.
type verdict uint8

const (
	kernels   verdict = iota // the kernel goes on
	ours                     // this process does it
	quiet                    // it fails
	forbidden                // it fails, and so does the phase
)

// judge answers a call. Denied, if not nil, is told of a violation.
func (g *guard) judge(a *confine.Access, denied func(Violation)) confine.Answer {
	if a.Op == confine.OpOpen && g.listen(a) {
		return heard()
	}
	v, worst := g.weigh(a, &a.Target), a.Target
	if a.Op == confine.OpRename {
		if other := g.weigh(a, &a.Other); other > v {
			v, worst = other, a.Other
		}
	}
	switch v {
	case kernels:
		return confine.Answer{Continue: true}
	case ours:
		return perform(a)
	case forbidden:
		if a.Op == confine.OpAccess {
			return confine.Answer{Continue: true} // asking is free
		}
		violation := describe(a, worst)
		g.add(violation)
		if denied != nil {
			denied(violation)
		}
	}
	return confine.Answer{Errno: unix.EACCES}
}

// weigh judges one name, in the order of Portage's sandbox: what is denied, what
// is granted, what fails by itself, what is predicted.
func (g *guard) weigh(a *confine.Access, n *confine.Name) verdict {
	switch {
	case n.Absolute == "": // relative to something without a name
		return kernels
	case denies(n, g.deny):
		return forbidden
	case within(n.Resolved, g.static):
		return kernels
	case !n.Parent || fails(a, n):
		return kernels
	case within(n.Resolved, g.granted):
		return ours
	}
	if found := g.said(a.PID, n); found != forbidden {
		return found
	}
	if within(n.Resolved, g.predict) {
		return quiet
	}
	return forbidden
}

// said looks for grants that the process, those that it comes from, or its
// environment has made.
func (g *guard) said(pid int, n *confine.Name) verdict {
	if g.fixed {
		return forbidden
	}
	list := []*grants{environment(pid)}
	for ; pid > 1 && len(g.told) > 0; pid = parent(pid) {
		if t := g.told[pid]; t != nil && t.started == started(pid) {
			list = append(list, t)
		}
	}
	found := forbidden
	for _, t := range list {
		switch {
		case denies(n, t.deny):
			return forbidden
		case t.off || within(n.Resolved, t.write):
			found = min(found, ours)
		case within(n.Resolved, t.predict):
			found = min(found, quiet)
		}
	}
	return found
}

// fails says that the call will fail, or do nothing, without our help: there is
// nothing that it could change, or something in its place.
func fails(a *confine.Access, n *confine.Name) bool {
	switch a.Op {
	case confine.OpMkdir, confine.OpMknod, confine.OpSymlink, confine.OpLink:
		return n.Exists()
	case confine.OpOpen:
		if a.Flags&(unix.O_CREAT|unix.O_EXCL) == unix.O_CREAT|unix.O_EXCL {
			return n.Exists()
		}
		return !n.Exists() && a.Flags&unix.O_CREAT == 0
	case confine.OpRename:
		return n == &a.Other && !n.Exists() || n == &a.Target && !a.Other.Exists()
	}
	return !n.Exists()
}

// denies says whether a name is one of those listed or below one, with links
// resolved or as it was given. Grants count for what links lead to alone.
func denies(n *confine.Name, list []string) bool {
	return within(n.Resolved, list) || within(n.Absolute, list)
}

func within(name string, list []string) bool {
	for _, l := range list {
		if below(name, l) {
			return true
		}
	}
	return false
}

// announcements is where the library's addwrite and its kin open a file that does
// not exist to tell of a grant: this folder, the variable's name, the path.
const announcements = "/dev/sandbox/"

// listen takes an announcement.
func (g *guard) listen(a *confine.Access) bool {
	rest, ok := strings.CutPrefix(a.Target.Given, announcements)
	if !ok {
		return false
	}
	name, path, ok := strings.Cut(rest, "/")
	if !ok {
		return false
	}
	t, now := g.told[a.PID], started(a.PID)
	if t == nil || t.started != now {
		t = &grants{started: now}
		g.told[a.PID] = t
	}
	t.add(name, "/"+strings.TrimLeft(path, "/"))
	return true
}

// heard gives the announcer a file to write to.
func heard() confine.Answer {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return confine.Answer{Errno: unix.EACCES}
	}
	return confine.Answer{File: null}
}

// add takes a value of one of Portage's variables.
func (t *grants) add(variable, value string) {
	switch variable {
	case "SANDBOX_WRITE":
		t.write = append(t.write, split(value)...)
	case "SANDBOX_PREDICT":
		t.predict = append(t.predict, split(value)...)
	case "SANDBOX_DENY":
		t.deny = append(t.deny, split(value)...)
	case "SANDBOX_ON":
		t.off = strings.Trim(value, "/") == "0"
	}
}

// split reads a list with colons; only absolute paths count.
func split(value string) []string {
	var list []string
	for _, p := range strings.Split(value, ":") {
		if strings.HasPrefix(p, "/") {
			list = append(list, resolved(p)...)
		}
	}
	return list
}

// resolved gives a path, and where links lead from it.
func resolved(p string) []string {
	list := []string{filepath.Clean(p)}
	if real, err := filepath.EvalSymlinks(p); err == nil && real != list[0] {
		list = append(list, real)
	}
	return list
}

// environment gives the grants in the environment that a process was executed
// with.
func environment(pid int) *grants {
	t := &grants{}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return t // it has gone
	}
	for _, pair := range strings.Split(string(text), "\x00") {
		if name, value, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(name, "SANDBOX_") {
			t.add(name, value)
		}
	}
	return t
}

// parent gives the process that a process comes from, 0 if it has gone.
func parent(pid int) int {
	n, _ := strconv.Atoi(status(pid, "PPid")) // 0 if there is none
	return n
}

// started tells when a process has started, in the kernel's ticks.
func started(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// Fields are counted from the end of the name, which may hold anything.
	const field = 19
	words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(words) <= field {
		return ""
	}
	return words[field]
}

// status gives a field of /proc/PID/status.
func status(pid int, field string) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return ""
	}
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func describe(a *confine.Access, n confine.Name) Violation {
	v := Violation{Call: a.Call, Given: n.Given, Absolute: n.Absolute, Resolved: n.Resolved}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(a.PID) + "/cmdline")
	if err == nil {
		v.Command = strings.ReplaceAll(strings.TrimRight(string(text), "\x00"), "\x00", " ")
	}
	// A shell's command line may hold the library's text.
	if i := strings.IndexByte(v.Command, '\n'); i >= 0 {
		v.Command = v.Command[:i]
	}
	if len(v.Command) > maxCommand {
		v.Command = v.Command[:maxCommand] + "..."
	}
	return v
}

// maxCommand bounds the command line in a violation, in bytes.
const maxCommand = 500
