// Package binpkg reads and writes binary packages: the Packages index of PKGDIR and
// of binhosts, and the package files themselves.
//
// A Store is all binary packages that one resolver may use, local and remote.
// With a trusted index the Packages file is believed and no package file is
// looked at; otherwise PKGDIR is searched, entries of the index count while
// size and time of their file agree, and the metadata of other files is read
// from them (packages xpak and gpkg).
//
// [Write] makes a package of an image and its build-info, in either format, and
// puts it into a [Dir], with its stanza in the index; [Unpack] makes image and
// build-info of a package; [Dir.Remove] takes one away. Portage and this package
// read each other's files, and may work in one PKGDIR at the same time. Equal
// contents give equal bytes. It departs from Portage where that loses or breaks
// something: files are synchronised before they are renamed, Packages.gz is
// replaced before Packages, an installed package's own bookkeeping never gets into
// a package, extended attributes are kept in gpkg packages as well, and what
// cannot be installed again (a device in a gpkg) is an error when it is packed.
//
// What is wrong with one entry, stanza or file is told by problems and hides no
// other. The package talks to no network and decides nothing about USE or
// visibility.
package binpkg
