package universe

// Reduced returns a new instance of p with other flags: what is merged for a
// while, until p itself takes its place. It occupies the slot of p, and no
// store lists it.
func (p *Pkg) Reduced(flags *Flags) *Pkg {
	q := p.u.add(p.Root, p.Package, false)
	q.flags = flags
	q.completedBy = p
	return q
}

// CompletedBy returns the package that takes the place of a reduced instance,
// nil for any other instance.
func (p *Pkg) CompletedBy() *Pkg { return p.completedBy }
