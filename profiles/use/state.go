package use

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
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

// Switched returns a state in which some flags of IUSE are on and others off, as
// for a merge that a later one completes. Flags that IUSE does not list stay as
// they are.
func (s *State) Switched(on, off []string) *State {
	out := *s
	out.flags = slices.Clone(s.flags)
	for _, flag := range on {
		if i, listed := s.find(flag); listed {
			out.flags[i] |= bitEnabled
		}
	}
	for _, flag := range off {
		if i, listed := s.find(flag); listed {
			out.flags[i] &^= bitEnabled
		}
	}
	return &out
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
func (s *State) injected() bool { return injected(s.pkg) }

func injected(p *ebuild.Package) bool { return p.EAPI != nil && p.EAPI.IUSEEffective }

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
	op := s.use.deciding(name, true)
	if s.byDefault(f, op) {
		return f&bitDefaultOn != 0
	}
	return op != nil && op.on()
}

// byDefault says if the default in IUSE is stronger than an operation.
func (s *State) byDefault(f flagBits, op *placed) bool {
	if f&(bitDefaultOn|bitDefaultOff) == 0 {
		return false
	}
	at, ok := s.use.hooks[profiles.HookIUSE]
	return ok && (op == nil || op.place < placeOf(at, partHook, 0))
}

// implicitOn returns the implicit flags that are on. The answer is shared
// between packages unless this one has a say in it.
func (s *State) implicitOn(r *rules) []string {
	injected := s.injected()
	var list []string
	if s.ownImplicit(injected) {
		list = s.computeImplicit(&s.use, &s.mask, &s.force)
	} else {
		st, kind := s.use.stability, 0
		if injected {
			kind = 1
		}
		r.once[st][kind].Do(func() {
			shared := func(s *stack) *view { return &view{stack: s, stability: st} }
			r.implicit[st][kind] = s.computeImplicit(shared(r.use), shared(r.mask), shared(r.force))
		})
		list = r.implicit[st][kind]
	}
	listed := func(flag string) bool { _, ok := s.find(flag); return ok }
	if slices.ContainsFunc(list, listed) {
		list = slices.DeleteFunc(slices.Clone(list), listed)
	}
	return list
}

// ownImplicit says if a word about this package alone may be about an implicit
// flag.
func (s *State) ownImplicit(injected bool) bool {
	if !injected {
		return len(s.use.own)+len(s.mask.own)+len(s.force.own) > 0
	}
	flags := s.calc.implicit.effective
	return s.use.mentions(flags) || s.mask.mentions(flags) || s.force.mentions(flags)
}

// computeImplicit evaluates the stacks for all implicit flags.
func (s *State) computeImplicit(use, mask, force *view) []string {
	injected, arch := s.injected(), s.calc.arch
	candidates := s.calc.implicit.candidates(injected, use, force)
	if arch != "" && s.calc.implicit.has(arch, injected) {
		candidates = append(candidates, arch)
		slices.Sort(candidates)
	}
	var list []string
	for _, flag := range slices.Compact(candidates) {
		if !mask.on(flag, false) && (flag == arch || force.on(flag, false) || use.on(flag, false)) {
			list = append(list, flag)
		}
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

// expandImplicit turns on the implicit flags of a group: those that the profile
// injects or, in older EAPIs, those forced for this very package.
func (s *State) expandImplicit(group string) {
	list := slices.Clone(s.implicit)
	add := func(flag string) {
		if _, listed := s.find(flag); !listed && s.calc.group(flag) == group && !s.mask.on(flag, false) {
			list = append(list, flag)
		}
	}
	if s.injected() {
		for flag := range s.calc.implicit.effective {
			add(flag)
		}
	} else {
		for _, flag := range s.force.flagsOn() {
			add(flag)
		}
	}
	slices.Sort(list)
	s.implicit = slices.Compact(list)
}

// wildcardOn evaluates the stack for a flag of the form prefix_*. The operation
// prefix_* turns it on only if IUSE has no flag that it can mean.
func (s *State) wildcardOn(name string) bool {
	prefix := strings.TrimSuffix(name, "*")
	at, _ := slices.BinarySearch(s.names, prefix)
	hasListed := at < len(s.names) && strings.HasPrefix(s.names[at], prefix)
	best := s.use.deciding(name, false)
	if hasListed {
		return best != nil && best.on()
	}
	stronger := func(p *placed) {
		if p.Kind == profiles.OpOnPrefix && p.Flag == prefix && p.beats(best) {
			best = p
		}
	}
	for _, p := range s.use.sweeps[s.use.stability] {
		stronger(p)
	}
	for i := range s.use.own {
		stronger(&s.use.own[i])
	}
	return best != nil && best.on()
}

// restrictTest turns the flag test off where FEATURES=test is on but RESTRICT
// forbids tests, unless ALLOW_TEST allows them (S92). It counts like "-test"
// in IUSE.
func (s *State) restrictTest(c atoms.Candidate) {
	at, ok := s.use.hooks[profiles.HookIUSE]
	config := s.calc.config
	if !ok || !strings.Contains(s.pkg.Raw("RESTRICT"), "test") || !config.FeatureFor(c, "test") ||
		!s.testsRestricted(strings.Fields(config.PackageVars(c).Get("ALLOW_TEST"))) {
		return
	}
	op := placed{profiles.Op{Kind: profiles.OpOff, Flag: "test"}, placeOf(at, partHook, 1)}
	s.use.own = append(slices.Clip(s.use.own), op)
	slices.SortFunc(s.use.own, byPlace)
	i, listed := s.find("test")
	switch {
	case listed:
		s.flags[i] &^= bitEnabled
		if s.decide("test", s.flags[i]) {
			s.flags[i] |= bitEnabled
		}
	case !s.use.on("test", false) && !s.force.on("test", false):
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
