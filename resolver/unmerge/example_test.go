package unmerge_test

import (
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/unmerge"
)

// An argument takes what no earlier one has taken; versions that nobody names
// are told as omitted.
func ExampleSelect() {
	var installed []*ebuild.Package
	for _, text := range []string{"dev-lang/python-3.11.9", "dev-lang/python-3.12.3", "dev-lang/python-3.13.0"} {
		cpv, err := atoms.ParseCPV(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		installed = append(installed, ebuild.New(cpv, "gentoo", ebuild.OriginInstalled, metadata{}))
	}
	var args []*atoms.Atom
	for _, text := range []string{"<dev-lang/python-3.12", "<dev-lang/python-3.13"} {
		a, err := atoms.ParseAtom(text, atoms.AtomOptions{})
		if err != nil {
			fmt.Println(err)
			return
		}
		args = append(args, a)
	}
	result := unmerge.Select(&unmerge.Request{
		Action: unmerge.Unmerge, Args: args, Ordered: true,
		Match: func(a *atoms.Atom) []*ebuild.Package {
			return slices.DeleteFunc(slices.Clone(installed), func(p *ebuild.Package) bool { return !a.Match(p.Candidate(nil)) })
		},
	})
	for i, g := range result.Groups {
		fmt.Println(args[i], "selected", texts(g.Selected), "omitted", texts(g.Omitted))
	}
	// Output:
	// <dev-lang/python-3.12 selected [dev-lang/python-3.11.9] omitted [dev-lang/python-3.13.0]
	// <dev-lang/python-3.13 selected [dev-lang/python-3.12.3] omitted [dev-lang/python-3.13.0]
}
