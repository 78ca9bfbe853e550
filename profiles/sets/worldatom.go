package sets

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// A WorldQuestion is all that decides which line a merge or an argument that is
// installed already adds to the world file.
type WorldQuestion struct {
	Package *ebuild.Package // what was merged or stays
	Args    []*atoms.Atom   // the atoms given as arguments
	// Ebuilds are the visible ebuilds of the package's name, of all
	// repositories; Installed is what is installed of that name.
	Ebuilds, Installed []*ebuild.Package
	Selected, System   []*atoms.Atom // members of @selected and @system, nested sets left aside
	// BeforeInstall says that Package is about to be merged, so that its slot
	// counts though nothing is installed there yet.
	BeforeInstall bool
}

// WorldAtom returns the atom to record, or nil if there is nothing to record.
//
// It is the package's name; with the slot if there is more than one, or one
// that is not 0, and the argument which fits the package best pins it; with the
// repository if that argument has one. Nothing is recorded if @selected has the
// same already, or if @system has a package that is in one slot only.
func WorldAtom(q WorldQuestion) *atoms.Atom {
	p := q.Package.Candidate(nil)
	arg := atoms.BestMatch(q.Args, p)
	if arg == nil {
		return nil
	}
	name := atoms.NewAtom(arg.CP)
	line := name.WithRepo(arg.Repo)
	slotted := slotted(slots(q.Ebuilds, name, arg.Repo)) || slotted(slots(q.Installed, name, ""))
	if slotted && arg.WithoutRepo().String() != string(arg.CP) && q.pinned(arg) {
		line = slotAtom(q.Package).WithRepo(arg.Repo)
	}
	if old := atoms.BestMatch(q.Selected, p); old != nil && old.String() == line.String() {
		return nil
	}
	if !slotted && arg.Repo == "" {
		if system := atoms.BestMatch(q.System, p); system != nil && system.CP.Category() != "virtual" {
			return nil
		}
	}
	return line
}

// pinned reports whether arg leaves only the package's own slot.
func (q WorldQuestion) pinned(arg *atoms.Atom) bool {
	own := slotAtom(q.Package)
	if !q.BeforeInstall && len(slots(q.Installed, own, "")) == 0 {
		return false // the slot is gone: it was renamed meanwhile
	}
	store, repo := q.Ebuilds, arg.Repo
	if len(slots(q.Ebuilds, own, "")) == 0 {
		store, repo = q.Installed, ""
	}
	matched := slots(store, arg, repo)
	if q.BeforeInstall && !slices.Contains(matched, q.Package.Slot) {
		matched = append(matched, q.Package.Slot)
	}
	return len(matched) == 1
}

// slots returns the slots of the packages that an atom matches. Of a version
// that matches, the slots in all repositories count, or in the one called repo.
func slots(packages []*ebuild.Package, a *atoms.Atom, repo string) []string {
	var list []string
	for _, p := range packages {
		versionMatches := slices.ContainsFunc(packages, func(q *ebuild.Package) bool {
			return q.CPV == p.CPV && a.Match(q.Candidate(nil))
		})
		if versionMatches && (repo == "" || p.Repo == repo) && !slices.Contains(list, p.Slot) {
			list = append(list, p.Slot)
		}
	}
	return list
}

// slotted reports whether slots tell packages apart.
func slotted(slots []string) bool {
	return len(slots) > 1 || len(slots) == 1 && slots[0] != "0"
}
