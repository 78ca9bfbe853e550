// Package imagetar turns the image folder of a package into a tar, and a tar into
// an image folder.
//
// The same image gives the same bytes: members are sorted, times have whole
// seconds, nothing tells of the machine. What is unpacked may be hostile: nothing
// is written outside of the folder, links are never followed, sizes are bounded,
// and an error names the member. The package refuses to know of compression and
// of what is in a package.
package imagetar

import (
	"fmt"
	"time"
)

// Attributes are the owner and the mode of a file.
type Attributes struct {
	UID, GID    int
	User, Group string // names; may be empty
	Mode        uint32 // permissions and set-id bits: 07777
}

// A Format is the sort of tar that is written.
type Format uint8

const (
	GNU   Format = iota // as GNU tar writes it, which is Portage's for xpak
	Ustar               // ustar where it can hold a member, else GNU: Portage's for gpkg
)

// String names the format.
func (f Format) String() string {
	switch f {
	case GNU:
		return "gnu"
	case Ustar:
		return "ustar"
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

// A MemberError says what is wrong with one member of a tar, or with one file of
// an image.
type MemberError struct {
	Member string
	Err    error
}

// Error names the member.
func (e *MemberError) Error() string { return fmt.Sprintf("%q: %v", e.Member, e.Err) }

// Unwrap gives what is wrong.
func (e *MemberError) Unwrap() error { return e.Err }

// A Tally counts what was packed or unpacked.
type Tally struct {
	Files int   // members of any kind
	Bytes int64 // of regular files
}

// clamp returns t in whole seconds, but not later than latest, if that is set.
func clamp(t, latest time.Time) time.Time {
	if !latest.IsZero() && t.After(latest) {
		t = latest
	}
	return time.Unix(t.Unix(), 0)
}
