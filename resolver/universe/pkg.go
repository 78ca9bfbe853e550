package universe

import (
	"cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
)

// ID is the dense id of a package instance, or of another node that Reserve made.
type ID int32

// numClasses is the number of dependency classes.
const numClasses = 5

// A Pkg is one instance of a package as one root sees it. Two Pkgs are the
// same instance exactly if they are the same pointer.
type Pkg struct {
	*ebuild.Package
	ID   ID
	Root *Root
	Slot SlotID // root, name and slot: what can be occupied only once
	Name NameID

	// OnlyDeps marks the argument of a --onlydeps request: an instance of its
	// own that is not merged and occupies no slot.
	OnlyDeps bool

	u           *Universe
	deps        [numClasses]*atoms.Dep
	depsErr     [numClasses]error
	depsDone    [numClasses]bool
	reduced     *reducedDeps // see Evaluated
	reducedFree *reducedDeps // see EvaluatedVirtual
	slotAtom    *atoms.Atom
	flags       *Flags
	libs        *sonames
	configured  *Flags
	verdict     *visibility.Verdict
	live        *ebuild.Package // the ebuild whose dependencies an installed package follows
	liveDone    bool
	onlyDeps    *Pkg

	completedBy *Pkg // of an instance made by Reduced
}

// add gives a package an id.
func (u *Universe) add(r *Root, p *ebuild.Package, onlyDeps bool) *Pkg {
	pkg := &Pkg{Package: p, ID: ID(len(u.pkgs)), Root: r, OnlyDeps: onlyDeps, Name: u.NameID(p.CPV.CP), u: u}
	pkg.Slot = u.Slot(SlotKey{Root: r.ID, CP: p.CPV.CP, Slot: p.Slot})
	u.pkgs = append(u.pkgs, pkg)
	return pkg
}

// AsOnlyDeps returns the instance that stands for p as an argument of --onlydeps.
func (p *Pkg) AsOnlyDeps() *Pkg {
	if p.OnlyDeps || p.Installed() {
		return p
	}
	if p.onlyDeps == nil {
		p.onlyDeps = p.u.add(p.Root, p.Package, true)
	}
	return p.onlyDeps
}

// Installed says if p is in the installed-package database.
func (p *Pkg) Installed() bool { return p.Origin == ebuild.OriginInstalled }

// Built says if p was built already: installed, or a binary package.
func (p *Pkg) Built() bool { return p.Origin != ebuild.OriginEbuild }

// Merges says if choosing p means to merge it.
func (p *Pkg) Merges() bool { return !p.OnlyDeps && !p.Installed() }

// CP returns the qualified package name.
func (p *Pkg) CP() atoms.CP { return p.CPV.CP }

// Virtual says if p is of the category virtual.
func (p *Pkg) Virtual() bool { return p.CPV.CP.Virtual() }

// SameSlotAs says if both occupy one slot of one root, or would.
func (p *Pkg) SameSlotAs(q *Pkg) bool { return p.Slot == q.Slot }

// SubslotOf says if p has the given slot and sub-slot.
func (p *Pkg) SubslotOf(q *Pkg) bool {
	return p.Package.Slot == q.Package.Slot && p.Subslot == q.Subslot
}

// SlotAtom returns the atom cat/pkg:slot.
func (p *Pkg) SlotAtom() *atoms.Atom {
	if p.slotAtom == nil {
		p.slotAtom = p.u.slotAtomOf(p.Slot)
	}
	return p.slotAtom
}

// Compare orders by name, version and, where both are built, build time.
func (p *Pkg) Compare(q *Pkg) int {
	if c := cmp.Compare(p.CPV.CP, q.CPV.CP); c != 0 {
		return c
	}
	if c := p.CPV.Version.Compare(q.CPV.Version); c != 0 {
		return c
	}
	if p.Built() && q.Built() {
		return cmp.Compare(p.BuildTime(), q.BuildTime())
	}
	return 0
}

// Less says if p is older than q.
func (p *Pkg) Less(q *Pkg) bool { return p.Compare(q) < 0 }

// AtLeast says if the version of p is not lower than that of q; build times
// do not count here (Portage's >= on packages).
func (p *Pkg) AtLeast(q *Pkg) bool {
	if c := cmp.Compare(p.CPV.CP, q.CPV.CP); c != 0 {
		return c > 0
	}
	return p.CPV.Version.Compare(q.CPV.Version) >= 0
}

// SameVersion says if name and version are equal (1 and 1-r0 are).
func (p *Pkg) SameVersion(q *Pkg) bool {
	return p.CPV.CP == q.CPV.CP && p.CPV.Version.Compare(q.CPV.Version) == 0
}

// SameCPV says if name and version are spelt alike.
func (p *Pkg) SameCPV(q *Pkg) bool { return p.CPV == q.CPV }

// RepoPriority returns the priority of the repository that p comes from.
func (p *Pkg) RepoPriority() (int, bool) { return p.Root.Priority(p.Repo) }

// State returns the USE state by configuration or, of a built package, by record.
func (p *Pkg) State() *use.State { return p.Flags().State }

// Verdict returns why p is masked, if it is.
func (p *Pkg) Verdict() visibility.Verdict {
	if p.verdict == nil {
		v := p.Root.Policy.Verdict(p.judged())
		p.verdict = &v
	}
	return *p.verdict
}

// LicenseMasked says if the licence of p is a reason against it.
func (p *Pkg) LicenseMasked() bool {
	if p.verdict != nil {
		return p.verdict.Find(visibility.KindLicense) != nil
	}
	return p.Root.Policy.LicenseMasked(p.Package)
}

// Visible says if p may be chosen without a change of configuration. An
// installed package stays visible when only its keywords, properties or
// restrictions are not accepted (S80).
func (p *Pkg) Visible() bool { return p.Verdict().Visible() }

// Masked says if there is any reason against p, counting those that do not
// make an installed package invisible.
func (p *Pkg) Masked() bool { return len(p.Verdict().Reasons) > 0 }

// String returns "cat/pkg-1::repo".
func (p *Pkg) String() string { return p.CPV.String() + "::" + p.Repo }

// HasOnlyDeps says if AsOnlyDeps has made an instance already.
func (p *Pkg) HasOnlyDeps() bool { return p.onlyDeps != nil }
