package choose

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// bin is a class of alternatives; a lower bin is always preferred (D35).
type bin uint8

const (
	binPreferred  bin = iota // in the graph, or installed in some slot
	binNew                   // satisfiable, nothing installed
	binUSEInGraph            // USE has to be changed
	binUSEInstalled
	binUSENew
	binMaskedInstalled // not available, but all atoms are installed
	binMaskedSome
	binMaskedAnySlot
	binOther // not available, a downgrade, circular, or needs forced flags changed
	numBins
)

// alternative is one branch of an any-of group and what speaks for it.
type alternative struct {
	leaves         []*atoms.Dep
	available      bool
	installedSlots bool
	inGraph        bool
	wantUpdate     bool
	newSlots       int
	chosen         []*universe.Pkg // one package per name, for comparing versions
	bin            bin
}

// alternative decides an any-of group and returns the leaves of the winner.
func (k *check) alternative(group *atoms.Dep, virtual *universe.Pkg, minimize bool) []*atoms.Dep {
	var bins [numBins][]*alternative
	for _, d := range group.Children {
		leaves := []*atoms.Dep{d}
		if d.Kind != atoms.KindLeaf {
			leaves = k.reduceAll([]*atoms.Dep{d}, virtual, minimize)
		}
		a := k.assess(leaves, virtual)
		bins[a.bin] = append(bins[a.bin], a)
	}
	return winner(&bins, minimize)
}

// winner returns the leaves of the best alternative: that of the lowest bin
// with an available one or, if there is none, of the lowest bin.
func winner(bins *[numBins][]*alternative, minimize bool) []*atoms.Dep {
	for _, list := range bins {
		if slices.ContainsFunc(list, isAvailable) {
			return firstAvailable(list, minimize).leaves
		}
	}
	for _, list := range bins {
		if len(list) > 0 {
			return first(list, minimize).leaves
		}
	}
	return nil
}

func isAvailable(a *alternative) bool { return a.available }

// firstAvailable returns what comes first in a sorted bin among its available
// alternatives. Only where there are others too does it matter how the whole
// bin is sorted.
func firstAvailable(list []*alternative, minimize bool) *alternative {
	if !slices.ContainsFunc(list, func(a *alternative) bool { return !a.available }) {
		return first(list, minimize)
	}
	sortBin(list, minimize)
	return list[slices.IndexFunc(list, isAvailable)]
}

// first returns the head of a sorted bin without sorting it: only an
// alternative that beats the head takes its place. Overlapping groups multiply
// to bins of thousands.
func first(list []*alternative, minimize bool) *alternative {
	bySlots(list, minimize)
	head := list[0]
	for _, a := range list[1:] {
		if a.beats(head) {
			head = a
		}
	}
	return head
}

// assessment collects what is found out about one alternative.
type assessment struct {
	*check
	alternative
	useSatisfied bool // the packages have the flags that are asked for
	useFixable   bool // no flag in the way is forced or masked
	downgrade    bool
	slots        []taken // slots that it takes, in order
}

// taken is a slot that an alternative takes, with the package that was seen
// there last and the atoms that lead to the slot.
type taken struct {
	pkg   *universe.Pkg
	atoms []*atoms.Atom
}

func (k *check) assess(leaves []*atoms.Dep, virtual *universe.Pkg) *alternative {
	s := &assessment{
		check:        k,
		alternative:  alternative{leaves: leaves, available: true},
		useSatisfied: true, useFixable: true,
	}
	for _, l := range leaves {
		if l.Leaf.Blocker == atoms.BlockNone && !s.addAtom(l.Leaf) {
			s.available, s.useSatisfied = false, false
			break
		}
	}
	s.countSlots()
	if s.available {
		s.binAvailable(virtual)
	} else {
		s.binUnavailable()
	}
	return &s.alternative
}

