package corpus

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// An Aspect is one side of an answer that is compared.
type Aspect uint8

const (
	Exit      Aspect = iota // the exit status
	Document                // whether the document is a whole plan that does not contradict itself
	Success                 // whether the request was resolved
	Packages                // the set of packages that are merged or unmerged
	InRoots                 // to which root each goes
	Origin                  // ebuild or binary package
	Metadata                // slot, sub-slot, repository and EAPI
	Use                     // enabled flags of IUSE
	Status                  // new, update, ...
	Replaced                // replaced versions, other slots
	Order                   // the order of the list
	Blockers                // blockers in the list
	Changes                 // changes of configuration
	Lacking                 // dependencies that nothing satisfies
	Failure                 // whether it failed for a cycle, a slot conflict, or something lacking
	Provided                // arguments in package.provided
	Removed                 // what is unmerged, in order where there is one
	ListText                // the lines of the list
	WholeText               // the whole text output

	aspects // how many there are
)

// aspectNames are the words of the report.
var aspectNames = [aspects]string{"exit status", "document", "success", "packages", "roots", "origin", "metadata", "USE", "status", "replaces",
	"order", "blockers", "changes", "unsatisfied", "failure", "provided", "removed", "list text", "whole text"}

// String returns the aspect's name in reports.
func (a Aspect) String() string {
	if a >= aspects {
		return "invalid"
	}
	return aspectNames[a]
}

// Text says if the aspect is about the text output.
func (a Aspect) Text() bool { return a == ListText || a == WholeText }

// matches says if the aspect decides whether an answer matches. The form of
// the document has nothing to do with Portage's answer.
func (a Aspect) matches() bool { return !a.Text() && a != Document }

// A comparison collects what one request's answer differs in.
type comparison struct {
	out    *Outcome
	answer *Answer
	board  bool
}

// check notes that an aspect was compared, and its differences.
func (c *comparison) check(a Aspect, diffs ...string) {
	c.out.Compared[a] = true
	c.out.Differences[a] = append(c.out.Differences[a], diffs...)
}

// equal compares two values as texts.
func (c *comparison) equal(a Aspect, what string, want, got any) {
	if w, g := fmt.Sprint(want), fmt.Sprint(got); w != g {
		c.check(a, fmt.Sprintf("%s: want %s, got %s", what, w, g))
		return
	}
	c.check(a)
}

func (c *comparison) exit(status int) { c.equal(Exit, "exit status", c.answer.ReturnCode, status) }

// document checks the form of a plan document; the rest is compared whatever
// its faults.
func (c *comparison) document(doc []byte) {
	p, err := plan.Read("plan", bytes.NewReader(doc))
	if err == nil {
		err = p.Check()
	}
	c.check(Document)
	if err != nil {
		c.check(Document, strings.Split(err.Error(), "\n")...)
	}
}

// plan compares a plan document.
func (c *comparison) plan(p *plan.Plan) {
	r := c.answer.Resolve
	switch {
	case c.answer.Depclean != nil:
		c.removed(p, c.answer.Depclean.cpvs(), c.answer.Depclean.Ordered)
	case c.answer.Unmerge != nil:
		c.removed(p, c.answer.Unmerge.cpvs(), false)
	}
	if r == nil {
		c.equal(Success, "success", c.answer.ReturnCode == 0, p.Success)
		return
	}
	c.equal(Success, "success", r.Success, p.Success)
	if r.Mergelist != nil {
		c.steps(r.Mergelist, p.Steps)
		c.sets(Blockers, "", c.blockers(r.Blockers), planBlockers(p.Blockers))
	}
	c.failure(r, p)
	c.sets(Changes, "", c.changes(r), planChanges(&p.Changes))
	var lacking, provided []string
	for _, u := range r.Unsatisfied {
		lacking = append(lacking, u.Atom)
	}
	c.sets(Lacking, "atom ", lacking, problemAtoms(p, lackingKinds()...))
	provided = append(provided, r.Provided...)
	c.sets(Provided, "argument ", provided, problemAtoms(p, plan.ProblemProvided))
}

// failure compares the reasons of a failure, as far as answers have them.
func (c *comparison) failure(r *Resolve, p *plan.Plan) {
	c.check(Failure)
	if r.Success {
		return
	}
	has := func(kinds ...plan.ProblemKind) bool {
		return slices.ContainsFunc(p.Problems, func(q plan.Problem) bool { return slices.Contains(kinds, q.Kind) })
	}
	c.equal(Failure, "circular", len(r.Circular) > 0, has(plan.ProblemCircular))
	c.equal(Failure, "slot conflict", len(r.SlotConflicts) > 0, has(plan.ProblemSlotConflict))
	c.equal(Failure, "lacking", len(r.Unsatisfied) > 0, has(lackingKinds()...))
}

