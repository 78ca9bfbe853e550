package explain

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tumpline/tumpline/resolver/plan"
)

// width is how long lines of text are at most, unless a word is longer.
const width = 80

// most is how many members of a list the text tells; the document has all.
const most = 5

// mostParents is how many requirements the text tells that a package does not
// satisfy.
const mostParents = 2

// Text tells an explanation as a short story, wrapped at 80 columns. It may
// change between releases; programs read the document.
func (e *Explanation) Text() string {
	s := &story{}
	if len(e.Answers) == 0 {
		s.nothing(e)
	}
	for i := range e.Answers {
		if i > 0 {
			s.blank()
		}
		s.answer(&e.Answers[i], e.Question.Kind)
	}
	if !e.Success && len(e.Answers) > 0 {
		s.blank()
		s.line(0, "The request as a whole cannot be met; this is what was found until then.")
	}
	s.changes(e)
	return s.b.String()
}

// changes tells the changes of configuration that would help.
func (s *story) changes(e *Explanation) {
	if len(e.Changes) == 0 {
		return
	}
	title := "It could be met with these lines, of which none can be spared:"
	if !e.Least {
		title = "It could be met with these lines:"
	}
	s.line(0, title)
	file := ""
	for _, c := range e.Changes {
		if c.File != file {
			file = c.File
			s.b.WriteString("  " + file + ":\n")
		}
		s.b.WriteString("    " + c.Text + "\n")
	}
}

// story writes paragraphs.
type story struct{ b strings.Builder }

func (s *story) blank() { s.b.WriteByte('\n') }

// line writes a paragraph; what does not fit on a line goes on two columns further in.
func (s *story) line(indent int, text string) {
	at := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			s.b.WriteString(strings.Repeat(" ", indent))
			at = indent
		case at+1+n > width:
			s.b.WriteString("\n" + strings.Repeat(" ", indent+2))
			at = indent + 2
		default:
			s.b.WriteByte(' ')
			at++
		}
		s.b.WriteString(word)
		at += n
	}
	s.b.WriteByte('\n')
}

// item writes a paragraph with a place below it, if there is one.
func (s *story) item(indent int, text string, file plan.Maybe, line Line) {
	s.line(indent, text)
	s.at(indent+2, file, line)
}

// at writes a place on a line of its own, however long it is.
func (s *story) at(indent int, file plan.Maybe, line Line) {
	if at := place(file, line); at != "" {
		s.b.WriteString(strings.Repeat(" ", indent) + "at " + at + "\n")
	}
}

