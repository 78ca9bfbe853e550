package sandbox

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// look answers calls that change nothing: what is hidden is not there. Calls that
// would change something are not settled.
func (g *guard) look(a *confine.Access, missed func(Hidden)) (answer confine.Answer, settled bool) {
	if a.Writes {
		return confine.Answer{Continue: true}, g.loose
	}
	for _, name := range []string{a.Target.Place, a.Target.Resolved, interpreter(a)} {
		owner := ""
		if name != "" {
			owner = g.hides(name)
		}
		if owner == "" {
			continue
		}
		if !g.missed[name] && len(g.missed) < maxViolations {
			g.missed[name] = true
			if missed != nil {
				missed(Hidden{Path: name, Owner: owner})
			}
		}
		return confine.Answer{Errno: unix.ENOENT}, true
	}
	return confine.Answer{Continue: true}, g.loose || a.Op != confine.OpAccess || a.Mode&unix.W_OK == 0
}

// maxFirstLine is how much of a script the kernel reads to find its interpreter.
const maxFirstLine = 256

// interpreter gives the program that a script which is executed names in its first
// line, without links; "" if it is none.
func interpreter(a *confine.Access) string {
	if a.Op != confine.OpExec || a.Target.Resolved == "" {
		return ""
	}
	f, err := os.OpenFile("/proc/"+strconv.Itoa(a.PID)+"/root"+a.Target.Resolved, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFirstLine))
	line, _, _ := bytes.Cut(text, []byte("\n"))
	rest, ok := bytes.CutPrefix(line, []byte("#!"))
	words := strings.Fields(string(rest))
	if err != nil || !ok || len(words) == 0 {
		return ""
	}
	if real, err := filepath.EvalSymlinks(words[0]); err == nil {
		return real
	}
	return words[0]
}
