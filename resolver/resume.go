package resolver

import (
	"context"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// A Task is one merge of a list that an earlier run left.
type Task struct {
	Root   string // EROOT
	Origin ebuild.Origin
	Atom   *atoms.Atom // the version, with the repository if an argument of that run named one
	// Is tells the binary package from others of its version; nil: all will do.
	Is func(*ebuild.Package) bool
}

// A Dropped is a merge that is left out of a resumed list.
type Dropped struct {
	Pkg   *universe.Pkg
	Atoms []*atoms.Atom // that nothing meets; none: the package is masked
}

// An Unmet is a reason why a list cannot be resumed: a masked package, or an
// atom of one that nothing meets.
type Unmet struct {
	Parent *universe.Pkg
	Atom   *atoms.Atom // nil for a masked package
}

// A Resumed is the answer to a request to go on with a list.
type Resumed struct {
	Result
	Left  []Dropped
	Unmet []Unmet // where merges were broken that cannot be dropped
}

// Resume answers a request to go on with a list of merges. The arguments of the
// request are those of the earlier run. Merges that are masked, or lack what
// they need, are dropped with those that need them (Portage: resume_depgraph).
func Resume(ctx context.Context, sys *System, req *Request, tasks []Task) (*Resumed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &resolution{sys: sys, req: req, sets: make(map[setKey]*partial.Set)}
	lists := sys.RepoBinaries
	if lists == nil {
		lists = r.repoBinaries()
	}
	options, _, dropped := req.Options.SelectBinaries(lists)
	r.params = options.Derive()
	r.params.Selective = true
	r.buildUniverse()
	args, err := r.args()
	if err != nil {
		return nil, err
	}
	asked := &walk.Request{Args: args, Sets: r}
	pkgs := r.tasks(tasks)
	res := &Resumed{Result: Result{Restarts: -1, System: sys, Request: req, Universe: r.u, Params: r.params, Dropped: dropped}}
	for {
		pass, unmet := walk.Resume(r.u, r.params, asked, pkgs)
		res.Pass, res.Success = pass, pass.Success
		broken := brokenTasks(pkgs, unmet)
		if r.params.NoDeps {
			broken = nil
		}
		if len(broken) == 0 {
			break
		}
		left := res.drop(pkgs, broken)
		if len(left) == len(pkgs) {
			res.Success, res.Unmet = false, broken
			break
		}
		pkgs = left
	}
	res.Problems = append(r.problems, r.u.Errors()...)
	return res, nil
}

// tasks finds the packages of a list. What is gone is left out silently, as in Portage.
func (r *resolution) tasks(tasks []Task) []*universe.Pkg {
	var list []*universe.Pkg
	for _, t := range tasks {
		var found *universe.Pkg
		for _, root := range r.u.Roots {
			if root.Path != t.Root {
				continue
			}
			for _, p := range r.u.Store(root, t.Origin, t.Atom.CP) {
				if !p.Matches(t.Atom, nil) {
					continue
				}
				found = p
				if (t.Is == nil || t.Is(p.Package)) && p.Visible() {
					break
				}
			}
		}
		if found != nil {
			list = append(list, found)
		}
	}
	return list
}

// brokenTasks lists masked packages, then dependencies that nothing meets.
func brokenTasks(pkgs []*universe.Pkg, unmet []*walk.Dep) []Unmet {
	var list []Unmet
	for _, p := range pkgs {
		if !p.Visible() {
			list = append(list, Unmet{Parent: p})
		}
	}
	for _, d := range unmet {
		list = append(list, Unmet{d.Parent.Pkg, d.Atom})
	}
	return list
}

// drop leaves out what is broken, and what needs it, and returns the rest.
func (res *Resumed) drop(pkgs []*universe.Pkg, broken []Unmet) []*universe.Pkg {
	var order []*universe.Pkg
	lacks := make(map[*universe.Pkg][]*atoms.Atom)
	stack := append([]Unmet(nil), broken...)
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if x.Atom != nil && res.Pass.C.FromInstalled(x.Parent.Root, x.Atom).Pkg != nil {
			continue
		}
		known, seen := lacks[x.Parent]
		if x.Atom != nil {
			known = append(known, x.Atom)
		}
		lacks[x.Parent] = known
		if seen {
			continue
		}
		order = append(order, x.Parent)
		for _, pa := range res.Pass.S.Parents(x.Parent) {
			if pa.Parent.Pkg != nil {
				stack = append(stack, Unmet{pa.Parent.Pkg, pa.Atom})
			}
		}
	}
	var left []*universe.Pkg
	for _, p := range pkgs {
		if _, gone := lacks[p]; !gone {
			left = append(left, p)
		}
	}
	if len(left) == len(pkgs) {
		return left
	}
	for _, p := range order {
		if p.Merges() {
			res.Left = append(res.Left, Dropped{p, lacks[p]})
		}
	}
	return left
}
