package choose

import "github.com/tumpline/tumpline/resolver/universe"

// EbuildVisible says if the ebuild that a built package came from is there and
// may be chosen as things are.
func (c *Chooser) EbuildVisible(p *universe.Pkg) bool { return c.ebuildVisible(p, nil) }
