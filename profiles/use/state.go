package use

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
)

// A State is the USE state of one package. It is immutable, implements
// atoms.FlagState and is safe for concurrent use.
type State struct {
	// Stable says if the package counts as stable, so that use.stable.mask and
	// its like apply.
	Stable bool

	calc *Calculator
	pkg  *ebuild.Package

	names    []string // IUSE, sorted
	flags    []flagBits
	implicit []string // enabled flags that are not in names, sorted
	recorded []string // of built packages: USE as recorded, sorted

	use, mask, force view // use is empty for built packages
	restricted       bool // RESTRICT=test turned the flag test off
}

// flagBits is what is known of one flag of IUSE.
type flagBits uint8

const (
	bitEnabled flagBits = 1 << iota
	bitForced
	bitMasked
	bitDefaultOn  // "+flag"
	bitDefaultOff // "-flag"
)

// Declared says if the flag is in IUSE_EFFECTIVE.
func (s *State) Declared(flag string) bool {
	_, listed := s.find(flag)
	return listed || s.isImplicit(flag)
}

// Enabled says if the flag is on and in IUSE_EFFECTIVE.
func (s *State) Enabled(flag string) bool {
	if i, listed := s.find(flag); listed {
		return s.flags[i]&bitEnabled != 0
	}
	_, on := slices.BinarySearch(s.implicit, flag)
	return on
}

// Forced says if the flag is in use.force or its like. It may be masked as
// well, which counts more, and need not be in IUSE_EFFECTIVE.
func (s *State) Forced(flag string) bool {
	if i, listed := s.find(flag); listed {
		return s.flags[i]&bitForced != 0
	}
	return s.force.on(flag, false)
}

// Masked says if the flag is in use.mask or its like.
func (s *State) Masked(flag string) bool {
	if i, listed := s.find(flag); listed {
		return s.flags[i]&bitMasked != 0
	}
	return s.mask.on(flag, false)
}

