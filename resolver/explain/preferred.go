package explain

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// preferred tells what was taken in place of a package that nothing rules out.
func (x *explainer) preferred(p *universe.Pkg) []Reason {
	rivals := x.rivals(p)
	if len(rivals) == 0 {
		return []Reason{{Kind: ReasonSettled, Text: "nothing was recorded against it; the request ended before it was looked at"}}
	}
	var list []Reason
	for _, q := range rivals {
		r := x.preference(p, q)
		r.By = plan.Maybe(q.String())
		list = append(list, r)
	}
	return list
}

// preference tells why q was taken and not p.
func (x *explainer) preference(p, q *universe.Pkg) Reason {
	same := q.SameVersion(p)
	switch {
	case q.Installed() && q.Slot == p.Slot && (same || q.Less(p)):
		return x.keptReason(q, p)
	case q.Slot != p.Slot && p.Less(q):
		return Reason{Kind: ReasonSlot, Text: fmt.Sprintf("%v is higher, and nothing asks for slot %s", q, p.Package.Slot)}
	case q.Slot != p.Slot:
		return Reason{Kind: ReasonSlot, Text: fmt.Sprintf("nothing asks for slot %s; what asks for the name has %v", p.Package.Slot, q)}
	case p.Less(q) && !same:
		return Reason{Kind: ReasonVersion, Text: fmt.Sprintf("%v is higher", q)}
	case same && p.Origin != q.Origin:
		return Reason{Kind: ReasonOrigin, Text: fmt.Sprintf("the same version is taken as %s package", q.Origin)}
	case same && p.Origin == ebuild.OriginBinary:
		return Reason{Kind: ReasonBuild, Text: "another build of the same version is taken" + buildText(q)}
	case same && p.Repo != q.Repo:
		return Reason{Kind: ReasonRepository, Text: fmt.Sprintf("repository %s has the same version, and counts more", q.Repo)}
	}
	return Reason{Kind: ReasonSettled, Text: fmt.Sprintf("nothing was recorded against it; the slot was given to %v before", q)}
}

func buildText(q *universe.Pkg) string {
	if q.BuildID == ebuild.NoBuildID {
		return ""
	}
	return fmt.Sprintf(" (build %d)", q.BuildID)
}

// keptReason tells why an installed package is not replaced by p.
func (x *explainer) keptReason(q, p *universe.Pkg) Reason {
	r := Reason{Kind: ReasonKept, Text: fmt.Sprintf("%v is installed and satisfies what asks for it", q)}
	if q.SameVersion(p) {
		r.Text = "it is installed already"
	}
	o, args := x.res.Params, x.w.S.ArgAtoms(q)
	switch {
	case x.w.S.Excluded(q):
		r.Words = []string{"--exclude"}
		r.Text += "; --exclude matches it"
	case q.SameVersion(p):
		if len(args) > 0 {
			r.Text += ", and the options do not ask for it to be merged again"
		}
	case !o.Update:
		r.Words = []string{"--update"}
		r.Text += "; without --update it stays"
	case len(args) == 0 && o.TooDeep(x.w.S.Depth(q), o.Deep):
		r.Words = []string{"--deep"}
		r.Text += "; --deep does not reach it" + depthText(x.w.S.Depth(q))
	}
	return r
}

func depthText(d params.Depth) string {
	if d >= params.Infinite {
		return ""
	}
	return fmt.Sprintf(" (it is %d steps below the arguments)", d)
}

// installed tells what becomes of an installed package that is not chosen.
func (x *explainer) installed(p *universe.Pkg) []Reason {
	var list []Reason
	switch x.outcome(p) {
	case OutcomeReplaced:
		for _, q := range x.chosen[nameKey{p.Root, p.CPV.CP}] {
			if q != p && (q.Slot == p.Slot || q.CPV == p.CPV) {
				list = append(list, Reason{Kind: ReasonReplaced, Text: fmt.Sprintf("%v replaces it", q), By: plan.Maybe(q.String())})
				list = append(list, x.failed(p)...)
			}
		}
	case OutcomeRemoved:
		list = x.blocked(p)
	}
	if len(list) == 0 {
		list = []Reason{{Kind: ReasonInstalled, Text: "it is installed, and nothing in the plan touches it"}}
	}
	return list
}

// obstacles tells what about a chosen package keeps the request from being met.
func (x *explainer) obstacles(p *universe.Pkg) []Reason {
	if x.res.Success {
		return nil
	}
	list := x.requiredUse(p)
	for _, u := range x.w.Facts.Unsatisfied {
		if u.Parent.Pkg != p || u.RequiredUSE != nil {
			continue
		}
		r := x.requirement(partial.ParentAtom{Parent: u.Parent, Atom: u.Atom}, nil)
		list = append(list, Reason{Kind: ReasonMissing, Text: fmt.Sprintf("nothing satisfies %s (%s)", r.Atom, r.Class), Class: r.Class, Atom: plan.Maybe(r.Atom), File: r.File})
	}
	for _, c := range x.w.S.Tracker.Conflicts() {
		if !c.Has(p) {
			continue
		}
		for _, q := range c.Pkgs {
			if q != p {
				list = append(list, Reason{Kind: ReasonConflict, By: plan.Maybe(q.String()), Text: fmt.Sprintf("%v is to have the same slot", q)})
			}
		}
	}
	return append(list, x.changes(p)...)
}

// changes tells the changes of configuration that a chosen package needs.
func (x *explainer) changes(p *universe.Pkg) []Reason {
	c, v := &x.w.S.Changes, p.Verdict()
	var list []Reason
	for i := range v.Reasons {
		r := &v.Reasons[i]
		if r.Kind == visibility.KindMask && c.Unmask[p] || r.Kind == visibility.KindKeywords && c.Unstable[p] || r.Kind == visibility.KindLicense && len(c.License[p]) > 0 {
			out := maskReason(r)
			out.Text += "; the plan needs this changed"
			list = append(list, out)
		}
	}
	if u := c.USE[p]; u != nil && !p.Built() {
		r := Reason{Kind: ReasonFlags}
		for _, f := range u.Flags.Changes {
			r.Words = append(r.Words, f.Flag)
		}
		r.Words = x.signed(p, r.Words)
		r.Text = "its USE flags have to be changed: " + strings.Join(r.Words, " ")
		list = append(list, r)
	}
	return list
}
