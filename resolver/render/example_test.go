package render_test

import (
	"fmt"
	"os"

	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
)

func ExampleList() {
	board := &render.Root{Root: "/build/amd64-usr/", UseExpand: []string{"PYTHON_TARGETS"}}
	bash := &render.Package{
		CP: "app-shells/bash", Version: "5.3", Slot: "0", Subslot: "0", Repo: "gentoo",
		Origin: plan.OriginEbuild, Root: board, Status: plan.StatusUpdate,
		Old:  []render.Old{{Version: "5.2", Slot: "0", Subslot: "0", Repo: "gentoo", IUSE: []string{"nls", "afs"}, USE: []string{"nls"}}},
		IUSE: []string{"nls", "readline"}, USE: []string{"readline"}, Fixed: []string{"readline"},
		Files: []render.File{{Name: "bash-5.3.tar.gz", Bytes: 11376640}},
	}
	fmt.Print(render.List([]render.Item{bash}, nil, render.Options{Verbose: true}))
	// Output:
	// [ebuild     U  ] app-shells/bash-5.3::gentoo [5.2::gentoo] to /build/amd64-usr/ USE="(readline%*) -nls* (-afs%)" 11110 KiB
	//
	// Total: 1 package (1 upgrade), Size of downloads: 11110 KiB
}

func ExampleUnsatisfied_Text() {
	u := render.Unsatisfied{
		What:     "dev-libs/libfoo[static]",
		UseFixes: []render.UseFix{{CPV: "dev-libs/libfoo-2", Repo: "gentoo", Changes: []render.FlagChange{{Flag: "static", Enable: true}}}},
		Chain:    []plan.Link{{Name: "app-misc/bar-1::gentoo", Kind: plan.LinkEbuild}, {Name: "app-misc/bar", Kind: plan.LinkArgument}},
	}
	fmt.Print(u.Text(render.Options{}))
	// Output:
	// emerge: there are no ebuilds built with USE flags to satisfy "dev-libs/libfoo[static]".
	// !!! One of the following packages is required to complete your request:
	// - dev-libs/libfoo-2::gentoo (Change USE: +static)
	// (dependency required by "app-misc/bar-1::gentoo" [ebuild])
	// (dependency required by "app-misc/bar" [argument])
}

func ExampleText() {
	report := &render.Report{
		ShowList: true,
		List: []render.Item{&render.Package{CP: "app-misc/new", Version: "1", Slot: "0", Subslot: "0", Repo: "gentoo",
			Origin: plan.OriginEbuild, Status: plan.StatusNew, Root: &render.Root{Root: "/build/arm64-usr/"}}},
		Problems: render.Problems{Provided: []render.Provided{{Arg: "sys-process/psmisc", From: "system"}}},
	}
	options := render.Options{}
	fmt.Print(render.Header{Pretend: true}.Text(options))
	if err := render.Text(os.Stdout, os.Stdout, report, options); err != nil {
		fmt.Println(err)
	}
	// Output:
	// These are the packages that would be merged, in order:
	//
	// [ebuild  N     ] app-misc/new-1 to /build/arm64-usr/
	//
	// WARNING: A requested package will not be merged because it is listed in
	// package.provided:
	//
	//   sys-process/psmisc pulled in by 'system'
}
