package plan_test

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

func ExampleRead() {
	var text strings.Builder
	if err := plan.Write(&text, sample()); err != nil {
		fmt.Println(err)
	}
	p, err := plan.Read("plan.json", strings.NewReader(text.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range p.Steps {
		fmt.Println(s.ID, s.Operation, s.CPV, s.Root)
	}
	fmt.Println(p.Check())

	_, err = plan.Read("plan.json", strings.NewReader(strings.Replace(text.String(), `"merge"`, `"merg"`, 1)))
	fmt.Println(err)
	// Output:
	// 1 merge dev-util/patchutils-0.4.2 build
	// 2 unmerge app-editors/vi-1.0 target
	// 3 merge app-editors/vim-9.1 target
	// <nil>
	// plan.json: steps[0].operation: "merg" is none of merge, unmerge
}

func ExampleCheckVersion() {
	fmt.Println(plan.CheckVersion("^1"))
	fmt.Println(plan.CheckVersion(">=2"))
	// Output:
	// <nil>
	// tumpline.plan 1.2.0 does not satisfy ">=2"
}
