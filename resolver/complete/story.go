package complete

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/resolver/universe"
)

// inOrder tells reasons as a story: from each thing that was asked for along
// the dependencies of what it leads to, and behind each step what speaks
// against the packages named there.
func inOrder(list []Reason) []Reason {
	t := &teller{left: slices.Clone(list)}
	for _, start := range [...]Kind{Argument, World, Installed} {
		for {
			i := slices.IndexFunc(t.left, func(r Reason) bool { return r.Kind == start })
			if i < 0 {
				break
			}
			t.tell(i)
		}
	}
	for len(t.left) > 0 {
		t.tell(0)
	}
	return t.told
}

type teller struct{ left, told []Reason }

// tell moves a reason to the story and what it leads to behind it.
func (t *teller) tell(i int) {
	r := t.left[i]
	t.left = slices.Delete(t.left, i, i+1)
	t.told = append(t.told, r)
	for {
		i := slices.IndexFunc(t.left, r.leadsTo)
		if i < 0 {
			return
		}
		t.tell(i)
	}
}

// leadsTo says if a reason speaks of a package that r names.
func (r *Reason) leadsTo(next Reason) bool {
	switch next.Kind {
	case Argument, World, Installed, Slot:
		return next.Kind == Slot && r.Kind != Slot && slices.ContainsFunc(next.Candidates, r.names)
	case USESetting:
		return r.asks(next.Atom)
	default:
		return r.names(next.Pkg)
	}
}

// asks says if a reason has an atom.
func (r *Reason) asks(a *atoms.Atom) bool {
	if r.Dep == nil {
		return r.Atom == a && r.Kind != USESetting
	}
	for x := range r.Dep.All() {
		if x.String() == a.String() {
			return true
		}
	}
	return false
}

// names says if a reason asks for a package, leaving out USE dependencies.
func (r *Reason) names(p *universe.Pkg) bool {
	switch r.Kind {
	case Argument, World:
		return p.MatchesName(r.Atom)
	case Installed:
		return r.Pkg.Slot == p.Slot
	case Dependency:
		for a := range r.Dep.All() {
			if p.MatchesName(a.Unblocked()) {
				return true
			}
		}
	}
	return false
}

// flagText returns flags with their states and origins, for people.
func flagText(list []Flag) string {
	parts := make([]string, len(list))
	for i, f := range list {
		state := "off"
		if f.On {
			state = "on"
		}
		if !f.Declared {
			parts[i] = f.Name + " is no flag of it"
			continue
		}
		parts[i] = f.Name + " is " + state + " (" + origin(f.Origin) + ")"
	}
	return strings.Join(parts, ", ")
}

// origin tells what decided about a flag.
func origin(o use.Origin) string {
	var text string
	switch o.Cause {
	case use.CauseNone:
		text = "nothing sets it"
	case use.CauseRecorded:
		text = "it was built so"
	case use.CauseForce, use.CauseMask:
		text = o.Cause.String() + " by the profile"
	case use.CauseUSE:
		if text = o.Layer.String(); o.Layer == profiles.LayerEnv {
			text = "environment"
		}
	default:
		text = o.Cause.String()
	}
	switch {
	case o.Pos.File == "":
		return text
	case o.Cause == use.CauseUSE:
		return o.Pos.String()
	}
	return text + ", " + o.Pos.String()
}

// told names a package, and says if it is the installed one of its version or a binary.
func told(p *universe.Pkg) string {
	if p.Built() {
		return p.String() + " (" + p.Origin.String() + ")"
	}
	return p.String()
}