// addAtom looks at one atom of the alternative; false if nothing can satisfy it.
func (s *assessment) addAtom(a *atoms.Atom) bool {
	var replacing *universe.Pkg
	if s.Parent != nil {
		replacing = s.willReplace(s.Parent, s.Root, a)
	}
	avail := highest(s.view.matches(s.Root, a.WithoutUSE()))
	if avail == nil {
		avail = replacing
	}
	if avail == nil {
		return false
	}
	if replacing == nil {
		in := s.S.Tracker.Match(s.Root, avail.SlotAtom())
		if len(in) > 1 && avail.Less(in[len(in)-1]) && !s.DowngradeWanted(avail) {
			s.downgrade = true
		}
	}
	if len(a.USE) > 0 {
		if withUSE := highest(s.view.matches(s.Root, a)); withUSE != nil {
			avail = withUSE
		} else {
			s.useSatisfied = false
			s.checkFlags(a, avail)
		}
	}
	if replacing == nil {
		top := highest(s.view.matches(s.Root, avail.SlotAtom()))
		if top != nil && avail.Less(top) && (top.Installed() || s.S.InGraph(top)) && !s.DowngradeWanted(avail) {
			s.downgrade = true
		}
	}
	s.choose(a, avail)
	return true
}

func highest(list []*universe.Pkg) *universe.Pkg {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// checkFlags says if a flag that fails the atom is beyond the user's reach.
func (s *assessment) checkFlags(a *atoms.Atom, p *universe.Pkg) {
	flags := s.S.Flags(p)
	violated := a.ViolatedUSE(flags, nil).USE
	for _, d := range violated {
		if d.Kind == atoms.USEEnabled && flags.State.Masked(d.Flag) {
			s.useFixable = false
			return
		}
	}
	for _, d := range violated {
		if d.Kind == atoms.USEDisabled && flags.State.Forced(d.Flag) && !flags.State.Masked(d.Flag) {
			s.useFixable = false
			return
		}
	}
}

// choose records the package for an atom. Of two in one slot the one that
// satisfies all atoms of the slot stands for the name (D40).
func (s *assessment) choose(a *atoms.Atom, p *universe.Pkg) {
	here := s.take(a, p)
	i := slices.IndexFunc(s.chosen, func(q *universe.Pkg) bool { return q.CPV.CP == p.CPV.CP })
	if i < 0 {
		s.chosen = append(s.chosen, p)
		return
	}
	prev := s.chosen[i]
	current, previous := false, false
	if prev.Package.Slot == p.Package.Slot {
		current = matchesAll(p, here.atoms)
		previous = matchesAll(prev, here.atoms)
		if previous && !current {
			return
		}
	}
	if p.CPV.Version.Compare(prev.CPV.Version) > 0 || current && !previous {
		s.chosen[i] = p
	}
}

// take notes that an atom leads to a package.
func (s *assessment) take(a *atoms.Atom, p *universe.Pkg) *taken {
	i := slices.IndexFunc(s.slots, func(t taken) bool { return t.pkg.Slot == p.Slot })
	if i < 0 {
		i = len(s.slots)
		s.slots = append(s.slots, taken{})
	}
	here := &s.slots[i]
	here.pkg, here.atoms = p, append(here.atoms, a)
	return here
}

func matchesAll(p *universe.Pkg, list []*atoms.Atom) bool {
	return !slices.ContainsFunc(list, func(a *atoms.Atom) bool { return !p.Matches(a, nil) })
}

// countSlots counts the slots that the alternative would newly occupy and
// finds out if an update of one of its packages is wanted.
func (s *assessment) countSlots() {
	if s.P.Action == params.ActionRemove {
		s.newSlots = len(s.slots)
		return
	}
	for _, t := range s.slots {
		p := t.pkg
		if s.Parent != nil && s.S.WantsUpdate(s.Parent, p) {
			s.wantUpdate = true
		}
		if !p.Virtual() && len(s.S.Tracker.Match(s.Root, p.SlotAtom())) == 0 {
			s.newSlots++
		}
	}
}

// there says if the atom is satisfied by what is installed or, in the
// complete graph, by what will be.
func (s *assessment) there(a *atoms.Atom) bool {
	if s.final {
		return len(s.S.Tracker.Match(s.Root, a)) > 0
	}
	return s.U.IsInstalled(s.Root, a)
}

func (s *assessment) binAvailable(virtual *universe.Pkg) {
	installed := s.eachAtom(func(a *atoms.Atom) bool {
		return a.CP.Virtual() || s.there(s.U.NameAtom(a.CP))
	})
	s.installedSlots = installed && !slices.ContainsFunc(s.slots, func(t taken) bool {
		return !t.pkg.Virtual() && !s.there(t.pkg.SlotAtom())
	})
	if s.downgrade {
		s.bin = binOther
		return
	}
	s.inGraph = s.eachAtom(func(a *atoms.Atom) bool {
		return a.CP.Virtual() ||
			slices.ContainsFunc(s.S.Tracker.Match(s.Root, a), s.S.InGraph)
	})
	s.bin = s.rankAvailable(installed, virtual)
}

func (s *assessment) rankAvailable(installed bool, virtual *universe.Pkg) bin {
	switch {
	case s.circular(virtual):
		return binOther
	case s.useSatisfied && (s.inGraph || installed):
		return binPreferred
	case s.useSatisfied:
		return binNew
	case !s.useFixable:
		return binOther
	case s.inGraph:
		return binUSEInGraph
	case s.installedSlots:
		return binUSEInstalled
	default:
		return binUSENew
	}
}

func (s *assessment) eachAtom(holds func(*atoms.Atom) bool) bool {
	for _, l := range s.leaves {
		if l.Leaf.Blocker == atoms.BlockNone && !holds(l.Leaf) {
			return false
		}
	}
	return true
}

func (s *assessment) binUnavailable() {
	all, some, anySlot := true, false, false
	for _, l := range s.leaves {
		if l.Leaf.Blocker != atoms.BlockNone {
			continue
		}
		if s.there(l.Leaf) {
			some = true
		} else {
			all = false
		}
		anySlot = anySlot || s.there(s.U.NameAtom(l.Leaf.CP))
	}
	switch {
	case all:
		s.installedSlots = true
		s.bin = binMaskedInstalled
	case some:
		s.bin = binMaskedSome
	case anySlot:
		s.bin = binMaskedAnySlot
	default:
		s.bin = binOther
	}
}

// circular says if the alternative would lead back to a package that is in a
// cycle with the asking one (D36). What is installed does not.
func (s *assessment) circular(virtual *universe.Pkg) bool {
	if s.Parent != nil && s.Parent.OnlyDeps && s.leadsTo(s.Parent) {
		return true
	}
	for _, owner := range [...]*universe.Pkg{s.Parent, virtual} {
		if owner == nil {
			continue
		}
		for _, child := range s.S.Search.Circular[owner] {
			if s.leadsTo(child) {
				return true
			}
		}
	}
	return false
}

func (s *assessment) leadsTo(p *universe.Pkg) bool {
	return !s.eachAtom(func(a *atoms.Atom) bool {
		return a.CP != p.CPV.CP || s.there(a) || !p.Matches(a, nil)
	})
}

// sortBin orders the alternatives of a bin (D38): an alternative moves in
// front of the first one that it beats. It is an insertion into the list as it
// stands, not a total order, and which alternative wins depends on that.
func sortBin(list []*alternative, minimize bool) {
	bySlots(list, minimize)
	for _, a := range slices.Clone(list[1:]) {
		for i, b := range list {
			if a == b {
				break
			}
			if !a.beats(b) {
				continue
			}
			at := slices.Index(list, a)
			copy(list[i+1:at+1], list[i:at])
			list[i] = a
			break
		}
	}
}

// bySlots puts alternatives that occupy fewer new slots first.
func bySlots(list []*alternative, minimize bool) {
	if minimize {
		slices.SortStableFunc(list, func(a, b *alternative) int { return a.newSlots - b.newSlots })
	}
}

func (a *alternative) beats(b *alternative) bool {
	if a.installedSlots && !b.installedSlots && !b.wantUpdate {
		return true
	}
	up, down := false, false
	for _, p := range a.chosen {
		for _, q := range b.chosen {
			if p == q || p.CPV.CP != q.CPV.CP {
				continue
			}
			c := p.CPV.Version.Compare(q.CPV.Version)
			up, down = up || c > 0, down || c < 0
		}
	}
	return up && !down || a.inGraph && !b.inGraph && !(down && !up)
}
