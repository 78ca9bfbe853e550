package universe

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// A requirement on a soname is written as an atom whose name is the soname with
// its multilib category, "x86_64: libfoo.so.1": no package can have that name.
// Such an atom is matched by the built packages that provide the soname; what
// else asks for atoms need not tell the two sorts apart.

func sonameCP(s ebuild.Soname) atoms.CP { return atoms.CP(s.Category + ": " + s.Name) }

// IsSoname says if an atom stands for a soname.
func IsSoname(a *atoms.Atom) bool { return isSonameCP(a.CP) }

func isSonameCP(cp atoms.CP) bool { return strings.IndexByte(string(cp), ':') >= 0 }

// sonames are what a built package provides and requires.
type sonames struct {
	provides map[atoms.CP]bool
	requires []*atoms.Atom
}

func (p *Pkg) sonames() *sonames {
	if p.libs != nil {
		return p.libs
	}
	p.libs = &sonames{}
	if !p.Built() {
		return p.libs
	}
	provides, _ := ebuild.ParseSonames(p.Raw("PROVIDES")) // Invalid tells of what cannot be read
	if len(provides) > 0 {
		p.libs.provides = make(map[atoms.CP]bool, len(provides))
	}
	for _, s := range provides {
		p.libs.provides[sonameCP(s)] = true
	}
	requires, _ := ebuild.ParseSonames(p.Raw("REQUIRES"))
	var names []atoms.CP
	for _, s := range requires {
		names = append(names, sonameCP(s))
	}
	slices.Sort(names)
	// Portage's order follows its hashes; the last name first is the order in
	// which it most often recorded its graphs.
	for _, cp := range slices.Backward(slices.Compact(names)) {
		p.libs.requires = append(p.libs.requires, p.u.sonameAtom(cp))
	}
	return p.libs
}

func (u *Universe) sonameAtom(cp atoms.CP) *atoms.Atom {
	a := u.made[string(cp)]
	if a == nil {
		a = atoms.NewAtom(cp)
		u.made[string(cp)] = a
	}
	return a
}

// Provides says if a built package provides the soname that an atom stands for.
func (p *Pkg) Provides(a *atoms.Atom) bool { return p.sonames().provides[a.CP] }

// Provided returns the names of the sonames that a built package provides, in no order.
func (p *Pkg) Provided() map[atoms.CP]bool { return p.sonames().provides }

// Requires returns the sonames that a built package needs, as atoms, the last name first.
func (p *Pkg) Requires() []*atoms.Atom { return p.sonames().requires }

// providers returns the packages of a store that provide a soname, best first.
func (u *Universe) providers(r *Root, origin ebuild.Origin, cp atoms.CP) []*Pkg {
	if origin == ebuild.OriginEbuild {
		return nil
	}
	k := providerKey{r.ID, origin}
	index, ok := u.provided[k]
	if !ok {
		index = u.indexProviders(r, origin)
		u.provided[k] = index
	}
	return index[cp]
}

type providerKey struct {
	root   RootID
	origin ebuild.Origin
}

func (u *Universe) indexProviders(r *Root, origin ebuild.Origin) map[atoms.CP][]*Pkg {
	source := r.Installed
	if origin == ebuild.OriginBinary {
		source = r.Binaries
	}
	index := make(map[atoms.CP][]*Pkg)
	if source == nil {
		return index
	}
	cps, err := source.CPs()
	u.note(err)
	for _, cp := range cps {
		for _, p := range slices.Backward(u.Store(r, origin, cp)) {
			for soname := range p.Provided() {
				index[soname] = append(index[soname], p)
			}
		}
	}
	for _, list := range index {
		slices.SortStableFunc(list, func(a, b *Pkg) int { return b.Compare(a) })
	}
	return index
}
