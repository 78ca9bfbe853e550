package explain

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// against lists what speaks against a package: first what cannot be got around,
// last what was preferred to it. There is always a reason.
func (x *explainer) against(p *universe.Pkg) []Reason {
	if p.Installed() {
		return x.installed(p)
	}
	list := x.masked(p)
	if p.EAPI == nil {
		return list
	}
	list = append(list, x.excluded(p)...)
	list = append(list, x.searched(p)...)
	if p.Origin == ebuild.OriginBinary {
		list = append(list, x.binary(p)...)
	} else {
		list = append(list, x.requiredUse(p)...)
	}
	for _, r := range x.failed(p) {
		if !slices.ContainsFunc(list, func(q Reason) bool { return q.By == r.By && q.Atom == r.Atom }) {
			list = append(list, r)
		}
	}
	list = append(list, x.blocked(p)...)
	if !x.known(p) && len(x.unsatisfied(p.CPV.CP, p.Root)) == 0 {
		return append(list, x.unneeded(p)...)
	}
	if len(list) == 0 {
		list = x.preferred(p)
	}
	return list
}

// masked tells what makes a package invisible, less what the plan would have
// changed.
func (x *explainer) masked(p *universe.Pkg) []Reason {
	var list []Reason
	changes := &x.w.S.Changes
	for _, r := range p.Verdict().Reasons {
		lifted := r.Kind == visibility.KindMask && changes.Unmask[p] || r.Kind == visibility.KindKeywords && changes.Unstable[p]
		if r.Kind == visibility.KindLicense {
			r.Licenses = slices.DeleteFunc(slices.Clone(r.Licenses), func(l string) bool { return slices.Contains(changes.License[p], l) })
			lifted = len(r.Licenses) == 0
		}
		if !lifted {
			list = append(list, withPlaces(maskReason(&r), r.Sources()))
		}
	}
	return list
}

// withPlaces tells where a reason comes from.
func withPlaces(out Reason, sources []profiles.Source) Reason {
	var what []string
	for _, s := range sources {
		if !slices.Contains(what, s.What) {
			what = append(what, s.What)
		}
		if s.Pos.File == "" {
			continue
		}
		if out.File == "" {
			out.File, out.Line = plan.Maybe(s.Pos.File), Line(s.Pos.Line)
		}
		if at := s.Pos.String(); !slices.Contains(out.Places, at) {
			out.Places = append(out.Places, at)
		}
	}
	if out.Kind != ReasonMask && len(sources) > 0 {
		out.Text += " (" + strings.Join(what, ", ") + ")"
	}
	return out
}

// maskReason tells one reason of the judge of visibility.
func maskReason(r *visibility.Reason) Reason {
	switch r.Kind {
	case visibility.KindMask:
		out := Reason{Kind: ReasonMask, Text: "package.mask masks " + r.Atom.String(), Atom: plan.Maybe(r.Atom.String()),
			File: plan.Maybe(r.Pos.File), Line: Line(r.Pos.Line)}
		for _, c := range r.Comment {
			out.Comment = append(out.Comment, strings.TrimSpace(strings.TrimLeft(c, "#")))
		}
		return out
	case visibility.KindKeywords:
		text := "its keyword " + r.Keyword + " is not accepted"
		if r.MissingKeyword() {
			text = "it has no keyword for this architecture; accepting ** would do"
		}
		return Reason{Kind: ReasonKeywords, Words: []string{r.Keyword}, Text: text}
	case visibility.KindLicense:
		return Reason{Kind: ReasonLicense, Words: r.Licenses, Text: "licences are not accepted: " + strings.Join(r.Licenses, " ")}
	case visibility.KindProperties:
		return Reason{Kind: ReasonProperties, Words: r.Words, Text: "PROPERTIES are not accepted: " + strings.Join(r.Words, " ")}
	case visibility.KindRestrict:
		return Reason{Kind: ReasonRestrict, Words: r.Words, Text: "RESTRICT is not accepted: " + strings.Join(r.Words, " ")}
	case visibility.KindEAPI, visibility.KindDeprecatedEAPI:
		return Reason{Kind: ReasonEAPI, Text: r.Text + " is not supported"}
	case visibility.KindCHOST:
		return Reason{Kind: ReasonCHOST, Text: "it was built for another machine: " + r.Text}
	}
	return Reason{Kind: ReasonInvalid, Text: "its metadata cannot be used: " + r.Text}
}

