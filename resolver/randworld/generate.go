package randworld

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// name is one package name with its versions.
type name struct {
	cp       string
	versions []version
}

type version struct {
	number        int
	slot, subslot string // subslot empty: none
	flags         []string
	on            map[string]bool
}

func (v version) slotText() string {
	if v.subslot != "" {
		return v.slot + "/" + v.subslot
	}
	return v.slot
}

type generator struct {
	*rand.Rand
	size  Size
	names []*name
	w     *World
}

func (g *generator) percent(p int) bool { return g.IntN(100) < p }

// plan decides which names, versions, slots and flags there are.
func (g *generator) plan() {
	for i := range max(g.size.Names, 1) {
		n := &name{cp: nameOfIndex(i)}
		slotted, subslotted := g.percent(g.size.Slots), g.percent(g.size.Subslots)
		for v := range 1 + g.IntN(max(g.size.Versions, 1)) {
			x := version{number: v + 1, slot: "0", on: make(map[string]bool)}
			if slotted {
				x.slot = fmt.Sprint(g.IntN(2))
			}
			if subslotted {
				x.subslot = fmt.Sprint(v + 1 - g.IntN(2))
			}
			for _, f := range [...]string{"f", "g"} {
				if g.percent(g.size.Flags) {
					x.flags = append(x.flags, f)
					x.on[f] = g.percent(50)
				}
			}
			n.versions = append(n.versions, x)
		}
		g.names = append(g.names, n)
	}
}

// nameOfIndex returns cat/a to cat/z, then cat/a1 and so on.
func nameOfIndex(i int) string {
	n := "cat/" + string(rune('a'+i%26))
	if i >= 26 {
		n += fmt.Sprint(i / 26)
	}
	return n
}

// ebuild makes the ebuild of a version.
func (g *generator) ebuild(n *name, i int) {
	v := n.versions[i]
	m := map[string]string{"SLOT": v.slotText()}
	var iuse []string
	for _, f := range v.flags {
		if v.on[f] {
			f = "+" + f
		}
		iuse = append(iuse, f)
	}
	set(m, "IUSE", iuse)
	if len(v.flags) > 0 && g.percent(g.size.Required) {
		m["REQUIRED_USE"] = g.required(v)
	}
	if g.size.Testing > 0 && g.percent(g.size.Testing) {
		m["KEYWORDS"] = "~x86"
	}
	deps := make(map[string][]string)
	for range g.IntN(g.size.Deps + 1) {
		class := [...]string{"RDEPEND", "RDEPEND", "RDEPEND", "DEPEND", "BDEPEND", "PDEPEND", "IDEPEND", "RDEPEND"}[g.IntN(8)]
		d := g.dependency(n, v)
		deps[class] = append(deps[class], d)
		if class == "DEPEND" && g.percent(50) {
			deps["RDEPEND"] = append(deps["RDEPEND"], d)
		}
	}
	for class, list := range deps {
		set(m, class, list)
	}
	g.w.Ebuilds = append(g.w.Ebuilds, Package{CPV: fmt.Sprintf("%s-%d", n.cp, v.number), Metadata: m})
}

func set(m map[string]string, key string, words []string) {
	if len(words) > 0 {
		m[key] = strings.Join(words, " ")
	}
}

func (g *generator) required(v version) string {
	f := v.flags[g.IntN(len(v.flags))]
	switch {
	case len(v.flags) > 1 && g.percent(40):
		return [...]string{"^^", "||", "??"}[g.IntN(3)] + " ( f g )"
	case g.percent(50):
		return "!" + f
	default:
		return f
	}
}

// dependency makes one element of a dependency string of a version.
func (g *generator) dependency(n *name, v version) string {
	d := ""
	switch {
	case g.percent(g.size.Blockers):
		d = strings.Repeat("!", 1+g.IntN(2)) + g.atom(n, v, false)
	case g.percent(g.size.Groups):
		var parts []string
		for range 2 + g.IntN(2) {
			if g.percent(20) {
				parts = append(parts, "( "+g.atom(n, v, false)+" "+g.atom(n, v, false)+" )")
			} else {
				parts = append(parts, g.atom(n, v, false))
			}
		}
		d = "|| ( " + strings.Join(parts, " ") + " )"
	default:
		d = g.atom(n, v, true)
	}
	if len(v.flags) > 0 && g.percent(30) {
		f := v.flags[g.IntN(len(v.flags))]
		if g.percent(50) {
			f = "!" + f
		}
		d = f + "? ( " + d + " )"
	}
	return d
}

// atom makes an atom of a name other than n.
func (g *generator) atom(n *name, v version, mayBind bool) string {
	others := slices.DeleteFunc(slices.Clone(g.names), func(o *name) bool { return o == n || g.size.Acyclic && o.cp < n.cp })
	if len(others) == 0 {
		return "cat/none"
	}
	o := others[g.IntN(len(others))]
	x := o.versions[g.IntN(len(o.versions))]
	text := o.cp
	if g.percent(45) {
		op := [...]string{"=", "<", ">=", "<=", "~"}[g.IntN(5)]
		text = fmt.Sprintf("%s%s-%d", op, o.cp, x.number)
	}
	switch {
	case mayBind && g.percent(g.size.Built):
		text += ":="
	case g.percent(g.size.Slots):
		text += ":" + x.slot
	}
	if g.percent(g.size.Flags / 2) {
		f := [...]string{"f", "g"}[g.IntN(2)]
		forms := []string{f + "(+)", "-" + f + "(-)", f + "(-)", "-" + f + "(+)"}
		if slices.Contains(v.flags, f) {
			forms = append(forms, f+"(+)?", f+"(-)=", "!"+f+"(-)?")
		}
		text += "[" + forms[g.IntN(len(forms))] + "]"
	}
	return text
}

// request makes the world file and what is asked for.
func (g *generator) request() {
	for _, n := range g.names {
		if g.percent(40) && slices.ContainsFunc(g.w.Installed, func(p Package) bool { return nameOf(p.CPV) == n.cp }) {
			g.w.World = append(g.w.World, n.cp)
		}
	}
	if g.percent(g.size.Deep) {
		g.w.Options = []string{"--update", "--deep"}
	}
	for range 1 + g.IntN(max(g.size.Roots, 1)) {
		n := g.names[g.IntN(len(g.names))]
		a := n.cp
		if g.percent(25) {
			a = fmt.Sprintf("=%s-%d", n.cp, n.versions[g.IntN(len(n.versions))].number)
		}
		if !slices.Contains(g.w.Args, a) {
			g.w.Args = append(g.w.Args, a)
		}
	}
}

func nameOf(cpv string) string { return cpv[:strings.LastIndexByte(cpv, '-')] }
