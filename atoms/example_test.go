package atoms_test

import (
	"fmt"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
)

func ExampleParseVersion() {
	a, _ := atoms.ParseVersion("1.2_rc3")
	b, _ := atoms.ParseVersion("1.2")
	fmt.Println(a.Compare(b))
	_, err := atoms.ParseVersion("1.2_git")
	fmt.Println(err)
	// Output:
	// -1
	// invalid version "1.2_git": offset 4: expected alpha, beta, pre, rc or p
}

func ExampleParseCPV() {
	c, _ := atoms.ParseCPV("dev-libs/openssl-3.0.8-r1")
	fmt.Println(c.CP, c.PN(), c.PV(), c.PR())
	// Output: dev-libs/openssl openssl 3.0.8 r1
}

func ExampleParseAtom() {
	eapi8, _ := eapi.Lookup("8")
	a, _ := atoms.ParseAtom(">=dev-libs/openssl-3:0=[static-libs(-)?]", atoms.AtomOptions{EAPI: eapi8})
	fmt.Println(a.Op, a.CP, a.Version, a.Slot, a.SlotOp, a.USE)
	// Output: >= dev-libs/openssl 3 0 = [static-libs(-)?]
}

func ExampleAtom_EvaluateUSE() {
	a, _ := atoms.ParseAtom("dev-libs/openssl[ssl?,!static?,doc=]", atoms.AtomOptions{})
	b := a.EvaluateUSE(func(flag string) bool { return flag == "ssl" })
	fmt.Println(b)
	fmt.Println(b.Unevaluated())
	// Output:
	// dev-libs/openssl[ssl,-static,-doc]
	// dev-libs/openssl[ssl?,!static?,doc=]
}

func ExampleAtom_Match() {
	a, _ := atoms.ParseAtom("=dev-libs/openssl-3*:0", atoms.AtomOptions{})
	c, _ := atoms.ParseCPV("dev-libs/openssl-3.0.8-r1")
	fmt.Println(a.Match(atoms.Candidate{CPV: c, Slot: "0", Subslot: "3", BuildID: atoms.NoBuildID}))
	// Output: true
}

func ExampleReduce() {
	d, _ := atoms.ParseDep("ssl? ( || ( dev-libs/openssl ( dev-libs/libressl dev-libs/compat[doc?] ) ) ) !ssl? ( a/b )", atoms.AtomOptions{})
	fmt.Println(atoms.Reduce(d, atoms.ReduceOptions{Enabled: func(flag string) bool { return flag == "ssl" }}))
	// Output: || ( dev-libs/openssl ( dev-libs/libressl dev-libs/compat ) )
}

func ExampleOverlapDNF() {
	d, _ := atoms.ParseDep("|| ( a/a a/b ) a/x || ( a/b a/c )", atoms.AtomOptions{})
	fmt.Println(atoms.OverlapDNF(atoms.Reduce(d, atoms.ReduceOptions{})))
	// Output: a/x || ( ( a/a a/b ) ( a/a a/c ) ( a/b a/b ) ( a/b a/c ) ) true
}

func ExampleCheckRequiredUSE() {
	r, _ := atoms.ParseRequiredUSE("gui? ( ^^ ( gtk qt6 ) ) doc", nil)
	ok, unsatisfied, err := atoms.CheckRequiredUSE(r, flags{"gui": true, "gtk": true, "qt6": true, "doc": true}, nil)
	fmt.Println(ok, atoms.HumanRequiredUSE(unsatisfied), err)
	// Output: false gui? ( exactly-one-of ( gtk qt6 ) ) <nil>
}

func ExampleBestMatch() {
	var list []*atoms.Atom
	for _, s := range []string{"*/*", ">=dev-libs/foo-1", ">=dev-libs/foo-2", "dev-libs/foo"} {
		a, _ := atoms.ParseAtom(s, atoms.AtomOptions{AllowWildcard: true})
		list = append(list, a)
	}
	c, _ := atoms.ParseCPV("dev-libs/foo-3")
	fmt.Println(atoms.BestMatch(list, atoms.Candidate{CPV: c}))
	// Output: >=dev-libs/foo-2
}

func ExampleMove_Apply() {
	move := atoms.Move{From: "dev-libs/old", To: "dev-libs/new"}
	fmt.Println(move.Apply("ssl? ( >=dev-libs/old-2:0= )", atoms.AtomOptions{}, nil))
	// Output: ssl? ( >=dev-libs/new-2:0= ) true
}

func ExampleInterner() {
	interner := atoms.NewInterner()
	a, _ := interner.ParseAtom("dev-libs/foo", atoms.AtomOptions{})
	d, _ := interner.ParseDep("dev-libs/foo dev-libs/bar", atoms.AtomOptions{})
	fmt.Println(d.Children[0].Leaf == a)
	// Output: true
}
