package choose

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// passVisibility says if a candidate may be chosen as far as masks go. An
// installed package is only judged where something else could be taken and an
// update is wanted (S48).
func (k *picking) passVisibility(p *universe.Pkg) bool {
	if p.Installed() {
		if k.Parent != nil && !k.S.WantsUpdate(k.Parent, p) {
			return true
		}
		if len(k.collected) == 0 || !k.P.Update {
			return true
		}
	}
	if !k.VisibleAt(p, k.level) {
		return false
	}
	if !p.Built() || !k.P.UseEbuildVisibility && len(k.collected) == 0 || k.isIdenticalBinary(p) {
		return true
	}
	if !k.P.UseEbuildVisibility && (k.P.UsePkgOnly == params.Yes || k.usesOld(p)) {
		return !(p.Installed() && p.Masked())
	}
	if !k.ebuildVisible(p, k.level) {
		return false
	}
	return !k.wantsNewBinary() || k.hasUsableBinary(k.lastEbuild)
}

// isIdenticalBinary says if p is installed from the very binary package that
// was collected: it must not be merged again.
func (k *picking) isIdenticalBinary(p *universe.Pkg) bool {
	if k.P.UsePkg != params.Yes || !p.Installed() {
		return false
	}
	for _, q := range k.collected {
		if q.Origin == ebuild.OriginBinary && q.CPV == p.CPV && q.BuildTime() == p.BuildTime() {
			return true
		}
	}
	return false
}

// wantsNewBinary says if FEATURES=buildpkg-proactive asks for a binary package
// of the collected ebuild.
func (k *picking) wantsNewBinary() bool {
	e := k.lastEbuild
	pol := k.Root.Policy
	if e == nil || !pol.Feature("buildpkg-proactive") || !pol.Feature("buildpkg") || k.S.InList(k.P.BuildPkgExclude, e) {
		return false
	}
	if pol.Feature("buildpkg-live") {
		return true
	}
	props, err := e.Properties()
	return err != nil || !slices.Contains(props.Leaves(k.S.Flags(e).Enabled), "live")
}

// hasUsableBinary says if some binary package of the ebuild's version could be
// used as it is.
func (k *picking) hasUsableBinary(e *universe.Pkg) bool {
	now := k.S.Flags(e)
	for _, b := range k.U.Store(k.Root, ebuild.OriginBinary, e.CPV.CP) {
		if !b.SameVersion(e) || b.Masked() {
			continue
		}
		if len(k.reinstallFlags(b, forcedBy(now), b.Flags(), b, now, e)) > 0 {
			continue
		}
		if k.P.BinChangedDeps != params.AutoNone && k.P.BinChangedDeps != params.AutoNo && k.depsChanged(b) {
			continue
		}
		return true
	}
	return false
}

// ebuildVisible says if the ebuild that a built package came from is there and visible.
func (c *Chooser) ebuildVisible(p *universe.Pkg, level *Level) bool {
	if e := c.U.EbuildIn(p.Root, p.CPV, p.Repo); e != nil {
		return c.VisibleAt(e, level)
	}
	for _, e := range c.U.Ebuilds(p) {
		if c.VisibleAt(e, level) {
			return true
		}
	}
	return false
}

// tryCollect compares a candidate with the configuration and with what is
// installed, and collects it (S47 steps 15 to 18).
func (k *picking) tryCollect(p *universe.Pkg) outcome {
	old := k.usesOld(p)
	var flags []string
	if p.Built() && !old && (!p.Installed() || len(k.collected) > 0 && !k.S.Excluded(p)) {
		out, differing := k.compareBuilt(p)
		if out != admit {
			return out
		}
		flags = differing
	}
	if !p.Installed() && !old {
		if again := k.compareInstalled(p); again != nil {
			flags = again
		}
	}
	if len(k.P.ReinstallAtoms) > 0 && k.S.InList(k.P.ReinstallAtoms, p) {
		k.reinstall = true
	}
	if !p.Built() {
		k.lastEbuild = p
	} else if old {
		k.old = append(k.old, p)
	}
	k.collected = append(k.collected, p)
	if len(flags) > 0 {
		k.Reinstall[p] = flags
	}
	return leave
}

// compareBuilt says if a built package is what the configuration would give
// today (S52).
func (k *picking) compareBuilt(p *universe.Pkg) (outcome, []string) {
	refuse := skip
	if p.Installed() {
		refuse = leave
	}
	e := k.lastEbuild
	switch {
	case e != nil && k.P.NewRepo && e.Repo != p.Repo:
		return leave, nil
	case k.P.ChangedSlot && k.slotChanged(p):
		return refuse, nil
	case k.P.NewUse || k.P.ChangeUse || !p.Installed() && k.P.RespectUse.On():
		if flags := k.differingFlags(p); len(flags) > 0 {
			if !p.Installed() {
				k.refusal(p).addFlags(flags)
			}
			return refuse, nil
		}
	}
	binDeps := k.P.BinChangedDeps != params.AutoNone && k.P.BinChangedDeps != params.AutoNo
	switch {
	case p.Installed() && (k.P.ChangedDepsOn || k.P.ChangedDepsReport):
		if k.depsChanged(p) && k.P.ChangedDepsOn {
			return leave, nil
		}
	case !p.Installed() && binDeps && k.depsChanged(p):
		k.refusal(p).ChangedDeps = true
		return skip, nil
	}
	return admit, nil
}

// differingFlags compares a built package with the collected ebuild, which may
// be of another version, or else with what its own name is configured to.
func (k *picking) differingFlags(p *universe.Pkg) []string {
	e := k.lastEbuild
	if e == nil {
		now := k.Configured(p)
		return k.reinstallFlags(p, forcedBy(now), p.Flags(), p, now, p)
	}
	iuse := p
	if k.P.UsePkgOnly != params.Yes {
		iuse = e
	}
	now := k.S.Flags(e)
	return k.reinstallFlags(p, forcedBy(now), p.Flags(), p, now, iuse)
}

