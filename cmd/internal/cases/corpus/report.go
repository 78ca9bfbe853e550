package corpus

import "fmt"

// A Report tells the outcome of a replay.
type Report struct {
	Outcomes []*Outcome
}

// An Outcome is the comparison of one request.
type Outcome struct {
	Request *Request
	Answer  *Answer // nil if it could not be read
	Err     error   // the request could not be run or its plan not be read
	Seconds float64 // of the call that gave the plan
	CutOff  bool    // the replay was told to end before there was an answer

	Compared    [aspects]bool     // which aspects were compared
	Differences [aspects][]string // what differs in each
}

// Circular says if real Portage found no order because of a cycle.
func (o *Outcome) Circular() bool {
	return o.Answer != nil && o.Answer.Resolve != nil && len(o.Answer.Resolve.Circular) > 0
}

// Passed says if an aspect was compared and found equal.
func (o *Outcome) Passed(a Aspect) bool {
	return o.Err == nil && o.Compared[a] && len(o.Differences[a]) == 0
}

// Matched says if no aspect of the answer differs, text apart.
func (o *Outcome) Matched() bool {
	for a := range aspects {
		if a.matches() && len(o.Differences[a]) > 0 {
			return false
		}
	}
	return o.Err == nil
}

// First returns up to n differences, "aspect: difference", of the aspects in
// their order.
func (o *Outcome) First(n int) []string {
	var out []string
	if o.Err != nil {
		out = append(out, o.Err.Error())
	}
	for a := range aspects {
		d := o.Differences[a]
		for i := 0; i < len(d) && len(out) < n; i++ {
			text := a.String() + ": " + d[i]
			if i == 0 && len(d) > 1 {
				text += fmt.Sprintf(" (and %d more)", len(d)-1)
			}
			out = append(out, text)
			break
		}
	}
	return out
}

// A Count is a number of requests that passed out of those compared.
type Count struct {
	Passed, Total int
}

// String returns "passed/total".
func (c Count) String() string { return fmt.Sprintf("%d/%d", c.Passed, c.Total) }

// Matched counts the requests without difference, text apart; circular says
// which of the two sorts of requests is counted.
func (r *Report) Matched(circular bool) Count {
	var c Count
	for _, o := range r.Outcomes {
		if o.Circular() == circular && !o.CutOff {
			c.Total++
			if o.Matched() {
				c.Passed++
			}
		}
	}
	return c
}

// CutOff counts the requests that the replay did not come to, or not to the end
// of. They count nowhere else.
func (r *Report) CutOff() int {
	n := 0
	for _, o := range r.Outcomes {
		if o.CutOff {
			n++
		}
	}
	return n
}

// Aspect counts one aspect. A request whose plan could not be had counts for
// every aspect that its answer has.
func (r *Report) Aspect(a Aspect) Count {
	var c Count
	for _, o := range r.Outcomes {
		if o.Compared[a] || o.Err != nil && o.expects(a) {
			c.Total++
			if o.Passed(a) {
				c.Passed++
			}
		}
	}
	return c
}

// expects says if the recorded answer has something to say about an aspect.
func (o *Outcome) expects(a Aspect) bool {
	if o.Answer == nil {
		return false
	}
	r := o.Answer.Resolve
	switch a {
	case Exit, Document, Success:
		return true
	case Removed:
		return o.Answer.Depclean != nil || o.Answer.Unmerge != nil
	case Changes, Lacking, Failure, Provided:
		return r != nil
	case ListText, WholeText:
		return false
	}
	return r != nil && r.Mergelist != nil
}

// Aspects returns all aspects in their order.
func Aspects() []Aspect {
	out := make([]Aspect, aspects)
	for i := range out {
		out[i] = Aspect(i)
	}
	return out
}
