package verify

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
)

// end checks the state after the last step.
func (j *judge) end() {
	if j.Options.FetchOnly {
		return
	}
	if !j.Options.NoDeps {
		for _, r := range j.roots {
			r.all(j.running)
			r.all(j.blockedAtEnd)
		}
		j.pendingAtEnd()
		j.needs()
	}
	for _, r := range j.roots {
		r.all(j.completed)
	}
	j.world()
	j.arguments()
	j.entries()
}

// completed checks that a package which was merged with fewer flags to break a
// cycle has been merged again.
func (j *judge) completed(p *pkg) {
	if p.merged() && j.Plan.Steps[p.step-1].Stage == plan.StageBootstrap {
		j.report(KindUse, Error, p, "", "has the flags of a bootstrap at the end: no later step merges it in full")
	}
}

// running checks what a package needs as long as it is there.
func (j *judge) running(p *pkg) {
	for _, class := range runClasses() {
		for _, c := range p.lists[class] {
			if c.excused || c.root.holds(c.need, nil) {
				continue
			}
			text := c.need.String()
			switch {
			case p.merged() && c.unbound != nil && c.root.holds(c.unbound, nil):
				severity := Error
				if class == atoms.PDepend {
					severity = Weak // what comes afterwards cannot be bound to before
				}
				j.report(KindBinding, severity, p, text, "%s %s was built against %s, which is not there at the end", class, c.unbound, text)
			case p.merged():
				j.report(KindRun, Error, p, text, "%s %s is not merged at the end", class, text)
			default:
				j.broke(p, c)
			}
		}
	}
}

// broke reports a dependency of an installed package that the plan breaks.
func (j *judge) broke(p *pkg, c *clause) {
	text := c.need.String()
	switch {
	case j.Options.Action == ActionUnmerge:
		j.report(KindBroken, Info, p, text, "%s %s is no longer met, as was asked for", c.class, text)
	case j.Options.DynamicDeps && j.holdsToday(p):
		j.report(KindBroken, Weak, p, text, "%s %s is no longer met; the ebuild of today asks for less", c.class, text)
	default:
		j.report(KindBroken, Error, p, text, "%s %s held before and is not met at the end", c.class, text)
	}
}

// holdsToday says if an installed package runs by the dependencies that the
// ebuild of its version has today.
func (j *judge) holdsToday(p *pkg) bool {
	live := liveEbuild(p)
	if live == nil {
		return false
	}
	today := &pkg{Package: p.WithKeywordsOf(live), flags: p.flags, root: p.root}
	j.read(today)
	for _, class := range runClasses() {
		for _, c := range today.lists[class] {
			if !c.root.holds(c.need, nil) {
				return false
			}
		}
	}
	return true
}

// needs checks what the plan says about the needs of its steps.
func (j *judge) needs() {
	for i := range j.Plan.Steps {
		p := j.steps[i]
		if p == nil || j.Options.BuildPkgOnly {
			continue
		}
		for _, n := range j.Plan.Steps[i].Needs {
			j.need(p, n)
		}
	}
}

func (j *judge) need(p *pkg, n plan.Need) {
	if n.Class == plan.ClassSoname || n.SatisfiedBy == "" {
		return
	}
	a, err := atoms.ParseAtom(n.Atom, atoms.AtomOptions{})
	if err != nil {
		j.report(KindNeed, Error, p, n.Atom, "need: %s", oneLine(err))
		return
	}
	if a.Blocker != atoms.BlockNone {
		return
	}
	r := j.rootOf(n.Root)
	if r == nil {
		return // an error of the form
	}
	var by []*pkg
	if n.Step != 0 {
		by = append(by, j.steps[n.Step-1])
	} else {
		by = r.before[a.CP]
	}
	a = a.EvaluateUSE(p.flags.Enabled)
	ok := slices.ContainsFunc(by, func(q *pkg) bool {
		return q != nil && q.CPV.String() == string(n.SatisfiedBy) && a.Match(q.Candidate(q.flags))
	})
	if !ok && !(n.Step == 0 && r.provided(a)) {
		j.report(KindNeed, Error, p, n.Atom, "%s %s is not met by %s", n.Class, n.Atom, n.SatisfiedBy)
	}
}

// world checks that no atom of @world is lost.
func (j *judge) world() {
	for _, a := range j.worldBefore {
		if j.met(j.target, a) {
			continue
		}
		severity := Error
		if j.Options.Action == ActionUnmerge {
			severity = Info
		}
		j.report(KindWorld, severity, nil, a.String(), "%s of @world held before and does not at the end", a)
	}
}

// met says if an atom of a set or argument is met by what is there.
func (j *judge) met(r *root, a *atoms.Atom) bool {
	if a.CP.Category() != "*" {
		return len(r.matching(a)) > 0 || r.provided(a)
	}
	for cp := range r.present {
		if cp.Name() == a.CP.Name() && len(r.matching(a.WithCP(cp))) > 0 {
			return true
		}
	}
	return false
}

// members gives the atoms of a set; none if it is not known.
func (j *judge) members(r *root, name string) []*atoms.Atom {
	if r.Set == nil {
		return nil
	}
	list, err := r.Set(name)
	if err != nil {
		j.report(KindArgument, Info, nil, "@"+name, "@%s: %s", name, oneLine(err))
	}
	return list
}

