package universe

import "github.com/tumpline/tumpline/atoms"

// SlotID is the dense id of a SlotKey.
type SlotID int32

// A SlotKey names what can be occupied by one package only.
type SlotKey struct {
	Root RootID
	CP   atoms.CP
	Slot string
}

// Slot returns the id of a slot.
func (u *Universe) Slot(k SlotKey) SlotID {
	id, ok := u.slotID[k]
	if !ok {
		id = SlotID(len(u.slots))
		u.slots = append(u.slots, k)
		u.slotID[k] = id
	}
	return id
}

// SlotKey returns the slot with an id.
func (u *Universe) SlotKey(id SlotID) SlotKey { return u.slots[id] }

func (u *Universe) slotAtomOf(id SlotID) *atoms.Atom {
	k := u.slots[id]
	return u.Atom(string(k.CP) + ":" + k.Slot)
}

// SlotAtom returns cat/pkg:slot of a slot.
func (u *Universe) SlotAtom(id SlotID) *atoms.Atom { return u.slotAtomOf(id) }
