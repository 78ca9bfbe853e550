package ebuild

// WithKeywordsOf returns p, an installed package, as it is judged when it
// follows its ebuild: with the dependencies, EAPI and KEYWORDS that live, the
// ebuild of its version, has today. Everything else stays as recorded
// (Portage: --dynamic-deps).
func (p *Package) WithKeywordsOf(live *Package) *Package {
	// Made by hand: what was recorded is not read again, it may lie in files.
	followed := followed{recorded: p.metadata, live: live.metadata}
	q := &Package{
		CPV: p.CPV, Repo: p.Repo, Origin: p.Origin,
		EAPI: live.EAPI, EAPIName: live.EAPIName, Keywords: live.Keywords, IUSE: p.IUSE, USE: p.USE,
		BuildID: p.BuildID, Size: p.Size, MTime: p.MTime,
		Path: p.Path, Remote: p.Remote, metadata: followed, pool: p.pool, problems: p.problems,
	}
	q.Slot, q.Subslot, _ = parseSlot(followed.Get("SLOT"), q.features()) // Invalid tells
	return q
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
