package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/universe"
)

// PlanRemedy tells for the plan document which changes of configuration would
// help.
func PlanRemedy(res *resolver.Result) plan.Remedy {
	r := res.Remedy
	if r == nil {
		return plan.Remedy{}
	}
	out := plan.Remedy{Status: remedyStatus(r.Status), Merges: merges(r.Plan)}
	if r.Status == complete.StatusUseless && r.Proof != nil {
		out.Proof = proofReasons(r.Proof)
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		line := plan.RemedyLine{
			Kind: remedyKind(l), File: l.Path, Line: l.Line, CPV: l.Pkg.CPV.String(), Root: planning.Root(l.Root),
			RequiredBy: plan.Maybe(askedBy(r, l)), Message: remedyMessage(l), Places: []string{},
		}
		if l.Lifts != nil {
			line.Places = masking(l.Lifts)
		}
		for _, f := range l.Flags {
			if text := l.Pkg.Configured().State.Origin(f.Flag).Pos.String(); text != "" && !slices.Contains(line.Places, text) {
				line.Places = append(line.Places, text)
			}
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

func remedyStatus(s complete.Status) plan.RemedyStatus {
	switch s {
	case complete.StatusLeast:
		return plan.RemedyLeast
	case complete.StatusHelps:
		return plan.RemedyHelps
	case complete.StatusUseless:
		return plan.RemedyUseless
	}
	return plan.RemedyUnknown
}

func remedyKind(l *resolver.RemedyLine) plan.RemedyKind {
	if l.Lifts == nil {
		return plan.RemedyUse
	}
	switch l.Lifts.Kind {
	case visibility.KindMask:
		return plan.RemedyMask
	case visibility.KindLicense:
		return plan.RemedyLicense
	case visibility.KindProperties:
		return plan.RemedyProperties
	case visibility.KindRestrict:
		return plan.RemedyRestrict
	}
	return plan.RemedyKeyword
}

// remedyMessage tells what a line lifts or switches.
func remedyMessage(l *resolver.RemedyLine) string {
	if l.Lifts != nil {
		return fmt.Sprintf("%s is masked: %s", l.Pkg, l.Lifts.Text)
	}
	parts := make([]string, len(l.Flags))
	for i, f := range l.Flags {
		state := "on"
		if f.On {
			state = "off"
		}
		parts[i] = fmt.Sprintf("%s is %s", f.Flag, state)
		if origin := l.Pkg.Configured().State.Origin(f.Flag); origin.Pos.File == "" {
			parts[i] += " (" + origin.Cause.String() + ")"
		}
	}
	return fmt.Sprintf("%s: %s", l.Pkg, strings.Join(parts, ", "))
}

// merges lists what a plan merges, in order.
func merges(res *resolver.Result) []string {
	list := []string{}
	if res == nil || res.Pass.Order == nil {
		return list
	}
	for _, item := range res.Pass.Order.List {
		if item.Task != digraph.None && res.Pass.Removal(item.Task) == nil {
			list = append(list, res.Universe.Pkg(universe.ID(item.Task)).CPV.String())
		}
	}
	return list
}

// askedBy names what asks for the package of a line.
func askedBy(r *resolver.Remedy, l *resolver.RemedyLine) string {
	switch pa := r.AskedBy(l); {
	case pa == nil:
		return ""
	case pa.Parent.Pkg != nil:
		return pa.Parent.Pkg.CPV.String()
	default:
		return pa.Parent.Arg.Text
	}
}

// Remedy tells in a few lines of text which changes of configuration would help
// where there is no plan; "" if nothing was looked for, or if emerge's text
// proposes the same.
func Remedy(res *resolver.Result) string {
	r := res.Remedy
	if r == nil || res.Pass.Facts.OnlyChanges && sameChanges(PlanChanges(res), PlanRemedy(res)) {
		return ""
	}
	var b strings.Builder
	switch r.Status {
	case complete.StatusLeast:
		b.WriteString("\n * Adding these lines would help, and no smaller change would:\n")
	case complete.StatusHelps:
		b.WriteString("\n * Adding these lines would help; that no smaller change would was not proved:\n")
	case complete.StatusUseless:
		switch {
		case !useless(res):
			b.WriteString("\n * No change of USE flags, keywords, licences or masks would help either.\n")
		case len(r.Proof.Reasons) > 1: // one alone Portage tells, too
			b.WriteString("\n * Neither other versions nor changes of USE flags, keywords, licences or masks\n" +
				" * help. These cannot all hold:\n" + proofText(r.Proof))
		}
		return b.String()
	default:
		return "\n * The search for changes of configuration that would help was given up.\n"
	}
	remedyLines(&b, res)
	n := len(merges(r.Plan))
	fmt.Fprintf(&b, " * With them the request merges %d package%s.\n", n, plural(n))
	return b.String()
}

// useless says if it is known why no change of configuration helps.
func useless(res *resolver.Result) bool {
	r := res.Remedy
	return r != nil && r.Status == complete.StatusUseless && r.Proof != nil
}

// remedyLines writes the lines below the names of their files, with what asks
// for the packages and why they are masked, as far as that was not told above.
func remedyLines(b *strings.Builder, res *resolver.Result) {
	r := res.Remedy
	var asked []string
	for _, a := range res.Request.Args {
		asked = append(asked, a.Text)
	}
	file := ""
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Path != file {
			file = l.Path
			b.WriteString(" *   " + file + ":\n")
		}
		if by := askedBy(r, l); by != "" && !slices.Contains(asked, by) {
			b.WriteString(" *     # for " + by + "\n")
		}
		if l.Lifts != nil && !tellsMask(res.Proof, l.Pkg) {
			b.WriteString(" *     # masked: " + l.Lifts.Told() + "\n")
		}
		b.WriteString(" *     " + l.Line + "\n")
	}
}

// tellsMask says if a proof tells why a package is masked.
func tellsMask(p *complete.Proof, pkg *universe.Pkg) bool {
	return p != nil && slices.ContainsFunc(p.Reasons, func(r complete.Reason) bool { return r.Kind == complete.Masked && r.Pkg.Package == pkg.Package })
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// sameChanges says if a remedy proposes what Portage proposes.
func sameChanges(c plan.Changes, r plan.Remedy) bool {
	var a, b []string
	for _, x := range c.Use {
		a = append(a, x.Atom+" "+strings.Join(signed(x.Enable, x.Disable), " "))
	}
	for _, x := range c.Keywords {
		a = append(a, x.Atom+" "+x.Keyword)
	}
	for _, x := range c.Masks {
		a = append(a, x.Atom)
	}
	for _, x := range c.Licenses {
		a = append(a, x.Atom+" "+strings.Join(x.Licenses, " "))
	}
	for _, l := range r.Lines {
		words := strings.Fields(l.Line)
		if l.Kind == plan.RemedyUse {
			slices.SortFunc(words[1:], byFlagName)
		}
		b = append(b, strings.Join(words, " "))
	}
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// signed returns flags as package.use has them, sorted by name.
func signed(enable, disable []string) []string {
	list := slices.Clone(enable)
	for _, f := range disable {
		list = append(list, "-"+f)
	}
	slices.SortFunc(list, byFlagName)
	return list
}

func byFlagName(a, b string) int {
	return strings.Compare(strings.TrimPrefix(a, "-"), strings.TrimPrefix(b, "-"))
}