func (x *explainer) excluded(p *universe.Pkg) []Reason {
	return x.listed(p, "--exclude", x.res.Params.Exclude, ReasonExcluded)
}

// listed tells the first atom of an option that matches a package.
func (x *explainer) listed(p *universe.Pkg, option string, list []*atoms.Atom, kind ReasonKind) []Reason {
	for _, a := range list {
		if x.w.S.Matches(a, p) {
			return []Reason{{Kind: kind, Text: option + " " + a.String() + " leaves it out", Atom: plan.Maybe(a.String()), Words: []string{option}}}
		}
	}
	return nil
}

// searched tells what earlier passes of the search held against a package.
func (x *explainer) searched(p *universe.Pkg) []Reason {
	var list []Reason
	conflict := func(pa partial.ParentAtom) {
		r := x.failure(pa, p)
		r.Kind, r.Text = ReasonConflict, "a slot conflict was settled against it: "+r.Text
		list = append(list, r)
	}
	if m := x.w.S.Search.Masks[p]; m != nil {
		if m.HasConflict && len(m.SlotConflict) == 0 {
			list = append(list, Reason{Kind: ReasonConflict, Text: "a slot conflict was settled against it"})
		}
		for _, pa := range m.SlotConflict {
			conflict(pa)
		}
		if m.MissingDep {
			r := Reason{Kind: ReasonMissing, Text: "one of its dependencies cannot be met"}
			if m.Missing != nil {
				r.Atom = plan.Maybe(m.Missing.Unevaluated().String())
				r.Text += ": " + string(r.Atom)
			}
			list = append(list, r)
		}
		if m.BuiltSlot {
			list = append(list, Reason{Kind: ReasonBuiltSlot, Text: "it was built against a slot or sub-slot that goes"})
		}
	}
	_, missed := x.w.Missed()
	for _, pa := range missed[p] {
		conflict(pa)
	}
	return list
}

// requiredUse tells which part of REQUIRED_USE does not hold.
func (x *explainer) requiredUse(p *universe.Pkg) []Reason {
	flags := x.w.S.Flags(p)
	spec, err := p.RequiredUSE()
	if err != nil || partial.RequiredUSEHolds(p, flags) {
		return nil
	}
	ok, rest, err := atoms.CheckRequiredUSE(spec, flags, p.Effective().EAPI)
	if ok || err != nil {
		return nil
	}
	return []Reason{{Kind: ReasonRequiredUse, Text: "REQUIRED_USE does not hold: " + rest.String(), Words: []string{rest.String()}, File: plan.Maybe(x.file(p))}}
}

// failed lists the requirements that a package does not satisfy: those on what
// was chosen for its slot, else for its name, and those that nothing satisfies.
func (x *explainer) failed(p *universe.Pkg) []Reason {
	var list []Reason
	add := func(pa partial.ParentAtom) {
		if pa.Parent.Arg != nil && pa.Parent.Arg.Internal || x.w.S.Matches(pa.Atom, p) {
			return
		}
		r := x.failure(pa, p)
		if !slices.ContainsFunc(list, func(q Reason) bool { return q.By == r.By && q.Atom == r.Atom }) {
			list = append(list, r)
		}
	}
	rivals := x.rivals(p)
	for _, q := range rivals {
		before := len(list)
		for _, pa := range x.w.S.Parents(q) {
			add(pa)
		}
		if q.Slot != p.Slot && len(list) == before && len(x.w.S.Parents(q)) > 0 {
			return nil // it could stand for q, so that nothing here decides
		}
	}
	for _, pa := range x.unsatisfied(p.CPV.CP, p.Root) {
		add(pa)
	}
	slices.SortStableFunc(list, func(a, b Reason) int { return cmp.Compare(weight(&a), weight(&b)) })
	return list
}

// weight puts what concerns the version before slots and flags.
func weight(r *Reason) int {
	if slices.Contains(r.Constrains, ConstrainsVersion) {
		return 0
	}
	return 1
}

// rivals returns the packages that were chosen in place of p: those of its
// slot if there are any, else all of its name.
func (x *explainer) rivals(p *universe.Pkg) []*universe.Pkg {
	all := x.chosen[nameKey{p.Root, p.CPV.CP}]
	var same []*universe.Pkg
	for _, q := range all {
		if q.Slot == p.Slot {
			same = append(same, q)
		}
	}
	if len(same) > 0 {
		return same
	}
	return all
}

