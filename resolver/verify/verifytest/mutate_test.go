package verifytest_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/verify/verifytest"
)

func example() *plan.Plan {
	step := func(id plan.StepID, cpv, cp, version string) plan.Step {
		return plan.Step{
			ID: id, Operation: plan.OpMerge, Origin: plan.OriginEbuild, CPV: cpv, CP: cp, Version: version, Slot: "0", Subslot: "0",
			Repo: "r", EAPI: "8", Root: plan.RootTarget, Stage: plan.StageFinal, Status: plan.StatusNew, Mark: plan.MarkNone,
			Fetch: plan.Fetch{Restriction: plan.FetchFree}, Reasons: []plan.Reason{{Kind: plan.ReasonArgument}},
		}
	}
	p := &plan.Plan{Success: true, Roots: plan.Roots{Target: "/", Sysroot: "/", Build: "/", Config: "/"}}
	p.Steps = []plan.Step{step(1, "c/lib-1.2-r3", "c/lib", "1.2-r3"), step(2, "c/app-1", "c/app", "1")}
	p.Steps[0].Reasons = []plan.Reason{{Kind: plan.ReasonDependency, Parent: "c/app-1", Step: 2, Class: plan.ClassDepend, Atom: "c/lib"}}
	p.Steps[1].Use, p.Steps[1].Disabled = []string{"b"}, []string{"a", "c"}
	p.Steps[1].Status, p.Steps[1].Replaces = plan.StatusUpdate, []string{"c/app-0"}
	p.Steps[1].Installed = []plan.Installed{{CPV: "c/app-0", Slot: "0", Subslot: "0", Repo: "r"}}
	p.Steps[1].Needs = []plan.Need{
		{Class: plan.ClassDepend, Atom: "c/lib", Root: plan.RootTarget, Step: 1, SatisfiedBy: "c/lib-1.2-r3"},
		{Class: plan.ClassRDepend, Atom: "c/old", Root: plan.RootTarget, SatisfiedBy: "c/old-2_p1-r1"},
	}
	p.World = []plan.WorldEntry{{Atom: "c/app", Step: 2}}
	return p
}

// A spoiled plan differs, is in form, and leaves the plan alone.
func TestSpoil(t *testing.T) {
	p := example()
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	slots := func(plan.Root, string) (slot, subslot string) { return "0", "0" }
	for _, k := range verifytest.Kinds() {
		bad, what, ok := verifytest.Spoil(p, k, rand.New(rand.NewPCG(1, 2)), slots)
		if !ok {
			t.Errorf("Spoil(%s): no place for it", k)
			continue
		}
		if err := bad.Check(); err != nil {
			t.Errorf("Spoil(%s): %s: %v", k, what, err)
		}
		if reflect.DeepEqual(bad.Steps, p.Steps) {
			t.Errorf("Spoil(%s): %s: nothing has changed", k, what)
		}
		if !reflect.DeepEqual(p, example()) {
			t.Fatalf("Spoil(%s) changes its argument", k)
		}
	}
}
