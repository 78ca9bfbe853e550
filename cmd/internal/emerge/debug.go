package emerge

import (
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/universe"
)

// trace tells on standard error how an answer came about, for --debug: how far
// the search went, and what each package of the graph was followed to, in the
// order in which the packages were met. Its form is not Portage's, and not
// promised to stay.
func (r *run) trace(res *resolver.Result) {
	if !r.line.Has("--debug") {
		return
	}
	var b strings.Builder
	w := res.Pass
	fmt.Fprintf(&b, "emerge: debug: %d packages known, %d in the graph, %d restarts, success %t\n",
		res.Universe.Len(), len(w.S.Graph.Nodes()), max(res.Restarts, 0), res.Success)
	for _, n := range w.S.Graph.Nodes() {
		if int(n) >= res.Universe.Len() || w.Removal(n) != nil {
			continue
		}
		p := res.Universe.Pkg(universe.ID(n))
		if p == nil {
			continue
		}
		fmt.Fprintf(&b, "emerge: debug: %s (%s, %s)\n", p, p.Origin, p.Root.Path)
		for _, need := range w.Needs(p) {
			chosen := "nothing"
			switch {
			case need.Child != nil:
				chosen = need.Child.String()
			case need.Satisfied != nil:
				chosen = need.Satisfied.String() + ", not followed"
			}
			fmt.Fprintf(&b, "emerge: debug:   %s %s: %s\n", need.Class, need.Atom, chosen)
		}
	}
	_, _ = io.WriteString(r.env.Err, b.String()) // a closed standard error cannot be told anything
}
