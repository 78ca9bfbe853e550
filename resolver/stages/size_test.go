package stages_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tumpline/tumpline/resolver/stages"
	"github.com/tumpline/tumpline/resolver/universe/universetest"
)

// TestSizes asks about many small cycles and large components: a clear answer
// in bounded time.
func TestSizes(t *testing.T) {
	cfg := universetest.Config(t, nil)
	for _, x := range []struct {
		name string
		make func() *question
		want int // merges more; -1: no plan
		gap  int // at most
	}{
		{"thousand pairs", func() *question { return pairs(1000) }, 1000, 0},
		{"thousand pairs, one without flags", func() *question { return stuck(pairs(1000)) }, -1, 0},
		{"three thousand pairs", func() *question { return pairs(3000) }, 3000, 0},
		{"ring of 500", func() *question { return ring(500, true) }, 1, 0},
		{"ring of 500 without flags", func() *question { return ring(500, false) }, -1, 0},
		{"hub of 200", func() *question { return hub(200) }, 1, 0},
		{"grid of 500", func() *question { return grid(500) }, 167, 400},
	} {
		q := x.make()
		pass := q.pass(t, cfg).Pass
		start := time.Now()
		a := stages.Find(pass, stages.Options{})
		took := time.Since(start)
		got, gap := -1, 0
		if a.Plan != nil {
			got = a.Bootstraps()
		}
		for _, c := range a.Cycles {
			gap += c.Gap
		}
		if (got != x.want && gap == 0) || gap > x.gap || x.want >= 0 && a.Plan == nil {
			t.Errorf("%s: %d merges more, gap %d; want %d\nproblem: %s", x.name, got, gap, x.want, a.Problem)
		}
		t.Logf("figure: cycles-%s %d ms (%d merges more, gap %d)", x.name, took.Milliseconds(), got, gap)
	}
}

func pairs(n int) *question {
	q := &question{}
	for i := range n {
		q.ebuilds = append(q.ebuilds, fmt.Sprintf("cat/a%d-1 IUSE=+f DEPEND=f? ( cat/b%d )", i, i), fmt.Sprintf("cat/b%d-1 DEPEND=cat/a%d", i, i))
		q.args = append(q.args, fmt.Sprintf("cat/a%d", i))
	}
	return q
}

// stuck adds a pair that no flags can cut.
func stuck(q *question) *question {
	q.ebuilds = append(q.ebuilds, "cat/x-1 DEPEND=cat/y", "cat/y-1 DEPEND=cat/x")
	q.args = append(q.args, "cat/x")
	return q
}

func ring(n int, flags bool) *question {
	q := &question{args: []string{"cat/a0"}}
	for i := range n {
		line := fmt.Sprintf("cat/a%d-1 DEPEND=cat/a%d", i, (i+1)%n)
		if flags && i%7 == 0 {
			line = fmt.Sprintf("cat/a%d-1 IUSE=+f DEPEND=f? ( cat/a%d )", i, (i+1)%n)
		}
		q.ebuilds = append(q.ebuilds, line)
	}
	return q
}

// hub has one package that all others need and that needs all others.
func hub(n int) *question {
	q := &question{args: []string{"cat/hub"}}
	deps := ""
	for i := range n {
		deps += fmt.Sprintf(" cat/a%d", i)
		q.ebuilds = append(q.ebuilds, fmt.Sprintf("cat/a%d-1 IUSE=+f DEPEND=f? ( cat/hub )", i))
	}
	q.ebuilds = append(q.ebuilds, "cat/hub-1 IUSE=+all DEPEND=all? ("+deps+" )")
	return q
}

// grid is one component of many overlapping cycles: no two neighbours of three
// can both be merged in full at first.
func grid(n int) *question {
	q := &question{args: []string{"cat/a0"}}
	for i := range n {
		q.ebuilds = append(q.ebuilds, fmt.Sprintf("cat/a%d-1 IUSE=+f +g DEPEND=f? ( cat/a%d ) g? ( cat/a%d )", i, (i+1)%n, (i+n-2)%n))
	}
	return q
}
