package complete

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
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
		parts[i] = f.Name + " is " + state + " by " + f.Origin.String()
	}
	return strings.Join(parts, ", ")
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
	switch r.Kind {
	case Argument:
		return fmt.Sprintf("%s was asked for by %s", r.Atom, r.Arg.Text)
	case World:
		return fmt.Sprintf("%s of %s is satisfied and has to stay so", r.Atom, r.Arg.Text)
	case Dependency:
		return fmt.Sprintf("%s has %s %s", told(r.Pkg), r.Class, r.Dep)
	case Installed:
		return fmt.Sprintf("%s is installed and is not removed without a blocker", r.Pkg)
	case Slot:
		names := make([]string, len(r.Candidates))
		for i, p := range r.Candidates {
			names[i] = told(p)
		}
		return "only one can be there of " + strings.Join(names, ", ")
	case Masked:
		var why []string
		for _, m := range r.Masks {
			text := m.Text
			if m.Pos.File != "" {
				text += " (" + m.Pos.String() + ")"
			}
			why = append(why, text)
		}
		return fmt.Sprintf("%s is masked: %s", told(r.Pkg), strings.Join(why, ", "))
	case RequiredUSE:
		text := r.Pkg.Raw("REQUIRED_USE")
		if r.Required != nil {
			text = r.Required.String()
		}
		return fmt.Sprintf("%s breaks REQUIRED_USE %s: %s", told(r.Pkg), text, flagText(r.Flags))
	case USESetting:
		return fmt.Sprintf("%s does not match %s: %s", told(r.Pkg), r.Atom, flagText(r.Flags))
	case Excluded:
		return fmt.Sprintf("%s is excluded", told(r.Pkg))
	default:
		return fmt.Sprintf("%s is not used as the options are", told(r.Pkg))
	}
}
