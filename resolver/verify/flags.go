package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/plan"
)

// plannedFlags are the flags that a plan gives a package: those of IUSE as the
// plan says, others, which the profile adds, as configured.
type plannedFlags struct {
	atoms.FlagState
	told map[string]bool
}

func (f *plannedFlags) Enabled(flag string) bool {
	if on, ok := f.told[flag]; ok {
		return on
	}
	return f.FlagState.Enabled(flag)
}

func (j *judge) planned(s *plan.Step, p *pkg) atoms.FlagState {
	f := &plannedFlags{FlagState: p.root.Flags(p.Package), told: map[string]bool{}}
	for _, flag := range s.Disabled {
		f.told[flag] = false
	}
	for _, flag := range s.Use {
		f.told[flag] = true
	}
	return f
}

// uses compares the flags of the plan with IUSE and the configuration.
func (j *judge) uses(s *plan.Step, p *pkg) {
	configured := p.root.Flags(p.Package)
	changed := j.changedFlags(s)
	var iuse []string
	for _, f := range p.IUSE {
		if slices.Contains(iuse, f.Name) {
			continue
		}
		iuse = append(iuse, f.Name)
		want, ok := changed[f.Name]
		if !ok {
			want = configured.Enabled(f.Name)
		}
		got := slices.Contains(s.Use, f.Name)
		if got != want && (s.Stage == plan.StageFinal || isFixed(configured, f.Name)) {
			j.report(KindUse, Error, p, "", "the plan has %s, but it is %s%s", signed(f.Name, got), signed(f.Name, want), cause(configured, f.Name))
		}
	}
	if told := slices.Concat(s.Use, s.Disabled); !sameSet(told, iuse) {
		j.report(KindUse, Error, p, "", "the plan tells of the flags %s, IUSE of %s has %s", listed(told), place(p.Package), listed(iuse))
	}
	if _, ok := configured.(Fixed); !ok {
		return
	}
	want := slices.DeleteFunc(iuse, func(flag string) bool { return !isFixed(configured, flag) })
	if !sameSet(s.Fixed, want) {
		j.report(KindUse, Error, p, "", "the plan has %s as forced or masked, but it is %s", listed(s.Fixed), listed(want))
	}
}

// isFixed says if the profile forces or masks a flag, as far as known.
func isFixed(flags atoms.FlagState, flag string) bool {
	fixed, ok := flags.(Fixed)
	return ok && (fixed.Forced(flag) || fixed.Masked(flag))
}

// changedFlags are the flags of a step that changes of the plan decide.
func (j *judge) changedFlags(s *plan.Step) map[string]bool {
	out := map[string]bool{}
	for _, c := range j.Plan.Changes.Use {
		if c.CPV != s.CPV || c.Root != s.Root {
			continue
		}
		for _, f := range c.Enable {
			out[f] = true
		}
		for _, f := range c.Disable {
			out[f] = false
		}
	}
	return out
}

func signed(flag string, on bool) string {
	if on {
		return flag
	}
	return "-" + flag
}

// cause tells what decided about a flag, as far as known.
func cause(flags atoms.FlagState, flag string) string {
	if s, ok := flags.(*use.State); ok {
		return " (" + s.Origin(flag).String() + ")"
	}
	return ""
}

// permitted checks REQUIRED_USE and masks.
func (j *judge) permitted(s *plan.Step, p *pkg) {
	if p.Origin == ebuild.OriginEbuild {
		j.requiredUSE(p)
	}
	if p.root.Verdict == nil {
		return
	}
	verdict := p.root.Verdict(p.Package, p.flags)
	for i := range verdict.Reasons {
		if r := &verdict.Reasons[i]; !j.changed(s, r.Kind) {
			text := r.Text
			if r.Pos.File != "" {
				text = fmt.Sprintf("%s: %s", r.Pos, text)
			}
			j.report(KindMasked, Error, p, "", "is masked: %s", strings.Join(strings.Fields(text), " "))
		}
	}
}

func (j *judge) requiredUSE(p *pkg) {
	spec, err := p.RequiredUSE()
	if err != nil {
		j.report(KindRequiredUse, Error, p, "", "REQUIRED_USE cannot be read: %s", oneLine(err))
		return
	}
	ok, left, err := atoms.CheckRequiredUSE(spec, p.flags, p.EAPI)
	switch {
	case err != nil:
		j.report(KindRequiredUse, Error, p, "", "REQUIRED_USE of %s: %s", place(p.Package), oneLine(err))
	case !ok:
		j.report(KindRequiredUse, Error, p, "", "REQUIRED_USE of %s does not hold: %s", place(p.Package), left)
	}
}

// changed says if the plan changes the configuration so that a reason against
// a package falls.
func (j *judge) changed(s *plan.Step, k visibility.Kind) bool {
	c := &j.Plan.Changes
	switch k {
	case visibility.KindMask:
		return slices.ContainsFunc(c.Masks, func(m plan.MaskChange) bool { return m.CPV == s.CPV && m.Root == s.Root })
	case visibility.KindKeywords:
		return slices.ContainsFunc(c.Keywords, func(m plan.KeywordChange) bool { return m.CPV == s.CPV && m.Root == s.Root })
	case visibility.KindLicense:
		return slices.ContainsFunc(c.Licenses, func(m plan.LicenseChange) bool { return m.CPV == s.CPV && m.Root == s.Root })
	}
	return false
}
