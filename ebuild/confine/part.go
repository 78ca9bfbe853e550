package confine

import (
	"fmt"
	"strings"
)

// A Part is something of the kernel that holds up a policy.
type Part uint8

const (
	PartUsers        Part = iota // user namespace
	PartPIDs                     // pid namespace
	PartMounts                   // mount namespace and the view in it
	PartNetwork                  // network namespace
	PartIPC                      // ipc namespace
	PartHostname                 // uts namespace
	PartProc                     // a /proc of the pid namespace
	PartLandlock                 // Landlock
	PartSeccomp                  // seccomp filters
	PartNoNewPrivs               // no_new_privs
	PartCapabilities             // dropping of capabilities, changing the user
	PartLimits                   // resource limits
	numParts
)

// partNames are the words that users write, partMeanings what it means if the
// part is missing.
var (
	partNames = [numParts]string{
		"userns", "pidns", "mountns", "netns", "ipcns", "utsns", "proc", "landlock", "seccomp", "no-new-privs", "capabilities", "limits",
	}
	partMeanings = [numParts]string{
		PartUsers:        "without root no other namespace can be made, and processes are counted together with all others of the user",
		PartPIDs:         "processes that a program leaves behind are not ended, and it can see and signal other processes of its user",
		PartMounts:       "files outside the policy can be seen, though not opened where Landlock holds",
		PartNetwork:      "services on this machine's network, and abstract unix sockets, can be reached where Landlock and seccomp do not refuse",
		PartIPC:          "System V shared memory, semaphores and message queues of the user can be used",
		PartHostname:     "the name of this machine can be seen",
		PartProc:         "/proc is missing inside, and with it process substitution in shells",
		PartLandlock:     "which files can be read and executed rests on the mount view alone",
		PartSeccomp:      "the kernel's whole surface is open: tracing, sockets, keyrings, namespaces",
		PartNoNewPrivs:   "programs with the setuid bit give their privileges",
		PartCapabilities: "the program keeps the privileges of this process",
		PartLimits:       "CPU time, memory, file sizes or processes are unlimited",
	}
)

func (p Part) String() string {
	if p < numParts {
		return partNames[p]
	}
	return fmt.Sprintf("Part(%d)", uint8(p))
}

// Meaning tells what it means if the part is missing.
func (p Part) Meaning() string {
	if p < numParts {
		return partMeanings[p]
	}
	return ""
}

// ParsePart reads the name of a part, as String writes it.
func ParsePart(name string) (Part, error) {
	for p, n := range partNames {
		if n == name {
			return Part(p), nil
		}
	}
	return 0, fmt.Errorf("%q is no part of confinement; the parts are %s", name, strings.Join(partNames[:], ", "))
}

// An Error reports that a part cannot be had.
type Error struct {
	Part Part
	Op   string // what was tried
	Err  string // what the kernel said
	Hint string // a setting of this machine that explains it, or ""
}

func (e *Error) Error() string {
	text := fmt.Sprintf("confine: %s: %s: %s", e.Part, e.Op, e.Err)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text + "; without it " + strings.TrimPrefix(e.Part.Meaning(), "without ")
}

// A Report tells what this kernel, container and user offer.
type Report struct {
	Landlock int      // version of its interface, 0 if there is none
	Missing  []*Error // in the order of the parts
}

// String is one line for each missing part, or "everything".
func (r Report) String() string {
	if len(r.Missing) == 0 {
		return fmt.Sprintf("everything (Landlock %d)", r.Landlock)
	}
	lines := make([]string, len(r.Missing))
	for i, e := range r.Missing {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}
