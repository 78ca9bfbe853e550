package scaletest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tumpline/tumpline/atoms"
)

// generator makes one tree. Names with a low index are those that many depend
// on: a package depends on names of a lower index, save for the cycles that
// PDEPEND and a few RDEPEND close.
type generator struct {
	*rand.Rand
	size  Size
	flags []flag
	names []*name
	t     *Tree

	installed []map[string]int // by name: version by slot
	floors    []int            // by name: lowest version that may be installed
}

// flag is a USE flag. Its state is the same in all packages, so that any USE
// dependency can be met.
type flag struct {
	name      string
	on, byEbd bool // byEbd: on by a default of IUSE, not by the profile
}

// name is one package name with its versions, ascending.
type name struct {
	cp       atoms.CP
	virtual  bool
	slotted  bool  // a slot for each version
	library  bool  // a sub-slot for each version
	flags    []int // of all versions
	versions []*version
}

type version struct {
	text    string
	testing bool
	flags   []int
	deps    []dep
}

func (g *generator) percent(p float64) bool { return g.Float64()*100 < p }

// quantiles are counts at these shares of all, ascending.
type quantiles []struct {
	share float64
	count int
}

// draw gives a random count.
func (g *generator) draw(q quantiles) int {
	x := g.Float64()
	for i := 1; i < len(q); i++ {
		if x <= q[i].share {
			part := (x - q[i-1].share) / (q[i].share - q[i-1].share)
			return q[i-1].count + int(math.Round(part*float64(q[i].count-q[i-1].count)))
		}
	}
	return q[len(q)-1].count
}

// The flags of a tree: popular ones first, then the implementations that a
// third of all packages choose from.
const (
	plainFlags      = 400
	implementations = 4
)

func (g *generator) nameFlags() {
	for i := range plainFlags {
		f := flag{name: fmt.Sprintf("flag%d", i), on: g.percent(25)}
		f.byEbd = f.on && g.percent(50)
		g.flags = append(g.flags, f)
		if f.on && !f.byEbd {
			g.t.USE = append(g.t.USE, f.name)
		}
	}
	for i := range implementations {
		f := flag{name: fmt.Sprintf("python_targets_python3_%d", 11+i), on: i == 2}
		g.flags = append(g.flags, f)
		if f.on {
			g.t.USE = append(g.t.USE, f.name)
		}
	}
}

var categories = [...]string{
	"app-admin", "app-arch", "app-crypt", "app-editors", "app-misc", "app-shells", "app-text", "dev-build", "dev-db",
	"dev-haskell", "dev-lang", "dev-libs", "dev-perl", "dev-python", "dev-python", "dev-ruby", "dev-util", "dev-vcs",
	"games-misc", "gui-apps", "kde-apps", "mail-client", "media-gfx", "media-libs", "media-sound", "media-video",
	"net-analyzer", "net-dns", "net-fs", "net-libs", "net-misc", "sci-libs", "sec-keys", "sys-apps", "sys-auth",
	"sys-boot", "sys-devel", "sys-fs", "sys-kernel", "sys-libs", "sys-process", "www-apps", "www-client", "x11-libs",
	"x11-misc", "x11-wm",
}

// plan decides which names, versions, slots and flags there are.
func (g *generator) plan() {
	for i := range g.size.Names {
		n := &name{virtual: i >= 20 && i%70 == 0}
		category := categories[g.IntN(len(categories))]
		if n.virtual {
			category = "virtual"
		}
		n.cp = atoms.CP(fmt.Sprintf("%s/pkg%d", category, i))
		if !n.virtual {
			n.slotted, n.library = g.percent(8), g.percent(20)
			n.flags = g.someFlags(g.draw(flagCounts))
		}
		g.versions(n, g.draw(versionCounts))
		g.names = append(g.names, n)
	}
	g.installed, g.floors = make([]map[string]int, len(g.names)), make([]int, len(g.names))
}

var (
	flagCounts    = quantiles{{0, 0}, {.2, 0}, {.25, 1}, {.5, 4}, {.75, 8}, {.9, 15}, {.99, 40}, {1, 90}}
	versionCounts = quantiles{{0, 1}, {.64, 1}, {.68, 2}, {.86, 2}, {.95, 3}, {.98, 5}, {.995, 8}, {1, 20}}
)

func (g *generator) someFlags(count int) []int {
	var list []int
	for range count {
		list = append(list, int(plainFlags*math.Pow(g.Float64(), 2)))
	}
	if count > 0 && g.percent(35) {
		for i := range implementations {
			list = append(list, plainFlags+i)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (g *generator) versions(n *name, count int) {
	major := 1 + g.IntN(3)
	for k := range count {
		v := &version{text: fmt.Sprintf("%d.%d", major+k/3, k%3)}
		if g.percent(15) {
			v.text += fmt.Sprintf("-r%d", 1+g.IntN(4))
		}
		v.testing = k > 0 && k == count-1 && g.percent(60)
		v.flags = slices.Clone(n.flags)
		n.versions = append(n.versions, v)
	}
}

// best is the index of the highest version that is not for testing.
func (n *name) best() int {
	k := len(n.versions) - 1
	if n.versions[k].testing {
		k--
	}
	return k
}

func (n *name) slot(k int) string {
	if n.slotted {
		return fmt.Sprint(k + 1)
	}
	return "0"
}

// slotText is the value of SLOT.
func (n *name) slotText(k int) string {
	if n.library {
		return n.slot(k) + "/" + n.versions[k].text
	}
	return n.slot(k)
}

// subslot is the sub-slot that a := operator records.
func (n *name) subslot(k int) string {
	if n.library {
		return n.versions[k].text
	}
	return n.slot(k)
}
