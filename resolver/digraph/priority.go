package digraph

import "strings"

// A Priority says what kind of dependency an edge stands for: a set of the
// bits below. The zero value is an edge without a dependency class, as between
// an argument or set and the packages it names. Portage: _emerge/DepPriority.
type Priority uint16

const (
	Buildtime       Priority = 1 << iota // DEPEND, BDEPEND
	BuildtimeSlotOp                      // Buildtime whose atom has the slot operator "="
	Runtime                              // RDEPEND, IDEPEND, a virtual's own dependency
	RuntimePost                          // PDEPEND
	RuntimeSlotOp                        // Runtime whose atom has the slot operator "="
	Installtime                          // IDEPEND, in addition to Runtime
	Optional                             // build-time class of a package that is built already
	Ignored                              // Optional and switched off: not to be followed
	Satisfied                            // an installed package fulfils the atom
	Cross                                // the parent's root is not the running root
	BlockerEdge                          // package -> uninstall task; no filter ignores it
)

// priorityNames lists the bits in the order String prints them.
var priorityNames = [...]struct {
	bit  Priority
	name string
}{
	{Buildtime, "buildtime"}, {BuildtimeSlotOp, "buildtime_slot_op"},
	{Runtime, "runtime"}, {RuntimePost, "runtime_post"}, {RuntimeSlotOp, "runtime_slot_op"},
	{Installtime, "installtime"}, {Optional, "optional"}, {Ignored, "ignored"},
	{Satisfied, "satisfied"}, {Cross, "cross"}, {BlockerEdge, "blocker"},
}

// Has reports whether all bits are set in p.
func (p Priority) Has(bits Priority) bool { return p&bits == bits }

// Any reports whether at least one of the bits is set in p.
func (p Priority) Any(bits Priority) bool { return p&bits != 0 }

// Hardness ranks p for display, hardest first: 0 buildtime_slot_op (and
// blockers), -1 buildtime, -2 runtime_slot_op, -3 runtime, -4 runtime_post,
// -5 optional whatever else is set, -6 none of them. Ordering decisions never
// use it; they look at the bits.
func (p Priority) Hardness() int {
	switch {
	case p.Has(BlockerEdge):
		return 0
	case p.Has(Optional):
		return -5
	case p.Has(BuildtimeSlotOp):
		return 0
	case p.Has(Buildtime):
		return -1
	case p.Has(RuntimeSlotOp):
		return -2
	case p.Has(Runtime):
		return -3
	case p.Has(RuntimePost):
		return -4
	}
	return -6
}

// Label is the one word that Portage displays for p, as in the message about a
// circular dependency: "buildtime", "runtime_slot_op", ..., "soft".
func (p Priority) Label() string {
	switch {
	case p.Has(BlockerEdge):
		return "blocker"
	case p.Has(Ignored):
		return "ignored"
	}
	switch p.Hardness() {
	case 0:
		return "buildtime_slot_op"
	case -1:
		return "buildtime"
	case -2:
		return "runtime_slot_op"
	case -3:
		return "runtime"
	case -4:
		return "runtime_post"
	case -5:
		return "optional"
	}
	return "soft"
}

// String names every bit set, joined with "+"; "none" without any.
func (p Priority) String() string {
	if p == 0 {
		return "none"
	}
	var names []string
	for _, n := range priorityNames {
		if p.Has(n.bit) {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, "+")
}
