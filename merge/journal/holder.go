package journal

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// kernelHolder names the process that has a record lock on a file, as Portage takes
// it; "" if that cannot be told.
func kernelHolder(file string) string {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return ""
	}
	defer f.Close()
	how := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &how); err != nil || how.Type == unix.F_UNLCK || how.Pid <= 0 {
		return ""
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", how.Pid))
	if err != nil {
		return fmt.Sprintf("process %d", how.Pid)
	}
	command := strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " "))
	return fmt.Sprintf("process %d: %s", how.Pid, command)
}
