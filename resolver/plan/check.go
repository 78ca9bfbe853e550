package plan

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Check reports what contradicts itself in a plan: identifiers, references,
// lists and words that do not fit together. It knows the plan only, not the
// packages; whether the plan can work is the question of resolver/verify. The
// error joins one line for each fault; nil if there is none.
func (p *Plan) Check() error {
	c := &checker{p: p}
	c.words("", reflect.ValueOf(p).Elem())
	c.roots()
	c.outcome()
	for i := range p.Steps {
		c.step(i)
	}
	c.slots()
	for i, w := range p.World {
		c.ref(fmt.Sprintf("world[%d].step", i), w.Step)
	}
	for i := range p.Blockers {
		c.blocker(i)
	}
	c.changes()
	return errors.Join(c.faults...)
}

// A checker collects faults.
type checker struct {
	p      *Plan
	faults []error
}

func (c *checker) fault(at, format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

// words checks that enumerations have one of their words.
func (c *checker) words(at string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Struct {
			return
		}
		for i := range v.Len() {
			c.words(fmt.Sprintf("%s[%d]", at, i), v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			here := strings.TrimPrefix(at+"."+f.Tag.Get("json"), ".")
			w := words(f.Type)
			if w == nil {
				c.words(here, v.Field(i))
				continue
			}
			word := v.Field(i).String()
			if !slices.Contains(w, word) && (word != "" || f.Tag.Get("plan") != "null") {
				c.fault(here, "%q is none of %s", word, strings.Join(w, ", "))
			}
		}
	}
}

// roots checks that roots are absolute and end with "/".
func (c *checker) roots() {
	r := &c.p.Roots
	for _, root := range [...]struct{ key, path string }{
		{"target", r.Target}, {"sysroot", r.Sysroot}, {"build", r.Build}, {"config", r.Config},
	} {
		if !strings.HasPrefix(root.path, "/") || !strings.HasSuffix(root.path, "/") {
			c.fault("roots."+root.key, "%q does not begin and end with \"/\"", root.path)
		}
	}
	c.sorted("use_expand", c.p.UseExpand)
}

// outcome compares success with the problems.
func (c *checker) outcome() {
	errs := 0
	for _, problem := range c.p.Problems {
		if problem.Severity == SeverityError {
			errs++
		}
	}
	ch := &c.p.Changes
	changes := len(ch.Use) + len(ch.Keywords) + len(ch.Masks) + len(ch.Licenses)
	switch {
	case c.p.Success && errs > 0:
		c.fault("success", "true, but %d problems are errors", errs)
	case !c.p.Success && errs == 0:
		c.fault("success", "false, but no problem is an error")
	case c.p.Success && changes > 0:
		c.fault("success", "true, but %d changes of configuration are needed", changes)
	}
}

func (c *checker) step(i int) {
	s := &c.p.Steps[i]
	at := fmt.Sprintf("steps[%d] (%s)", i, s.CPV)
	if s.ID != StepID(i+1) {
		c.fault(at, "id is %d, want %d", s.ID, i+1)
	}
	if s.CPV != s.CP+"-"+s.Version || !strings.Contains(s.CP, "/") || s.Version == "" {
		c.fault(at, "cp %q and version %q do not make the cpv", s.CP, s.Version)
	}
	if s.Slot == "" || s.Subslot == "" {
		c.fault(at, "slot %q, sub-slot %q: want both", s.Slot, s.Subslot)
	}
	c.operation(at, s)
	c.stage(at, s)
	c.flags(at, s)
	c.reasons(at, s)
	c.needs(at, s)
}

// stage checks what depends on the stage: a bootstrap merge has other flags
// than the later step that completes it.
func (c *checker) stage(at string, s *Step) {
	c.sorted(at+".dropped_use", s.DroppedUse)
	c.sorted(at+".added_use", s.AddedUse)
	switched := len(s.DroppedUse) + len(s.AddedUse)
	if s.Stage != StageBootstrap {
		if switched > 0 || s.CompletedBy != 0 {
			c.fault(at, "a final step drops and adds no flags, and nothing completes it")
		}
		return
	}
	if switched == 0 {
		c.fault(at, "a bootstrap step switches flags")
	}
	// The id of a step may itself be wrong, so it is no bound.
	if s.CompletedBy <= 0 || s.CompletedBy <= s.ID || !c.ref(at+".completed_by", s.CompletedBy) {
		c.fault(at, "a later step completes a bootstrap step")
		return
	}
	by := &c.p.Steps[s.CompletedBy-1]
	if by.CPV != s.CPV || by.Root != s.Root || by.Slot != s.Slot || by.Stage != StageFinal || by.Operation != OpMerge {
		c.fault(at, "completed by step %d, which is %s %s (%s) in the %s root", by.ID, by.Operation, by.CPV, by.Stage, by.Root)
	}
	for _, f := range s.DroppedUse {
		if slices.Contains(s.Use, f) || !slices.Contains(by.Use, f) {
			c.fault(at, "dropped flag %s is not off here and on in step %d", f, by.ID)
		}
	}
	for _, f := range s.AddedUse {
		if !slices.Contains(s.Use, f) || slices.Contains(by.Use, f) {
			c.fault(at, "added flag %s is not on here and off in step %d", f, by.ID)
		}
	}
}

// operation checks what depends on the operation.
func (c *checker) operation(at string, s *Step) {
	if (s.Operation == OpUnmerge) != (s.Origin == OriginInstalled) {
		c.fault(at, "operation %s does not go with origin %s", s.Operation, s.Origin)
	}
	if s.BuildID != 0 && s.Origin == OriginEbuild {
		c.fault(at, "an ebuild has no build_id")
	}
	if s.Operation == OpUnmerge {
		if s.Status != "" || len(s.Replaces) > 0 {
			c.fault(at, "an unmerge has no status and replaces nothing")
		}
		return
	}
	c.status(at, s)
}

// status compares the status with the packages that are installed.
func (c *checker) status(at string, s *Step) {
	var installed []string
	for _, o := range s.Installed {
		installed = append(installed, o.CPV)
		if !strings.HasPrefix(o.CPV, s.CP+"-") {
			c.fault(at, "installed %s is no version of %s", o.CPV, s.CP)
		}
	}
	for _, cpv := range s.Replaces {
		if !slices.Contains(installed, cpv) {
			c.fault(at, "replaces %s, which is not in installed", cpv)
		}
	}
	ok := true
	switch s.Status {
	case StatusNew:
		ok = len(installed) == 0
	case StatusNewSlot:
		ok = len(installed) > 0 && len(s.Replaces) == 0
	case StatusUpdate, StatusDowngrade, StatusReinstall:
		ok = len(s.Replaces) > 0
	default:
		ok = false
	}
	if !ok {
		c.fault(at, "status %q does not go with %d installed and %d replaced packages", s.Status, len(installed), len(s.Replaces))
	}
}

// flags checks the lists of USE flags.
func (c *checker) flags(at string, s *Step) {
	c.sorted(at+".use", s.Use)
	c.sorted(at+".disabled", s.Disabled)
	c.sorted(at+".fixed", s.Fixed)
	for _, f := range s.Disabled {
		if slices.Contains(s.Use, f) {
			c.fault(at, "flag %s is both enabled and disabled", f)
		}
	}
	for _, f := range s.Fixed {
		if !slices.Contains(s.Use, f) && !slices.Contains(s.Disabled, f) {
			c.fault(at, "fixed flag %s is not in IUSE", f)
		}
	}
}

func (c *checker) sorted(at string, list []string) {
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			c.fault(at, "%q does not come before %q", list[i-1], list[i])
		}
	}
}

