package stages_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/portage"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/stages"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/universe/universetest"
	"github.com/tumpline/tumpline/resolver/walk"
)

type noSets struct{}

func (noSets) Set(_ *universe.Root, name string) *partial.Set {
	if name == "system" || name == "selected" || name == "world" {
		return &partial.Set{Name: name}
	}
	return nil
}

// A question is a request in a world of text lines.
type question struct {
	ebuilds, installed, binaries []string
	sdk                          []string // installed in the running root, if that is another one
	cross                        bool
	args                         []string
	policy                       string              // package.break_cycles
	running                      string              // that of the running root; "": the same
	files                        map[string][]string // of the configuration
}

func newSource(tb testing.TB, lines []string, origin ebuild.Origin) *randworld.Source {
	tb.Helper()
	s, err := randworld.NewSource(randworld.Lines(lines), origin)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// pass makes the pass that counts for the question.
func (q *question) pass(tb testing.TB, cfg *profiles.Config) *portage.Answer {
	tb.Helper()
	if q.files != nil || cfg == nil {
		cfg = universetest.Config(tb, q.files)
	}
	pol := universetest.Policy(cfg)
	ebuilds := newSource(tb, q.ebuilds, ebuild.OriginEbuild)
	root := func(path string, installed []string) *universe.Root {
		return &universe.Root{
			Path: path, Policy: pol, Ebuilds: []ebuild.Source{ebuilds},
			Priority: func(string) (int, bool) { return 0, true }, Installed: newSource(tb, installed, ebuild.OriginInstalled),
		}
	}
	target := root("/", q.installed)
	roots := []*universe.Root{target}
	running := target
	if q.cross {
		target.Path = "/board/"
		running = root("/", q.sdk)
		roots = []*universe.Root{running, target}
	}
	running.Running, target.Target = true, true
	o := params.New()
	if q.binaries != nil {
		o.UsePkg = params.Yes
		target.Binaries = newSource(tb, q.binaries, ebuild.OriginBinary)
	}
	o.Autounmask = params.No
	p := o.Derive()
	u := universe.New(roots, target, p)
	req := &walk.Request{Sets: noSets{}}
	for _, text := range q.args {
		a, err := atoms.ParseAtom(text, atoms.AtomOptions{})
		if err != nil {
			tb.Fatal(err)
		}
		req.Args = append(req.Args, &partial.Arg{Text: text, Kind: partial.ArgAtom, Atom: a, Root: target})
	}
	return portage.Resolve(u, p, req)
}

// ask answers the question; nil if Portage has an order or fails for another reason.
func (q *question) ask(tb testing.TB, cfg *profiles.Config) *stages.Answer {
	tb.Helper()
	pol := stages.NewPolicy()
	for _, err := range pol.ParsePolicy("package.break_cycles", q.policy) {
		tb.Error(err)
	}
	o := stages.Options{Policy: pol}
	if q.running != "" {
		o.Running = stages.NewPolicy()
		for _, err := range o.Running.ParsePolicy("package.break_cycles", q.running) {
			tb.Error(err)
		}
	}
	return stages.Find(q.pass(tb, cfg).Pass, o)
}

// merges tells the steps of a plan, one word each: "cat/a-1[-f]" for a
// bootstrap merge.
func merges(a *stages.Answer) []string {
	var out []string
	if a.Plan == nil {
		return nil
	}
	for _, s := range a.Plan.Steps {
		if s.Pkg == nil {
			continue
		}
		text := s.Pkg.CPV.String() + switchedText(s.Changed)
		if s.Pkg.Root.Path == "/" && s.Pkg.Root.Running && !s.Pkg.Root.Target {
			text = "sdk:" + text
		}
		out = append(out, text)
	}
	return out
}

func switchedText(list []universe.FlagChange) string {
	if len(list) == 0 {
		return ""
	}
	var words []string
	for _, c := range slices.SortedFunc(slices.Values(list), func(a, b universe.FlagChange) int { return cmp.Compare(a.Flag, b.Flag) }) {
		sign := "-"
		if c.On {
			sign = ""
		}
		words = append(words, sign+c.Flag)
	}
	return "[" + strings.Join(words, ",") + "]"
}
