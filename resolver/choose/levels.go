package choose

import (
	"slices"

	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Level says which changes of configuration may be proposed (S101).
type Level struct {
	USE      bool // flags of packages
	License  bool // licences
	Unstable bool // testing keywords
	Missing  bool // packages without a keyword for the architecture
	Unmask   bool // package.mask
}

// Levels returns the levels that the options allow, the least invasive first.
// There are none while proposing is switched off.
func (c *Chooser) Levels() []Level {
	if !c.S.Autounmask {
		return nil
	}
	p := c.P
	var level Level
	var levels []Level
	add := func() { levels = append(levels, level) }
	if !p.AutounmaskKeepUse {
		level.USE = true
		add()
	}
	if !p.AutounmaskKeepLicense {
		level.License = true
		add()
	}
	both := !p.AutounmaskKeepKeywords && !p.AutounmaskKeepMasks
	if !p.AutounmaskKeepKeywords {
		level.Unstable = true
		add()
	}
	if both {
		level.Missing = true
		add()
	}
	if !p.AutounmaskKeepMasks {
		// Lifting a mask alone comes before accepting keywords with it, so
		// that live ebuilds are avoided where possible.
		level.Unstable, level.Missing, level.Unmask = false, false, true
		add()
	}
	if both {
		level.Unstable = true
		add()
		level.Missing = true
		add()
	}
	return levels
}

// Visible says if p may be chosen as things are: nothing masks it, or it is in
// the graph already.
func (c *Chooser) Visible(p *universe.Pkg) bool { return p.Visible() || c.S.InGraph(p) }

// VisibleAt says if p may be chosen at a level, and proposes the changes which
// that takes. A nil level allows no changes.
func (c *Chooser) VisibleAt(p *universe.Pkg, level *Level) bool {
	if c.Visible(p) {
		return true
	}
	if !c.S.Autounmask || level == nil {
		return false
	}
	need, ok := c.needs(p)
	if !ok {
		return false
	}
	if need.unstable && !level.Unstable || need.missing && !level.Missing ||
		need.unmask && !level.Unmask || len(need.licenses) > 0 && !level.License {
		return false
	}
	if need.unstable {
		c.S.Changes.AcceptKeywords(p)
	}
	if need.unmask {
		c.S.Changes.LiftMask(p)
	}
	if len(need.licenses) > 0 {
		c.S.Changes.AcceptLicenses(p, need.licenses)
	}
	return true
}

type needed struct {
	unstable, missing, unmask bool
	licenses                  []string
}

// needs returns which changes would make p visible, less those that are
// proposed already; false if no change of configuration can.
func (c *Chooser) needs(p *universe.Pkg) (needed, bool) {
	var n needed
	for _, r := range p.Verdict().Reasons {
		switch r.Kind {
		case visibility.KindKeywords:
			n.unstable = true
			n.missing = n.missing || r.MissingKeyword()
		case visibility.KindMask:
			n.unmask = true
		case visibility.KindLicense:
			n.licenses = append(n.licenses, r.Licenses...)
		default:
			return n, false
		}
	}
	changes := &c.S.Changes
	if changes.Unstable[p] {
		n.unstable, n.missing = false, false
	}
	if changes.Unmask[p] {
		n.unmask = false
	}
	accepted := changes.License[p]
	n.licenses = slices.DeleteFunc(n.licenses, func(l string) bool { return slices.Contains(accepted, l) })
	return n, true
}
