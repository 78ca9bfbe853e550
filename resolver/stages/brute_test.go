package stages_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/stages"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/universe/universetest"
)

// A form is a package with some flags.
type form struct {
	*ebuild.Package
	on    map[string]bool
	final bool
	slot  int // of the package
}

func (f *form) Declared(flag string) bool { _, ok := f.on[flag]; return ok }
func (f *form) Enabled(flag string) bool  { return f.on[flag] }

// A reference answers the question of package stages by trying every choice of
// reduced forms and every order. A state says for each package which form is
// there; forms of one package take each other's place.
type reference struct {
	pkgs  []*ebuild.Package
	may   map[*ebuild.Package]bool  // be reduced: members of cycles
	there map[*ebuild.Package]*form // installed, by the package that replaces it
	other []*form                   // installed, not replaced
}

func formOf(p *ebuild.Package, slot int) *form {
	f := &form{Package: p, on: map[string]bool{}, slot: slot}
	for _, x := range p.IUSE {
		f.on[x.Name] = x.Default > 0
		if p.Origin == ebuild.OriginInstalled {
			f.on[x.Name] = slices.Contains(p.USE, x.Name)
		}
	}
	return f
}

// variants are the reduced forms of a package that REQUIRED_USE allows.
func variants(p *ebuild.Package, slot int) []*form {
	full := formOf(p, slot)
	var out []*form
	for bits := 1; bits < 1<<len(p.IUSE); bits++ {
		f := &form{Package: p, on: map[string]bool{}, slot: slot}
		for i, x := range p.IUSE {
			f.on[x.Name] = full.on[x.Name] != (bits>>i&1 == 1)
		}
		spec, err := p.RequiredUSE()
		if err != nil {
			continue
		}
		if ok, _, err := atoms.CheckRequiredUSE(spec, f, p.EAPI); ok && err == nil {
			out = append(out, f)
		}
	}
	return out
}

func met(d *atoms.Dep, able map[*form]bool) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		for f := range able {
			if d.Leaf.Match(f.Candidate(f)) {
				return true
			}
		}
		return false
	case atoms.KindAny:
		return slices.ContainsFunc(d.Children, func(k *atoms.Dep) bool { return met(k, able) })
	default:
		return !slices.ContainsFunc(d.Children, func(k *atoms.Dep) bool { return !met(k, able) })
	}
}

func (f *form) holds(able map[*form]bool, classes ...atoms.DepClass) bool {
	for _, c := range classes {
		d, err := f.Deps(c)
		if err != nil || !met(atoms.Reduce(d, atoms.ReduceOptions{Enabled: f.Enabled, EAPI: f.EAPI}), able) {
			return false
		}
	}
	return true
}

// usable are the forms that can be used where some are there.
func usable(here []*form) map[*form]bool {
	able := map[*form]bool{}
	for _, f := range here {
		able[f] = true
	}
	for changed := true; changed; {
		changed = false
		for _, f := range here {
			if able[f] && f.Origin != ebuild.OriginInstalled && !f.holds(able, atoms.RDepend) {
				delete(able, f)
				changed = true
			}
		}
	}
	return able
}

// possible says if there is an order in which each package is merged as it
// shall be, after its reduced form if it has one.
func (r *reference) possible(reduced map[int]*form) bool {
	start := make([]byte, len(r.pkgs)) // 0: as before, 1: reduced, 2: final
	seen := map[string]bool{string(start): true}
	queue := [][]byte{start}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		here := slices.Clone(r.other)
		for i, p := range r.pkgs {
			switch {
			case s[i] == 2:
				f := formOf(p, i)
				f.final = true
				here = append(here, f)
			case s[i] == 1:
				here = append(here, reduced[i])
			case r.there[p] != nil:
				here = append(here, r.there[p])
			}
		}
		able := usable(here)
		if !slices.ContainsFunc(s, func(b byte) bool { return b != 2 }) && len(able) == len(here) {
			return true
		}
		for i, p := range r.pkgs {
			for next := s[i] + 1; next <= 2; next++ {
				f := formOf(p, i)
				if next == 1 {
					f = reduced[i]
				}
				if f == nil || s[i] == 0 && next == 2 && reduced[i] != nil || !f.holds(able, atoms.Depend, atoms.BDepend) {
					continue
				}
				t := slices.Clone(s)
				t[i] = next
				if !seen[string(t)] {
					seen[string(t)] = true
					queue = append(queue, t)
				}
			}
		}
	}
	return false
}

// least returns the fewest reduced forms that make an order possible, -1 if
// there are none. Effort bounds the choices that are tried; -2 if it is used up.
func (r *reference) least() int {
	options := make([][]*form, len(r.pkgs))
	for i, p := range r.pkgs {
		if r.may[p] {
			options[i] = variants(p, i)
		}
	}
	for size := 0; size <= len(r.pkgs); size++ {
		if r.try(options, 0, size, map[int]*form{}) {
			return size
		}
	}
	return -1
}

func (r *reference) try(options [][]*form, from, size int, reduced map[int]*form) bool {
	if size == 0 {
		return r.possible(reduced)
	}
	for i := from; i < len(options); i++ {
		for _, f := range options[i] {
			reduced[i] = f
			if r.try(options, i+1, size-1, reduced) {
				return true
			}
		}
		delete(reduced, i)
	}
	return false
}

