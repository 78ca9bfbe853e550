package plandiff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/plandiff"
)

// steps makes a plan of lines "CP VERSION SLOT ROOT FLAGS...".
func steps(lines ...string) *plan.Plan {
	p := &plan.Plan{}
	for _, l := range lines {
		f := strings.Fields(l)
		s := plan.Step{Operation: plan.OpMerge, CP: f[0], Version: f[1], CPV: f[0] + "-" + f[1], Slot: f[2], Subslot: f[2], Root: plan.Root(f[3])}
		for _, flag := range f[4:] {
			if off, ok := strings.CutPrefix(flag, "-"); ok {
				s.Disabled = append(s.Disabled, off)
			} else {
				s.Use = append(s.Use, flag)
			}
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func TestCompare(t *testing.T) {
	before := steps("a/same 1 0 target x -y", "a/up 1.9 0 target", "a/down 2 0 target", "a/flags 1 0 target on -off gone", "a/moved 1 1 target",
		"a/gone 1 0 target", "a/slots 1 1 target", "a/slots 2 2 target", "a/tool 1 0 build")
	after := steps("a/same 1 0 target x -y", "a/up 1.10 0 target", "a/down 1 0 target", "a/flags 1 0 target -on off -new", "a/moved 2 2 target",
		"a/new 1 0 target", "a/slots 2 2 target", "a/slots 3 3 target", "a/slots 4 4 target", "a/tool 1 0 target")
	var got []string
	for _, c := range plandiff.Compare(before, after) {
		line := fmt.Sprintf("%s %s %s", c.Kind, c.CP, c.Root)
		if c.Old != nil {
			line += " from " + c.Old.Version
		}
		if c.New != nil {
			line += " to " + c.New.Version
		}
		if c.Flags.Any() {
			line += fmt.Sprintf(" %v", c.Flags)
		}
		got = append(got, line)
	}
	want := []string{
		"downgraded a/down target from 2 to 1",
		"changed a/flags target from 1 to 1 {[off] [on] [-new] [gone]}",
		"removed a/gone target from 1",
		"upgraded a/moved target from 1 to 2",
		"added a/new target to 1",
		"removed a/slots target from 1",
		"added a/slots target to 3",
		"added a/slots target to 4",
		"added a/tool target to 1",
		"removed a/tool build from 1",
		"upgraded a/up target from 1.9 to 1.10",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if same := plandiff.Compare(before, before); same != nil {
		t.Errorf("a plan differs from itself: %v", same)
	}
}
