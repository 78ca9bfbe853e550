package resolvertest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// compareLines holds a result against the lines of a text world.
func (c *Case) compareLines(r *Result) []Difference {
	l := newLineCheck(c)
	if c.Kind == KindRemove {
		l.cleanlist(r)
	} else {
		l.steps(r)
		l.changes(r)
	}
	l.outcome(r)
	return l.diffs
}

// A lineCheck sorts the expected lines by what they are about.
type lineCheck struct {
	c       *Case
	wanted  []ExpectLine
	fails   []ExpectLine
	change  []string // expected change lines in their normal form
	nothing bool
	diffs   []Difference
}

func newLineCheck(c *Case) *lineCheck {
	l := &lineCheck{c: c}
	for _, e := range c.Lines {
		switch e.Verb {
		case VerbMerge, VerbUninstall, VerbBlock, VerbClean:
			l.wanted = append(l.wanted, e)
		case VerbFail:
			l.fails = append(l.fails, e)
		case VerbNothing:
			l.nothing = true
		case VerbUse:
			for _, f := range e.Words {
				l.change = append(l.change, e.Verb.String()+" "+e.Subject+" "+f)
			}
		case VerbLicense:
			for _, w := range e.Words {
				l.change = append(l.change, e.Verb.String()+" "+e.Subject+" "+w)
			}
		default:
			l.change = append(l.change, e.Verb.String()+" "+e.Subject)
		}
	}
	return l
}

func (l *lineCheck) add(key, want, got string) {
	l.diffs = append(l.diffs, Difference{Key: key, Want: want, Got: got})
}

// outcome compares success and the kinds of failure.
func (l *lineCheck) outcome(r *Result) {
	wantFail := len(l.fails) > 0 || len(l.change) > 0
	if r.Success == wantFail {
		words := map[bool]string{true: "success", false: "failure"}
		got := words[r.Success]
		if len(r.Failures) > 0 {
			got += " (" + strings.Join(r.Failures, ", ") + ")"
		}
		l.add("success", words[!wantFail], got)
		return
	}
	for _, f := range l.fails {
		if f.Subject != "" && !slices.Contains(r.Failures, f.Subject) {
			l.add(fmt.Sprintf("line %d", f.Line), f.String(), "failures: "+strings.Join(r.Failures, ", "))
		}
	}
}

// steps compares the merge list. A request that fails may leave it out.
func (l *lineCheck) steps(r *Result) {
	if len(l.wanted) == 0 && (len(l.fails) > 0 || len(l.change) > 0) && !l.nothing {
		return
	}
	l.sequence(len(r.Tasks), func(e *ExpectLine, i int) bool { return e.matchTask(&r.Tasks[i]) },
		func(i int) string { return r.Tasks[i].String() })
}

func (l *lineCheck) cleanlist(r *Result) {
	if len(l.wanted) == 0 && len(l.fails) > 0 {
		return
	}
	l.sequence(len(r.Cleanlist), func(e *ExpectLine, i int) bool { return e.Subject == r.Cleanlist[i] },
		func(i int) string { return "clean " + r.Cleanlist[i] })
}

// sequence compares the expected steps with n tasks; lines of one group match
// in any order. Only the first difference is told.
func (l *lineCheck) sequence(n int, match func(*ExpectLine, int) bool, text func(int) string) {
	i := 0
	for lines := l.wanted; len(lines) > 0; {
		size := 1
		for lines[0].Group != 0 && size < len(lines) && lines[size].Group == lines[0].Group {
			size++
		}
		left := slices.Clone(lines[:size])
		for ; len(left) > 0; i++ {
			key := fmt.Sprintf("line %d", left[0].Line)
			if i >= n {
				l.add(key, left[0].String(), fmt.Sprintf("nothing (%d steps)", n))
				return
			}
			k := slices.IndexFunc(left, func(e ExpectLine) bool { return match(&e, i) })
			if k < 0 {
				l.add(key, left[0].String(), text(i))
				return
			}
			left = slices.Delete(left, k, k+1)
		}
		lines = lines[size:]
	}
	if i < n {
		l.add("after the last line", "nothing", text(i))
	}
}

// changes compares configuration changes and unsatisfied atoms as sets.
func (l *lineCheck) changes(r *Result) {
	if len(l.fails) > 0 && len(l.change) == 0 {
		return
	}
	got := r.changeLines()
	want := sortedSet(l.change)
	for _, w := range want {
		if !slices.Contains(got, w) {
			l.add("changes", w, "nothing")
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) && !strings.HasPrefix(g, VerbUnsatisfied.String()) {
			l.add("changes", "nothing", g)
		}
	}
}

