package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A flagSet is a set of flags.
type flagSet map[string]bool

func setOf(flags []string) flagSet {
	s := make(flagSet, len(flags))
	for _, f := range flags {
		s[f] = true
	}
	return s
}

// A useGroup is one KEY="..." part: USE or a variable of USE_EXPAND. Flags are
// without the prefix of the variable.
type useGroup struct {
	name                                       string // lower case
	iuse, use, fixed, oldIUSE, oldUSE, rebuilt flagSet
}

// reference returns the installed package that flags are compared with (O52),
// and false for a new package.
func (p *Package) reference() (Old, bool) {
	switch {
	case len(p.Old) == 0 && p.Origin == plan.OriginInstalled:
		return Old{Version: p.Version, Slot: p.Slot, Subslot: p.Subslot, Repo: p.Repo, RepoDir: p.RepoDir, IUSE: p.IUSE, USE: p.USE}, true
	case len(p.Old) == 0:
		return Old{}, false
	case p.Status == plan.StatusNewSlot:
		return p.Old[len(p.Old)-1], true
	}
	return p.Old[0], true
}

// useParts returns the KEY="..." parts of a line, each with a blank at the
// end; "" if USE is not shown.
func (o *Options) useParts(p *Package) string {
	if o.Quiet && !o.Verbose {
		return ""
	}
	old, isOld := p.reference()
	groups := groupFlags(p, old)
	var b strings.Builder
	for _, g := range groups {
		if s := o.flags(g, !isOld); s != "" {
			b.WriteString(strings.ToUpper(g.name) + `="` + s + `" `)
		}
	}
	return b.String()
}

// groupFlags sorts flags into groups: USE first, then the variables by lower
// case name, without the hidden ones. Hidden ones show if they alone are the
// reason for a reinstallation.
func groupFlags(p *Package, old Old) []*useGroup {
	expand, hidden := p.Root.expand()
	groups := map[string]*useGroup{}
	all := func(flags []string, pick func(*useGroup) flagSet) {
		for _, f := range flags {
			name, short := splitFlag(f, expand)
			g := groups[name]
			if g == nil {
				g = &useGroup{name, flagSet{}, flagSet{}, flagSet{}, flagSet{}, flagSet{}, flagSet{}}
				groups[name] = g
			}
			pick(g)[short] = true
		}
	}
	all(p.IUSE, func(g *useGroup) flagSet { return g.iuse })
	all(both(p.USE, p.IUSE), func(g *useGroup) flagSet { return g.use })
	all(both(p.Fixed, p.IUSE), func(g *useGroup) flagSet { return g.fixed })
	all(old.IUSE, func(g *useGroup) flagSet { return g.oldIUSE })
	all(both(old.USE, old.IUSE), func(g *useGroup) flagSet { return g.oldUSE })
	all(p.ReinstallFlags, func(g *useGroup) flagSet { return g.rebuilt })
	showHidden := onlyHidden(groups, hidden)
	var list []*useGroup
	for name, g := range groups {
		if !hidden[name] || showHidden && len(g.rebuilt) > 0 {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b *useGroup) int { return cmp.Compare(a.name, b.name) })
	if len(list) > 0 && list[0].name == "" {
		list[0].name = "use"
	}
	return list
}

// onlyHidden reports whether every flag that caused the reinstallation is in a
// hidden variable.
func onlyHidden(groups map[string]*useGroup, hidden flagSet) bool {
	found := false
	for name, g := range groups {
		if len(g.rebuilt) == 0 {
			continue
		}
		if !hidden[name] {
			return false
		}
		found = true
	}
	return found
}

// expand returns the lower case names of USE_EXPAND in order, and the hidden ones.
func (r *Root) expand() ([]string, flagSet) {
	if r == nil {
		return nil, nil
	}
	names := make([]string, len(r.UseExpand))
	for i, n := range r.UseExpand {
		names[i] = strings.ToLower(n)
	}
	hidden := make(flagSet, len(r.UseExpandHidden))
	for _, n := range r.UseExpandHidden {
		hidden[strings.ToLower(n)] = true
	}
	return names, hidden
}

// splitFlag returns the variable of USE_EXPAND a flag belongs to, in lower
// case ("" for plain USE), and the flag without the prefix.
func splitFlag(flag string, expand []string) (name, short string) {
	for _, e := range expand {
		if rest, ok := strings.CutPrefix(flag, e); ok {
			if rest, ok = strings.CutPrefix(rest, "_"); ok {
				return e, rest
			}
		}
	}
	return "", flag
}

func both(flags, in []string) []string {
	s := setOf(in)
	var out []string
	for _, f := range flags {
		if s[f] {
			out = append(out, f)
		}
	}
	return out
}

// flags returns the text between the quotes of one group (O52).
func (o *Options) flags(g *useGroup, isNew bool) string {
	full := o.verbosity() == verbose || o.Quiet
	var enabled, disabled, removed, mixed []string
	for _, f := range sortedFlags(g.iuse, g.oldIUSE) {
		s := o.flag(g, f, isNew, full || g.rebuilt[f])
		switch {
		case s == "":
			continue
		case !g.iuse[f]:
			removed = append(removed, s)
		case g.use[f]:
			enabled = append(enabled, s)
		default:
			disabled = append(disabled, s)
		}
		mixed = append(mixed, s)
	}
	if o.Alphabetical {
		return strings.Join(mixed, " ")
	}
	return strings.Join(append(append(enabled, disabled...), removed...), " ")
}

// flag returns one flag with its marks, or "" if it is not shown. full says
// that flags are shown although nothing changed.
func (o *Options) flag(g *useGroup, f string, isNew, full bool) string {
	was, had := g.oldUSE[f], g.oldIUSE[f]
	if !g.iuse[f] {
		if !full {
			return ""
		}
		s := o.paint("yellow", "-"+f) + "%"
		if was {
			s += "*"
		}
		return "(" + s + ")"
	}
	var s string
	if g.use[f] {
		switch {
		case isNew, was && full:
			s = o.paint("red", f)
		case !had:
			s = o.paint("yellow", f) + "%*"
		case !was:
			s = o.paint("green", f) + "*"
		}
	} else {
		switch {
		case isNew, had && !was && full:
			s = o.paint("blue", "-"+f)
		case !had:
			s = o.paint("yellow", "-"+f)
			if !g.fixed[f] {
				s += "%"
			}
		case was:
			s = o.paint("green", "-"+f) + "*"
		}
	}
	if s != "" && g.fixed[f] {
		return "(" + s + ")"
	}
	return s
}

// sortedFlags returns the members of both sets, runs of digits compared as
// numbers.
func sortedFlags(a, b flagSet) []string {
	var out []string
	for f := range a {
		out = append(out, f)
	}
	for f := range b {
		if !a[f] {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(compareAlnum(a, b), cmp.Compare(a, b))
	})
	return out
}

// compareAlnum compares a and b piece by piece, text as text and runs of
// digits as numbers of any length.
func compareAlnum(a, b string) int {
	for a != "" || b != "" {
		i, j := digitStart(a), digitStart(b)
		if c := cmp.Compare(a[:i], b[:j]); c != 0 {
			return c
		}
		a, b = a[i:], b[j:]
		if a == "" || b == "" {
			return cmp.Compare(len(a), len(b))
		}
		i, j = digitEnd(a), digitEnd(b)
		x, y := strings.TrimLeft(a[:i], "0"), strings.TrimLeft(b[:j], "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
		a, b = a[i:], b[j:]
	}
	return 0
}

func digitStart(s string) int {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			return i
		}
	}
	return len(s)
}

func digitEnd(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
