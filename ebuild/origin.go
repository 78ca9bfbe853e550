// Package ebuild holds packages as immutable values, and the ebuild repositories
// that yield them.
//
// A [Package] is an ebuild, a binary package or an installed package: its raw
// metadata, and what can be read from it without knowing a profile or the user's
// configuration. A [Repository] yields the packages of one ebuild repository
// from its md5-dict cache; a [RepoSet] is all configured repositories. Which USE
// flags a package has enabled, and whether it is visible, is decided above.
//
// Where PMS is silent the package behaves as Portage does: see [Package.Invalid]
// and [Repository.Packages]. It never runs bash: an ebuild without a fresh cache
// entry is yielded as a package whose metadata is missing, unless the caller
// gives a [MetadataGenerator].
package ebuild

import "fmt"

// Origin is where a package comes from.
type Origin uint8

const (
	OriginEbuild    Origin = iota // an ebuild of a repository
	OriginBinary                  // a binary package
	OriginInstalled               // an entry of the package database
)

// String names the origin as Portage's type_name: ebuild, binary or installed.
func (o Origin) String() string {
	switch o {
	case OriginEbuild:
		return "ebuild"
	case OriginBinary:
		return "binary"
	case OriginInstalled:
		return "installed"
	}
	return fmt.Sprintf("Origin(%d)", uint8(o))
}

// Built says whether packages of the origin were built from an ebuild: binary
// and installed ones.
func (o Origin) Built() bool { return o != OriginEbuild }
