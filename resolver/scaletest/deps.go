package scaletest

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// dep is one element of a dependency string: an atom, an any-of group or a
// blocker, perhaps inside a USE conditional.
type dep struct {
	classes []string
	flag    int // of the conditional; -1: none
	negated bool
	any     [][]atom // alternatives; one: no group
}

// atom is a dependency on a name.
type atom struct {
	name    int
	blocker string
	op      string
	version int // with an operator
	slot    string
	bind    bool
	use     string
}

// How many atoms the classes of dependencies have.
var depCounts = []struct {
	classes []string
	quantiles
}{
	{[]string{"DEPEND", "RDEPEND"}, quantiles{{0, 0}, {.4, 0}, {.5, 1}, {.75, 5}, {.9, 11}, {.99, 35}, {1, 80}}},
	{[]string{"RDEPEND"}, quantiles{{0, 0}, {.2, 0}, {.5, 1}, {.75, 3}, {.9, 7}, {.99, 30}, {1, 60}}},
	{[]string{"BDEPEND"}, quantiles{{0, 0}, {.2, 0}, {.25, 1}, {.5, 3}, {.75, 6}, {.9, 10}, {1, 40}}},
	{[]string{"PDEPEND"}, quantiles{{0, 0}, {.93, 0}, {.98, 1}, {1, 2}}},
}

// describe makes the ebuilds of a name. Its versions mostly depend alike.
func (g *generator) describe(i int) {
	n := g.names[i]
	var common []dep
	if n.virtual {
		common = []dep{{classes: []string{"RDEPEND"}, flag: -1, any: [][]atom{{g.plain(i)}, {g.plain(i)}, {g.plain(i)}}}}
	} else {
		common = g.deps(i)
	}
	for k, v := range n.versions {
		v.deps = slices.Clone(common)
		if !n.virtual && len(common) > 0 && k > 0 && g.percent(50) {
			v.deps = slices.Delete(v.deps, 0, 1)
			v.deps = append(v.deps, g.dep(i, []string{"RDEPEND"}))
		}
		g.t.Ebuilds = append(g.t.Ebuilds, g.ebuild(n, k))
	}
}

func (g *generator) deps(i int) []dep {
	var list []dep
	for _, c := range depCounts {
		for range g.draw(c.quantiles) {
			list = append(list, g.dep(i, c.classes))
		}
	}
	if g.percent(2) { // a cycle at run time
		list = append(list, dep{classes: []string{"RDEPEND"}, flag: -1, any: [][]atom{{{name: g.later(i)}}}})
	}
	return list
}

// dep makes a dependency of a name.
func (g *generator) dep(i int, classes []string) dep {
	n := g.names[i]
	d := dep{classes: classes, flag: -1}
	if len(n.flags) > 0 && g.percent(50) {
		d.flag, d.negated = n.flags[g.IntN(len(n.flags))], g.percent(15)
	}
	switch {
	case classes[0] == "PDEPEND":
		d.any = [][]atom{{{name: g.later(i)}}}
	case classes[0] == "RDEPEND" && g.percent(8):
		d.any = [][]atom{{g.block(i)}}
	case g.percent(groupShare(classes[0])):
		for range 2 + g.IntN(3) {
			all := []atom{g.atom(i, false)}
			if g.percent(25) {
				all = append(all, g.atom(i, false))
			}
			d.any = append(d.any, all)
		}
	default:
		d.any = [][]atom{{g.atom(i, classes[0] == "DEPEND")}}
	}
	return d
}

func groupShare(class string) float64 {
	if class == "BDEPEND" {
		return 10
	}
	return 2
}

// earlier picks a name that a package depends on: mostly one of the core that
// everything is built on, else a neighbour or, seldom, any.
func (g *generator) earlier(i int) int {
	core := len(g.names)/coreShare + 1
	switch x := g.IntN(100); {
	case i > core && x < 4:
		return max(core, i-1-g.IntN(1+i%12))
	case i > core && x < 5:
		return core + g.IntN(i-core)
	}
	return int(float64(min(i, core)) * math.Pow(g.Float64(), 3))
}

// coreShare is the share of names that are the core: one of so many.
const coreShare = 25

func (g *generator) later(i int) int { return min(len(g.names)-1, i+1+g.IntN(30)) }

// plain makes an atom that is only a name.
func (g *generator) plain(i int) atom { return atom{name: g.earlier(i)} }

