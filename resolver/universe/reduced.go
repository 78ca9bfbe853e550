package universe

// Reduced returns a new instance of p with some flags switched: what is merged
// for a while, until p itself takes its place. It occupies the slot of p, and
// no store lists it.
func (p *Pkg) Reduced(changes []FlagChange) *Pkg {
	q := p.u.add(p.Root, p.Package, false)
	q.flags = p.Flags().With(changes)
	q.completedBy = p
	return q
}

// CompletedBy returns the package that takes the place of a reduced instance,
// nil for any other instance.
func (p *Pkg) CompletedBy() *Pkg { return p.completedBy }