// String tells the reason in one line.
func (r Reason) String() string {
	if subject := r.subject(); subject != nil {
		return told(subject) + " " + r.predicate()
	}
	switch r.Kind {
	case Argument:
		if r.Arg.Text == r.Atom.String() {
			return fmt.Sprintf("%s is asked for", r.Atom) + r.absence()
		}
		return fmt.Sprintf("%s is asked for by %s", r.Atom, r.Arg.Text) + r.absence()
	case World:
		return fmt.Sprintf("%s of %s is satisfied and has to stay so", r.Atom, r.Arg.Text) + r.absence()
	default:
		names := make([]string, len(r.Candidates))
		for i, p := range r.Candidates {
			names[i] = told(p)
		}
		return "only one can be there of " + strings.Join(names, ", ")
	}
}

// subject returns the package that the reason is said of, nil if it is of none.
func (r *Reason) subject() *universe.Pkg {
	switch r.Kind {
	case Argument, World, Slot:
		return nil
	}
	return r.Pkg
}

// predicate says what is true of the subject.
func (r *Reason) predicate() string {
	switch r.Kind {
	case Dependency:
		return fmt.Sprintf("has %s %s", r.Class, r.Dep) + r.absence()
	case Installed:
		return "is installed and is not removed without a blocker"
	case Masked:
		why := make([]string, len(r.Masks))
		for i := range r.Masks {
			why[i] = r.Masks[i].Told()
		}
		return "is masked: " + strings.Join(why, ", ")
	case RequiredUSE:
		text := r.Pkg.Raw("REQUIRED_USE")
		if r.Required != nil {
			text = r.Required.String()
		}
		return fmt.Sprintf("breaks REQUIRED_USE %s: %s", text, flagText(r.Flags))
	case USESetting:
		return fmt.Sprintf("does not match %s: %s", r.Atom, flagText(r.Flags))
	case Excluded:
		return "is excluded (--exclude)"
	default:
		return "is not used: " + r.refusal()
	}
}

// refusal tells why a binary package is not used.
func (r *Reason) refusal() string {
	var parts []string
	for _, f := range r.Flags {
		built, now := "-"+f.Name, "on"
		if f.On {
			built, now = f.Name, "off"
		}
		if !f.Declared {
			parts = append(parts, "built with "+built+", which its ebuild does not have")
			continue
		}
		parts = append(parts, "built with "+built+", now "+now+" ("+origin(f.Origin)+")")
	}
	if r.Changed {
		parts = append(parts, "its dependencies differ from those of its ebuild")
	}
	if len(parts) == 0 {
		return "the options leave it out, or its ebuild is gone or masked"
	}
	return strings.Join(parts, ", ")
}

// absence tells what of that which is asked for is in no repository.
func (r *Reason) absence() string {
	if len(r.Missing) == 0 {
		return ""
	}
	names := make([]string, len(r.Missing))
	for i, a := range r.Missing {
		names[i] = a.WithoutUSE().String()
	}
	return ", but there is no " + strings.Join(names, ", no ")
}

// Lines tells a proof, one reason in a line; versions of one package of which
// the same is said are put together.
func (p *Proof) Lines() []string {
	var lines []string
	done := make(map[int]bool)
	for i := range p.Reasons {
		r := &p.Reasons[i]
		if done[i] {
			continue
		}
		subject := r.subject()
		group := []*universe.Pkg{subject}
		for j := i + 1; subject != nil && j < len(p.Reasons); j++ {
			q := &p.Reasons[j]
			if s := q.subject(); s != nil && q.Kind == r.Kind && s.CPV.CP == subject.CPV.CP && s.Repo == subject.Repo &&
				s.Origin == subject.Origin && s.Root == subject.Root && q.predicate() == r.predicate() {
				done[j] = true
				group = append(group, s)
			}
		}
		if len(group) == 1 {
			lines = append(lines, r.String())
			continue
		}
		lines = append(lines, "each of "+versions(group)+" "+r.predicate())
	}
	return lines
}

// versions names several versions of one package.
func versions(list []*universe.Pkg) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.CPV.Version.String()
	}
	first := list[0]
	text := string(first.CPV.CP) + "-{" + strings.Join(names, ",") + "}::" + first.Repo
	if first.Built() {
		text += " (" + first.Origin.String() + ")"
	}
	return text
}