// Configured returns the USE state that a built package would have if it were
// built today.
func (c *Chooser) Configured(p *universe.Pkg) *universe.Flags { return p.Configured() }

func forcedBy(f *universe.Flags) func(string) bool {
	return func(flag string) bool { return f.State.Forced(flag) || f.State.Masked(flag) }
}

// compareInstalled says if merging p would only repeat what is installed, and
// sets reinstall if there is a reason to; the flags that are the reason are
// returned.
func (k *picking) compareInstalled(p *universe.Pkg) []string {
	inst := k.U.InstalledSame(p)
	if inst == nil || !inst.Matches(k.Atom, nil) {
		return nil
	}
	if k.P.NewRepo && p.Repo != inst.Repo {
		k.reinstall = true
		return nil
	}
	if !k.P.NewUse && !k.P.ChangeUse {
		return nil
	}
	now := k.S.Flags(p)
	flags := k.reinstallFlags(p, forcedBy(p.Flags()), inst.Flags(), inst, now, p)
	if len(flags) > 0 {
		k.reinstall = true
	}
	return flags
}

// reinstallFlags returns the flags for which a package has to be merged again
// (S53). By --newuse a flag counts that came, went or changed; by
// --changed-use only one whose state changed.
func (c *Chooser) reinstallFlags(p *universe.Pkg, forced func(string) bool, oldUSE *universe.Flags, oldIUSE *universe.Pkg, newUSE *universe.Flags, newIUSE *universe.Pkg) []string {
	respect := p.Built() && c.P.RespectUse.On()
	byNewUse := c.P.NewUse || respect && !c.P.ChangeUse
	if !byNewUse && !c.P.ChangeUse && !respect {
		return nil
	}
	var flags []string
	differs := func(flag string, before, after bool) {
		if before != after {
			flags = append(flags, flag)
		}
	}
	for _, x := range oldIUSE.IUSE {
		in := newIUSE.HasIUSE(x.Name)
		differs(x.Name, oldUSE.Enabled(x.Name), in && newUSE.Enabled(x.Name))
		if byNewUse && !in && !forced(x.Name) {
			flags = append(flags, x.Name)
		}
	}
	for _, x := range newIUSE.IUSE {
		if oldIUSE.HasIUSE(x.Name) {
			continue
		}
		differs(x.Name, false, newUSE.Enabled(x.Name))
		if byNewUse && !forced(x.Name) {
			flags = append(flags, x.Name)
		}
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}

func (c *Chooser) slotChanged(p *universe.Pkg) bool {
	e := c.U.EquivalentEbuild(p)
	return e != nil && !e.SubslotOf(p)
}

// SlotChanged says if the ebuild of a built package has another slot or sub-slot today.
func (c *Chooser) SlotChanged(p *universe.Pkg) bool { return c.slotChanged(p) }

func (c *Chooser) refusal(p *universe.Pkg) *Refusal {
	r := c.Refused[p]
	if r == nil {
		r = &Refusal{}
		c.Refused[p] = r
		c.RefusedList = append(c.RefusedList, p)
	}
	return r
}

func (r *Refusal) addFlags(flags []string) {
	r.Flags = append(r.Flags, flags...)
	slices.Sort(r.Flags)
	r.Flags = slices.Compact(r.Flags)
}

// depsChanged says if the dependencies that a built package was recorded with
// differ from those of its ebuild today, slots and the libc left aside (S54).
func (c *Chooser) depsChanged(p *universe.Pkg) bool {
	if changed, ok := c.changed[p]; ok {
		if changed && p.Installed() && c.P.ChangedDepsReport {
			c.ChangedDeps[p] = c.U.EquivalentEbuild(p)
		}
		return changed
	}
	e := c.U.EquivalentEbuild(p)
	changed := e != nil && c.differsFrom(p, e)
	c.changed[p] = changed
	if changed && p.Installed() && c.P.ChangedDepsReport {
		c.ChangedDeps[p] = e
	}
	return changed
}

func (c *Chooser) differsFrom(p, e *universe.Pkg) bool {
	classes := []atoms.DepClass{atoms.IDepend, atoms.PDepend, atoms.RDepend}
	if c.P.Bdeps.On() {
		classes = append(classes, atoms.BDepend, atoms.Depend)
	}
	flags := p.Flags()
	for _, class := range classes {
		was, err := p.Package.Deps(class)
		if err != nil {
			return true
		}
		is, err := e.Package.Deps(class)
		if err != nil {
			return true
		}
		if c.comparable(p.Root, was, flags) != c.comparable(p.Root, is, flags) {
			return true
		}
	}
	return false
}

// comparable renders a dependency tree without slots and libc, evaluated.
func (c *Chooser) comparable(r *universe.Root, d *atoms.Dep, flags *universe.Flags) string {
	reduced := atoms.Reduce(d, atoms.ReduceOptions{Enabled: flags.Enabled})
	return atoms.StripLibcDeps(stripSlots(reduced), c.U.LibcAtoms(r)).String()
}

func stripSlots(d *atoms.Dep) *atoms.Dep {
	if d.Kind == atoms.KindLeaf {
		return &atoms.Dep{Kind: atoms.KindLeaf, Leaf: d.Leaf.WithoutSlot()}
	}
	n := *d
	n.Children = make([]*atoms.Dep, len(d.Children))
	for i, x := range d.Children {
		n.Children[i] = stripSlots(x)
	}
	return &n
}