// atom makes an atom of a package. mayBind allows a := operator.
func (g *generator) atom(i int, mayBind bool) atom {
	a := g.plain(i)
	n := g.names[a.name]
	best := n.best()
	switch {
	case g.percent(27):
		a.op, a.version = ">=", g.IntN(best+1)
	case best > 0 && g.percent(float64(100*g.size.Capped)/float64(len(g.names))):
		a.op, a.version = "<", best
	case g.percent(.5):
		a.op, a.version = "~", best
	}
	switch {
	case mayBind && (n.library && g.percent(80) || g.percent(10)):
		a.bind = true
	case n.slotted && a.op == "" && g.percent(60):
		a.slot = n.slot(g.IntN(best + 1))
	}
	if len(n.flags) > 0 && g.percent(25) {
		a.use = g.useDep(i, n)
	}
	return a
}

// useDep makes a USE dependency on n that holds.
func (g *generator) useDep(i int, n *name) string {
	id := n.flags[g.IntN(len(n.flags))]
	f := g.flags[id]
	text := "-" + f.name
	if f.on {
		text = f.name
	}
	if !slices.Contains(g.names[i].flags, id) {
		return text + [...]string{"", "(+)", "(-)"}[g.IntN(3)]
	}
	return f.name + [...]string{"?", "=", "(+)?", "(-)="}[g.IntN(4)]
}

// block makes a blocker of versions that are older than the best one.
func (g *generator) block(i int) atom {
	a := atom{name: g.earlier(i), blocker: "!"}
	n := g.names[a.name]
	if g.percent(20) {
		a.blocker = "!!"
	}
	a.op = "<"
	if !n.slotted {
		a.version = n.best()
	}
	return a
}

// text writes an atom. slotOf gives what a := operator is bound to; nil: nothing.
func (g *generator) text(a atom, slotOf func(name int) string) string {
	n := g.names[a.name]
	text := a.blocker + a.op + string(n.cp)
	if a.op != "" {
		text += "-" + strings.TrimSuffix(n.versions[a.version].text, revision(a.op, n.versions[a.version].text))
	}
	switch {
	case a.bind && slotOf != nil:
		text += ":" + slotOf(a.name) + "="
	case a.bind:
		text += ":="
	case a.slot != "":
		text += ":" + a.slot
	}
	if a.use != "" {
		text += "[" + a.use + "]"
	}
	return text
}

// revision is what a ~ atom leaves out of a version.
func revision(op, version string) string {
	if i := strings.Index(version, "-r"); i >= 0 && op == "~" {
		return version[i:]
	}
	return ""
}

// write writes the dependencies of one class. A nil write of bindings is that
// of an ebuild; an installed package has its conditionals evaluated.
func (g *generator) write(v *version, class string, slotOf func(name int) string) string {
	var words []string
	for _, d := range v.deps {
		if !slices.Contains(d.classes, class) || slotOf != nil && !g.active(d) {
			continue
		}
		text := g.group(d, slotOf)
		if d.flag >= 0 && slotOf == nil {
			text = fmt.Sprintf("%s%s? ( %s )", strings.Repeat("!", count(d.negated)), g.flags[d.flag].name, text)
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

func (g *generator) group(d dep, slotOf func(name int) string) string {
	var parts []string
	for _, all := range d.any {
		var words []string
		for _, a := range all {
			if slotOf != nil {
				a.use = g.evaluated(a.use)
			}
			words = append(words, g.text(a, slotOf))
		}
		part := strings.Join(words, " ")
		if len(all) > 1 {
			part = "( " + part + " )"
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "|| ( " + strings.Join(parts, " ") + " )"
}

// active says if the conditional of a dependency holds.
func (g *generator) active(d dep) bool { return d.flag < 0 || g.flags[d.flag].on != d.negated }

// evaluated gives a USE dependency as an installed package records it.
func (g *generator) evaluated(use string) string {
	name, kind := use, byte(0)
	if use != "" && strings.ContainsRune("?=", rune(use[len(use)-1])) {
		name, kind = use[:len(use)-1], use[len(use)-1]
	}
	if kind == 0 {
		return use
	}
	bare, _, _ := strings.Cut(name, "(")
	switch i := slices.IndexFunc(g.flags, func(f flag) bool { return f.name == bare }); {
	case g.flags[i].on:
		return name
	case kind == '=':
		return "-" + name
	}
	return ""
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
