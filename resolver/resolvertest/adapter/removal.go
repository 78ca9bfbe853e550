package adapter

import (
	"context"
	"errors"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/depclean"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// remove answers a request for what may be unmerged.
func (s *session) remove(ctx context.Context, r resolvertest.Request) (*resolvertest.Result, error) {
	raw := bare{r.Options}
	o, err := params.Decode(raw)
	if err != nil {
		return nil, err
	}
	o.Action = params.ActionRemove
	req := &resolver.RemovalRequest{Options: o, Action: depclean.Depclean, KeepSelected: raw.Text("--deselect") == "n"}
	switch r.Action {
	case resolvertest.ActionPrune:
		req.Action = depclean.Prune
	case resolvertest.ActionDepCheck:
		req.Action = depclean.Check
	}
	for _, word := range r.Args {
		a, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true, AllowWildcard: true})
		if err != nil {
			return nil, err
		}
		req.Atoms = append(req.Atoms, a)
	}
	sys, err := s.system(r.Options)
	if err != nil {
		return nil, err
	}
	res, err := resolver.Remove(ctx, sys, req)
	var unknown *resolver.UnknownSetError
	if errors.Is(err, resolver.ErrEmptyWorld) || errors.As(err, &unknown) {
		return &resolvertest.Result{Cleanlist: []string{}, BrokenDeps: map[string][]string{}}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &resolvertest.Result{
		Success: res.Success, Cleanlist: []string{}, Ordered: res.Ordered, ReqPkgCount: res.Required,
		BrokenDeps: make(map[string][]string),
	}
	for _, p := range res.List {
		out.Cleanlist = append(out.Cleanlist, p.CPV.String())
	}
	for _, d := range res.Pass.Facts.InitiallyUnsatisfied {
		parent := d.Parent.String()
		if p := d.Parent.Pkg; p != nil {
			parent = p.CPV.String()
		}
		out.BrokenDeps[parent] = append(out.BrokenDeps[parent], d.Atom.String())
	}
	(&translation{res: &resolver.Result{Pass: res.Pass, System: res.System, Universe: res.Universe, Params: res.Params}, world: s.world}).graph(out)
	return out, nil
}
