package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// An expansion is USE_EXPAND and USE_EXPAND_HIDDEN of a root in lower case.
type expansion struct {
	names  []string
	hidden []string
}

// expansion returns the variables of a root.
func (r *Root) expansion() *expansion {
	e := &expansion{}
	if r == nil {
		return e
	}
	for _, n := range r.UseExpand {
		e.names = append(e.names, strings.ToLower(n))
	}
	for _, n := range r.UseExpandHidden {
		e.hidden = append(e.hidden, strings.ToLower(n))
	}
	return e
}

// split returns the variable a flag belongs to ("" for plain USE) and the flag
// without the prefix.
func (e *expansion) split(flag string) (name, short string) {
	for _, n := range e.names {
		if len(flag) > len(n) && flag[len(n)] == '_' && flag[:len(n)] == n {
			return n, flag[len(n)+1:]
		}
	}
	return "", flag
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

// A flag is a USE flag of a line: its state now and before.
type flag struct {
	group   string // variable of USE_EXPAND in lower case, "" for plain USE
	name    string // without the prefix of the variable
	gone    bool   // no longer in IUSE
	on      bool   // enabled
	fixed   bool   // forced or masked
	had     bool   // was in IUSE
	was     bool   // was enabled
	rebuilt bool   // a reason for the reinstallation
}

// useParts returns the KEY="..." parts of a line, each with a blank at the
// end; "" if USE is not shown.
func (o *Options) useParts(p *Package, e *expansion) string {
	if o.Quiet && !o.Verbose {
		return ""
	}
	old, isOld := p.reference()
	flags := p.flagsSince(old, e)
	showHidden := onlyHidden(flags, e)
	var b strings.Builder
	for len(flags) > 0 {
		n := 1
		for n < len(flags) && flags[n].group == flags[0].group {
			n++
		}
		group := flags[:n]
		flags = flags[n:]
		rebuilt := slices.ContainsFunc(group, func(f flag) bool { return f.rebuilt })
		if slices.Contains(e.hidden, group[0].group) && !(showHidden && rebuilt) {
			continue
		}
		o.writeGroup(&b, group, !isOld)
	}
	return b.String()
}

// flagsSince returns the flags of the package and of the installed one, by
// group and name.
func (p *Package) flagsSince(old Old, e *expansion) []flag {
	flags := make([]flag, 0, len(p.IUSE)+len(old.IUSE))
	at := make(map[string]int, cap(flags))
	add := func(name string, gone bool) {
		if _, ok := at[name]; !ok {
			at[name] = len(flags)
			group, short := e.split(name)
			flags = append(flags, flag{group: group, name: short, gone: gone})
		}
	}
	for _, f := range p.IUSE {
		add(f, false)
	}
	for _, f := range old.IUSE {
		add(f, true)
		flags[at[f]].had = true
	}
	mark := func(names []string, set func(*flag)) {
		for _, name := range names {
			if i, ok := at[name]; ok {
				set(&flags[i])
			}
		}
	}
	mark(p.USE, func(f *flag) { f.on = !f.gone })
	mark(p.Fixed, func(f *flag) { f.fixed = !f.gone })
	mark(old.USE, func(f *flag) { f.was = f.had })
	mark(p.ReinstallFlags, func(f *flag) { f.rebuilt = true })
	slices.SortFunc(flags, compareFlags)
	return flags
}

func compareFlags(a, b flag) int {
	if a.group != b.group {
		return cmp.Compare(a.group, b.group)
	}
	if c := compareAlnum(a.name, b.name); c != 0 {
		return c
	}
	return cmp.Compare(a.name, b.name)
}

// onlyHidden reports whether every flag that caused the reinstallation is in a
// hidden variable. Those variables are then shown.
func onlyHidden(flags []flag, e *expansion) bool {
	found := false
	for _, f := range flags {
		if f.rebuilt && !slices.Contains(e.hidden, f.group) {
			return false
		}
		found = found || f.rebuilt
	}
	return found
}

// writeGroup writes one KEY="..." part, nothing if no flag of it shows:
// enabled flags, disabled ones, those that are gone; or all in one order.
func (o *Options) writeGroup(b *strings.Builder, group []flag, isNew bool) {
	full := o.verbosity() == verbose || o.Quiet
	kinds := []func(*flag) bool{
		func(f *flag) bool { return f.on },
		func(f *flag) bool { return !f.on && !f.gone },
		func(f *flag) bool { return f.gone },
	}
	if o.Alphabetical {
		kinds = []func(*flag) bool{func(*flag) bool { return true }}
	}
	empty := true
	for _, kind := range kinds {
		for i := range group {
			f := &group[i]
			if !kind(f) {
				continue
			}
			s := o.flag(f, isNew, full || f.rebuilt)
			if s == "" {
				continue
			}
			if empty {
				b.WriteString(cmp.Or(strings.ToUpper(f.group), "USE") + `="` + s)
				empty = false
			} else {
				b.WriteString(" " + s)
			}
		}
	}
	if !empty {
		b.WriteString(`" `)
	}
}

// flag returns one flag with its marks, or "" if it is not shown (O52). full
// says that flags are shown although nothing changed.
func (o *Options) flag(f *flag, isNew, full bool) string {
	var s string
	switch {
	case f.gone:
		return o.goneFlag(f, full)
	case f.on && (isNew || f.was && full):
		s = o.paint("red", f.name)
	case f.on && !f.had:
		s = o.paint("yellow", f.name) + "%*"
	case f.on && !f.was:
		s = o.paint("green", f.name) + "*"
	case f.on:
		return ""
	case isNew, f.had && !f.was && full:
		s = o.paint("blue", "-"+f.name)
	case !f.had && f.fixed:
		s = o.paint("yellow", "-"+f.name)
	case !f.had:
		s = o.paint("yellow", "-"+f.name) + "%"
	case f.was:
		s = o.paint("green", "-"+f.name) + "*"
	default:
		return ""
	}
	if f.fixed {
		return "(" + s + ")"
	}
	return s
}

// goneFlag returns a flag that is no longer in IUSE.
func (o *Options) goneFlag(f *flag, full bool) string {
	switch {
	case !full:
		return ""
	case f.was:
		return "(" + o.paint("yellow", "-"+f.name) + "%*)"
	}
	return "(" + o.paint("yellow", "-"+f.name) + "%)"
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
