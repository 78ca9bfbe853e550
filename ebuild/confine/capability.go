package confine

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Capability is one of the kernel's, by its number (unix.CAP_*).
type Capability uint8

// lastCapability is beyond every capability there is; the kernel's bit sets
// hold 64.
const lastCapability = 64

// becomeUser changes user and groups, keeping capabilities for setCapabilities.
func becomeUser(u *User) error {
	if u == nil {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("keep capabilities: %w", err)
	}
	// The raw calls change this thread only; it is the one that becomes the program.
	if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(u.Groups)), uintptr(unsafe.Pointer(unsafe.SliceData(u.Groups))), 0); e != 0 {
		return fmt.Errorf("set groups: %w", e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(u.GID), uintptr(u.GID), uintptr(u.GID)); e != 0 {
		return fmt.Errorf("set group %d: %w", u.GID, e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(u.UID), uintptr(u.UID), uintptr(u.UID)); e != 0 {
		return fmt.Errorf("set user %d: %w", u.UID, e)
	}
	return nil
}

// setCapabilities leaves this thread and what it becomes the capabilities of
// keep that it has.
func setCapabilities(keep []Capability) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have [2]unix.CapUserData
	if err := unix.Capget(&header, &have[0]); err != nil {
		return fmt.Errorf("read capabilities: %w", err)
	}
	var wanted uint64
	for _, c := range keep {
		wanted |= 1 << c
	}
	wanted &= uint64(have[0].Permitted) | uint64(have[1].Permitted)<<32
	if have[0].Permitted|have[1].Permitted != 0 { // or there is nothing that exec could give back, under no_new_privs
		// Changing the user has left none in effect.
		have[0].Effective, have[1].Effective = have[0].Permitted, have[1].Permitted
		if err := unix.Capset(&header, &have[0]); err != nil {
			return fmt.Errorf("raise capabilities: %w", err)
		}
		if err := dropBounding(wanted); err != nil {
			return err
		}
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("clear ambient capabilities: %w", err)
	}
	low, high := uint32(wanted), uint32(wanted>>32)
	data := [2]unix.CapUserData{
		{Effective: low, Permitted: low, Inheritable: low},
		{Effective: high, Permitted: high, Inheritable: high},
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return fmt.Errorf("drop capabilities: %w", err)
	}
	for c := uintptr(0); c < lastCapability; c++ {
		if wanted&(1<<c) == 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, c, 0, 0); err != nil {
			return fmt.Errorf("keep capability %d: %w", c, err)
		}
	}
	return nil
}

// dropBounding takes all but wanted from the bounding set, so that not even
// root's exec gives them back.
func dropBounding(wanted uint64) error {
	for c := uintptr(0); c < lastCapability; c++ {
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, c, 0, 0, 0)
		if err != nil {
			return nil // beyond the kernel's last capability
		}
		if has == 0 || wanted&(1<<c) != 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil {
			return fmt.Errorf("drop capability %d from the bounding set: %w", c, err)
		}
	}
	return nil
}
