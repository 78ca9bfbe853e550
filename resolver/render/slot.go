package render

import (
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// listed returns the installed packages that the line names in brackets: one
// of the same cpv only if its slot, sub-slot or repository differs (O49).
func (l *line) listed() []Old {
	if l.Status != plan.StatusReinstall || len(l.Old) == 0 {
		return l.Old
	}
	old := l.Old[0]
	if old.Slot != l.Slot || old.Subslot != l.Subslot || !l.o.QuietRepos && old.Repo != l.Repo {
		return l.Old[:1]
	}
	return nil
}

// old returns "[1.0, 1.1]", or "" if nothing is listed.
func (l *line) old() string {
	var versions []string
	for _, old := range l.listed() {
		v := strings.TrimSuffix(old.Version, "-r0")
		if l.o.verbosity() == verbose {
			v += l.oldSlot(old) + l.o.repository(old.Repo)
		}
		versions = append(versions, v)
	}
	if versions == nil {
		return ""
	}
	return l.o.paint("blue", "["+strings.Join(versions, ", ")+"]")
}

// slot returns ":slot/subslot" behind the package's own version, as far as it
// tells something (O48).
func (l *line) slot() string {
	sub := l.Subslot != l.Slot
	switch {
	case l.Status == plan.StatusNewSlot:
	case !l.slotted():
		return ""
	default:
		for _, old := range l.listed() {
			sub = sub || old.Slot == l.Slot && old.Subslot != l.Subslot
		}
	}
	return joinSlot(l.Slot, l.Subslot, sub)
}

// oldSlot returns the same behind the version of an installed package.
func (l *line) oldSlot(old Old) string {
	sub := old.Subslot != old.Slot
	switch {
	case l.Status == plan.StatusNewSlot:
	case !l.slotted():
		return ""
	default:
		sub = sub || old.Slot == l.Slot && old.Subslot != l.Subslot
	}
	return joinSlot(old.Slot, old.Subslot, sub)
}

// slotted reports whether one of the packages on the line is in another slot
// or sub-slot than 0/0.
func (l *line) slotted() bool {
	if l.Slot != "0" || l.Subslot != "0" {
		return true
	}
	for _, old := range l.listed() {
		if old.Slot != "0" || old.Subslot != "0" {
			return true
		}
	}
	return false
}

func joinSlot(slot, subslot string, sub bool) string {
	if !sub {
		return ":" + slot
	}
	return ":" + slot + "/" + subslot
}