// lackingKinds are the kinds of problems that tell of unsatisfied dependencies.
func lackingKinds() []plan.ProblemKind {
	return []plan.ProblemKind{plan.ProblemNoMatch, plan.ProblemMasked, plan.ProblemUse, plan.ProblemRequiredUse}
}

func (d *Depclean) cpvs() []string {
	var out []string
	for _, e := range d.Cleanlist {
		out = append(out, e.CPV)
	}
	return out
}

func (u *Unmerge) cpvs() []string {
	var out []string
	for _, e := range u.Pkgmap {
		out = append(out, e.Selected...)
	}
	return out
}

// removed compares what is unmerged.
func (c *comparison) removed(p *plan.Plan, want []string, ordered bool) {
	var got []string
	for i := range p.Steps {
		if p.Steps[i].Operation == plan.OpUnmerge {
			got = append(got, p.Steps[i].CPV)
		}
	}
	if ordered {
		c.sequence(Removed, want, got)
		return
	}
	c.sets(Removed, "", want, got)
}

// A step is a task of either side in common terms.
type step struct {
	key      string // "operation cpv"
	root     string
	origin   string
	metadata string
	use      string
	status   string
	replaced string
}

// root names the root of a recorded entry as plans do.
func (c *comparison) root(root string) plan.Root {
	if c.board && root == "/" {
		return plan.RootBuild
	}
	return plan.RootTarget
}

func (c *comparison) recordedStep(t *Task) step {
	op := plan.OpMerge
	if t.Operation == "uninstall" {
		op = plan.OpUnmerge
	}
	others := slices.Sorted(slices.Values(t.OtherSlots))
	replaces := slices.Sorted(slices.Values(t.Replaces))
	return step{
		key: string(op) + " " + t.CPV, root: string(c.root(t.Root)), origin: t.Type,
		metadata: fmt.Sprintf("%s/%s::%s EAPI %s", t.Slot, t.Subslot, t.Repo, t.EAPI),
		use:      strings.Join(slices.Sorted(slices.Values(t.Use)), " "),
		status:   strings.ReplaceAll(t.Status, "_", "-"),
		replaced: fmt.Sprintf("%v, other slots %v", replaces, others),
	}
}

func planStep(s *plan.Step) step {
	var others []string
	if s.Status == plan.StatusNewSlot {
		for _, i := range s.Installed {
			others = append(others, i.CPV)
		}
	}
	slices.Sort(others)
	replaces := slices.Sorted(slices.Values(s.Replaces))
	return step{
		key: string(s.Operation) + " " + s.CPV, root: string(s.Root), origin: string(s.Origin),
		metadata: fmt.Sprintf("%s/%s::%s EAPI %s", s.Slot, s.Subslot, s.Repo, s.EAPI),
		use:      strings.Join(slices.Sorted(slices.Values(s.Use)), " "),
		status:   string(s.Status),
		replaced: fmt.Sprintf("%v, other slots %v", replaces, others),
	}
}

// steps compares the merge lists. Roots to Replaced are compared for the
// packages that both sides have.
func (c *comparison) steps(recorded []Task, planned []plan.Step) {
	var want, got []step
	for i := range recorded {
		if recorded[i].Operation != "nomerge" {
			want = append(want, c.recordedStep(&recorded[i]))
		}
	}
	for i := range planned {
		got = append(got, planStep(&planned[i]))
	}
	keys := func(l []step) (out []string) {
		for _, s := range l {
			out = append(out, s.key)
		}
		return out
	}
	c.sets(Packages, "", keys(want), keys(got))
	rooted := func(l []step) (out []string) {
		for _, s := range l {
			out = append(out, s.key+" in "+s.root)
		}
		return out
	}
	c.sequence(Order, rooted(want), rooted(got))
	byKey := map[string][]step{}
	for _, s := range got {
		byKey[s.key] = append(byKey[s.key], s)
	}
	for _, a := range []Aspect{InRoots, Origin, Metadata, Use, Status, Replaced} {
		c.check(a)
	}
	for _, w := range want {
		same := byKey[w.key]
		if len(same) == 0 {
			continue // told as a difference of Packages
		}
		i := max(0, slices.IndexFunc(same, func(s step) bool { return s.root == w.root }))
		c.step(&w, &same[i])
	}
}

