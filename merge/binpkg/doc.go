// Package binpkg reads binary packages: the Packages index of PKGDIR and of
// binhosts, the package files themselves, and binrepos.conf.
//
// A Store is all binary packages that one resolver may use, local and remote.
// With a trusted index the Packages file is believed and no package file is
// looked at; otherwise PKGDIR is searched, entries of the index count while
// size and time of their file agree, and the metadata of other files is read
// from them (packages xpak and gpkg).
//
// What is wrong with one entry, stanza or file is told by problems and hides no
// other. The package never writes, talks to no network, verifies no signature,
// and decides nothing about USE or visibility.
package binpkg
