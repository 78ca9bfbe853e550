package loose

import (
	"cmp"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A Relation is how one atom stands to another.
type Relation uint8

const (
	Different Relation = iota // another package, or one that a query does not want
	Equal                     // the same, or what the query wants
	Newer                     // of the same package a newer version
	Older                     // of the same package an older version
)

// String returns the sign between the two.
func (r Relation) String() string { return [...]string{"!=", "==", ">", "<"}[r] }

// Ignore says what a comparison leaves out.
type Ignore uint8

const (
	IgnoreSlot Ignore = 1 << iota // the slot counts for nothing
	IgnoreRepo                    // nor does the repository
)

// Matches says if a query wants data. What the query leaves open is not asked for.
func Matches(data, query *Atom) bool { return Compare(data, query, 0) == Equal }

// Compare compares data with a query. Operators of the query count, those of data do
// not. With an operator the answer is Equal or Different. Two atoms of which only one
// has a version are equal. A blocker turns a query round.
func Compare(data, query *Atom, ignore Ignore) Relation {
	blocks := query.Blocker == BlockWeak || query.Blocker == BlockHard
	if ignore&IgnoreSlot == 0 && !slotFits(data, query, blocks) {
		return Different
	}
	if query.Repo != "" && ignore&IgnoreRepo == 0 && query.Repo != data.Repo {
		return Different
	}
	if query.HasCategory {
		same := data.HasCategory && data.Category == query.Category
		switch {
		case !same && (!blocks || !data.HasCategory):
			return Different
		case same && blocks && !query.HasName:
			return Equal
		}
	}
	if query.HasName {
		same := data.HasName && data.PN == query.PN
		switch {
		case !same && (!blocks || !data.HasName):
			return Different
		case same && blocks && !query.HasVersion:
			return Equal
		}
	}
	op := query.Op
	if blocks {
		op = opposite(op)
	}
	if data.HasVersion != query.HasVersion {
		return Equal
	}
	return judge(compareVersions(data, query, op), op)
}

// slotFits says if the slot of data does not speak against it.
func slotFits(data, query *Atom, blocks bool) bool {
	switch {
	case query.Blocker == AntiSlot && query.Slot == "":
		return data.Slot != ""
	case query.Blocker == AntiSlot && query.Subslot == "":
		return data.Slot != "" && data.Slot != query.Slot
	case query.Blocker == AntiSlot:
		return data.Slot == query.Slot && query.Subslot != subslot(data)
	case query.Slot == "" || blocks:
		return true
	}
	return data.Slot == query.Slot && (query.Subslot == "" || query.Subslot == data.Subslot)
}

// subslot is the sub-slot that PMS gives a package which says none.
func subslot(a *Atom) string { return cmp.Or(a.Subslot, a.Slot) }

// opposite is what an operator means after a blocker.
func opposite(op Op) Op {
	switch op {
	case OpNewer:
		return OpOlderEqual
	case OpNewerEqual:
		return OpOlder
	case OpOlder:
		return OpNewerEqual
	case OpOlderEqual:
		return OpNewer
	default:
		return opNever
	}
}

// judge turns an order into the answer of an operator.
func judge(r Relation, op Op) Relation {
	holds := false
	switch op {
	case OpNone:
		return r
	case OpNewer:
		holds = r == Newer
	case OpNewerEqual:
		holds = r != Older
	case OpSameBase, OpEqual:
		holds = r == Equal
	case OpOlderEqual:
		holds = r != Newer
	case OpOlder:
		holds = r == Older
	}
	if holds {
		return Equal
	}
	return Different
}

func compareVersions(data, query *Atom, op Op) Relation {
	if query.Star {
		if begins(data.PVR, query.PVR) {
			return Equal
		}
	} else if op == OpSameBase {
		return order(data.PV, query.PV)
	}
	if r := order(data.PVR, query.PVR); r != Equal || query.Star {
		return r
	}
	return relation(cmp.Compare(data.BuildID, query.BuildID))
}

// begins says if a version is one of "=name-prefix*".
func begins(version, prefix string) bool {
	v, err := atoms.ParseVersion(version)
	if err != nil {
		return strings.HasPrefix(version, prefix)
	}
	a, err := atoms.ParseAtom("=a/b-"+prefix+"*", atoms.AtomOptions{})
	if err != nil {
		return strings.HasPrefix(version, prefix)
	}
	return a.MatchVersion(v)
}

// order compares versions, and as text those that PMS does not know.
func order(a, b string) Relation {
	v, err := atoms.ParseVersion(a)
	w, err2 := atoms.ParseVersion(b)
	if err != nil || err2 != nil {
		return relation(cmp.Compare(a, b))
	}
	return relation(v.Compare(w))
}

func relation(order int) Relation {
	switch {
	case order < 0:
		return Older
	case order > 0:
		return Newer
	default:
		return Equal
	}
}

// Sorted compares two atoms for a list: by category and name, in which case does not
// count, the newest version first.
func Sorted(a, b *Atom) int {
	switch Compare(a, b, IgnoreSlot|IgnoreRepo) {
	case Equal:
		return 0
	case Newer:
		return -1
	case Older:
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Category, b.Category),
		cmp.Compare(strings.ToLower(a.PN), strings.ToLower(b.PN)),
		cmp.Compare(a.PN, b.PN))
}