// place is a file with its line, "" if there is none.
func place(file plan.Maybe, line Line) string {
	if line == 0 {
		return string(file)
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// nothing tells that no package matches.
func (s *story) nothing(e *Explanation) {
	s.line(0, fmt.Sprintf("No package matches %s.", e.Question.Text))
	if len(e.Similar) > 0 {
		s.line(0, "Names like it: "+strings.Join(e.Similar, ", ")+".")
	}
	for _, r := range e.Requirements {
		s.item(0, requirementText(&r)+".", r.File, r.Line)
	}
}

func (s *story) answer(a *Answer, kind QuestionKind) {
	s.line(0, a.headline())
	s.at(2, a.Package.File, 0)
	if len(a.Chain) > 0 {
		s.line(0, "Why it is there:")
		for _, l := range a.Chain {
			s.item(2, linkText(&l), l.File, l.Line)
		}
	}
	s.reasons("Why it is merged:", a.Because)
	s.requirements("What its version, slot and flags have to satisfy:", constraining(a.Requirements), len(a.Requirements))
	for i, o := range a.Others {
		if i == most {
			s.line(0, fmt.Sprintf("And %d more were not taken.", len(a.Others)-most))
			break
		}
		s.reasons(fmt.Sprintf("Why not %s:", o.Package.text()), o.Reasons)
	}
	if kind == Why || a.Outcome.present() {
		s.flags(a.Flags)
	}
	title := "Why it is not in the plan:"
	if a.Outcome.present() {
		title = "What stands in the way:"
	}
	s.reasons(title, a.Reasons)
	s.requirements("What is installed and would have it:", a.NeededBy, len(a.NeededBy))
}

// text names a package for people.
func (p *Package) text() string {
	t := p.CPV + "::" + p.Repo
	if p.Origin != plan.OriginEbuild {
		t += " (" + string(p.Origin)
		if p.BuildID != 0 {
			t += fmt.Sprintf(", build %d", p.BuildID)
		}
		t += ")"
	}
	return t
}

// headline says what becomes of the package.
func (a *Answer) headline() string {
	t := a.Package.text()
	slot := a.Package.Slot
	if a.Package.Subslot != slot {
		slot += "/" + a.Package.Subslot
	}
	t += ", slot " + slot
	where := ""
	switch a.Package.Root {
	case plan.RootBuild:
		where = " in the build root"
	case plan.RootSysroot:
		where = " in the sysroot"
	}
	switch a.Outcome {
	case OutcomeMerged:
		t += ", is merged" + where
	case OutcomePending:
		t += ", was chosen" + where + ", but there is no plan"
	case OutcomeOnlyDeps:
		t += ", is an argument of which only the dependencies are merged"
	case OutcomeKept:
		t += ", is installed" + where + " and stays"
	case OutcomeUntouched:
		t += ", is installed" + where + " and not part of the plan"
	case OutcomeReplaced:
		t += ", is installed" + where + " and replaced"
	case OutcomeRemoved:
		t += ", is installed" + where + " and unmerged"
	default:
		t += ", is not in the plan" + where
	}
	if len(a.Replaces) > 0 {
		t += " (" + string(a.Status) + ", replaces " + strings.Join(a.Replaces, " ") + ")"
	} else if a.Status != "" {
		t += " (" + string(a.Status) + ")"
	}
	return t + "."
}

func linkText(l *Link) string {
	switch {
	case l.Kind == plan.LinkArgument:
		return l.Name + " is asked for"
	case l.Atom == "":
		return l.Name + " is asked for, and what follows is in it"
	case l.Kind == plan.LinkSet:
		return l.Name + " has " + string(l.Atom)
	case l.Class == "":
		return l.Name + " asks for " + string(l.Atom)
	}
	return l.Name + " asks for " + string(l.Atom) + " (" + string(l.Class) + ")"
}

func requirementText(r *Requirement) string {
	t := linkText(&Link{Name: r.By, Kind: r.Kind, Class: r.Class, Atom: plan.Maybe(r.Atom)})
	if len(r.Flags) > 0 {
		t += ", by USE=" + strings.Join(r.Flags, ",")
	}
	return t
}

// constraining returns the requirements that ask for more than a name.
func constraining(list []Requirement) []Requirement {
	return slices.DeleteFunc(slices.Clone(list), func(r Requirement) bool { return len(r.Constrains) == 0 })
}

func (s *story) requirements(title string, list []Requirement, all int) {
	if len(list) == 0 {
		return
	}
	s.line(0, title)
	for i, r := range list {
		if i == most {
			s.line(2, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		s.item(2, requirementText(&r), r.File, r.Line)
	}
	if n := all - len(list); n > 0 {
		s.line(2, fmt.Sprintf("and %d that take any version", n))
	}
}

func (s *story) reasons(title string, list []Reason) {
	if len(list) == 0 {
		return
	}
	s.line(0, title)
	parents, left := 0, 0
	for _, r := range list {
		if r.Kind == ReasonParent || r.Kind == ReasonConflict && r.Atom != "" {
			if parents++; parents > mostParents {
				left++
				continue
			}
		}
		s.item(2, r.Text, r.File, r.Line)
		for i, at := range r.Places {
			if i > 0 {
				s.line(4, "at "+at)
			}
		}
		for _, c := range r.Comment {
			s.line(4, "# "+c)
		}
	}
	if left > 0 {
		s.line(2, fmt.Sprintf("and %d more requirements that it does not satisfy", left))
	}
}

// flags tells flags by what decided them.
func (s *story) flags(list []Flag) {
	if len(list) == 0 {
		return
	}
	s.line(0, "USE flags:")
	var order []string
	groups := make(map[string][]string)
	for _, f := range list {
		name := f.Name
		if !f.Enabled {
			name = "-" + name
		}
		why := f.Origin
		if f.File != "" {
			why += ", " + place(f.File, f.Line)
		}
		for _, r := range f.Requirements {
			why += "; " + requirementText(&r)
		}
		if groups[why] == nil {
			order = append(order, why)
		}
		groups[why] = append(groups[why], name)
	}
	for _, why := range order {
		s.line(2, strings.Join(groups[why], " ")+": "+why)
	}
}
