package universe

// A Table keeps a value for each package of a universe, by its id. The zero
// Table is empty: every package has the zero value.
type Table[T any] struct{ values []T }

// Get returns the value of a package.
func (t *Table[T]) Get(p *Pkg) T {
	if int(p.ID) < len(t.values) {
		return t.values[p.ID]
	}
	var zero T
	return zero
}

// At returns where the value of a package is kept, until that of another is
// asked for.
func (t *Table[T]) At(p *Pkg) *T {
	t.values = reach(t.values, int(p.ID))
	return &t.values[p.ID]
}
