// Package profiles collapses a profile stack and a user's etc/portage into one
// immutable Config.
//
// # Flow
//
// Load works in the order in which later files may refer to earlier ones:
//
//	make.conf, for ROOT only -> etc/profile.env (env.d) -> make.globals
//	-> profile nodes (make.profile, parents first, etc/portage/profile last)
//	-> make.defaults of each node -> make.conf -> environment     = Vars
//	-> use.*, package.use* of repositories and nodes              = USEFiles
//	-> package.mask, package.unmask                               = MaskFiles
//	-> package.keywords, accept_keywords, license, properties ... = AcceptFiles
//	-> package.env, package.provided, arch.list ...
//
// # Types
//
// A Node is one directory of the profile stack. Vars holds every variable with
// all its layers and can tell the file and line of a value. A Table is one
// package.* file (or folder of files): entries looked up by package name and
// applied in the order of atom specificity, not of lines. A Segment is one step
// of the stacks that decide USE, use.force and use.mask; the package
// profiles/use turns the segments into answers about packages, and
// profiles/visibility judges packages by MaskFiles and AcceptFiles.
//
// # Limits
//
// The package neither evaluates USE of a package nor judges visibility, reads
// no ebuild, no environment and no clock, and writes nothing. What is wrong in a
// file but does not prevent use is a warning (Config.Warnings), with file and
// line; what makes the configuration meaningless (a parent that does not exist,
// a loop, an unsupported EAPI of a profile, a syntax error in make.conf) is an
// error of Load.
//
// Beyond PMS (chapter Profiles) it follows Portage: profile formats of
// layout.conf, "repo:path" parents, use.stable in every EAPI that Portage
// accepts it in, wildcard atoms in user files, the etc/portage files, and the
// layering of USE_ORDER. An unsupported EAPI of a profile is an error where
// Portage goes on with an empty profile.
package profiles
