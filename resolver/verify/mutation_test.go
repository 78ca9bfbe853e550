package verify_test

import (
	"math/rand/v2"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/verify"
	"github.com/tumpline/tumpline/resolver/verify/verifytest"
)

// TestMutationsNoticed spoils the plans of random worlds. A package that is
// left out need not be missed: an update is seldom needed, and another package
// may meet an alternative.
func TestMutationsNoticed(t *testing.T) {
	made, noticed := map[verifytest.Kind]int{}, map[verifytest.Kind]int{}
	size := sizes()[400]
	for seed := range uint64(250) {
		for _, r := range judge(t, []*resolvertest.File{worldFile(t, randworld.Generate(seed, size))}) {
			if countErrors(r.findings) > 0 {
				continue
			}
			for _, k := range verifytest.Kinds() {
				rnd := rand.New(rand.NewPCG(seed, uint64(k)))
				spoiled, what, ok := verifytest.Spoil(r.input.Plan, k, rnd, slotsOf(t, r.input))
				if !ok {
					continue
				}
				in := *r.input
				in.Plan = spoiled
				made[k]++
				if countErrors(verify.Check(&in)) > 0 {
					noticed[k]++
				} else {
					t.Logf("seed %d: not noticed: %s: %s", seed, k, what)
				}
			}
		}
	}
	least := map[verifytest.Kind]int{verifytest.DropNew: 90, verifytest.DropUpdate: 10, verifytest.Advance: 90, verifytest.Remove: 80,
		verifytest.FlipFlag: 100, verifytest.Reslot: 100}
	for _, k := range verifytest.Kinds() {
		t.Logf("%s: %d of %d noticed", k, noticed[k], made[k])
		if made[k] == 0 || noticed[k]*100 < made[k]*least[k] {
			t.Errorf("%s: %d of %d noticed, want %d%%", k, noticed[k], made[k], least[k])
		}
	}
}

func countErrors(list []verify.Finding) int {
	n := 0
	for _, f := range list {
		if f.Severity == verify.Error {
			n++
		}
	}
	return n
}

// slotsOf gives the slots of what is installed.
func slotsOf(t *testing.T, in *verify.Input) verifytest.Slots {
	return func(root plan.Root, cpv string) (slot, subslot string) {
		r := in.Target
		if root == plan.RootBuild {
			r = in.Build
		}
		parsed, err := atoms.ParseCPV(cpv)
		if err != nil {
			t.Fatal(err)
		}
		list, err := r.Installed.Packages(parsed.CP)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			if p.CPV == parsed {
				return p.Slot, p.Subslot
			}
		}
		t.Fatalf("%s is not installed", cpv)
		return "", ""
	}
}
