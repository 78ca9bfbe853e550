package complete_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/universe/universetest"
)

// lines writes changes as lines of files.
func lines(list []complete.Change) []profiles.Addition {
	var out []profiles.Addition
	for _, c := range list {
		atom := "=" + c.Pkg.CPV.String()
		for _, l := range c.Lifts {
			out = append(out, profiles.Addition{File: "package.accept_keywords", Line: atom + " " + complete.AcceptKeyword(&l)})
		}
		for _, f := range c.Flags {
			word := f.Flag
			if !f.On {
				word = "-" + word
			}
			out = append(out, profiles.Addition{File: "package.use", Line: atom + " " + word})
		}
	}
	return out
}

// helps says if the request of a world has a plan with lines added.
func helps(tb testing.TB, cfg *profiles.Config, w *randworld.World, list []profiles.Addition) bool {
	tb.Helper()
	changed, err := cfg.With(list)
	if err != nil {
		tb.Fatal(err)
	}
	return ask(tb, changed, w).complete(tb).Success
}

func findRemedy(tb testing.TB, cfg *profiles.Config, w *randworld.World) *complete.Remedy {
	q := ask(tb, cfg, w)
	return complete.FindRemedy(tb.Context(), q.u, q.p, q.req, func(list []complete.Change) bool {
		return helps(tb, cfg, w, lines(list))
	})
}

// single is one change with what it costs.
type single struct {
	line profiles.Addition
	cost int
}

// singles returns every single change of a world.
func singles(w *randworld.World) []single {
	var list []single
	for _, p := range w.EbuildSource().All() {
		atom := "=" + p.CPV.String()
		for _, f := range p.IUSE {
			word := f.Name
			if f.Default > 0 {
				word = "-" + word
			}
			list = append(list, single{profiles.Addition{File: "package.use", Line: atom + " " + word}, 1})
		}
		if slices.Contains(p.Keywords, "~x86") {
			list = append(list, single{profiles.Addition{File: "package.accept_keywords", Line: atom + " ~x86"}, 4})
		}
	}
	return list
}

func tellRemedy(r *complete.Remedy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, cost %d:", r.Status, r.Cost)
	for _, l := range lines(r.Changes) {
		b.WriteString(" " + l.Line + ";")
	}
	return b.String()
}

// Changes that are proposed help, no one or two changes that cost less do, and
// the same world gets the same changes. What is said to be in vain is.
func TestRemedies(t *testing.T) {
	cfg := universetest.Config(t, nil)
	size := randworld.Small()
	size.Testing, size.Required = 30, 40
	count := make(map[complete.Status]int)
	worlds := uint64(600)
	if testing.Short() {
		worlds = 200
	}
	for seed := range worlds {
		w := randworld.Generate(seed, size)
		if a := ask(t, cfg, w).complete(t); a.Success || a.Models > 0 {
			continue
		}
		r := findRemedy(t, cfg, w)
		count[r.Status]++
		if x, y := tellRemedy(r), tellRemedy(findRemedy(t, cfg, w)); x != y {
			t.Fatalf("seed %d: two answers:\n%s\n%s", seed, x, y)
		}
		if len(r.Changes) > 0 && !helps(t, cfg, w, lines(r.Changes)) {
			t.Errorf("seed %d: no help: %s\n%s", seed, tellRemedy(r), w.Text())
		}
		if less := cheaper(t, cfg, w, r); less != "" {
			t.Errorf("seed %d: %s, but %s helps\n%s", seed, tellRemedy(r), less, w.Text())
		}
	}
	t.Logf("%v", count)
}

// cheaper looks for one or two changes that cost less than those found.
func cheaper(t *testing.T, cfg *profiles.Config, w *randworld.World, r *complete.Remedy) string {
	limit := r.Cost
	switch r.Status {
	case complete.StatusUseless:
		limit = 100
	case complete.StatusLeast:
	default:
		return ""
	}
	all := singles(w)
	for i, a := range all {
		if a.cost < limit && helps(t, cfg, w, []profiles.Addition{a.line}) {
			return a.line.Line
		}
		for _, b := range all[i+1:] {
			if a.cost+b.cost < limit && helps(t, cfg, w, []profiles.Addition{a.line, b.line}) {
				return a.line.Line + ", " + b.line.Line
			}
		}
	}
	return ""
}
