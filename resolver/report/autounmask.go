package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// autounmask tells the changes of configuration that packages of the graph need
// (S109, O65).
func (b *builder) autounmask() *render.Autounmask {
	out := &render.Autounmask{Hint: b.o.Hint, Stopped: b.stopped()}
	needs := b.needs()
	for _, r := range b.w.U.Roots {
		c := render.ConfigChanges{Dir: b.rootOf(r).Config.UserDir}
		for _, x := range needs {
			if x.pkg.Root == r {
				b.configLines(x, &c)
			}
		}
		for _, x := range b.flagNeeds(needs) {
			if x.pkg.Root == r {
				line := b.openAtom(x.pkg, true) + " " + strings.Join(flagWords(x.flags), " ")
				c.Use = append(c.Use, render.ConfigLine{Chain: b.chainTo(x.pkg, true), Line: line})
			}
		}
		if len(c.Keywords)+len(c.Masks)+len(c.Use)+len(c.Licenses) > 0 {
			out.Roots = append(out.Roots, c)
		}
	}
	if len(out.Roots) == 0 && !out.Stopped {
		return nil
	}
	return out
}

// A need is a package of the graph with the changes of configuration it takes.
type need struct {
	pkg      *universe.Pkg
	keyword  string                // to accept; "" if none
	mask     *visibility.Reason    // to lift; nil if none
	flags    []universe.FlagChange // to switch, in the order in which they were proposed
	licenses []string              // to accept, sorted
}

// needs returns the changes in the order of the graph.
func (b *builder) needs() []need {
	var list []need
	c := &b.w.S.Changes
	for _, n := range b.w.S.Graph.Nodes() {
		if b.args[n] || b.w.Removal(n) != nil {
			continue
		}
		p := b.w.U.Pkg(universe.ID(n))
		x := need{pkg: p, licenses: c.License[p]}
		v := p.Verdict()
		if r := v.Find(visibility.KindKeywords); r != nil && c.Unstable[p] {
			x.keyword = r.Keyword
		}
		if c.Unmask[p] {
			x.mask = v.Find(visibility.KindMask)
		}
		if u := c.USE[p]; u != nil {
			x.flags = u.Asked
		}
		if x.keyword != "" || x.mask != nil || len(x.flags) > 0 || len(x.licenses) > 0 {
			list = append(list, x)
		}
	}
	return list
}

func (b *builder) configLines(x need, c *render.ConfigChanges) {
	p := x.pkg
	exact := "=" + p.CPV.String()
	if b.o.UnrestrictedAtoms {
		exact = b.openAtom(p, false)
	}
	if x.keyword != "" {
		c.Keywords = append(c.Keywords, render.ConfigLine{Chain: b.chainTo(p, false), Line: exact + " " + x.keyword})
	}
	if x.mask != nil {
		line := render.ConfigLine{Chain: b.chainTo(p, false), File: x.mask.Pos.File, Line: exact}
		for _, text := range x.mask.Comment {
			if text != "" {
				line.Comment = append(line.Comment, text)
			}
		}
		c.Masks = append(c.Masks, line)
	}
	if len(x.licenses) > 0 {
		line := b.openAtom(p, false) + " " + strings.Join(x.licenses, " ")
		c.Licenses = append(c.Licenses, render.ConfigLine{Chain: b.chainTo(p, false), Line: line})
	}
}

// flagNeeds returns those needs that are changes of USE, in the order in which
// they were proposed.
func (b *builder) flagNeeds(needs []need) []need {
	list := slices.DeleteFunc(slices.Clone(needs), func(x need) bool { return len(x.flags) == 0 })
	order := b.w.S.Changes.USEOrder
	slices.SortStableFunc(list, func(x, y need) int { return slices.Index(order, x.pkg) - slices.Index(order, y.pkg) })
	return list
}

// flagWords returns flags as package.use has them.
func flagWords(list []universe.FlagChange) []string {
	words := make([]string, len(list))
	for i, c := range list {
		if words[i] = c.Flag; !c.On {
			words[i] = "-" + c.Flag
		}
	}
	return words
}

// openAtom returns an atom for p and what comes after it.
func (b *builder) openAtom(p *universe.Pkg, visible bool) string {
	if visible {
		return b.res.OpenAtom(p, b.w.C.Visible)
	}
	return b.res.OpenAtom(p, nil)
}

// stopped says if the search ended early because of the changes (D77).
func (b *builder) stopped() bool {
	w, p := b.w, b.res.Params
	if b.res.Success || w.Facts.OnlyChanges || w.Facts.RequiredUSE || !w.Backtracks() ||
		p.AutounmaskBacktrack == params.Yes || !w.S.ChangesInGraph() {
		return false
	}
	if p.AutounmaskContinue && p.AutounmaskBacktrack != params.No {
		return false
	}
	return !w.HasConflictSuggestions()
}
