package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/verify"
)

// A world is roots in text, one package a line: "cat/pkg-1 SLOT=0/2
// RDEPEND=cat/a cat/b". If sdk is nil, the target is the build root too.
type world struct {
	ebuilds, binaries, installed, sdk []string
	world, provided, masked           []string
	cross                             bool // the build root is another one
	options                           verify.Options
}

func newSource(tb testing.TB, lines []string, origin ebuild.Origin) *randworld.Source {
	tb.Helper()
	s, err := randworld.NewSource(randworld.Lines(lines), origin)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// input makes the judge's input for a plan of some steps.
func (w *world) input(t testing.TB, args []string, steps ...string) *verify.Input {
	t.Helper()
	ebuilds := newSource(t, w.ebuilds, ebuild.OriginEbuild)
	binaries := newSource(t, w.binaries, ebuild.OriginBinary)
	root := func(path string, installed []string) *verify.Root {
		return &verify.Root{
			Repos: []verify.Repo{{Name: randworld.Repo, Source: ebuilds}}, Binaries: binaries,
			Installed: newSource(t, installed, ebuild.OriginInstalled), Flags: randworld.Flags,
			Verdict: w.verdict, Provided: w.provides,
			Set: func(string) ([]*atoms.Atom, error) { return parse(t, w.world), nil },
		}
	}
	in := &verify.Input{Target: root("/board/", w.installed), Options: w.options}
	in.Build, in.Sysroot = in.Target, in.Target
	roots := plan.Roots{Target: "/board/", Sysroot: "/board/", Build: "/board/", Config: "/board/"}
	if w.cross {
		in.Build = root("/", w.sdk)
		roots.Build = "/"
	}
	in.Plan = &plan.Plan{
		Schema: plan.SchemaName, SchemaVersion: plan.SchemaVersion, Success: true, Roots: roots,
		Request: plan.Request{Command: "emerge", Args: args, Targets: args},
	}
	for _, text := range steps {
		in.Plan.Steps = append(in.Plan.Steps, w.step(t, in, text))
	}
	for i := range in.Plan.Steps {
		in.Plan.Steps[i].ID = plan.StepID(i + 1)
	}
	return in
}

func parse(t testing.TB, list []string) []*atoms.Atom {
	var out []*atoms.Atom
	for _, text := range list {
		a, err := atoms.ParseAtom(text, atoms.AtomOptions{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func (w *world) provides(cp atoms.CP) []atoms.CPV {
	var out []atoms.CPV
	for _, text := range w.provided {
		if cpv, err := atoms.ParseCPV(text); err == nil && cpv.CP == cp {
			out = append(out, cpv)
		}
	}
	return out
}

func (w *world) verdict(p *ebuild.Package, _ atoms.FlagState) visibility.Verdict {
	if !slices.Contains(w.masked, p.CPV.String()) {
		return visibility.Verdict{}
	}
	return visibility.Verdict{Reasons: []visibility.Reason{{Kind: visibility.KindMask, Text: "package.mask"}}}
}

// step makes a step that agrees with the world. The words before the cpv are
// "sdk" for the build root, "binary", or "-" for an unmerge.
func (w *world) step(t testing.TB, in *verify.Input, text string) plan.Step {
	t.Helper()
	words := strings.Fields(text)
	cpv, words := words[len(words)-1], words[:len(words)-1]
	root, name := in.Target, plan.RootTarget
	if slices.Contains(words, "sdk") {
		root, name = in.Build, plan.RootBuild
	}
	s := plan.Step{Operation: plan.OpMerge, Origin: plan.OriginEbuild, CPV: cpv, Repo: randworld.Repo, Root: name, Stage: plan.StageFinal,
		Mark: plan.MarkNone, Fetch: plan.Fetch{Restriction: plan.FetchFree}, Reasons: []plan.Reason{{Kind: plan.ReasonArgument}}}
	from := root.Repos[0].Source
	switch {
	case slices.Contains(words, "binary"):
		s.Origin, from = plan.OriginBinary, root.Binaries
	case slices.Contains(words, "-"):
		s.Operation, s.Origin, from = plan.OpUnmerge, plan.OriginInstalled, root.Installed
	}
	parsed, err := atoms.ParseCPV(cpv)
	if err != nil {
		t.Fatal(err)
	}
	s.CP, s.Version = string(parsed.CP), parsed.Version.String()
	list, _ := from.Packages(parsed.CP)
	i := slices.IndexFunc(list, func(p *ebuild.Package) bool { return p.CPV == parsed })
	if i < 0 {
		t.Fatalf("no package %s for step %q", cpv, text)
	}
	describe(&s, list[i], root)
	return s
}

func describe(s *plan.Step, p *ebuild.Package, root *verify.Root) {
	s.Slot, s.Subslot, s.EAPI = p.Slot, p.Subslot, p.EAPIName
	if s.Operation == plan.OpUnmerge {
		return
	}
	for _, f := range p.IUSE {
		if randworld.Flags(p).Enabled(f.Name) {
			s.Use = append(s.Use, f.Name)
		} else {
			s.Disabled = append(s.Disabled, f.Name)
		}
	}
	s.Status = plan.StatusNew
	installed, _ := root.Installed.Packages(p.CP())
	for _, q := range installed {
		s.Installed = append(s.Installed, plan.Installed{CPV: q.CPV.String(), Slot: q.Slot, Subslot: q.Subslot, Repo: q.Repo})
		if s.Status == plan.StatusNew {
			s.Status = plan.StatusNewSlot
		}
	}
	for _, q := range installed {
		if q.Slot != p.Slot {
			continue
		}
		s.Replaces = append(s.Replaces, q.CPV.String())
		switch q.CPV.Version.Compare(p.CPV.Version) {
		case -1:
			s.Status = plan.StatusUpdate
		case 0:
			s.Status = plan.StatusReinstall
		default:
			s.Status = plan.StatusDowngrade
		}
	}
}

// brief writes findings as "severity kind package".
func brief(list []verify.Finding) []string {
	var out []string
	for _, f := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Severity, f.Kind, f.Package)))
	}
	return out
}
