package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/depclean"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// RemovalOptions are what the resolver was not told of a removal.
type RemovalOptions struct {
	Action string // "depclean" or "prune"
	Notice bool   // the notice of the calculation is shown
	// Checked says that consumers of libraries were looked for, Searched that
	// there are any.
	Checked, Searched bool
}

// Depclean tells what was found out about packages that nothing needs.
func Depclean(res *resolver.Removal, o RemovalOptions) *render.Depclean {
	last := &render.Depclean{Action: o.Action, Notice: o.Notice, Selected: len(res.List)}
	for _, d := range res.Broken {
		b := brokenDep(res, d)
		list := &last.Broken
		if universe.IsSoname(d.Atom) {
			list = &last.Sonames
		} else if res.Success {
			continue
		}
		if !slices.Contains(*list, b) {
			*list = append(*list, b)
		}
	}
	if !res.Success {
		last.Selected = 1 // nothing is said about what would go
	}
	if res.Success {
		last.Kept = kept(res, res.List)
	}
	if !o.Checked {
		return last
	}
	check := &render.LibraryCheck{Searched: o.Searched, Held: held(res)}
	if len(res.Held) == 0 {
		if res.Success && len(res.List) > 0 {
			last.Libraries = check
		}
		return last
	}
	check.After = last
	return &render.Depclean{
		Action: o.Action, Notice: o.Notice, Sonames: last.Sonames, Kept: kept(res, res.First), Selected: len(res.First), Libraries: check,
	}
}

func brokenDep(res *resolver.Removal, d *walk.Dep) render.BrokenDep {
	b := render.BrokenDep{Atom: d.Atom.String(), CPV: d.Parent.Pkg.CPV.String()}
	if whole := d.Atom.Unevaluated(); whole != d.Atom && !universe.IsSoname(d.Atom) && res.Universe.IsInstalled(res.Universe.Target, d.Atom) {
		b.Unevaluated = whole.String()
	}
	return b
}

// kept tells of the candidates that are not on a list.
func kept(res *resolver.Removal, list []*universe.Pkg) []render.KeptPackage {
	var out []render.KeptPackage
	for _, p := range res.Candidates {
		if !slices.Contains(list, p) {
			out = append(out, render.KeptPackage{CPV: p.CPV.String(), Needed: neededBy(res, p)})
		}
	}
	return out
}

// neededBy tells what asks for a package. The set that stands for packages
// which nobody wants to remove is no reason, nor are libraries.
func neededBy(res *resolver.Removal, p *universe.Pkg) []render.NeededBy {
	var out []render.NeededBy
	for _, soname := range [...]bool{false, true} {
		for _, pa := range res.Pass.S.Parents(p) {
			arg := pa.Parent.Arg
			if arg != nil && arg.Kind == partial.ArgSet && arg.Set.Name == depclean.SetProtected || universe.IsSoname(pa.Atom) != soname {
				continue
			}
			if pa.Atom == p.ExactAtom() && slices.ContainsFunc(res.Held, func(h depclean.Holding) bool { return h.Pkg == p && h.Consumer == pa.Parent.Pkg }) {
				continue
			}
			name := pa.Parent.String() // sets of one name are one
			if pa.Parent.Pkg != nil {
				name = pa.Parent.Pkg.CPV.String()
			}
			i := slices.IndexFunc(out, func(n render.NeededBy) bool { return n.Name == name })
			if i < 0 {
				i = len(out)
				out = append(out, render.NeededBy{Name: name})
			}
			if text := pa.Atom.String(); !slices.Contains(out[i].Atoms, text) {
				out[i].Atoms = append(out[i].Atoms, text)
			}
		}
	}
	return out
}

// held tells of packages whose libraries are used, by package.
func held(res *resolver.Removal) []render.HeldPackage {
	var out []render.HeldPackage
	for _, h := range res.Held {
		cpv := h.Pkg.CPV.String()
		i := slices.IndexFunc(out, func(p render.HeldPackage) bool { return p.CPV == cpv })
		if i < 0 {
			i = len(out)
			out = append(out, render.HeldPackage{CPV: cpv})
		}
		out[i].Consumers = append(out[i].Consumers, render.LibraryConsumer{CPV: h.Consumer.CPV.String(), Sonames: h.Sonames})
	}
	return out
}

// RemovalProblems tells the problems of a removal for the plan document. args
// are what was to be removed; of those it tells why they stay.
func RemovalProblems(res *resolver.Removal, args []*atoms.Atom) []plan.Problem {
	var out []plan.Problem
	for _, d := range res.Broken {
		b := brokenDep(res, d)
		severity := plan.SeverityWarning
		if !res.Success && !universe.IsSoname(d.Atom) {
			severity = plan.SeverityError
		}
		out = append(out, plan.Problem{
			Kind: plan.ProblemNoMatch, Severity: severity, Root: planning.Root(d.Root), Atoms: []string{b.Atom}, Packages: []string{b.CPV},
			Message:    b.CPV + " needs " + b.Atom + ", which is not installed",
			RequiredBy: []plan.Link{{Name: d.Parent.Pkg.String(), Kind: plan.LinkInstalled}},
		})
	}
	for _, h := range res.Held {
		out = append(out, plan.Problem{
			Kind: plan.ProblemStillNeeded, Severity: plan.SeverityWarning, Root: plan.RootTarget, Packages: []string{h.Pkg.CPV.String()},
			Message:    h.Pkg.CPV.String() + " stays: " + h.Consumer.CPV.String() + " uses " + strings.Join(h.Sonames, ", "),
			RequiredBy: []plan.Link{{Name: h.Consumer.String(), Kind: plan.LinkInstalled}},
		})
	}
	if res.Success && len(args) > 0 {
		out = append(out, stillNeeded(res)...)
	}
	if !res.Success && !slices.ContainsFunc(out, func(p plan.Problem) bool { return p.Severity == plan.SeverityError }) {
		out = append(out, plan.Problem{Kind: plan.ProblemBadPackage, Severity: plan.SeverityError, Message: "what is needed could not be worked out"})
	}
	return out
}

// stillNeeded tells which candidates stay because others need them.
func stillNeeded(res *resolver.Removal) (out []plan.Problem) {
	for _, k := range kept(res, res.List) {
		if len(k.Needed) == 0 {
			continue
		}
		p := plan.Problem{Kind: plan.ProblemStillNeeded, Severity: plan.SeverityWarning, Root: plan.RootTarget, Packages: []string{k.CPV}}
		var lines []string
		for _, n := range k.Needed {
			kind := plan.LinkInstalled
			if strings.HasPrefix(n.Name, "@") {
				kind = plan.LinkSet
			}
			p.RequiredBy = append(p.RequiredBy, plan.Link{Name: n.Name, Kind: kind})
			p.Atoms = append(p.Atoms, n.Atoms...)
			lines = append(lines, n.Name+" requires "+strings.Join(n.Atoms, ", "))
		}
		slices.Sort(p.Atoms)
		p.Atoms = slices.Compact(p.Atoms)
		p.Message = k.CPV + " stays: " + strings.Join(lines, "; ")
		out = append(out, p)
	}
	return out
}
