package confine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// Probe tells what this kernel, container and user offer, by trying it. It
// takes some tens of milliseconds.
func Probe() Report {
	var report Report
	r := &request{PIDs: true, Mounts: true, Net: true, IPC: true, Hostname: true, Users: true}
	report.Missing = missingNamespaces(r)
	version, err := landlockVersion()
	if err != nil {
		report.Missing = append(report.Missing, newError(PartLandlock, "ask for its version", err))
	}
	report.Landlock = version
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, 0); errors.Is(e, unix.ENOSYS) {
		report.Missing = append(report.Missing, newError(PartSeccomp, "ask for its actions", e))
	}
	return report
}

// missingNamespaces tries the namespaces of a request together, and each by
// itself if that does not work.
func missingNamespaces(r *request) []*Error {
	if r.try() == nil {
		return nil
	}
	var missing []*Error
	users := *r
	if r.Users {
		users = request{Users: true}
		if err := users.try(); err != nil {
			missing = append(missing, newError(PartUsers, "make it", err))
			users = request{}
		}
	}
	for _, one := range []struct {
		part Part
		in   bool
		only request
	}{
		{PartPIDs, r.PIDs, request{PIDs: true}}, {PartMounts, r.Mounts, request{Mounts: true}}, {PartNetwork, r.Net, request{Net: true}},
		{PartIPC, r.IPC, request{IPC: true}}, {PartHostname, r.Hostname, request{Hostname: true}},
	} {
		if !one.in {
			continue
		}
		one.only.Users = users.Users
		if err := one.only.try(); err != nil {
			missing = append(missing, newError(one.part, "make it", err))
		}
	}
	return missing
}

// try starts a trampoline in the namespaces of the request that does nothing.
func (r *request) try() error {
	only := *r
	only.Probe, only.First = true, 3
	ours, theirs, err := socketPair()
	if err != nil {
		return err
	}
	defer ours.Close()
	cmd := &Cmd{Cmd: exec.Command("/proc/self/exe")}
	cmd.prepare(&only, theirs)
	err = cmd.Cmd.Start()
	theirs.Close()
	if err != nil {
		return errors.Unwrap(err)
	}
	// If this fails the process ends otherwise, which Wait tells.
	_ = writeMessage(ours, only)
	return cmd.Wait()
}

// leaveOut takes a namespace out of a request.
func (r *request) leaveOut(p Part) {
	switch p {
	case PartUsers:
		r.Users = false
	case PartPIDs:
		r.PIDs = false
	case PartMounts:
		r.Mounts = false
	case PartNetwork:
		r.Net = false
	case PartIPC:
		r.IPC = false
	case PartHostname:
		r.Hostname = false
	}
}

func newError(p Part, op string, err error) *Error {
	return &Error{Part: p, Op: op, Err: err.Error(), Hint: hint(p)}
}

// hint looks for a setting of this machine that explains why a part is missing.
func hint(p Part) string {
	switch p {
	case PartLandlock:
		if lsm, err := os.ReadFile("/sys/kernel/security/lsm"); err == nil && !strings.Contains(string(lsm), "landlock") {
			return fmt.Sprintf("the kernel runs only %s; boot with lsm=landlock,...", strings.TrimSpace(string(lsm)))
		}
		return ""
	case PartUsers, PartMounts, PartPIDs, PartNetwork, PartIPC, PartHostname:
	default:
		return ""
	}
	for _, s := range []struct{ file, bad, hint string }{
		{"/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone is 0"},
		{"/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces is 0"},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl kernel.apparmor_restrict_unprivileged_userns is 1"},
	} {
		if text, err := os.ReadFile(s.file); err == nil && strings.TrimSpace(string(text)) == s.bad {
			return s.hint
		}
	}
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return "a container's rules refuse it"
	}
	return ""
}
