package ebuild

import (
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/atoms"
)

// CheckFlags lists the USE flags that metadata asks about although they are not
// in IUSE_EFFECTIVE, which declared tells; such a package is not visible. The
// conditionals of dependencies, LICENSE, PROPERTIES, RESTRICT and SRC_URI count,
// conditional USE dependencies, and all of REQUIRED_USE unless the package is
// built. Installed packages are excused. Values that cannot be parsed are left
// to Invalid. Flags in IUSE are not asked about.
func (p *Package) CheckFlags(declared func(flag string) bool) []error {
	if p.Origin == OriginInstalled {
		return nil
	}
	uses, _ := p.trees.flagUses.get(func() (*[]flagUse, error) {
		list := p.flagUses()
		return &list, nil
	})
	var errs []error
	for _, u := range *uses {
		if !declared(u.flag) {
			errs = append(errs, &MetadataError{Fault: FaultIUSE, Key: u.key, Err: fmt.Errorf("USE flag %q is not in IUSE", u.flag)})
		}
	}
	return errs
}

// A flagUse is a flag that one variable asks about and IUSE does not have.
type flagUse struct{ key, flag string }

func (p *Package) flagUses() []flagUse {
	var uses []flagUse
	note := func(key string, flags []string) {
		for _, f := range flags {
			if !p.HasIUSE(f) {
				uses = append(uses, flagUse{key, f})
			}
		}
	}
	for _, class := range depOrder() {
		tree, err := p.Deps(class)
		note(class.String(), flagsOf(p, tree, err))
	}
	license, err := p.License()
	note("LICENSE", flagsOf(p, license, err))
	properties, err := p.Properties()
	note("PROPERTIES", flagsOf(p, properties, err))
	restrict, err := p.Restrict()
	note("RESTRICT", flagsOf(p, restrict, err))
	if !p.Origin.Built() {
		required, err := p.RequiredUSE()
		note("REQUIRED_USE", requiredFlags(p, required, err))
	}
	uris, err := p.SrcURI()
	note("SRC_URI", flagsOf(p, uris, err))
	return uses
}

// flagsOf returns the flags that a tree asks about, none if IUSE has them all.
func flagsOf[L any](p *Package, tree *atoms.Spec[L], err error) []string {
	if err != nil || tree.AsksOnly(p.HasIUSE) {
		return nil
	}
	return tree.Flags()
}

// requiredFlags adds the flags that REQUIRED_USE constrains to those of its
// conditionals.
func requiredFlags(p *Package, tree *atoms.RequiredUSE, err error) []string {
	if err != nil || tree.AsksOnly(p.HasIUSE) && constrainsOnly(tree, p.HasIUSE) {
		return nil
	}
	flags := tree.Flags()
	for leaf := range tree.All() {
		flags = append(flags, leaf.Flag)
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}

// constrainsOnly says if all flags that REQUIRED_USE constrains are known.
func constrainsOnly(tree *atoms.RequiredUSE, known func(string) bool) bool {
	for leaf := range tree.All() {
		if !known(leaf.Flag) {
			return false
		}
	}
	return true
}

// depOrder is the order in which Portage looks at dependency classes.
func depOrder() [atoms.NumDepClasses]atoms.DepClass {
	return [...]atoms.DepClass{atoms.BDepend, atoms.Depend, atoms.IDepend, atoms.PDepend, atoms.RDepend}
}
