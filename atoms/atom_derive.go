package atoms

import (
	"slices"
	"sync/atomic"
)

// atomMemo keeps atoms derived from one atom, each made at most a few times
// and then shared.
type atomMemo struct {
	unblocked  atomic.Pointer[Atom]
	withoutUSE atomic.Pointer[Atom]
	noSlot     atomic.Pointer[Atom]
	noRepo     atomic.Pointer[Atom]
	evaluated  atomic.Pointer[evaluation]
}

// An evaluation is an entry in the list of evaluated forms of an atom.
type evaluation struct {
	enabled uint64 // bit i: the flag of USE[i] was enabled
	atom    *Atom
	next    *evaluation
}

func (a *Atom) memos() *atomMemo {
	if m := a.memo.Load(); m != nil {
		return m
	}
	m := new(atomMemo)
	if a.memo.CompareAndSwap(nil, m) {
		return m
	}
	return a.memo.Load()
}

// share stores a in slot unless another goroutine was first, and returns what
// slot holds.
func share(slot *atomic.Pointer[Atom], a *Atom) *Atom {
	if slot.CompareAndSwap(nil, a) {
		return a
	}
	return slot.Load()
}

// clone returns a copy with the parts of a, not yet sealed. It is its own
// unevaluated atom, as in Portage: only evaluation remembers its source.
func (a *Atom) clone() *Atom {
	return &Atom{
		Blocker: a.Blocker, Op: a.Op, CP: a.CP, Version: a.Version,
		Slot: a.Slot, Subslot: a.Subslot, SlotOp: a.SlotOp,
		Repo: a.Repo, BuildID: a.BuildID, USE: a.USE, Wildcard: a.Wildcard,
		glob: a.glob,
	}
}

// Unblocked returns the atom without "!" or "!!": what it blocks.
func (a *Atom) Unblocked() *Atom {
	if a.Blocker == BlockNone {
		return a
	}
	m := a.memos()
	if b := m.unblocked.Load(); b != nil {
		return b
	}
	b := a.clone()
	b.Blocker = BlockNone
	return share(&m.unblocked, b.sealed())
}

// WithoutUSE returns the atom without USE dependencies, also without those it
// was evaluated from.
func (a *Atom) WithoutUSE() *Atom {
	if len(a.USE) == 0 && a.source == nil {
		return a
	}
	m := a.memos()
	if b := m.withoutUSE.Load(); b != nil {
		return b
	}
	b := a.clone()
	b.USE = nil
	return share(&m.withoutUSE, b.sealed())
}

// WithoutSlot returns the atom without slot, subslot and slot operator.
func (a *Atom) WithoutSlot() *Atom {
	if a.Slot == "" && a.SlotOp == SlotOpNone {
		return a
	}
	m := a.memos()
	if b := m.noSlot.Load(); b != nil {
		return b
	}
	return share(&m.noSlot, a.WithSlot("", "", SlotOpNone))
}

// WithoutRepo returns the atom without repository.
func (a *Atom) WithoutRepo() *Atom {
	if a.Repo == "" {
		return a
	}
	m := a.memos()
	if b := m.noRepo.Load(); b != nil {
		return b
	}
	return share(&m.noRepo, a.WithRepo(""))
}

// WithSlot returns the atom with another slot dependency. Empty strings and
// SlotOpNone leave the parts out.
func (a *Atom) WithSlot(slot, subslot string, op SlotOp) *Atom {
	b := a.clone()
	b.Slot, b.Subslot, b.SlotOp = slot, subslot, op
	return b.sealed()
}

// WithRepo returns the atom with another repository; "" leaves it out.
func (a *Atom) WithRepo(repo string) *Atom {
	b := a.clone()
	b.Repo = repo
	return b.sealed()
}

// WithCP returns the atom with another package name, which must be valid.
func (a *Atom) WithCP(cp CP) *Atom {
	b := a.clone()
	b.CP = cp
	return b.sealed()
}

