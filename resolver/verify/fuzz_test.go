package verify_test

import (
	"slices"
	"testing"

	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/verify"
)

// FuzzCheck judges plans that were changed at random, three bytes a change: the
// step, what is changed, the new value. The judge must not panic, and must give
// the same answer twice.
func FuzzCheck(f *testing.F) {
	w := world{ebuilds: []string{"c/a-1 DEPEND=c/b RDEPEND=c/b:= IUSE=f", "c/b-1 SLOT=0/1", "c/e-1 RDEPEND=!c/d IDEPEND=c/a"},
		binaries: []string{"c/b-1 SLOT=0/1"}, installed: []string{"c/b-0", "c/d-1 RDEPEND=|| ( c/b c/a )"}, world: []string{"c/d"}}
	for _, seed := range [][]byte{{}, {0, 0, 7}, {1, 1, 9, 0, 2, 3}, {2, 3, 0, 1, 4, 1}, {0, 5, 1, 0, 6, 2, 2, 7, 3}, {1, 8, 0}, {3, 9, 250}, {2, 10, 1}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, edits []byte) {
		in := w.input(t, []string{"c/a", "@world"}, "c/b-1", "c/a-1", "- c/d-1", "c/e-1")
		in.Plan.World = []plan.WorldEntry{{Atom: "c/a", Step: 2}}
		in.Plan.Steps[1].Needs = []plan.Need{{Class: plan.ClassRDepend, Atom: "c/b:=", Root: plan.RootTarget, Step: 1, SatisfiedBy: "c/b-1"}}
		for ; len(edits) >= 3 && len(in.Plan.Steps) > 0; edits = edits[3:] {
			change(in.Plan, int(edits[0]), edits[1], int(int8(edits[2])))
		}
		if a, b := verify.Check(in), verify.Check(in); !slices.Equal(a, b) {
			t.Errorf("Check gives %v, and then %v", a, b)
		}
	})
}

// change changes one thing of a plan.
func change(p *plan.Plan, step int, what byte, value int) {
	s := &p.Steps[step%len(p.Steps)]
	other := p.Steps[(value&0xff)%len(p.Steps)]
	switch what % 12 {
	case 0:
		s.ID = plan.StepID(value)
	case 1:
		s.Needs = append(s.Needs, plan.Need{Class: plan.ClassBDepend, Atom: "c/a", Root: plan.RootTarget, Step: plan.StepID(value), SatisfiedBy: "c/a-1"})
	case 2:
		p.World = append(p.World, plan.WorldEntry{Atom: "c/a", Step: plan.StepID(value)})
	case 3:
		s.Root = [...]plan.Root{plan.RootTarget, plan.RootBuild, "", "x"}[value&3]
	case 4:
		s.Operation, s.Origin = plan.OpUnmerge, plan.OriginInstalled
	case 5:
		s.Stage = plan.StageBootstrap
	case 6:
		id := s.ID
		*s = other
		s.ID = id
	case 7:
		s.BuildID = plan.BuildID(value)
	case 8:
		p.Steps = slices.Delete(p.Steps, step%len(p.Steps), step%len(p.Steps)+1)
	case 9:
		s.Origin = plan.OriginBinary
	case 10:
		s.CP, s.CPV = other.CP, other.CPV
	case 11:
		p.Request.Targets = append(p.Request.Targets, string(rune(value)))
	}
}
