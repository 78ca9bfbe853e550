// Package use computes IUSE_EFFECTIVE and the USE state of packages, with the
// origin of each flag.
//
// A Calculator compiles the stacks of a profiles.Config (S87, S89) once for
// each repository: for every flag the last word that all packages share, with
// its place in the stack. For a package only the entries of package.* files
// that match it, its IUSE defaults and package.env remain to be put in between.
// A flag is on if the strongest word about it, by place, says so; forced flags
// are on and masked flags off whatever USE says.
//
// Built packages have the flags they were built with. What forces and masks
// their flags is computed as for ebuilds, by their recorded KEYWORDS.
//
// The package does not evaluate REQUIRED_USE, dependencies or changes that a
// resolver may propose. Beyond PMS it follows Portage's config.py and
// UseManager.py, which are also its only specification of etc/portage.
package use