// arguments checks that what was asked for is there at the end.
func (j *judge) arguments() {
	if j.Options.Action != ActionMerge || j.Options.BuildPkgOnly {
		return
	}
	for _, text := range j.Plan.Request.Targets {
		if text == "world" || text == "system" {
			text = "@" + text
		}
		if name, ok := strings.CutPrefix(text, "@"); ok {
			name, _, _ = strings.Cut(name, "{")
			for _, a := range j.members(j.target, name) {
				j.argument(a, text)
			}
			continue
		}
		// Anything that is no atom is a file, whose package the plan names itself.
		if a, err := atoms.ParseAtomOrName(text, atoms.AtomOptions{AllowRepo: true, AllowBuildID: true, AllowWildcard: true}); err == nil {
			j.argument(a, text)
		}
	}
}

// argument checks one atom of an argument. What the plan tells as missing, or
// as excluded, is no fault.
func (j *judge) argument(a *atoms.Atom, from string) {
	if j.Options.OnlyDeps {
		j.onlyDeps(a)
		return
	}
	if j.met(j.target, a) {
		return
	}
	severity, why := Error, ""
	switch {
	case j.told(a.String()) || j.told(from):
		severity, why = Info, "; the plan tells so"
	case j.Options.UpdateIfInstalled && len(j.target.before[a.CP]) == 0:
		severity, why = Info, "; it was not installed"
	case j.metToday(a):
		severity, why = Weak, ", but a package is whose ebuild has that slot now"
	case slices.ContainsFunc(j.Options.Exclude, func(x *atoms.Atom) bool { return x.CP == a.CP || x.CP.Category() == "*" && x.CP.Name() == a.CP.Name() }):
		severity, why = Info, "; it is excluded"
	}
	j.report(KindArgument, severity, nil, a.String(), "%s, asked for by %s, is not there at the end%s", a, from, why)
}

// onlyDeps checks that some visible version of an argument finds all that it
// needs, though the plan does not merge it.
func (j *judge) onlyDeps(a *atoms.Atom) {
	var candidates []*pkg
	for _, list := range j.available(a) {
		for _, p := range list {
			q := &pkg{Package: p, flags: j.target.Flags(p), root: j.target}
			visible := j.target.Verdict == nil || j.target.Verdict(p, q.flags).Visible()
			if visible && a.Match(p.Candidate(q.flags)) {
				candidates = append(candidates, q)
			}
		}
	}
	if j.Options.NoDeps || len(candidates) == 0 || slices.ContainsFunc(candidates, j.finds) {
		return
	}
	lacks, text := j.lacks(candidates[len(candidates)-1])
	j.report(KindArgument, Error, nil, text, "no version of %s finds what it needs: %s lacks %s", a, candidates[len(candidates)-1].CPV, lacks)
}

// available gives the packages with the name of an atom, by store; those of
// any category if the atom names none.
func (j *judge) available(a *atoms.Atom) [][]*ebuild.Package {
	sources := []ebuild.Source{}
	for _, r := range j.target.Repos {
		sources = append(sources, r.Source)
	}
	if j.target.Binaries != nil {
		sources = append(sources, j.target.Binaries)
	}
	var out [][]*ebuild.Package
	for _, s := range sources {
		names := []atoms.CP{a.CP}
		if a.CP.Category() == "*" {
			names, _ = s.CPs() // an error leaves those that could be read
			names = slices.DeleteFunc(slices.Clone(names), func(cp atoms.CP) bool { return cp.Name() != a.CP.Name() })
		}
		for _, cp := range names {
			list, _ := s.Packages(cp) // as above
			out = append(out, list)
		}
	}
	return out
}

func (j *judge) finds(p *pkg) bool {
	lacks, _ := j.lacks(p)
	return lacks == ""
}

// lacks tells the first dependency of a package that is not merged does not
// find; "" if it finds all.
func (j *judge) lacks(p *pkg) (message, text string) {
	classes := runClasses()
	if j.Options.OnlyBuildDeps {
		classes = nil
	}
	if !p.Origin.Built() {
		classes = append(classes, atoms.Depend, atoms.BDepend)
	}
	j.read(p)
	for _, class := range classes {
		for _, c := range p.lists[class] {
			if !c.root.holds(c.need, nil) {
				return class.String() + " " + c.need.String(), c.need.String()
			}
		}
	}
	return "", ""
}

// metToday says if an atom is met by a package that is there, going by the
// slot that the ebuild of its version has today, as Portage goes by for
// packages whose slot depends on the moment of building.
func (j *judge) metToday(a *atoms.Atom) bool {
	for _, p := range j.target.present[a.CP] {
		if live := liveEbuild(p); live != nil && a.Match(live.Candidate(p.flags)) {
			return true
		}
	}
	return false
}

// liveEbuild is the ebuild of a package's version in its repository, or nil.
func liveEbuild(p *pkg) *ebuild.Package {
	for _, repo := range p.root.Repos {
		if repo.Name != p.Repo {
			continue
		}
		// An error leaves those that could be read: the package may be among them.
		list, _ := repo.Packages(p.CPV.CP)
		for _, q := range list {
			if q.CPV == p.CPV {
				return q
			}
		}
	}
	return nil
}

// told says if a problem of the plan names an atom.
func (j *judge) told(atom string) bool {
	return slices.ContainsFunc(j.Plan.Problems, func(p plan.Problem) bool { return slices.Contains(p.Atoms, atom) })
}

// entries checks that what is recorded as selected names the package that the
// step merges.
func (j *judge) entries() {
	for _, e := range j.Plan.World {
		if e.Step == 0 || strings.HasPrefix(e.Atom, "@") || j.steps[e.Step-1] == nil {
			continue
		}
		p := j.steps[e.Step-1]
		a, err := atoms.ParseAtom(e.Atom, atoms.AtomOptions{AllowRepo: true})
		if err != nil || !a.Match(p.Candidate(p.flags)) {
			j.report(KindArgument, Error, p, e.Atom, "the plan records %s, which is not the package of the step", e.Atom)
		}
	}
}
