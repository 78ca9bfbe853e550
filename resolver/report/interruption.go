package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Interruption returns what emerge prints while it still calculates, so that
// its notice is cut in two (O44): that an argument cannot be used, or that
// virtuals need each other. It is "" for most results.
func Interruption(res *resolver.Result) string {
	f := &res.Pass.Facts
	if len(f.VirtualCycle) > 0 {
		return virtualCycle(f.VirtualCycle)
	}
	for _, u := range f.Unsatisfied {
		arg := u.Parent.Arg
		if u.RequiredUSE == nil || arg == nil {
			continue
		}
		set := ""
		if arg.Kind == partial.ArgSet {
			set = arg.Text
		}
		return render.Unresolvable(u.Atom.String(), set)
	}
	return ""
}

// virtualCycle tells virtuals that need each other, sorted.
func virtualCycle(list []*universe.Pkg) string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, (*universe.Pkg).Compare)
	var b strings.Builder
	b.WriteString("\n\n!!! virtual cycle detected:\n\n")
	for _, p := range list {
		b.WriteString("  " + p.String() + "\n")
	}
	b.WriteString("\n")
	return b.String()
}
