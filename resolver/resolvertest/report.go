package resolvertest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Report tells the outcome of runs.
type Report struct {
	Outcomes []*Outcome
}

// An Outcome is one request of one case with its outcome.
type Outcome struct {
	File        string
	Area        string
	Playground  *Playground
	Case        *Case
	Permutation int // the index of the request

	Result   *Result // nil if there was an error
	Err      error   // the request could not be worked on; both comparisons fail
	Verdicts [2]Verdict
	Duration time.Duration
}

// A Verdict is the outcome of one comparison.
type Verdict struct {
	Compared    bool // the case has something to compare with
	Passed      bool
	Differences []Difference
}

// ID names the run: area/playground/case, and the request if there are several.
func (r *Outcome) ID() string {
	id := r.Area + "/" + r.Playground.Name(r.Case)
	if r.Playground.Class == "" {
		id = r.Playground.Name(r.Case)
	}
	if len(r.Case.Requests) > 1 {
		id += "@" + itoa(r.Permutation)
	}
	return id
}

// Request returns the words of the request.
func (r *Outcome) Request() string {
	words := []string{}
	if s := r.Case.Options.String(); s != "" {
		words = append(words, s)
	}
	if a := r.Case.Action; a != ActionMerge && !r.Case.Options.Has("--"+a.String()) {
		words = append(words, a.String())
	}
	return strings.Join(append(words, r.Case.Requests[r.Permutation]...), " ")
}

// Place returns file, and line if known.
func (r *Outcome) Place() string {
	if r.Case.line > 0 {
		return fmt.Sprintf("%s:%d", r.File, r.Case.line)
	}
	return r.File
}

// Failed says if any comparison of the run failed.
func (r *Outcome) Failed() bool {
	return r.Err != nil || r.Verdicts[AgainstExpected].failed() || r.Verdicts[AgainstActual].failed()
}

func (v *Verdict) failed() bool { return v.Compared && !v.Passed }

// Differences returns the differences of both comparisons; where both tell the
// same key, the demand of the test comes first.
func (r *Outcome) Differences() []string {
	var out []string
	if r.Err != nil {
		out = append(out, "error: "+r.Err.Error())
	}
	for _, against := range []Comparison{AgainstExpected, AgainstActual} {
		for _, d := range r.Verdicts[against].Differences {
			out = append(out, against.String()+" "+d.String())
		}
	}
	return out
}

// A Count is a number of passed runs out of those compared.
type Count struct {
	Passed, Total int
}

// String returns "passed/total".
func (c Count) String() string { return fmt.Sprintf("%d/%d", c.Passed, c.Total) }

// An AreaCount counts the runs of one area by comparison.
type AreaCount struct {
	Area   string
	Counts [2]Count // by Comparison
}

// Areas counts passed runs by area, in the order of their first run.
func (r *Report) Areas() []AreaCount {
	var out []AreaCount
	index := map[string]int{}
	for _, run := range r.Outcomes {
		i, ok := index[run.Area]
		if !ok {
			i = len(out)
			index[run.Area] = i
			out = append(out, AreaCount{Area: run.Area})
		}
		out[i].count(run)
	}
	return out
}

// Total counts passed runs of all areas.
func (r *Report) Total() AreaCount {
	total := AreaCount{Area: "total"}
	for _, run := range r.Outcomes {
		total.count(run)
	}
	return total
}

func (a *AreaCount) count(run *Outcome) {
	for i := range a.Counts {
		if v := run.Verdicts[i]; v.Compared || run.Err != nil && run.comparable(Comparison(i)) {
			a.Counts[i].Total++
			if v.Passed {
				a.Counts[i].Passed++
			}
		}
	}
}

// A KeyCount counts the runs in which one key of the result is as Portage
// answered.
type KeyCount struct {
	Key string
	Count
}

// Keys counts, by key of the result, the runs that are exactly as Portage
// answered; keys are in the order in which they are compared.
func (r *Report) Keys() []KeyCount {
	var out []KeyCount
	for _, kind := range []Kind{KindMerge, KindRemove} {
		for _, key := range keysOf(kind, false) {
			c := KeyCount{Key: key}
			if kind == KindRemove {
				c.Key = kind.String() + " " + key
			}
			for _, o := range r.Outcomes {
				if o.Case.Kind == kind {
					o.countKey(key, &c.Count)
				}
			}
			if c.Total > 0 {
				out = append(out, c)
			}
		}
	}
	return out
}

// countKey counts a run if its answer was recorded with the key.
func (r *Outcome) countKey(key string, c *Count) {
	if len(r.Case.Recorded) == 0 || slices.Contains(r.Case.Nondeterministic, key) {
		return
	}
	if _, recorded := r.Case.Recorded[r.Permutation].Actual[key]; !recorded {
		return
	}
	c.Total++
	if r.Err == nil && !slices.ContainsFunc(r.Verdicts[AgainstActual].Differences, func(d Difference) bool {
		name, _, _ := strings.Cut(d.Key, "[")
		return name == key
	}) {
		c.Passed++
	}
}

// comparable says if the case has something to compare with, whether or not
// it came to that.
func (r *Outcome) comparable(against Comparison) bool {
	if against == AgainstActual {
		return len(r.Case.Recorded) > 0
	}
	return r.Case.Expected != nil || r.Case.Lines != nil
}

// Failed returns the runs of which a comparison failed.
func (r *Report) Failed() []*Outcome {
	var out []*Outcome
	for _, run := range r.Outcomes {
		if run.Failed() {
			out = append(out, run)
		}
	}
	return out
}
