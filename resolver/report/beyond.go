package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/plan"
)

// portageSays tells the problems with which Portage ends, if a complete search
// went on from there.
func portageSays(res *resolver.Result, o Options) []plan.Problem {
	old := *res
	old.Success, old.Pass = false, res.Portage.Pass
	return PlanProblems(&old, o)
}

// PlanBeyond tells for the plan document that Portage does not find a plan
// which is there, and with which problems it fails.
func PlanBeyond(res *resolver.Result, o Options) plan.Beyond {
	if !res.Beyond {
		return plan.Beyond{}
	}
	return plan.Beyond{Used: true, Problems: portageSays(res, o)}
}

// PlanProof tells for the plan document why there is no plan.
func PlanProof(res *resolver.Result) []plan.ProofReason {
	if res.Success || res.Proof == nil {
		return nil
	}
	return proofReasons(res.Proof)
}

func proofReasons(proof *complete.Proof) []plan.ProofReason {
	var list []plan.ProofReason
	for _, r := range proof.Reasons {
		p := plan.ProofReason{Kind: plan.ProofKind(r.Kind.String()), Message: r.String(), Places: places(r)}
		if r.Pkg != nil {
			p.Package = plan.Maybe(r.Pkg.CPV.String())
		}
		if r.Atom != nil {
			p.Atom = plan.Maybe(r.Atom.String())
		}
		list = append(list, p)
	}
	return list
}

// places lists where the facts of a reason stand: masks, settings of flags, or
// the ebuild whose dependency it is.
func places(r complete.Reason) []string {
	list := []string{}
	add := func(p profiles.Pos) {
		if text := p.String(); p.File != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	for i := range r.Masks {
		list = append(list, masking(&r.Masks[i])...)
	}
	for _, f := range r.Flags {
		add(f.Origin.Pos)
	}
	if r.Pkg != nil && (r.Kind == complete.Dependency || r.Kind == complete.RequiredUSE) {
		add(profiles.Pos{File: r.Pkg.Path})
	}
	return list
}

// Beyond tells in a few lines of text what a complete search came to where
// Portage has no plan; "" if there was none, or if it came to nothing.
func Beyond(res *resolver.Result, o Options) string {
	var b strings.Builder
	switch {
	case res.Beyond:
		b.WriteString("\n * Portage finds no plan for this request; a complete search found this one.\n")
		for _, p := range portageSays(res, o) {
			if p.Severity == plan.SeverityError {
				first, _, _ := strings.Cut(strings.TrimSpace(p.Message), "\n")
				b.WriteString(" * Portage: " + first + "\n")
			}
		}
	case useless(res):
	case !res.Success && res.Proof != nil && len(res.Proof.Reasons) > 1: // one alone Portage tells, too
		b.WriteString("\n * No choice of versions helps. These cannot all hold:\n" + proofText(res.Proof))
	}
	return b.String() + Remedy(res)
}

// proofText tells the reasons of a proof, one in a line.
func proofText(p *complete.Proof) string {
	var b strings.Builder
	for _, line := range p.Lines() {
		b.WriteString(" *   - " + line + "\n")
	}
	return b.String()
}

// masking lists the places that say that a package is masked.
func masking(m *visibility.Reason) []string {
	list := []string{}
	for _, p := range m.Places() {
		list = append(list, p.String())
	}
	return list
}