// changeLines returns the configuration changes and unsatisfied atoms of a
// result in the form of expected lines with one flag or licence each, sorted.
func (r *Result) changeLines() []string {
	var out []string
	for _, cpv := range slices.Sorted(maps.Keys(r.UseChanges)) {
		for _, flag := range slices.Sorted(maps.Keys(r.UseChanges[cpv])) {
			sign := "-"
			if r.UseChanges[cpv][flag] {
				sign = "+"
			}
			out = append(out, "use "+cpv+" "+sign+flag)
		}
	}
	for cpv, licenses := range r.LicenseChanges {
		for _, l := range licenses {
			out = append(out, "license "+cpv+" "+l)
		}
	}
	for _, cpv := range r.UnstableKeywords {
		out = append(out, "keyword "+cpv)
	}
	for _, cpv := range r.NeededPMaskChanges {
		out = append(out, "unmask "+cpv)
	}
	for _, atom := range r.UnsatisfiedDeps {
		out = append(out, "unsatisfied "+atom)
	}
	return slices.Compact(sortedSet(out))
}

// matchTask says if a task is what the line expects.
func (l *ExpectLine) matchTask(t *Task) bool {
	switch l.Verb {
	case VerbBlock:
		return t.Type == TaskBlocker && t.Atom == l.Subject
	case VerbUninstall:
		return t.Type == TaskInstalled && t.Operation == OpUninstall && matchCPV(l.Subject, t)
	}
	return t.Operation == OpMerge && (t.Type == TaskEbuild || t.Type == TaskBinary) && matchCPV(l.Subject, t) &&
		l.Target == t.Target && l.Binary == (t.Type == TaskBinary) && l.Remote == t.Remote &&
		(l.BuildID < 0 || l.BuildID == t.BuildID) &&
		(len(l.Replaces) == 0 || slices.Equal(sortedSet(l.Replaces), sortedSet(t.Replaces))) &&
		(l.Rebuild == "" || slices.Contains(t.Rebuilds, l.Rebuild)) && l.matchFlags(t)
}

func matchCPV(want string, t *Task) bool {
	cpv, repo, named := strings.Cut(want, "::")
	return cpv == t.CPV && (!named || repo == t.Repo)
}

func (l *ExpectLine) matchFlags(t *Task) bool {
	for _, f := range l.Flags {
		if slices.Contains(t.USE, f[1:]) != (f[0] == '+') {
			return false
		}
	}
	return true
}

// String returns the line in its normal form.
func (l *ExpectLine) String() string {
	switch {
	case l.Verb == VerbFail && l.Subject != "":
		return "fail: " + l.Subject
	case l.Verb == VerbFail, l.Verb == VerbNothing:
		return l.Verb.String()
	}
	words := append([]string{l.Verb.String(), l.Subject}, l.Words...)
	switch {
	case l.Remote:
		words = append(words, "remote")
	case l.Binary:
		words = append(words, "binary")
	}
	if l.BuildID >= 0 {
		words = append(words, "build-id", itoa(l.BuildID))
	}
	if l.Target {
		words = append(words, "to target")
	}
	if len(l.Flags) > 0 {
		words = append(append(words, "use"), l.Flags...)
	}
	if len(l.Replaces) > 0 {
		words = append(append(words, "replaces"), l.Replaces...)
	}
	if l.Rebuild != "" {
		words = append(words, "rebuild", l.Rebuild)
	}
	return strings.Join(words, " ")
}

// ExpectLine returns the line that expects the task as it is, without its flags.
func (t *Task) ExpectLine() ExpectLine {
	l := ExpectLine{Verb: VerbMerge, Subject: t.CPV, BuildID: -1}
	if t.Type == TaskBlocker {
		l.Verb, l.Subject = VerbBlock, t.Atom
		return l
	}
	if t.Repo != MainRepo {
		l.Subject += "::" + t.Repo
	}
	if t.Operation == OpUninstall {
		l.Verb = VerbUninstall
		return l
	}
	l.Binary, l.Remote, l.Target, l.Replaces = t.Type == TaskBinary, t.Remote, t.Target, t.Replaces
	if l.Binary {
		l.BuildID = t.BuildID
	}
	if len(t.Rebuilds) > 0 {
		l.Rebuild = t.Rebuilds[0]
	}
	return l
}

// String returns the task in the words of a text world.
func (t *Task) String() string {
	l := t.ExpectLine()
	return l.String()
}
