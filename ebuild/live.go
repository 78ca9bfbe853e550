package ebuild

// WithKeywordsOf returns p, an installed package, as it is judged when it
// follows its ebuild: with the dependencies, EAPI and KEYWORDS that live, the
// ebuild of its version, has today. Everything else stays as recorded
// (Portage: --dynamic-deps).
func (p *Package) WithKeywordsOf(live *Package) *Package {
	return Make(Input{
		CPV: p.CPV, Repo: p.Repo, Origin: p.Origin, Path: p.Path, Remote: p.Remote,
		Metadata: followed{recorded: p.metadata, live: live.metadata}, Pool: p.pool, Problems: p.problems,
	})
}

// followed is recorded metadata with the live values of some keys.
type followed struct{ recorded, live Metadata }

// Get gives the value of a key.
func (f followed) Get(key string) string {
	switch key {
	case "DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND", "EAPI", "KEYWORDS":
		return f.live.Get(key)
	}
	return f.recorded.Get(key)
}

// Unbuilt returns a built package as an ebuild with the metadata that was
// recorded: what configuration says about it is what it would be built with
// today.
func (p *Package) Unbuilt() *Package {
	return Make(Input{CPV: p.CPV, Repo: p.Repo, Origin: OriginEbuild, Metadata: p.metadata, Pool: p.pool})
}
