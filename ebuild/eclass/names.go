package eclass

import (
	"maps"
	"slices"
)

// Names lists all eclasses, sorted.
func (s *Set) Names() []string { return slices.Sorted(maps.Keys(s.paths())) }
