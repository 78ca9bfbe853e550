package report

import (
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Resumed states what was left out of a resumed list, and why it cannot be
// resumed; tasks are the entries of the list, and told only if wanted.
func Resumed(res *resolver.Resumed, tasks []string, o Options) *render.Resumed {
	b := newBuilder(&res.Result, o)
	name := func(p *universe.Pkg) string { return b.pkg(p).String() }
	out := &render.Resumed{Tasks: tasks}
	for _, d := range res.Left {
		out.Dropped = append(out.Dropped, render.DroppedMerge{Package: name(d.Pkg), Atoms: texts(d.Atoms)})
	}
	for _, u := range res.Unmet {
		x := render.UnmetMerge{Package: name(u.Parent)}
		if u.Atom != nil {
			x.Atom = u.Atom.String()
		}
		out.Unmet = append(out.Unmet, x)
	}
	return out
}

func texts(list []*atoms.Atom) string {
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	return strings.Join(words, ", ")
}
