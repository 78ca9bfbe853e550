package corpustest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// An Answer is what Portage answered, as far as it is compared.
type Answer struct {
	ReturnCode int
	Output     string
	Resolve    *Resolve // nil if Portage stopped before resolving
}

// Resolve is the outcome of Portage's resolver.
type Resolve struct {
	Success   bool
	Mergelist []Entry
}

// An Entry is one line of Portage's merge list.
type Entry struct {
	Operation string // merge, uninstall, nomerge
	Type      string // ebuild, binary, installed
	CPV       string
	Root      string   // "/" or "board"
	Use       []string // enabled flags of IUSE, sorted
	Status    string   // new, new_slot, update, downgrade, reinstall; empty for other operations
	OnlyDeps  bool
}

// A Difference is how far an answer of ours is from Portage's.
type Difference struct {
	// Missing and Extra are steps, as "merge ebuild / cat/pkg-1 new [use]", that
	// only Portage or only the plan has.
	Missing, Extra []string
	// Disordered is the place of the first step that stands elsewhere, where
	// the steps are the same; -1: none.
	Disordered int
	// Status is set if the exit statuses differ.
	Status string
}

// Same says if the steps are the same, whatever their order, and the exit
// status too.
func (d Difference) Same() bool {
	return len(d.Missing) == 0 && len(d.Extra) == 0 && d.Status == ""
}

// SameOrder says if the order is the same, too.
func (d Difference) SameOrder() bool { return d.Same() && d.Disordered < 0 }

// String lists the differences, one on a line.
func (d Difference) String() string {
	var b strings.Builder
	if d.Status != "" {
		fmt.Fprintln(&b, d.Status)
	}
	for _, s := range d.Missing {
		fmt.Fprintln(&b, "-", s)
	}
	for _, s := range d.Extra {
		fmt.Fprintln(&b, "+", s)
	}
	if d.Same() && d.Disordered >= 0 {
		fmt.Fprintf(&b, "order differs from step %d\n", d.Disordered)
	}
	return b.String()
}

// Compare compares a plan and its exit status with Portage's answer: packages,
// roots, what they are taken from, USE, status, and the order. An answer
// without a plan is compared by its exit status alone.
func Compare(p *plan.Plan, status int, a *Answer) Difference {
	d := Difference{Disordered: -1}
	if status != a.ReturnCode {
		d.Status = fmt.Sprintf("exit status %d, Portage's is %d", status, a.ReturnCode)
	}
	if a.Resolve == nil || !a.Resolve.Success {
		return d
	}
	var want, got []string
	for _, e := range a.Resolve.Mergelist {
		if !e.OnlyDeps && e.Operation != "nomerge" {
			want = append(want, e.String())
		}
	}
	if p != nil {
		native := p.Roots.Target == p.Roots.Build
		for i := range p.Steps {
			got = append(got, stepText(&p.Steps[i], native))
		}
	}
	d.Missing, d.Extra = without(want, got), without(got, want)
	if d.Same() {
		for i := range want {
			if want[i] != got[i] {
				d.Disordered = i
				break
			}
		}
	}
	return d
}

// String is the entry as differences show it.
func (e Entry) String() string {
	root := "target"
	if e.Root == "/" {
		root = "build"
	}
	if e.Operation == "uninstall" {
		return "unmerge " + root + " " + e.CPV
	}
	return fmt.Sprintf("merge %s %s %s %s %v", e.Type, root, e.CPV, strings.ReplaceAll(e.Status, "_", "-"), e.Use)
}

// stepText is a step as differences show it. In a native plan the target is
// the build root, which Portage calls "/".
func stepText(s *plan.Step, native bool) string {
	root := string(s.Root)
	if native {
		root = string(plan.RootBuild)
	}
	if s.Operation == plan.OpUnmerge {
		return "unmerge " + root + " " + s.CPV
	}
	use := slices.Clone(s.Use)
	slices.Sort(use)
	return fmt.Sprintf("merge %s %s %s %s %v", s.Origin, root, s.CPV, s.Status, use)
}

// without lists the elements of a that b lacks, counting repetitions.
func without(a, b []string) []string {
	count := map[string]int{}
	for _, s := range b {
		count[s]++
	}
	var out []string
	for _, s := range a {
		if count[s] > 0 {
			count[s]--
			continue
		}
		out = append(out, s)
	}
	return out
}