// step compares two steps for the same package.
func (c *comparison) step(want, got *step) {
	for _, f := range []struct {
		aspect    Aspect
		want, got string
	}{
		{InRoots, want.root, got.root}, {Origin, want.origin, got.origin}, {Metadata, want.metadata, got.metadata},
		{Use, want.use, got.use}, {Status, want.status, got.status}, {Replaced, want.replaced, got.replaced},
	} {
		if f.want != f.got {
			c.check(f.aspect, fmt.Sprintf("%s: want %s, got %s", want.key, f.want, f.got))
		}
	}
}

// sets compares two lists as multisets.
func (c *comparison) sets(a Aspect, prefix string, want, got []string) {
	c.check(a)
	count := map[string]int{}
	for _, w := range want {
		count[w]++
	}
	for _, g := range got {
		count[g]--
	}
	for _, k := range slices.Sorted(maps.Keys(count)) {
		switch n := count[k]; {
		case n > 0:
			c.check(a, prefix+k+": missing")
		case n < 0:
			c.check(a, prefix+k+": too many")
		}
	}
}

// sequence compares two lists in order; the first difference is told.
func (c *comparison) sequence(a Aspect, want, got []string) {
	c.check(a)
	for i := range max(len(want), len(got)) {
		w, g := "nothing", "nothing"
		if i < len(want) {
			w = want[i]
		}
		if i < len(got) {
			g = got[i]
		}
		if w != g {
			c.check(a, fmt.Sprintf("entry %d of %d: want %s, got %s", i+1, len(want), w, g))
			return
		}
	}
}

func (c *comparison) blockers(l []Blocker) []string {
	var out []string
	for _, b := range l {
		out = append(out, blockerText(b.Atom, string(c.root(b.Root)), b.Hard, b.Satisfied, b.Parents))
	}
	return out
}

func planBlockers(l []plan.Blocker) []string {
	var out []string
	for _, b := range l {
		out = append(out, blockerText(b.Atom, string(b.Root), b.Strength == plan.StrengthStrong, b.Satisfied, b.Blocking))
	}
	return out
}

func blockerText(atom, root string, hard, satisfied bool, parents []string) string {
	return fmt.Sprintf("%s in %s, strong %t, satisfied %t, of %s", atom, root, hard, satisfied, strings.Join(parents, " "))
}

func (c *comparison) changes(r *Resolve) []string {
	var out []string
	for _, u := range r.UseChanges {
		for flag, on := range u.Changes {
			sign := "-"
			if on {
				sign = "+"
			}
			out = append(out, fmt.Sprintf("USE %s%s of %s in %s", sign, flag, u.CPV, c.root(u.Root)))
		}
	}
	for _, k := range r.Keywords {
		out = append(out, fmt.Sprintf("keyword of %s in %s", k.CPV, c.root(k.Root)))
	}
	for _, m := range r.Masks {
		out = append(out, fmt.Sprintf("mask of %s in %s", m.CPV, c.root(m.Root)))
	}
	for _, l := range r.Licenses {
		for _, name := range l.Licenses {
			out = append(out, fmt.Sprintf("license %s of %s", name, l.CPV))
		}
	}
	return out
}

func planChanges(p *plan.Changes) []string {
	var out []string
	for _, u := range p.Use {
		for _, flag := range u.Enable {
			out = append(out, fmt.Sprintf("USE +%s of %s in %s", flag, u.CPV, u.Root))
		}
		for _, flag := range u.Disable {
			out = append(out, fmt.Sprintf("USE -%s of %s in %s", flag, u.CPV, u.Root))
		}
	}
	for _, k := range p.Keywords {
		out = append(out, fmt.Sprintf("keyword of %s in %s", k.CPV, k.Root))
	}
	for _, m := range p.Masks {
		out = append(out, fmt.Sprintf("mask of %s in %s", m.CPV, m.Root))
	}
	for _, l := range p.Licenses {
		for _, name := range l.Licenses {
			out = append(out, fmt.Sprintf("license %s of %s", name, l.CPV))
		}
	}
	return out
}

// problemAtoms returns the atoms of problems of some kinds, each once.
func problemAtoms(p *plan.Plan, kinds ...plan.ProblemKind) []string {
	var out []string
	for i := range p.Problems {
		if slices.Contains(kinds, p.Problems[i].Kind) {
			out = append(out, p.Problems[i].Atoms...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
