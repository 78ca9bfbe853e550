package scaletest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

var classes = [...]string{"DEPEND", "RDEPEND", "BDEPEND", "PDEPEND"}

// metadata is what an ebuild and its installed package have in common.
func (g *generator) metadata(n *name, k int) ebuild.Map {
	v := n.versions[k]
	var iuse []string
	for _, id := range v.flags {
		f := g.flags[id]
		if f.byEbd {
			f.name = "+" + f.name
		}
		iuse = append(iuse, f.name)
	}
	keywords := "amd64 arm64 ~riscv x86"
	if v.testing {
		keywords = "~amd64 ~arm64 ~riscv ~x86"
	}
	return ebuild.Map{
		"EAPI": "8", "SLOT": n.slotText(k), "KEYWORDS": keywords, "LICENSE": "GPL-2", "IUSE": strings.Join(iuse, " "),
		"DESCRIPTION": "A package of a generated tree", "HOMEPAGE": "https://example.org/" + n.cp.Name(),
		"DEFINED_PHASES": "compile configure install test",
	}
}

func (g *generator) ebuild(n *name, k int) Package {
	m := g.metadata(n, k)
	for _, c := range classes {
		if text := g.write(n.versions[k], c, nil); text != "" {
			m[c] = text
		}
	}
	if text := g.required(n.versions[k]); text != "" {
		m["REQUIRED_USE"] = text
	}
	if !n.virtual {
		m["SRC_URI"] = fmt.Sprintf("https://example.org/%s-%s.tar.xz", n.cp.Name(), n.versions[k].text)
	}
	return Package{g.cpv(n, k), m}
}

func (g *generator) cpv(n *name, k int) atoms.CPV {
	cpv, err := atoms.ParseCPV(string(n.cp) + "-" + n.versions[k].text)
	if err != nil {
		panic("internal error: generated name: " + err.Error())
	}
	return cpv
}

// required makes a REQUIRED_USE that holds, or none.
func (g *generator) required(v *version) string {
	on := slices.IndexFunc(v.flags, func(id int) bool { return g.flags[id].on })
	if on < 0 || len(v.flags) < 2 || !g.percent(50) {
		return ""
	}
	f, other := g.flags[v.flags[on]].name, v.flags[g.IntN(len(v.flags))]
	if !g.flags[other].on {
		return fmt.Sprintf("^^ ( %s %s )", f, g.flags[other].name)
	}
	return fmt.Sprintf("%s? ( || ( %s %s ) )", g.flags[other].name, f, g.flags[other].name)
}

// install chooses what is installed: @system, then names of @world until there
// are enough, each with all that it depends on.
func (g *generator) install() {
	count := 0
	add := func(i int) string {
		count += g.pick(i, "")
		return string(g.names[i].cp)
	}
	for i := range min(40, len(g.names)) {
		g.t.System = append(g.t.System, add(i))
	}
	for range g.size.Names {
		if count >= g.size.Installed {
			break
		}
		if i := g.IntN(len(g.names)); !g.names[i].virtual && !slices.Contains(g.t.World, string(g.names[i].cp)) {
			g.t.World = append(g.t.World, add(i))
		}
	}
	slices.Sort(g.t.World)
	counter := 0
	for i, n := range g.names {
		for k := range n.versions {
			if at, ok := g.installed[i][n.slot(k)]; ok && at == k {
				counter++
				g.t.Installed = append(g.t.Installed, g.record(n, k, counter))
			}
		}
	}
}

// pick installs a version of a name in a slot (empty: the best one's) unless
// that is there already, with all that it depends on, and counts what it added.
func (g *generator) pick(i int, slot string) (added int) {
	n := g.names[i]
	k := n.best()
	if slot != "" {
		for n.slot(k) != slot {
			k--
		}
	}
	at, there := g.installed[i][n.slot(k)]
	switch {
	case there && at >= g.floors[i]:
		return 0
	case !there && k > g.floors[i] && !n.slotted && g.percent(float64(3*g.size.Outdated)):
		k = g.floors[i] + g.IntN(k-g.floors[i])
	}
	if g.installed[i] == nil {
		g.installed[i] = make(map[string]int)
	}
	g.installed[i][n.slot(k)] = k
	if !there {
		added++
	}
	for _, d := range n.versions[k].deps {
		if g.active(d) {
			for _, a := range d.any[0] {
				added += g.meet(a)
			}
		}
	}
	return added
}

// meet makes the installed packages match an atom, or not match a blocker.
func (g *generator) meet(a atom) int {
	n := g.names[a.name]
	if a.op != "" && a.op != "<" || a.blocker != "" && !n.slotted {
		g.floors[a.name] = max(g.floors[a.name], a.version)
	}
	if a.blocker != "" && len(g.installed[a.name]) == 0 {
		return 0
	}
	return g.pick(a.name, a.slot)
}

// record makes the entry of an installed package.
func (g *generator) record(n *name, k, counter int) Package {
	m := g.metadata(n, k)
	m["COUNTER"], m["BUILD_TIME"] = fmt.Sprint(counter), fmt.Sprint(1700000000+counter)
	m["repository"], m["FEATURES"], m["SIZE"] = Repo, "sandbox userpriv", "12345"
	var use []string
	for _, id := range n.versions[k].flags {
		if g.flags[id].on {
			use = append(use, g.flags[id].name)
		}
	}
	m["USE"] = strings.Join(append(use, Arch), " ")
	for _, c := range classes {
		if text := g.write(n.versions[k], c, g.bound); text != "" {
			m[c] = text
		}
	}
	return Package{g.cpv(n, k), m}
}

// bound is the slot and sub-slot of the best installed version of a name.
func (g *generator) bound(i int) string {
	n := g.names[i]
	for k := len(n.versions) - 1; k >= 0; k-- {
		if at, ok := g.installed[i][n.slot(k)]; ok && at == k {
			return n.slot(k) + "/" + n.subslot(k)
		}
	}
	return n.slot(n.best()) + "/" + n.subslot(n.best())
}
