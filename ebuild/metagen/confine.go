package metagen

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/ebuild/confine"
)

// A Confinement keeps the shells that source ebuilds from everything but bash,
// its libraries, the repository and its masters: no network, no changes, no
// programs, no other files, no processes that stay.
type Confinement struct {
	Memory    int64          // bytes of address space of one process; 0: 512 MiB
	Processes int            // of one shell; 0: 32
	Allow     []confine.Part // parts of confinement that may be missing
}

// Limits that no ebuild should meet, if nothing else is said.
const (
	defaultMemory    = 512 << 20
	defaultProcesses = 32
	openFiles        = 256
)

// nobody is who sources ebuilds if root asks: a user whose processes the kernel
// counts. Files that only root may read can be read; which, says the policy.
const nobody = 65534

// policy makes the policy of a shell.
func (c *Confinement) policy(r *ebuild.Repository, o bash.DependOptions) (*confine.Policy, error) {
	programs, err := confine.Libraries(o.Bash)
	if err != nil {
		return nil, err
	}
	p := &confine.Policy{
		Exec:         programs,
		OwnUsers:     true,
		User:         &confine.User{UID: nobody, GID: nobody},
		Capabilities: []confine.Capability{unix.CAP_DAC_READ_SEARCH},
		Watch:        confine.WatchReads | confine.WatchWrites | confine.WatchExec | confine.WatchSockets,
		Limits:       confine.Limits{Memory: c.Memory, Processes: c.Processes, OpenFiles: openFiles},
		Allow:        c.Allow,
	}
	if p.Limits.Memory == 0 {
		p.Limits.Memory = defaultMemory
	}
	if p.Limits.Processes == 0 {
		p.Limits.Processes = defaultProcesses
	}
	return p, readable(p, r, o.Eclasses)
}

// readable lets the repository, its masters and the folders of its eclasses be read.
func readable(p *confine.Policy, r *ebuild.Repository, eclasses []bash.Eclass) error {
	places := []string{r.Location}
	for _, m := range r.Masters {
		places = append(places, m.Location)
	}
	for _, e := range eclasses {
		places = append(places, filepath.Dir(e.Path))
	}
	slices.Sort(places)
	for _, place := range slices.Compact(places) {
		// The name that links lead to is what the shell is seen to open.
		real, err := filepath.EvalSymlinks(place)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		p.Read = append(p.Read, place)
		if real != place {
			p.Read = append(p.Read, real)
		}
	}
	return nil
}

// forbidden makes the error of something that was refused. Bash names the place
// of a redirection that failed; if it could not, because the ebuild has silenced
// it, the place is where the ebuild has the path.
func (t *task) forbidden(v bash.Violation) error {
	e := t.fail(KindForbidden, v.Text+", which is not allowed in global scope", nil)
	for _, m := range bashMessage.FindAllStringSubmatch(t.output, -1) {
		if strings.HasPrefix(m[3], v.Path+": ") || v.Path == "" {
			e.File = m[1]
			e.Line, _ = strconv.Atoi(m[2]) // digits by the expression
			return e
		}
	}
	if v.Path == "" {
		return e
	}
	if before, _, ok := strings.Cut(t.text, v.Path); ok {
		e.Line = 1 + strings.Count(before, "\n")
	}
	return e
}
