package params

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A Raw is a set of options of emerge as they were given, by name with both
// dashes ("--deep"). Which options others imply has been worked out before.
type Raw interface {
	Has(name string) bool           // given, whatever its value
	Yes(name string) bool           // given without a value
	Text(name string) string        // its text, such as "y"; empty if it has none
	Number(name string) (int, bool) // its number
	List(name string) []string      // its words, if it takes several
}

// Decode reads options. An error names the option and the word that is wrong.
func Decode(raw Raw) (*Options, error) {
	d := decoder{Raw: raw, o: New()}
	d.request()
	d.reach()
	d.rebuilds()
	d.binaries()
	d.autounmask()
	return d.o, d.err
}

type decoder struct {
	Raw
	o   *Options
	err error
}

// tri reads an option that may be absent, on or off.
func (d *decoder) tri(name string) Tri {
	switch {
	case !d.Has(name):
		return Unset
	case d.Yes(name):
		return Yes
	case d.Text(name) == "n", d.Text(name) == "":
		return No
	default:
		return Yes
	}
}

func (d *decoder) on(name string) bool { return d.tri(name) == Yes }

func (d *decoder) request() {
	o := d.o
	o.UpdateIfInstalled = d.Has("--update-if-installed")
	o.Update = d.Has("--update") || o.UpdateIfInstalled
	o.NoReplace = d.Has("--noreplace")
	o.Selective = d.tri("--selective")
	o.EmptyTree = d.Has("--emptytree")
	o.NoDeps = d.Has("--nodeps")
	o.OnlyDeps = d.Has("--onlydeps")
	o.OnlyDepsWithRDeps = d.tri("--onlydeps-with-rdeps")
	o.OnlyDepsWithIDeps = d.tri("--onlydeps-with-ideps")
	o.VerboseMissingEbuilds = d.tri("--verbose-missing-ebuilds")
	o.Pretend = d.Has("--pretend")
	o.Tree = d.Has("--tree")
	o.BuildPkgOnly = d.Has("--buildpkgonly")
	o.FetchOnly = d.Has("--fetchonly")
	o.FetchAllURI = d.Has("--fetch-all-uri")
	o.Exclude = d.atoms("--exclude", false)
	o.BuildPkgExclude = d.atoms("--buildpkg-exclude", true)
	if n, ok := d.Number("--backtrack"); ok {
		o.Backtrack = n
	}
}

func (d *decoder) reach() {
	o := d.o
	if n, ok := d.Number("--deep"); ok {
		o.Deep = Depth(min(n, int(Infinite)))
	} else if d.Has("--deep") {
		o.Deep = Infinite
	}
	o.WithBdeps = d.tri("--with-bdeps")
	o.WithBdepsAuto = d.tri("--with-bdeps-auto")
	o.WithTestDeps = d.on("--with-test-deps")
	switch {
	case d.Text("--root-deps") == "rdeps":
		o.RootDeps = RootDepsRDeps
	case d.Yes("--root-deps"):
		o.RootDeps = RootDepsAll
	}
	o.CompleteGraph = d.Has("--complete-graph")
	o.CompleteGraphIfNewUse = d.tri("--complete-graph-if-new-use")
	o.CompleteGraphIfNewVer = d.tri("--complete-graph-if-new-ver")
	o.DynamicDeps = d.tri("--dynamic-deps")
	o.IgnoreWorld = d.Yes("--ignore-world")
	o.ImplicitSystemDeps = d.tri("--implicit-system-deps")
	o.IgnoreBuiltSlotOperatorDeps = d.tri("--ignore-built-slot-operator-deps")
	o.IgnoreSonameDeps = d.tri("--ignore-soname-deps")
}

func (d *decoder) rebuilds() {
	o := d.o
	o.NewUse = d.Has("--newuse")
	o.ChangeUse = d.Has("--reinstall")
	o.NewRepo = d.Has("--newrepo")
	o.RebuildIfNewSlot = d.tri("--rebuild-if-new-slot")
	o.RebuildIfNewRev = d.Has("--rebuild-if-new-rev")
	o.RebuildIfNewVer = d.Has("--rebuild-if-new-ver")
	o.RebuildIfUnbuilt = d.Has("--rebuild-if-unbuilt")
	o.ChangedDeps = d.tri("--changed-deps")
	o.ChangedDepsReport = d.on("--changed-deps-report")
	o.ChangedSlot = d.on("--changed-slot")
	o.ReinstallAtoms = d.atoms("--reinstall-atoms", false)
	o.RebuildExclude = d.atoms("--rebuild-exclude", false)
	o.RebuildIgnore = d.atoms("--rebuild-ignore", false)
}

func (d *decoder) binaries() {
	o := d.o
	o.UsePkg = d.tri("--usepkg")
	o.UsePkgOnly = d.tri("--usepkgonly")
	o.UsePkgExcludeLive = d.Has("--usepkg-exclude-live")
	o.UseEbuildVisibility = d.on("--use-ebuild-visibility")
	o.BinpkgRespectUse = d.tri("--binpkg-respect-use")
	o.BinpkgChangedDeps = d.tri("--binpkg-changed-deps")
	o.RebuiltBinaries = d.tri("--rebuilt-binaries")
	if n, ok := d.Number("--rebuilt-binaries-timestamp"); ok {
		o.RebuiltBinariesSince = int64(n)
	}
	o.NoBinDeps = d.Has("--nobindeps")
	o.UsePkgExclude = d.atoms("--usepkg-exclude", true)
	o.UsePkgInclude = d.atoms("--usepkg-include", true)
	o.UseOldPkgAtoms = d.atoms("--useoldpkg-atoms", false)
}

func (d *decoder) autounmask() {
	o := d.o
	o.Autounmask = d.tri("--autounmask")
	o.AutounmaskUse = d.tri("--autounmask-use")
	o.AutounmaskLicense = d.tri("--autounmask-license")
	if o.AutounmaskLicense == Unset && d.Yes("--autounmask") {
		o.AutounmaskLicense = Yes
	}
	o.AutounmaskKeepKeywords = d.tri("--autounmask-keep-keywords")
	o.AutounmaskKeepMasks = d.tri("--autounmask-keep-masks")
	o.AutounmaskBacktrack = d.tri("--autounmask-backtrack")
	o.AutounmaskContinue = d.Yes("--autounmask-continue")
}

// atoms reads a list of package names, slot atoms and wildcards.
func (d *decoder) atoms(name string, allowRepo bool) []*atoms.Atom {
	list, err := ParseList(name, d.List(name), allowRepo)
	if d.err == nil {
		d.err = err
	}
	return list
}

// ParseList reads the values of an option that lists package names, slot atoms
// and wildcards, several words in one value being allowed. A name without a
// category stands for that name in every category. The error tells the first
// word that is none; the others are returned.
func ParseList(option string, values []string, allowRepo bool) ([]*atoms.Atom, error) {
	var list []*atoms.Atom
	var first error
	for _, words := range values {
		for _, word := range strings.Fields(words) {
			a, err := atoms.ParseAtomOrName(word, atoms.AtomOptions{AllowWildcard: true, AllowRepo: allowRepo})
			if err != nil {
				if first == nil {
					first = fmt.Errorf("option %s: %w", option, err)
				}
				continue
			}
			list = append(list, a)
		}
	}
	return list, first
}
