package resolver

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/walk"
)

// ConflictShown says if slot conflicts are part of the answer, with or without
// a suggestion of how to settle them.
func (r *Result) ConflictShown() bool {
	return len(r.Pass.S.Tracker.Conflicts()) > 0
}

// ForcedRebuilds returns what is merged again because of another package's
// slot or sub-slot.
func (r *Result) ForcedRebuilds() []walk.ForcedRebuild { return r.Pass.ForcedRebuilds() }

// Named returns the qualified names of the packages called name that any store
// of the target has which takes part in the request, sorted. Of several, those
// in the categories virtual, acct-user and acct-group step back behind a
// single other one (S14).
func (s *System) Named(name string, o *params.Options) ([]atoms.CP, error) {
	var sources []ebuild.Source
	if !o.UsePkgOnly.Present() {
		for _, repo := range s.Target.Repos {
			sources = append(sources, repo)
		}
	}
	if o.UsePkg == params.Yes && s.Target.Binaries != nil {
		sources = append(sources, s.Target.Binaries)
	}
	if s.Target.Installed != nil {
		sources = append(sources, s.Target.Installed)
	}
	var found []atoms.CP
	for _, src := range sources {
		cps, err := src.CPs()
		if err != nil {
			return nil, err
		}
		for _, cp := range cps {
			if cp.Name() == name && !slices.Contains(found, cp) {
				found = append(found, cp)
			}
		}
	}
	slices.Sort(found)
	plain := slices.DeleteFunc(slices.Clone(found), func(cp atoms.CP) bool {
		switch cp.Category() {
		case "virtual", "acct-user", "acct-group":
			return true
		}
		return false
	})
	if len(found) > 1 && len(plain) == 1 {
		return plain, nil
	}
	return found, nil
}