func (c *checker) reasons(at string, s *Step) {
	if len(s.Reasons) == 0 {
		c.fault(at, "no reason")
	}
	for i, r := range s.Reasons {
		here := fmt.Sprintf("%s.reasons[%d]", at, i)
		c.sorted(here+".flags", r.Flags)
		if r.Kind == ReasonDependency && (r.Parent == "" || r.Class == "" || r.Atom == "") {
			c.fault(here, "a dependency has a parent, a class and an atom")
		}
		if c.ref(here+".step", r.Step) && r.Step != 0 && string(r.Parent) != c.p.Steps[r.Step-1].CPV {
			c.fault(here, "parent %q is not the package of step %d", r.Parent, r.Step)
		}
	}
}

// needs checks that dependencies refer to steps that satisfy them, and that
// those for building refer to earlier ones.
func (c *checker) needs(at string, s *Step) {
	for i, n := range s.Needs {
		here := fmt.Sprintf("%s.needs[%d] (%s)", at, i, n.Atom)
		if n.Class == "" || n.Root == "" {
			c.fault(here, "want class and root")
		}
		if !c.ref(here+".step", n.Step) {
			continue
		}
		if n.Step == 0 {
			if n.SatisfiedBy == "" && c.p.Success {
				c.fault(here, "satisfied by nothing")
			}
			continue
		}
		by := &c.p.Steps[n.Step-1]
		if by.CPV != string(n.SatisfiedBy) || by.Operation != OpMerge || by.Root != n.Root {
			c.fault(here, "satisfied by %q in the %s root, but step %d is %s %s in the %s root",
				n.SatisfiedBy, n.Root, n.Step, by.Operation, by.CPV, by.Root)
		}
		build := n.Class == ClassDepend || n.Class == ClassBDepend
		// What is installed before may serve until the step replaces it.
		if build && c.p.Success && s.Origin == OriginEbuild && n.Step >= s.ID && len(by.Installed) == 0 {
			c.fault(here, "needed to build, but merged by step %d", n.Step)
		}
	}
}

