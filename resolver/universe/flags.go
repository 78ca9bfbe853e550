package universe

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/use"
)

// A FlagChange switches one USE flag of a package.
type FlagChange struct {
	Flag string
	On   bool
}

// Flags is the USE state of a package with proposed changes on top. It is
// immutable and implements atoms.FlagState.
type Flags struct {
	State   *use.State
	Changes []FlagChange // sorted by flag, each flag once
}

// Flags returns the USE state of p without any changes.
func (p *Pkg) Flags() *Flags {
	if p.flags == nil {
		p.flags = &Flags{State: p.Root.Policy.State(p.Package)}
	}
	return p.flags
}

// Declared says if the flag is in IUSE_EFFECTIVE.
func (f *Flags) Declared(flag string) bool { return f.State.Declared(flag) }

// Enabled says if the flag is on.
func (f *Flags) Enabled(flag string) bool {
	for _, c := range f.Changes {
		if c.Flag == flag {
			return c.On
		}
	}
	return f.State.Enabled(flag)
}

// With returns the state with further changes; a later change of one flag wins.
func (f *Flags) With(changes []FlagChange) *Flags {
	merged := slices.Clone(f.Changes)
	for _, c := range changes {
		i, found := slices.BinarySearchFunc(merged, c, func(a, b FlagChange) int { return strings.Compare(a.Flag, b.Flag) })
		if found {
			merged[i] = c
		} else {
			merged = slices.Insert(merged, i, c)
		}
	}
	return &Flags{State: f.State, Changes: merged}
}

// List returns the enabled flags, sorted.
func (f *Flags) List() []string {
	base := f.State.EnabledFlags()
	if len(f.Changes) == 0 {
		return base
	}
	list := make([]string, 0, len(base)+len(f.Changes))
	for _, flag := range base {
		if f.Enabled(flag) {
			list = append(list, flag)
		}
	}
	for _, c := range f.Changes {
		if c.On && !slices.Contains(list, c.Flag) {
			list = append(list, c.Flag)
		}
	}
	slices.Sort(list)
	return list
}

// Explicit returns the enabled flags that the package itself lists in IUSE, sorted.
func (p *Pkg) Explicit(f *Flags) []string {
	var list []string
	for _, x := range p.IUSE {
		if f.Enabled(x.Name) {
			list = append(list, x.Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// SameIUSE says if both list the same flags in IUSE.
func (p *Pkg) SameIUSE(q *Pkg) bool {
	return slices.Equal(p.iuseNames(), q.iuseNames())
}

func (p *Pkg) iuseNames() []string {
	names := make([]string, len(p.IUSE))
	for i, x := range p.IUSE {
		names[i] = x.Name
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// HasIUSE says if the package itself lists the flag in IUSE.
func (p *Pkg) HasIUSE(flag string) bool {
	for _, x := range p.IUSE {
		if x.Name == flag {
			return true
		}
	}
	return false
}

// Configured returns the USE state that p would have if it were built today.
func (p *Pkg) Configured() *Flags {
	if !p.Built() {
		return p.Flags()
	}
	if p.configured == nil {
		p.configured = &Flags{State: p.Root.Policy.State(p.Package.Unbuilt())}
	}
	return p.configured
}
