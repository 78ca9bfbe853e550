package choose

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/universe"
)

// outcome is what becomes of a candidate and of the rest of its store.
type outcome uint8

const (
	admit outcome = iota // the candidate passed
	skip                 // try the next candidate of the store
	leave                // leave the store
)

// picking is the working state of one selection (S47).
type picking struct {
	*Chooser
	Ask
	level *Level

	collected  []*universe.Pkg // at most one per store
	old        []*universe.Pkg // collected ones that --useoldpkg-atoms matches
	highest    *universe.Pkg
	existing   *universe.Pkg
	lastEbuild *universe.Pkg
	rejected   []*universe.Pkg // ebuilds refused only for USE that the user could change
	reinstall  bool            // the installed package does not do
	foundArg   bool            // a package that could be merged matches an argument
}

// pick makes one selection: a first round over the stores looks for a package
// that is in the graph already, a second one collects the best of each store.
func (c *Chooser) pick(q Ask, level *Level) Selection {
	k := &picking{Chooser: c, Ask: q, level: level}
	origins := c.U.Origins()
	for _, o := range origins {
		if k.existing == nil {
			k.scan(o, k.tryExisting)
		}
	}
	if k.existing == nil {
		for _, o := range origins {
			if o == ebuild.OriginInstalled && len(k.collected) > 0 && k.replacesInstalled() {
				continue
			}
			k.scan(o, k.tryCollect)
		}
	}
	return k.prefer()
}

func (k *picking) replacesInstalled() bool {
	return k.reinstall || k.P.Empty || k.foundArg && !k.P.Selective
}

// scan offers the candidates of a store, best first, until one of them settles it.
func (k *picking) scan(o ebuild.Origin, settle func(*universe.Pkg) outcome) {
	for _, p := range k.candidates(o) {
		switch k.pass(p) {
		case leave:
			return
		case admit:
			if settle(p) == leave {
				return
			}
		}
	}
}

// candidates returns the packages of a store that match the atom, best first.
// Of ebuilds the USE dependencies are judged later, so that an update is not
// missed only for the USE configuration.
func (k *picking) candidates(o ebuild.Origin) []*universe.Pkg {
	switch o {
	case ebuild.OriginEbuild:
		return k.ebuilds()
	case ebuild.OriginInstalled:
		return k.installed(k.Root, k.Atom)
	default:
		return k.asAsked(filter(k.U.Store(k.Root, o, k.Atom.CP), func(p *universe.Pkg) bool { return k.S.Matches(k.Atom, p) }))
	}
}

func (k *picking) ebuilds() []*universe.Pkg { return k.asAsked(k.U.EbuildsNamed(k.Root, k.Atom)) }

// asAsked returns the instances that stand for packages which are not installed:
// an argument of --onlydeps is not merged, built or not.
func (k *picking) asAsked(all []*universe.Pkg) []*universe.Pkg {
	if !k.OnlyDeps {
		return all
	}
	found := make([]*universe.Pkg, len(all))
	for i, p := range all {
		found[i] = k.onlyDepsOf(p)
	}
	return found
}

// onlyDepsOf returns the instance that stands for p as an argument of
// --onlydeps; one that is to be merged anyway stands for itself.
func (c *Chooser) onlyDepsOf(p *universe.Pkg) *universe.Pkg {
	if !p.HasOnlyDeps() && c.S.Tracker.IsAdded(p) {
		return p
	}
	return p.AsOnlyDeps()
}

// installed returns the installed packages that match an atom, best first. The
// caller must not change the slice.
func (c *Chooser) installed(r *universe.Root, a *atoms.Atom) []*universe.Pkg {
	return c.U.InstalledOrMoved(r, a)
}

// MatchAny returns the packages of all stores that take part and match an
// atom, store by store, best first.
func (c *Chooser) MatchAny(r *universe.Root, a *atoms.Atom) []*universe.Pkg {
	var found []*universe.Pkg
	for _, o := range c.U.Origins() {
		if o == ebuild.OriginInstalled {
			found = append(found, c.installed(r, a)...)
			continue
		}
		for _, p := range c.U.Store(r, o, a.CP) {
			if c.S.Matches(a, p) {
				found = append(found, p)
			}
		}
	}
	return found
}

// pass applies the tests that hold in both rounds: what the search, the
// options, the configuration and the atom's USE dependencies say of p.
func (k *picking) pass(p *universe.Pkg) outcome {
	if k.ruledOut(p) {
		return skip
	}
	if p.Origin == ebuild.OriginBinary {
		if out := k.passBinary(p); out != admit {
			return out
		}
	}
	if k.behindRejected(p) || !k.passVisibility(p) {
		return skip
	}
	k.noteArguments(p)
	return k.passUSE(p)
}

// ruledOut says if the search or the options take p out of the question.
func (k *picking) ruledOut(p *universe.Pkg) bool {
	s := k.S.Search
	if s.Excludes(p) ||
		p.Built() && slices.Contains(s.Rebuild, p.Slot) ||
		p.Installed() && slices.Contains(s.Reinstall, p.Slot) {
		return true
	}
	if p.Installed() {
		return k.P.Empty && !k.S.Excluded(p)
	}
	return k.S.Excluded(p)
}