// WithUSE returns the atom with other USE dependencies, which must be valid.
func (a *Atom) WithUSE(deps []USEDep) *Atom {
	b := a.clone()
	b.USE = slices.Clone(deps)
	return b.sealed()
}

// evaluatedTo returns the atom with deps, remembering what it came from.
func (a *Atom) evaluatedTo(deps []USEDep) *Atom {
	b := a.clone()
	b.USE, b.source = deps, a
	return b.sealed()
}

// EvaluateUSE returns the atom with its conditional USE dependencies replaced
// by what they mean in a package where the given flags are enabled: only [f]
// and [-f] remain. An atom without conditional dependencies is returned as it
// is; else the result's Unevaluated is a.
func (a *Atom) EvaluateUSE(enabled func(flag string) bool) *Atom {
	if !a.conditional {
		return a
	}
	if len(a.USE) > 64 {
		return a.evaluate(enabled)
	}
	var bits uint64
	for i := range a.USE {
		if a.USE[i].Kind.Conditional() && enabled(a.USE[i].Flag) {
			bits |= 1 << i
		}
	}
	return a.memos().evaluatedAs(bits, func() *Atom { return a.evaluate(enabled) })
}

// evaluatedAs returns the evaluation for the enabled flags, making it if this
// is the first time.
func (m *atomMemo) evaluatedAs(bits uint64, make func() *Atom) *Atom {
	entry := &evaluation{enabled: bits}
	for {
		head := m.evaluated.Load()
		for e := head; e != nil; e = e.next {
			if e.enabled == bits {
				return e.atom
			}
		}
		if entry.atom == nil {
			entry.atom = make()
		}
		entry.next = head
		if m.evaluated.CompareAndSwap(head, entry) {
			return entry.atom
		}
	}
}

func (a *Atom) evaluate(enabled func(flag string) bool) *Atom {
	deps := make([]USEDep, 0, len(a.USE))
	for _, d := range a.USE {
		if d, ok := d.evaluate(enabled(d.Flag)); ok {
			deps = append(deps, d)
		}
	}
	return a.evaluatedTo(deps)
}

// EvaluateQA returns the atom with its conditional USE dependencies replaced
// by everything they could mean in a package whose flags may be on unless
// masked and off unless forced. The result may ask for both states of a flag;
// it serves checks of a repository, not matching.
func (a *Atom) EvaluateQA(masked, forced func(flag string) bool) *Atom {
	if !a.conditional {
		return a
	}
	deps := make([]USEDep, 0, 2*len(a.USE))
	for _, d := range a.USE {
		if !d.Kind.Conditional() {
			deps = append(deps, d)
			continue
		}
		for _, on := range []bool{d.Kind != USENotEqual, d.Kind == USENotEqual} {
			possible := on && !masked(d.Flag) || !on && !forced(d.Flag)
			if e, ok := d.evaluate(on); ok && possible {
				deps = append(deps, e)
			}
		}
	}
	return a.evaluatedTo(deps)
}

// ViolatedUSE returns the atom with only those USE dependencies that child,
// a package that could match it, does not meet, given the flags enabled in the
// parent, the package with the dependency. Conditional dependencies stay
// conditional. Without any USE dependency the result is a. If there are
// conditional dependencies and parentEnabled is nil, the question has no
// answer and the result is nil.
func (a *Atom) ViolatedUSE(child FlagState, parentEnabled func(flag string) bool) *Atom {
	if len(a.USE) == 0 {
		return a
	}
	if a.conditional && parentEnabled == nil {
		return nil
	}
	deps := make([]USEDep, 0, len(a.USE))
	for _, d := range a.USE {
		if d.violated(child, parentEnabled) {
			deps = append(deps, d)
		}
	}
	return a.evaluatedTo(deps)
}

func (d USEDep) violated(child FlagState, parentEnabled func(flag string) bool) bool {
	if d.Default == USENoDefault && !child.Declared(d.Flag) {
		return true
	}
	if d.Kind.Conditional() {
		var ok bool
		if d, ok = d.evaluate(parentEnabled(d.Flag)); !ok {
			return false
		}
	}
	return !d.matches(child)
}
