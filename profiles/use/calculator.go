package use

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/keywords"
)

// A Calculator computes USE states by one configuration. It keeps them, and is
// safe for concurrent use.
type Calculator struct {
	config   *profiles.Config
	keywords *keywords.Judge
	arch     string
	expand   map[string]bool // USE_EXPAND, in lower case

	implicit implicit
	rules    sync.Map // repository -> *rules
	states   sync.Map // *ebuild.Package -> *State
}

// New returns the calculator of a configuration.
func New(c *profiles.Config) *Calculator {
	calc := &Calculator{config: c, keywords: keywords.New(c), arch: c.Arch(), expand: make(map[string]bool)}
	for _, name := range c.Words("USE_EXPAND") {
		calc.expand[strings.ToLower(name)] = true
	}
	calc.implicit = newImplicit(c)
	return calc
}

// State returns the USE state of a package.
func (c *Calculator) State(p *ebuild.Package) *State {
	if s, ok := c.states.Load(p); ok {
		return s.(*State)
	}
	s, _ := c.states.LoadOrStore(p, c.compute(p))
	return s.(*State)
}

// Declared says what State(p).Declared says, without computing the state of an
// ebuild.
func (c *Calculator) Declared(p *ebuild.Package, flag string) bool {
	if p.Origin.Built() {
		return c.State(p).Declared(flag)
	}
	return p.HasIUSE(flag) || c.implicit.has(flag, injected(p))
}

// rules are the compiled stacks for packages of one repository.
type rules struct {
	use, mask, force *stack

	// implicit flags that are on in packages without rules of their own, by
	// stability and by whether the EAPI has profile IUSE injection
	once     [2][2]sync.Once
	implicit [2][2][]string
}

func (c *Calculator) rulesFor(repo string) *rules {
	if r, ok := c.rules.Load(repo); ok {
		return r.(*rules)
	}
	r, _ := c.rules.LoadOrStore(repo, &rules{
		use:   compile(c.config.USE.Use(repo)),
		mask:  compile(c.config.USE.Mask(repo)),
		force: compile(c.config.USE.Force(repo)),
	})
	return r.(*rules)
}

// compute computes a state.
func (c *Calculator) compute(p *ebuild.Package) *State {
	candidate := profiles.Candidate(p)
	st := unstable
	if c.keywords.Stable(p) {
		st = stable
	}
	r := c.rulesFor(p.Repo)
	s := &State{
		Stable: st == stable, calc: c, pkg: p,
		mask:  view{r.mask, st, r.mask.matching(candidate, st)},
		force: view{r.force, st, r.force.matching(candidate, st)},
	}
	s.list(p.IUSE)
	if p.Origin.Built() {
		s.record(p.USE)
		return s
	}
	s.use = view{r.use, st, c.ownUSE(r.use, st, candidate)}
	s.decideAll(r)
	s.restrictTest(candidate)
	return s
}

// ownUSE collects what only this package has in its USE stack, other than the
// defaults in IUSE.
func (c *Calculator) ownUSE(s *stack, st stability, candidate atoms.Candidate) []placed {
	list := s.matching(candidate, st)
	if i, ok := s.hooks[profiles.HookFeatures]; ok && c.config.FeatureFor(candidate, "test") {
		list = append(list, placed{profiles.Op{Kind: profiles.OpOn, Flag: "test"}, placeOf(i, partHook, 0)})
	}
	if i, ok := s.hooks[profiles.HookUser]; ok {
		for n, op := range c.config.USE.User(candidate) {
			list = append(list, placed{op, placeOf(i, partHook, n)})
		}
	}
	if len(list) > 1 {
		slices.SortFunc(list, byPlace)
	}
	return list
}

func byPlace(a, b placed) int {
	switch {
	case a.place < b.place:
		return -1
	case a.place > b.place:
		return 1
	}
	return 0
}

// group returns the variable of USE_EXPAND, in lower case, that a flag belongs
// to: the shortest one.
func (c *Calculator) group(flag string) string {
	for i := range len(flag) {
		if flag[i] == '_' && c.expand[flag[:i]] {
			return flag[:i]
		}
	}
	return ""
}

// implicit is the part of IUSE_EFFECTIVE that packages do not list themselves.
type implicit struct {
	effective map[string]bool // EAPIs with profile IUSE injection
	old       map[string]bool // other EAPIs: arches, forced and masked flags, build, bootstrap
	prefixes  []string        // and flags with these prefixes
}

func newImplicit(c *profiles.Config) implicit {
	return implicit{effective: effective(c), old: oldImplicit(c), prefixes: hiddenPrefixes(c)}
}

// effective computes what the profile injects into IUSE (PMS, "USE and IUSE
// handling").
func effective(c *profiles.Config) map[string]bool {
	set := make(map[string]bool)
	for _, flag := range c.Words("IUSE_IMPLICIT") {
		set[flag] = true
	}
	bare, prefixed := c.Words("USE_EXPAND_UNPREFIXED"), c.Words("USE_EXPAND")
	for _, name := range c.Words("USE_EXPAND_IMPLICIT") {
		values := c.Words("USE_EXPAND_VALUES_" + name)
		for _, value := range values {
			if slices.Contains(bare, name) {
				set[value] = true
			}
			if slices.Contains(prefixed, name) {
				set[strings.ToLower(name)+"_"+value] = true
			}
		}
	}
	return set
}

func oldImplicit(c *profiles.Config) map[string]bool {
	set := map[string]bool{"build": true, "bootstrap": true}
	if arch := c.Arch(); arch != "" {
		set[arch] = true
	}
	for _, arch := range c.Words("PORTAGE_ARCHLIST") {
		set[arch] = true
	}
	for _, segments := range []profiles.FlagStack{c.USE.Mask(""), c.USE.Force("")} {
		v := view{stack: compile(segments)}
		for _, flag := range v.flagsOn() {
			set[flag] = true
		}
	}
	return set
}

func hiddenPrefixes(c *profiles.Config) []string {
	var list []string
	for _, name := range c.Words("USE_EXPAND_HIDDEN") {
		list = append(list, strings.ToLower(name)+"_")
	}
	return list
}

// has says if a flag is implicit for packages of the new or the old rules.
func (m *implicit) has(flag string, injected bool) bool {
	if injected {
		return m.effective[flag]
	}
	if m.old[flag] {
		return true
	}
	for _, prefix := range m.prefixes {
		if len(flag) >= len(prefix) && strings.HasPrefix(flag, prefix) {
			return true
		}
	}
	return false
}

// candidates returns the implicit flags that can be on at all, sorted.
func (m *implicit) candidates(injected bool, views ...*view) []string {
	if injected {
		return slices.Sorted(maps.Keys(m.effective))
	}
	set := make(map[string]bool)
	for _, v := range views {
		for flag := range v.last {
			set[flag] = true
		}
		for _, op := range v.own {
			set[op.Flag] = true
		}
	}
	maps.DeleteFunc(set, func(flag string, _ bool) bool { return !m.has(flag, false) })
	return slices.Sorted(maps.Keys(set))
}