// EnabledFlags returns the enabled flags of IUSE_EFFECTIVE, sorted. The caller
// owns the list.
func (s *State) EnabledFlags() []string {
	list := slices.Clone(s.implicit)
	for i, name := range s.names {
		if s.flags[i]&bitEnabled != 0 {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// IUSE returns the flags that the package itself lists, sorted, each once. The
// list is shared and must not be changed.
func (s *State) IUSE() []string { return s.names }

// IUSEEffective returns all flags of IUSE_EFFECTIVE, sorted. For EAPIs without
// profile IUSE injection, where that set is open, it is IUSE.
func (s *State) IUSEEffective() []string {
	list := slices.Clone(s.names)
	if s.injected() {
		for flag := range s.calc.implicit.effective {
			list = append(list, flag)
		}
		list = append(list, s.recorded...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *State) find(flag string) (int, bool) { return slices.BinarySearch(s.names, flag) }

// injected says if the EAPI has profile IUSE injection.
func (s *State) injected() bool { return s.pkg.EAPI != nil && s.pkg.EAPI.IUSEEffective }

// isImplicit says if a flag that is not in IUSE is in IUSE_EFFECTIVE. A built
// package is independent of the profile of today: what it has recorded counts.
func (s *State) isImplicit(flag string) bool {
	injected := s.injected()
	if s.calc.implicit.has(flag, injected) {
		return true
	}
	if !injected || s.recorded == nil {
		return false
	}
	_, found := slices.BinarySearch(s.recorded, flag)
	return found
}

// list sorts IUSE. Of words about the same flag the last with a sign counts.
func (s *State) list(iuse []ebuild.IUSEFlag) {
	s.names = make([]string, len(iuse))
	for i, f := range iuse {
		s.names[i] = f.Name
	}
	if !slices.IsSorted(s.names) {
		slices.Sort(s.names)
	}
	s.names = slices.Compact(s.names)
	s.flags = make([]flagBits, len(s.names))
	for n, f := range iuse {
		if f.Default == 0 {
			continue
		}
		i := n
		if i >= len(s.names) || s.names[i] != f.Name {
			i, _ = s.find(f.Name)
		}
		if f.Default > 0 {
			s.flags[i] = bitDefaultOn
		} else {
			s.flags[i] = bitDefaultOff
		}
	}
}

// record takes the flags that a package was built with.
func (s *State) record(use []string) {
	s.recorded = append(make([]string, 0, len(use)), use...)
	slices.Sort(s.recorded)
	for i, name := range s.names {
		if _, on := slices.BinarySearch(s.recorded, name); on {
			s.flags[i] |= bitEnabled
		}
		s.limit(i, name)
	}
	for _, flag := range s.recorded {
		if _, listed := s.find(flag); !listed && s.isImplicit(flag) {
			s.implicit = append(s.implicit, flag)
		}
	}
	s.implicit = slices.Compact(s.implicit)
}

// limit notes whether a flag is forced and masked.
func (s *State) limit(i int, name string) {
	if s.force.on(name, false) {
		s.flags[i] |= bitForced
	}
	if s.mask.on(name, false) {
		s.flags[i] |= bitMasked
	}
}

// decideAll computes all flags of an ebuild.
func (s *State) decideAll(r *rules) {
	for i, name := range s.names {
		s.limit(i, name)
		if s.decide(name, s.flags[i]) {
			s.flags[i] |= bitEnabled
		}
	}
	s.implicit = s.implicitOn(r)
	s.expandWildcards()
}

// decide says if a flag of IUSE is on.
func (s *State) decide(name string, f flagBits) bool {
	switch {
	case f&bitMasked != 0:
		return false
	case f&bitForced != 0, name == s.calc.arch:
		return true
	}
	op, found := s.use.deciding(name, true)
	if f&(bitDefaultOn|bitDefaultOff) != 0 {
		at, ok := s.use.hooks[profiles.HookIUSE]
		if ok && (!found || op.place < placeOf(at, partHook, 0)) {
			return f&bitDefaultOn != 0
		}
	}
	return found && op.on()
}

// implicitOn returns the implicit flags that are on. The answer is shared
// between packages unless this one has a say in it.
func (s *State) implicitOn(r *rules) []string {
	injected := s.injected()
	all := s.calc.implicit.effective
	which := 0
	if !injected {
		all, which = nil, 1
	}
	own := s.use.mentions(all) || s.mask.mentions(all) || s.force.mentions(all) || !injected && len(s.use.own)+len(s.mask.own)+len(s.force.own) > 0
	var list []string
	if own {
		list = s.computeImplicit(s.use, s.mask, s.force)
	} else {
		r.once[which].Do(func() {
			r.implicit[which] = s.computeImplicit(view{stack: r.use}, view{stack: r.mask}, view{stack: r.force})
		})
		list = r.implicit[which]
	}
	listed := func(flag string) bool { _, ok := s.find(flag); return ok }
	if slices.ContainsFunc(list, listed) {
		list = slices.DeleteFunc(slices.Clone(list), listed)
	}
	return list
}

// computeImplicit evaluates the stacks for all implicit flags.
func (s *State) computeImplicit(use, mask, force view) []string {
	var list []string
	injected := s.injected()
	candidates := s.calc.implicit.candidates(injected, use, force)
	for _, flag := range candidates {
		if mask.on(flag, false) {
			continue
		}
		if force.on(flag, false) || use.on(flag, false) || flag == s.calc.arch {
			list = append(list, flag)
		}
	}
	if arch := s.calc.arch; arch != "" && !slices.Contains(list, arch) && s.calc.implicit.has(arch, injected) && !mask.on(arch, false) {
		list = append(list, arch)
		slices.Sort(list)
	}
	return list
}

// expandWildcards turns on all flags of groups whose "group_*" is on: as the
// value "*" of a variable of USE_EXPAND, or if IUSE has no flag of the group.
func (s *State) expandWildcards() {
	names := s.use.wildcards
	for i := range s.use.own {
		if name, ok := wildcard(s.use.own[i].Op); ok {
			names = append(slices.Clip(names), name)
		}
	}
	for _, name := range names {
		group := strings.TrimSuffix(name, "_*")
		if !s.calc.expand[group] || !s.wildcardOn(name) {
			continue
		}
		for i, flag := range s.names {
			if s.calc.group(flag) == group && s.flags[i]&bitMasked == 0 {
				s.flags[i] |= bitEnabled
			}
		}
		s.expandImplicit(group)
	}
}

func (s *State) expandImplicit(group string) {
	if !s.injected() {
		return
	}
	list := slices.Clone(s.implicit)
	for flag := range s.calc.implicit.effective {
		if _, listed := s.find(flag); !listed && s.calc.group(flag) == group && !s.mask.on(flag, false) {
			list = append(list, flag)
		}
	}
	slices.Sort(list)
	s.implicit = slices.Compact(list)
}

// wildcardOn evaluates the stack for a flag of the form prefix_*. The operation
// prefix_* turns it on only if IUSE has no flag that it can mean.
func (s *State) wildcardOn(name string) bool {
	prefix := strings.TrimSuffix(name, "*")
	at, found := slices.BinarySearch(s.names, prefix)
	hasListed := found || at < len(s.names) && strings.HasPrefix(s.names[at], prefix)
	best, on := s.use.last[name], false
	if _, known := s.use.last[name]; known {
		on = best.on()
	}
	for _, list := range [2][]placed{s.use.sweeps, s.use.own} {
		for i := range list {
			p := &list[i]
			switch {
			case p.place < best.place:
			case p.Kind == profiles.OpOnPrefix && p.Flag == prefix:
				if !hasListed {
					best, on = *p, true
				}
			case p.affects(name, false):
				best, on = *p, p.on()
			}
		}
	}
	return on
}

// restrictTest turns the flag test off where FEATURES=test is on but RESTRICT
// forbids tests, unless ALLOW_TEST allows them (S92). It counts like "-test"
// in IUSE.
func (s *State) restrictTest() {
	i, listed := s.find("test")
	at, ok := s.use.hooks[profiles.HookIUSE]
	if !ok || !strings.Contains(s.pkg.Raw("RESTRICT"), "test") {
		return
	}
	candidate := profiles.Candidate(s.pkg)
	if !s.calc.config.FeatureFor(candidate, "test") || !s.testsRestricted(strings.Fields(s.calc.config.PackageVars(candidate).Get("ALLOW_TEST"))) {
		return
	}
	op := placed{profiles.Op{Kind: profiles.OpOff, Flag: "test"}, placeOf(at, partHook, 1)}
	s.use.own = append(slices.Clip(s.use.own), op)
	slices.SortFunc(s.use.own, byPlace)
	s.restricted = true
	if listed {
		s.flags[i] &^= bitEnabled
		if s.decide("test", s.flags[i]) {
			s.flags[i] |= bitEnabled
		}
	} else if !s.use.on("test", false) && !s.force.on("test", false) {
		s.implicit = slices.DeleteFunc(slices.Clone(s.implicit), func(flag string) bool { return flag == "test" })
	}
}

func (s *State) testsRestricted(allowed []string) bool {
	restrict, err := s.pkg.Restrict()
	if err != nil || !slices.Contains(restrict.Leaves(s.Enabled), "test") {
		return false
	}
	properties, err := s.pkg.Properties()
	if err != nil {
		return false
	}
	has := properties.Leaves(s.Enabled)
	return !slices.Contains(allowed, "all") &&
		!(slices.Contains(allowed, "network") && slices.Contains(has, "test_network")) &&
		!(slices.Contains(allowed, "privileged") && slices.Contains(has, "test_privileged"))
}
