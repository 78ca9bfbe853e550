package explain

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// flags lists the flags of IUSE and those that USE dependencies ask for.
func (x *explainer) flags(p *universe.Pkg) []Flag {
	state := x.w.S.Flags(p)
	asked := make(map[string][]partial.ParentAtom)
	names := slices.Clone(p.State().IUSE())
	for _, pa := range x.w.S.Parents(p) {
		for _, d := range pa.Atom.USE {
			if d.Kind == atoms.USEEnabled || d.Kind == atoms.USEDisabled {
				asked[d.Flag] = append(asked[d.Flag], pa)
				names = append(names, d.Flag)
			}
		}
	}
	slices.Sort(names)
	var list []Flag
	for _, name := range slices.Compact(names) {
		if !state.Declared(name) {
			continue
		}
		f := x.flag(state, name)
		for _, pa := range asked[name] {
			f.Requirements = append(f.Requirements, x.requirement(pa, p))
		}
		list = append(list, f)
	}
	return list
}

// flag tells one flag.
func (x *explainer) flag(state *universe.Flags, name string) Flag {
	s := state.State
	o := s.Origin(name)
	f := Flag{
		Name: name, Enabled: state.Enabled(name), Origin: originText(o), Fixed: s.Forced(name) || s.Masked(name),
		File: plan.Maybe(o.Pos.File), Line: Line(o.Pos.Line),
	}
	if f.Proposed = f.Enabled != s.Enabled(name); f.Proposed {
		f.Origin, f.File, f.Line = "change that the plan needs", "", 0
	}
	return f
}

// whence says what decided about a flag, with the place.
func whence(o use.Origin) string {
	text := originText(o)
	if o.Pos.File != "" {
		text += ", " + o.Pos.String()
	}
	return text
}

// originText says in a few words what decided about a flag.
func originText(o use.Origin) string {
	if o.Cause != use.CauseUSE {
		return o.Cause.String()
	}
	switch o.Layer {
	case profiles.LayerDefaults:
		return "profile"
	case profiles.LayerRepo:
		return "repository"
	case profiles.LayerConf:
		return "make.conf"
	case profiles.LayerPkg:
		return "package.use"
	case profiles.LayerEnv:
		return "environment"
	}
	return o.Layer.String()
}
