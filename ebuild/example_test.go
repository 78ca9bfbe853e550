package ebuild_test

import (
	"fmt"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

func ExampleNew() {
	cpv, err := atoms.ParseCPV("app-misc/foo-1.2-r3")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := ebuild.New(cpv, "gentoo", ebuild.OriginEbuild, ebuild.Map{
		"EAPI": "8", "SLOT": "0/1", "IUSE": "+ssl", "RDEPEND": "ssl? ( dev-libs/openssl:= )",
	})
	deps, err := p.Deps(atoms.RDepend)
	fmt.Println(p, p.IUSE, deps, err)
	// Output: app-misc/foo-1.2-r3:0/1::gentoo [+ssl] ssl? ( dev-libs/openssl:= ) <nil>
}

func ExamplePackage_Invalid() {
	cpv, err := atoms.ParseCPV("app-misc/foo-1")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := ebuild.New(cpv, "gentoo", ebuild.OriginEbuild, ebuild.Map{"EAPI": "0", "SLOT": "0", "IUSE": "+ssl"})
	fmt.Println(p.Invalid())
	// Output: [IUSE: contains defaults, but EAPI 0 does not allow them]
}
