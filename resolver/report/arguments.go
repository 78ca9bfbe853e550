package report

import (
	"slices"

	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
)

// missing tells the arguments and members of sets that no package satisfies.
func (b *builder) missing() *render.Missing {
	list := b.w.Facts.Missing
	if len(list) == 0 {
		return nil
	}
	out := &render.Missing{}
	world := slices.ContainsFunc(b.w.AllArgs(), func(a *partial.Arg) bool {
		return a.Root.Target && a.SetName() == sets.World
	})
	selected := b.selectedAtoms()
	for _, m := range list {
		text := m.Atom.String()
		out.Atoms = append(out.Atoms, text)
		name := m.Arg.SetName()
		if world && (name == sets.Selected || name == sets.World) && selected[text] {
			out.World = true
		}
	}
	return out
}

// selectedAtoms returns the direct members of @selected of the target by text.
func (b *builder) selectedAtoms() map[string]bool {
	texts := make(map[string]bool)
	cfg := b.res.System.Target.Sets
	if cfg == nil || cfg.Set(sets.Selected) == nil {
		return texts
	}
	for _, a := range cfg.Set(sets.Selected).Members().Atoms {
		texts[a.String()] = true
	}
	return texts
}

// provided tells the arguments that package.provided satisfies.
func (b *builder) provided() []render.Provided {
	var out []render.Provided
	for _, m := range b.w.Facts.Provided {
		if name := m.Arg.SetName(); name != "" {
			out = append(out, render.Provided{Arg: m.Atom.String(), From: name})
		} else {
			out = append(out, render.Provided{Arg: m.Arg.Text, From: "args"})
		}
	}
	return out
}

// setErrors tells what was wrong in the sets that were asked for.
func (b *builder) setErrors() []string {
	var out []string
	for _, a := range b.w.AllArgs() {
		cfg := b.rootOf(a.Root).Sets
		if a.Kind != partial.ArgSet || a.Internal || cfg == nil || cfg.Set(a.Set.Name) == nil {
			continue
		}
		for _, err := range cfg.Set(a.Set.Name).Members().Problems {
			out = append(out, err.Error())
		}
	}
	return out
}

// depsNeeded tells that --buildpkgonly or --quickpkg-direct lacks dependencies.
func (b *builder) depsNeeded() *render.DepsNeeded {
	f := &b.w.Facts
	if !f.BuildOnlyDeps && !f.RunningDeps {
		return nil
	}
	return &render.DepsNeeded{BuildOnly: f.BuildOnlyDeps, Quickpkg: f.RunningDeps, Root: b.res.System.Running.Path}
}