// randomQuestion makes a world that is likely to be circular.
func randomQuestion(seed uint64) *question {
	g := rand.New(rand.NewPCG(seed, 4))
	n := 3 + g.IntN(3)
	q := &question{}
	name := func(i int) string { return "cat/" + string(rune('a'+i)) }
	flags := make([][]string, n)
	for i := range n {
		flags[i] = append(flags[i], []string{"f", "g"}[:g.IntN(3)]...)
	}
	atom := func(i int) string {
		j := g.IntN(n)
		text := name(j)
		if len(flags[j]) > 0 && g.IntN(4) == 0 {
			f := flags[j][g.IntN(len(flags[j]))]
			forms := []string{"[" + f + "]", "[-" + f + "]"}
			if slices.Contains(flags[i], f) {
				forms = append(forms, "["+f+"?]", "["+f+"=]", "[!"+f+"?]")
			}
			text += forms[g.IntN(len(forms))]
		}
		return text
	}
	for i := range n {
		line := name(i) + "-1"
		var iuse []string
		for _, f := range flags[i] {
			iuse = append(iuse, []string{"+", "+", "+", ""}[g.IntN(4)]+f)
		}
		if len(iuse) > 0 {
			line += " IUSE=" + strings.Join(iuse, " ")
			if g.IntN(5) == 0 {
				line += " REQUIRED_USE=" + []string{"f", "|| ( f g )", "g? ( f )"}[g.IntN(3)]
				if len(flags[i]) < 2 {
					line = strings.ReplaceAll(line, " REQUIRED_USE=|| ( f g )", "")
					line = strings.ReplaceAll(line, " REQUIRED_USE=g? ( f )", "")
				}
			}
		}
		for _, class := range []string{"DEPEND", "BDEPEND", "RDEPEND", "RDEPEND"}[g.IntN(2):] {
			var deps []string
			for range g.IntN(3) {
				d := atom(i)
				if g.IntN(5) == 0 {
					d = "|| ( " + d + " " + atom(i) + " )"
				}
				if len(flags[i]) > 0 && g.IntN(3) > 0 {
					f := flags[i][g.IntN(len(flags[i]))]
					d = []string{"", "", "", "!"}[g.IntN(4)] + f + "? ( " + d + " )"
				}
				deps = append(deps, d)
			}
			if len(deps) > 0 && !strings.Contains(line, " "+class+"=") {
				line += " " + class + "=" + strings.Join(deps, " ")
			}
		}
		q.ebuilds = append(q.ebuilds, line)
		q.args = append(q.args, name(i))
		if g.IntN(8) == 0 {
			had := name(i) + "-0"
			if len(flags[i]) > 0 {
				had += " IUSE=" + strings.Join(flags[i], " ") + " USE=" + strings.Join(flags[i][:g.IntN(len(flags[i])+1)], " ")
			}
			q.installed = append(q.installed, had)
		}
	}
	return q
}

// reference makes the reference for the plan of a pass.
func makeReference(tb testing.TB, q *question, a *stages.Answer, in *order.Input, u *universe.Universe) *reference {
	r := &reference{there: map[*ebuild.Package]*form{}, may: map[*ebuild.Package]bool{}}
	for _, c := range a.Cycles {
		for _, p := range c.Members {
			r.may[p.Package] = true
		}
	}
	taken := map[atoms.CP]bool{}
	for _, n := range in.Graph.Nodes() {
		if int(n) < len(in.Tasks) && in.Tasks[n].Kind == order.Merge {
			p := u.Pkg(universe.ID(n))
			if p.CompletedBy() == nil {
				r.pkgs = append(r.pkgs, p.Package)
				taken[p.CPV.CP] = true
			}
		}
	}
	for _, p := range newSource(tb, q.installed, ebuild.OriginInstalled).All() {
		f := formOf(p, -1)
		if !taken[p.CPV.CP] {
			r.other = append(r.other, f)
		}
		for _, m := range r.pkgs {
			if m.CPV.CP == p.CPV.CP {
				r.there[m] = f
			}
		}
	}
	return r
}

// randomWorlds is how many worlds TestRandom makes; 100000 take minutes.
var randomWorlds = flag.Int("worlds", 6000, "random worlds that are compared with the reference")

// TestRandom compares with the reference: whether a staged plan exists, and
// how many merges it takes at least.
func TestRandom(t *testing.T) {
	worlds := *randomWorlds
	if testing.Short() {
		worlds = min(worlds, 600)
	}
	cfg := universetest.Config(t, nil)
	circular, solved, free := 0, 0, 0
	for seed := range uint64(worlds) {
		q := randomQuestion(seed)
		ans := q.pass(t, cfg)
		a := stages.Find(ans.Pass, stages.Options{})
		if a == nil {
			continue
		}
		circular++
		want := makeReference(t, q, a, ans.Pass.Input, ans.Pass.U).least()
		got := -1
		if a.Plan != nil {
			got = a.Bootstraps()
			solved++
			if got == 0 {
				free++
			}
		}
		if got != want {
			t.Errorf("seed %d: %d more merges, want %d (-1: no plan)\n%s\nplan: %v\n%s", seed, got, want, strings.Join(append(q.ebuilds, q.installed...), "\n"), merges(a), tell(a))
			if t.Failed() && circular > 400 {
				return
			}
		}
	}
	t.Logf("figure: random-cycles %d worlds (%d circular, %d solved, %d of them without a merge more)", worlds, circular, solved, free)
	if circular < worlds/20 || solved < worlds/40 {
		t.Error("too few circular worlds")
	}
}

func tell(a *stages.Answer) string {
	var b strings.Builder
	fmt.Fprintln(&b, "problem:", a.Problem)
	for _, c := range a.Cycles {
		fmt.Fprintf(&b, "cycle %v solved %v gap %d unproved %v cut", c.Members, c.Solved, c.Gap, c.Unproved)
		for _, x := range c.Cut {
			fmt.Fprint(&b, " ", x.Pkg.CPV, switchedText(x.Changed))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
