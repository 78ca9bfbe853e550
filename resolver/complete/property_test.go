package complete_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/universe/universetest"
)

// tell writes an answer down.
func (q *question) tell(a *complete.Answer) string {
	switch {
	case a.Success:
		return q.outcome(a.Pass).String()
	case a.Proof != nil:
		text := ""
		for _, r := range a.Proof.Reasons {
			text += r.String() + "\n"
		}
		return text
	}
	return fmt.Sprintf("given up after %d models", a.Models)
}

// The same question gets the same answer, and whether there is one does not
// hang on the order of arguments.
func TestProperties(t *testing.T) {
	cfg := universetest.Config(t, nil)
	for seed := range uint64(300) {
		w := randworld.Generate(seed, randworld.Small())
		q := ask(t, cfg, w)
		first := q.complete(t)
		again := ask(t, cfg, w)
		if x, y := q.tell(first), again.tell(again.complete(t)); x != y {
			t.Fatalf("seed %d: two answers:\n%s\n%s\n%s", seed, x, y, w.Text())
		}
		slices.Reverse(w.Args)
		turned := ask(t, cfg, w).complete(t)
		if first.Success && turned.Proof != nil || first.Proof != nil && turned.Success {
			t.Errorf("seed %d: the order of arguments decides\n%s", seed, w.Text())
		}
	}
}

// Any reason of a minimal proof matters: a proof names the request, and
// nothing twice.
func TestProofs(t *testing.T) {
	cfg := universetest.Config(t, nil)
	for seed := range uint64(400) {
		w := randworld.Generate(seed, randworld.Small())
		a := ask(t, cfg, w).complete(t)
		if a.Proof == nil {
			continue
		}
		var seen []string
		asked := false
		for _, r := range a.Proof.Reasons {
			asked = asked || r.Kind == complete.Argument
			if text := r.String(); slices.Contains(seen, text) && r.Kind != complete.Installed {
				t.Errorf("seed %d: twice: %s", seed, text)
			} else {
				seen = append(seen, text)
			}
		}
		if !asked || !a.Proof.Minimal {
			t.Errorf("seed %d: asked %v, minimal %v: %v\n%s", seed, asked, a.Proof.Minimal, seen, w.Text())
		}
	}
}

// BenchmarkResolve answers a request in a larger world.
func BenchmarkResolve(b *testing.B) {
	cfg := universetest.Config(b, nil)
	size := randworld.Small()
	size.Names, size.Deps, size.Blockers, size.Groups, size.Slots = 600, 3, 2, 10, 5
	w := randworld.Generate(1, size)
	for b.Loop() {
		ask(b, cfg, w).complete(b)
	}
}
