package main

import (
	"fmt"
	"io"
	"slices"
)

// A report prints what was compared, a line for each check.
type report struct {
	out     io.Writer
	details int
	checks  int
	failed  int
}

// A check is one comparison of many things.
type check struct {
	name  string
	total int
	wrong []string
}

// expect counts a thing; a problem that is not "" is told.
func (c *check) expect(problem string) {
	c.total++
	if problem != "" {
		c.wrong = append(c.wrong, problem)
	}
}

// sets compares two lists without regard to order.
func (c *check) sets(what string, want, got []string) {
	count := make(map[string]int)
	for _, w := range want {
		count[w]++
	}
	for _, g := range got {
		count[g]--
	}
	all := slices.Concat(want, got)
	slices.Sort(all)
	for _, line := range slices.Compact(all) {
		switch n := count[line]; {
		case n > 0:
			c.expect(fmt.Sprintf("%smissing: %s", what, line))
		case n < 0:
			c.expect(fmt.Sprintf("%stoo much: %s", what, line))
		default:
			c.expect("")
		}
	}
}

// lists compares two lists, and their order.
func (c *check) lists(what string, want, got []string) {
	c.sets(what, want, got)
	if len(c.wrong) == 0 && !slices.Equal(want, got) {
		c.expect(what + "the order is another")
	}
}

// equal compares two texts.
func (c *check) equal(what, want, got string) {
	problem := ""
	if want != got {
		problem = fmt.Sprintf("%s: %q, not %q", what, got, want)
	}
	c.expect(problem)
}

// add prints a check.
func (r *report) add(c *check) {
	r.checks++
	if len(c.wrong) > 0 {
		r.failed++
	}
	r.say("%-44s %d/%d", c.name, c.total-len(c.wrong), c.total)
	for i, problem := range c.wrong {
		if i == r.details {
			r.say("    and %d more", len(c.wrong)-i)
			break
		}
		r.say("    %s", problem)
	}
}

func (r *report) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, "scenario: "+format+"\n", args...) // a closed stream cannot be told anything
}

// end prints the sum; it is an error if anything differed.
func (r *report) end() error {
	r.say("%d/%d checks passed", r.checks-r.failed, r.checks)
	if r.failed > 0 {
		return fmt.Errorf("%d of %d checks of the scenario failed", r.failed, r.checks)
	}
	return nil
}
