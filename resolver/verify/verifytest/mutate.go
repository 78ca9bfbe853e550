// Package verifytest spoils plans, so that tests can tell whether a judge
// notices.
//
// It knows plan documents only. What it makes is consistent in itself as far
// as the document can tell: steps are numbered anew and references follow, so
// that only a replay can find the fault.
package verifytest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A Kind is a way to spoil a plan.
type Kind uint8

const (
	DropNew    Kind = iota // a package that was not there before is not merged
	DropUpdate             // a package that replaces another is not merged
	Advance                // a package is built before a new package that it needs for that
	Remove                 // an installed package that a step needs to run is unmerged in the end
	FlipFlag               // a USE flag is switched
	Reslot                 // the slot is another one
)

// Kinds lists all ways.
func Kinds() []Kind { return []Kind{DropNew, DropUpdate, Advance, Remove, FlipFlag, Reslot} }

// String names the way.
func (k Kind) String() string {
	return [...]string{"drop new", "drop update", "advance", "remove", "flip flag", "reslot"}[min(k, Reslot)]
}

// Slots gives slot and sub-slot of an installed package.
type Slots func(root plan.Root, cpv string) (slot, subslot string)

// Spoil gives a copy of a plan with one fault of a kind, and says what it is.
// It reports false if there is no place for it.
func Spoil(p *plan.Plan, k Kind, r *rand.Rand, slots Slots) (spoiled *plan.Plan, what string, ok bool) {
	out := copied(p)
	switch k {
	case DropNew:
		what = drop(out, r, func(s *plan.Step) bool { return s.Status == plan.StatusNew })
	case DropUpdate:
		what = drop(out, r, func(s *plan.Step) bool { return len(s.Replaces) > 0 })
	case Advance:
		what = advance(out, r)
	case Remove:
		what = remove(out, r, slots)
	case FlipFlag:
		what = flip(out, r)
	case Reslot:
		what = reslot(out, r)
	}
	return out, what, what != ""
}

// copied is a plan whose steps can be changed.
func copied(p *plan.Plan) *plan.Plan {
	out := *p
	out.Steps = slices.Clone(p.Steps)
	out.World = slices.Clone(p.World)
	out.Blockers = nil // they refer to steps, and say nothing that a replay needs
	for i := range out.Steps {
		out.Steps[i].Reasons = slices.Clone(out.Steps[i].Reasons)
	}
	return &out
}