// ref checks a reference to a step, which may be none.
func (c *checker) ref(at string, id StepID) bool {
	if id < 0 || int(id) > len(c.p.Steps) {
		c.fault(at, "there is no step %d", id)
		return false
	}
	return true
}

// slots checks that a successful plan leaves one package in each slot.
func (c *checker) slots() {
	if !c.p.Success {
		return
	}
	seen := map[[3]string]StepID{}
	for _, s := range c.p.Steps {
		key := [3]string{string(s.Root), s.CP, s.Slot}
		if s.Operation != OpMerge || s.Stage != StageFinal {
			continue
		}
		if first := seen[key]; first != 0 {
			c.fault(fmt.Sprintf("steps[%d] (%s)", s.ID-1, s.CPV), "step %d merges to the same slot", first)
		}
		seen[key] = s.ID
	}
}

func (c *checker) blocker(i int) {
	b := &c.p.Blockers[i]
	at := fmt.Sprintf("blockers[%d] (%s)", i, b.Atom)
	c.ref(at+".step", b.Step)
	c.sorted(at+".blocking", b.Blocking)
	c.sorted(at+".blocked", b.Blocked)
	strong := strings.HasPrefix(b.Atom, "!!")
	if !strings.HasPrefix(b.Atom, "!") || strong != (b.Strength == StrengthStrong) {
		c.fault(at, "strength %s does not go with the atom", b.Strength)
	}
	if !b.Satisfied && b.Step != 0 {
		c.fault(at, "not satisfied, but solved by step %d", b.Step)
	}
}

// changes checks the lists within changes.
func (c *checker) changes() {
	for i, u := range c.p.Changes.Use {
		at := fmt.Sprintf("changes.use[%d] (%s)", i, u.CPV)
		c.sorted(at+".enable", u.Enable)
		c.sorted(at+".disable", u.Disable)
		if len(u.Enable)+len(u.Disable) == 0 {
			c.fault(at, "changes nothing")
		}
	}
	for i, l := range c.p.Changes.Licenses {
		c.sorted(fmt.Sprintf("changes.licenses[%d] (%s).licenses", i, l.CPV), l.Licenses)
	}
}