// passBinary applies --usepkg-exclude, -include and -exclude-live. The first
// binary package that may not be used closes the store (S47).
func (k *picking) passBinary(p *universe.Pkg) outcome {
	if len(k.P.UsePkgExclude) > 0 && k.S.InList(k.P.UsePkgExclude, p) {
		return leave
	}
	if len(k.P.UsePkgInclude) > 0 && !k.S.InList(k.P.UsePkgInclude, p) {
		return leave
	}
	if k.P.UsePkgExcludeLive && slices.Contains(strings.Fields(p.Raw("PROPERTIES")), "live") {
		return skip
	}
	return admit
}

func (k *picking) usesOld(p *universe.Pkg) bool {
	return len(k.P.UseOldPkgAtoms) > 0 && k.S.InList(k.P.UseOldPkgAtoms, p)
}

// behindRejected says if a higher version, or the same one of a repository of
// higher priority, was refused only for USE: then p must not be taken in its
// stead without the user knowing.
func (k *picking) behindRejected(p *universe.Pkg) bool {
	if len(k.rejected) == 0 || p.Built() && k.usesOld(p) || p.Installed() && !k.P.Update {
		return false
	}
	for _, r := range k.rejected {
		if p.Less(r) {
			return true
		}
		if r.SameVersion(p) {
			rp, rok := r.RepoPriority()
			pp, pok := p.RepoPriority()
			if rok && (!pok || rp > pp) {
				return true
			}
		}
	}
	return false
}

// noteArguments records if p, or a reinstallation of it, is what an argument
// asks for; a package that the asking one would replace does not count.
func (k *picking) noteArguments(p *universe.Pkg) {
	parent := k.Parent
	if parent == nil {
		parent = k.parent
	}
	if parent != nil && k.willReplace(parent, k.Root, k.Atom) != nil {
		return
	}
	matches := k.S.ArgAtoms(p)
	for _, m := range matches {
		if m.Arg.ForceReinstall {
			k.reinstall = true
			break
		}
	}
	if len(matches) > 0 && !p.Installed() {
		k.foundArg = true
	}
}

// willReplace returns the installed package that matches the atom and that
// parent would replace, if any.
func (c *Chooser) willReplace(parent *universe.Pkg, r *universe.Root, a *atoms.Atom) *universe.Pkg {
	if parent.Root != r || parent.CPV.CP != a.CP {
		return nil
	}
	for _, p := range c.installed(r, a) {
		if p.Slot == parent.Slot {
			return p
		}
	}
	return nil
}

// passUSE applies the atom's USE dependencies. A flag that the package does
// not have refuses it silently; flags that the user could switch are noted.
func (k *picking) passUSE(p *universe.Pkg) outcome {
	if uneval := k.Atom.Unevaluated(); len(uneval.USE) > 0 {
		flags := p.Flags()
		for _, d := range uneval.USE {
			if d.Default == atoms.USENoDefault && !flags.Declared(d.Flag) {
				return skip
			}
		}
	}
	if len(k.Atom.USE) > 0 {
		matches, adjustable := k.judgeUSE(p)
		if !matches {
			if adjustable {
				k.rejected = append(k.rejected, p)
			}
			return skip
		}
	}
	if k.highest == nil || k.highest.Less(p) {
		k.highest = p
	}
	return admit
}

// judgeUSE says if p has the flags that the atom asks for and, if not, whether
// the user could switch them (S49).
func (k *picking) judgeUSE(p *universe.Pkg) (matches, adjustable bool) {
	flags := k.S.Flags(p)
	if k.level != nil && k.level.USE && !p.Built() {
		flags = k.S.AdjustUSE(p, wanted(k.Atom))
	}
	matches, adjustable = true, !p.Built()
	for _, d := range k.Atom.USE {
		on := d.Kind == atoms.USEEnabled
		if !on && d.Kind != atoms.USEDisabled {
			continue
		}
		if !flags.Declared(d.Flag) && d.Default != atoms.USENoDefault {
			if (d.Default == atoms.USEDefaultEnabled) != on {
				matches, adjustable = false, false
			}
			continue
		}
		if flags.Enabled(d.Flag) == on {
			continue
		}
		matches = false
		st := flags.State
		if on && st.Masked(d.Flag) || !on && st.Forced(d.Flag) && !st.Masked(d.Flag) {
			adjustable = false
		}
	}
	return matches, adjustable
}

// wanted returns the flags that an atom asks for, those to be enabled first.
func wanted(a *atoms.Atom) []universe.FlagChange {
	var list, off []universe.FlagChange
	for _, d := range a.USE {
		switch d.Kind {
		case atoms.USEEnabled:
			list = append(list, universe.FlagChange{Flag: d.Flag, On: true})
		case atoms.USEDisabled:
			off = append(off, universe.FlagChange{Flag: d.Flag})
		}
	}
	return append(list, off...)
}

// tryExisting looks for an added package in the slot of the best candidate:
// it is reused if it matches, unless a higher version lives in another slot.
func (k *picking) tryExisting(p *universe.Pkg) outcome {
	e := k.S.Tracker.Highest(p)
	if e == nil || !k.S.Matches(k.Atom, e) {
		return leave
	}
	if k.highest != nil && e.Less(k.highest) && e.Slot != k.highest.Slot {
		return leave
	}
	k.collected = append(k.collected, e)
	k.existing = e
	return leave
}