// pick gives the index of a random step for which f is true, or -1.
func pick(p *plan.Plan, r *rand.Rand, f func(*plan.Step) bool) int {
	var list []int
	for i := range p.Steps {
		if p.Steps[i].Operation == plan.OpMerge && f(&p.Steps[i]) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[r.IntN(len(list))]
}

// renumber gives every step its new place; needs are left out, since they tell
// what the order must be.
func renumber(p *plan.Plan) {
	ids := map[plan.StepID]plan.StepID{}
	for i := range p.Steps {
		ids[p.Steps[i].ID] = plan.StepID(i + 1)
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		s.ID, s.Needs = plan.StepID(i+1), nil
		for j := range s.Reasons {
			s.Reasons[j].Step = ids[s.Reasons[j].Step]
		}
	}
	for i := range p.World {
		p.World[i].Step = ids[p.World[i].Step]
	}
}

func drop(p *plan.Plan, r *rand.Rand, f func(*plan.Step) bool) string {
	i := pick(p, r, f)
	if i < 0 {
		return ""
	}
	what := fmt.Sprintf("without step %d (%s)", p.Steps[i].ID, p.Steps[i].CPV)
	p.Steps = slices.Delete(p.Steps, i, i+1)
	renumber(p)
	return what
}

// advance moves a step that builds before one that it needs for that.
func advance(p *plan.Plan, r *rand.Rand) string {
	needed := func(s *plan.Step) int {
		for _, n := range s.Needs {
			build := n.Class == plan.ClassDepend || n.Class == plan.ClassBDepend
			if build && n.Step != 0 && n.Step < s.ID && p.Steps[n.Step-1].Status == plan.StatusNew {
				return int(n.Step) - 1
			}
		}
		return -1
	}
	i := pick(p, r, func(s *plan.Step) bool { return s.Origin == plan.OriginEbuild && needed(s) >= 0 })
	if i < 0 {
		return ""
	}
	step, before := p.Steps[i], needed(&p.Steps[i])
	what := fmt.Sprintf("step %d (%s) before step %d (%s)", step.ID, step.CPV, before+1, p.Steps[before].CPV)
	p.Steps = slices.Insert(slices.Delete(p.Steps, i, i+1), before, step)
	renumber(p)
	return what
}

// remove unmerges an installed package that a merged one needs to run.
func remove(p *plan.Plan, r *rand.Rand, slots Slots) string {
	need := func(s *plan.Step) *plan.Need {
		for i := range s.Needs {
			if n := &s.Needs[i]; n.Class == plan.ClassRDepend && n.Step == 0 && n.SatisfiedBy != "" && n.Root == s.Root {
				return n
			}
		}
		return nil
	}
	i := pick(p, r, func(s *plan.Step) bool { return need(s) != nil })
	if i < 0 {
		return ""
	}
	n := need(&p.Steps[i])
	cpv := string(n.SatisfiedBy)
	cp, version := split(cpv)
	slot, subslot := slots(n.Root, cpv)
	p.Steps = append(p.Steps, plan.Step{
		ID: plan.StepID(len(p.Steps) + 1), Operation: plan.OpUnmerge, Origin: plan.OriginInstalled, CPV: cpv, CP: cp, Version: version,
		Slot: slot, Subslot: subslot, Root: n.Root, Stage: plan.StageFinal, Mark: plan.MarkNone, Fetch: plan.Fetch{Restriction: plan.FetchFree},
		Reasons: []plan.Reason{{Kind: plan.ReasonUnneeded}},
	})
	what := fmt.Sprintf("with an unmerge of %s, which step %d (%s) needs", cpv, p.Steps[i].ID, p.Steps[i].CPV)
	renumber(p)
	return what
}

// split cuts a cpv before its version: the last part that begins with a digit,
// or the one before it if that is followed by a revision.
func split(cpv string) (cp, version string) {
	for i := 1; i < len(cpv); i++ {
		if cpv[i-1] == '-' && cpv[i] >= '0' && cpv[i] <= '9' {
			cp, version = cpv[:i-1], cpv[i:]
		}
	}
	return cp, version
}

func flip(p *plan.Plan, r *rand.Rand) string {
	i := pick(p, r, func(s *plan.Step) bool { return len(s.Use)+len(s.Disabled) > 0 && s.Stage == plan.StageFinal })
	if i < 0 {
		return ""
	}
	s := &p.Steps[i]
	flags := slices.Concat(s.Use, s.Disabled)
	flag := flags[r.IntN(len(flags))]
	what := fmt.Sprintf("step %d (%s) with %s switched", s.ID, s.CPV, flag)
	if slices.Contains(s.Use, flag) {
		s.Use, s.Disabled = without(s.Use, flag), with(s.Disabled, flag)
	} else {
		s.Use, s.Disabled = with(s.Use, flag), without(s.Disabled, flag)
	}
	return what
}

func without(list []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == word })
}

func with(list []string, word string) []string {
	return slices.Sorted(slices.Values(append(slices.Clone(list), word)))
}

func reslot(p *plan.Plan, r *rand.Rand) string {
	i := pick(p, r, func(*plan.Step) bool { return true })
	if i < 0 {
		return ""
	}
	s := &p.Steps[i]
	s.Slot += ".1"
	return fmt.Sprintf("step %d (%s) in slot %s", s.ID, s.CPV, s.Slot)
}
