package randworld

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// flags is the USE state of a package of a generated world.
type flags struct{ declared, on map[string]bool }

func (f flags) Declared(flag string) bool { return f.declared[flag] }
func (f flags) Enabled(flag string) bool  { return f.on[flag] }

// Flags returns the USE state of a package of a world: of an ebuild the
// defaults of IUSE, of an installed one what was recorded.
func Flags(p *ebuild.Package) atoms.FlagState {
	f := flags{make(map[string]bool), make(map[string]bool)}
	for _, x := range p.IUSE {
		f.declared[x.Name] = true
		if p.Origin == ebuild.OriginEbuild {
			f.on[x.Name] = x.Default > 0
		}
	}
	for _, name := range p.USE {
		f.on[name] = true
	}
	return f
}

// runtimeClasses are what has to hold while packages are installed.
var runtimeClasses = [...]atoms.DepClass{atoms.RDepend, atoms.PDepend, atoms.IDepend}

// install chooses installed packages: a random one of some slots, less those
// whose run-time dependencies the others do not meet.
func (g *generator) install() {
	var set []*ebuild.Package
	for _, p := range generated(g.w.Ebuilds, ebuild.OriginEbuild).All() {
		if !g.percent(60) || !requiredHolds(p) {
			continue
		}
		set = slices.DeleteFunc(set, func(q *ebuild.Package) bool { return q.CP() == p.CP() && q.Slot == p.Slot })
		set = append(set, p)
	}
	for {
		kept := slices.DeleteFunc(slices.Clone(set), func(p *ebuild.Package) bool { return !stands(p, set) })
		if len(kept) == len(set) {
			break
		}
		set = kept
	}
	for _, p := range set {
		g.w.Installed = append(g.w.Installed, g.record(p, set))
	}
}

func requiredHolds(p *ebuild.Package) bool {
	spec, err := p.RequiredUSE()
	if err != nil {
		return false
	}
	ok, _, err := atoms.CheckRequiredUSE(spec, Flags(p), p.EAPI)
	return ok && err == nil
}

// stands says if the set meets what p needs at run time.
func stands(p *ebuild.Package, set []*ebuild.Package) bool {
	for _, c := range runtimeClasses {
		tree, err := p.Deps(c)
		if err != nil {
			return false
		}
		reduced := atoms.Reduce(tree, atoms.ReduceOptions{EAPI: p.EAPI, Enabled: Flags(p).Enabled})
		if !Holds(reduced, p, set) {
			return false
		}
	}
	return true
}

// Holds says if a set of packages meets a reduced dependency tree of owner:
// every atom has a match and no blocker has one but owner itself.
func Holds(d *atoms.Dep, owner *ebuild.Package, set []*ebuild.Package) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		a := d.Leaf
		any := slices.ContainsFunc(set, func(q *ebuild.Package) bool {
			if a.Blocker != atoms.BlockNone && q.CP() == owner.CP() && q.Slot == owner.Slot {
				return false
			}
			return a.Unblocked().Match(q.Candidate(Flags(q)))
		})
		return any == (a.Blocker == atoms.BlockNone)
	case atoms.KindAny:
		return len(d.Children) == 0 || slices.ContainsFunc(d.Children, func(x *atoms.Dep) bool { return Holds(x, owner, set) })
	default:
		return !slices.ContainsFunc(d.Children, func(x *atoms.Dep) bool { return !Holds(x, owner, set) })
	}
}

// record returns the entry of the installed-package database for p.
func (g *generator) record(p *ebuild.Package, set []*ebuild.Package) Package {
	m := map[string]string{"SLOT": p.Slot}
	if p.Subslot != p.Slot {
		m["SLOT"] += "/" + p.Subslot
	}
	e := g.w.Ebuilds[slices.IndexFunc(g.w.Ebuilds, func(q Package) bool { return q.CPV == p.CPV.String() })]
	if text := e.Metadata["IUSE"]; text != "" {
		m["IUSE"] = text
	}
	on := Flags(p).(flags).on
	var use []string
	for _, f := range slices.Sorted(maps.Keys(on)) {
		if on[f] {
			use = append(use, f)
		}
	}
	if len(use) > 0 {
		m["USE"] = strings.Join(use, " ")
	}
	for _, key := range [...]string{"DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND"} {
		if text := e.Metadata[key]; text != "" {
			m[key] = bind(text, set)
		}
	}
	return Package{CPV: p.CPV.String(), Metadata: m}
}

// bind puts the slot of the installed match into atoms with a bare := operator.
func bind(text string, set []*ebuild.Package) string {
	words := strings.Fields(text)
	for i, word := range words {
		head, tail, ok := strings.Cut(word, ":=")
		if !ok {
			continue
		}
		a, err := atoms.ParseAtom(word, atoms.AtomOptions{})
		if err != nil {
			continue
		}
		var best *ebuild.Package
		for _, q := range set {
			if a.WithoutUSE().Match(q.Candidate(nil)) && (best == nil || best.Compare(q) < 0) {
				best = q
			}
		}
		if best != nil {
			words[i] = fmt.Sprintf("%s:%s/%s=%s", head, best.Slot, best.Subslot, tail)
		}
	}
	return strings.Join(words, " ")
}
