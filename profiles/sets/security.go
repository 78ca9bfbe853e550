package sets

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// security makes the sets of upgrades that security advisories ask for: of all
// advisories, or of those that affect an installed package, and with or without
// those noted as applied.
func (b *builder) security(class string) (*Set, error) {
	highest, err := b.bool("use_emerge_resolver", false)
	if err != nil {
		return nil, err
	}
	onlyNew := class == classNewGLSA || class == classNewAffected
	onlyVulnerable := class == classAffected || class == classNewAffected
	return &Set{load: func(c *collector) {
		if b.Queries.Advisories == nil {
			c.fail(unanswered("security advisories"))
			return
		}
		all, err := b.Queries.Advisories.All()
		c.fail(err)
		var upgrades []*ebuild.Package
		for _, a := range all {
			if onlyNew && a.Applied || onlyVulnerable && !a.Vulnerable {
				continue
			}
			list, err := a.Upgrades(!highest)
			c.fail(err)
			upgrades = append(upgrades, list...)
		}
		for _, p := range highestPerSlot(upgrades) {
			c.add(atoms.NewVersionAtom(atoms.OpEqual, p.CPV))
		}
	}}, nil
}

// highestPerSlot returns the highest of the packages of each slot, in the order
// of first appearance of the slots.
func highestPerSlot(packages []*ebuild.Package) []*ebuild.Package {
	type slot struct {
		cp   atoms.CP
		slot string
	}
	index := make(map[slot]int)
	var list []*ebuild.Package
	for _, p := range packages {
		key := slot{p.CP(), p.Slot}
		i, ok := index[key]
		switch {
		case !ok:
			index[key] = len(list)
			list = append(list, p)
		case p.CPV.Version.Compare(list[i].CPV.Version) > 0:
			list[i] = p
		}
	}
	return list
}