// failure tells a requirement with the parts that a package does not satisfy.
func (x *explainer) failure(pa partial.ParentAtom, p *universe.Pkg) Reason {
	q := x.requirement(pa, nil)
	r := Reason{Kind: ReasonParent, By: plan.Maybe(q.By), Class: q.Class, Atom: plan.Maybe(q.Atom), File: q.File, Line: q.Line}
	r.Text = q.By + " asks for " + q.Atom
	if q.Class != "" {
		r.Text += " (" + string(q.Class) + ")"
	}
	if pa.Atom.SlotOpBuilt() {
		r.Text += ", as it was built; a rebuild would change that"
	}
	r.Constrains, r.Words = x.violated(pa.Atom, p)
	if len(r.Words) > 0 {
		r.Text += ", but " + x.flagText(p, r.Words)
	}
	return r
}

// violated returns the parts of an atom that a package does not satisfy and the
// flags that it lacks, with "-" before those that would have to be off.
func (x *explainer) violated(a *atoms.Atom, p *universe.Pkg) (parts []Constraint, flags []string) {
	if !a.MatchVersion(p.CPV.Version) {
		parts = append(parts, ConstrainsVersion)
	}
	if a.Slot != "" && !a.MatchSlot(p.Package.Slot, p.Subslot) {
		parts = append(parts, ConstrainsSlot)
	}
	if a.Repo != "" && a.Repo != p.Repo {
		parts = append(parts, ConstrainsRepo)
	}
	if a.BuildID >= 0 && a.BuildID != p.BuildID {
		parts = append(parts, ConstrainsBuild)
	}
	state := x.w.S.Flags(p)
	for _, d := range a.USE {
		on := d.Kind == atoms.USEEnabled
		if !on && d.Kind != atoms.USEDisabled {
			continue
		}
		has := state.Enabled(d.Flag)
		if !state.Declared(d.Flag) && d.Default != atoms.USENoDefault {
			has = d.Default == atoms.USEDefaultEnabled
		}
		switch {
		case has == on && (state.Declared(d.Flag) || d.Default != atoms.USENoDefault):
		case on:
			flags = append(flags, d.Flag)
		default:
			flags = append(flags, "-"+d.Flag)
		}
	}
	if len(flags) > 0 {
		parts = append(parts, ConstrainsUse)
	}
	return parts, flags
}

// flagText says how a package has the flags that something asks of it.
func (x *explainer) flagText(p *universe.Pkg, wanted []string) string {
	state := x.w.S.Flags(p)
	var list []string
	for _, w := range wanted {
		flag, off := strings.CutPrefix(w, "-")
		switch {
		case !state.Declared(flag):
			list = append(list, "there is no flag "+flag)
		case off:
			list = append(list, flag+" is on ("+whence(state.State.Origin(flag))+")")
		default:
			list = append(list, flag+" is off ("+whence(state.State.Origin(flag))+")")
		}
	}
	return strings.Join(list, ", ")
}

// blocked tells the packages of the plan that block a package.
func (x *explainer) blocked(p *universe.Pkg) []Reason {
	var list []Reason
	for _, q := range x.graph {
		if q.Root != p.Root || q.CPV.CP == p.CPV.CP && q.Slot == p.Slot {
			continue
		}
		for _, c := range universe.Classes() {
			tree, err := q.Deps(c)
			if err != nil {
				continue
			}
			for _, a := range tree.Leaves(x.w.S.Flags(q).Enabled) {
				if a.Blocker == atoms.BlockNone || a.CP != p.CPV.CP || !x.w.S.Matches(a, p) {
					continue
				}
				r := Reason{Kind: ReasonBlocked, By: plan.Maybe(q.String()), Class: plan.Class(c.String()), Atom: plan.Maybe(a.String()), File: plan.Maybe(x.dependencyFile(q))}
				r.Text = q.String() + " blocks it: " + a.String() + " (" + c.String() + ")"
				if !slices.ContainsFunc(list, func(o Reason) bool { return o.Text == r.Text }) {
					list = append(list, r)
				}
			}
		}
	}
	return list
}
