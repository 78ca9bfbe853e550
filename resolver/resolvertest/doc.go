// Package resolvertest reads resolver cases from files, lays out the worlds
// they speak of, has a resolver answer them, and compares the answers.
//
// It knows no resolver: a Runner, given by the caller, begins a Session in a
// World and answers with a Result of plain data. It prints nothing.
//
// # Worlds
//
// A world is laid out as Portage's test bench does it (ResolverPlayground): a
// prefix installation in a temporary folder, with one main repository
// "test_repo", the profile default/linux/x86/test_profile for the architecture
// x86, and further repositories without masters. Configuration is
// written to files, because a profile stack is read from files and the files
// are what a case is about. Ebuilds become md5-cache entries without ebuild files:
// that is what ebuild.Open reads in earnest, it costs one small file for a
// package, and no second implementation of a repository has to agree with
// the first. Installed and binary packages are held in memory as Stores,
// because the database of installed packages and the formats of binary packages
// belong to a higher floor. The metadata of an ebuild is what sourcing it would
// give, defaults of its EAPI included; ebuilds and eclasses that do more than
// assign variables, inherit and define functions are refused.
//
// # The JSON form
//
// Files whose text starts with a brace hold playgrounds with cases that were
// derived from Portage's own tests, with what these demand ("expected") and
// what a real Portage answered ("actual"). The two comparisons are counted
// apart. By the rules of "expected" a key that is not mentioned must be null,
// unless it is one of forced_rebuilds, required_use_unsatisfied,
// unsatisfied_deps and graph_order; "actual" is compared verbatim, except for
// sets and for keys which the case names as nondeterministic.
//
// # The text form
//
// A text world (*.txtar) is one playground with its requests, in sections
// that start with a line "-- name --". What precedes the first one is a comment.
//
//	# A rebuild follows its provider to a new subslot.
//	-- repo --
//	dev-libs/lib-2  SLOT=0/2
//	app-misc/app-1  DEPEND=dev-libs/lib:=  RDEPEND=dev-libs/lib:=
//	-- installed --
//	dev-libs/lib-1  SLOT=0/1
//	app-misc/app-1  RDEPEND=dev-libs/lib:0/1=
//	-- world --
//	app-misc/app
//	-- emerge -u dev-libs/lib --
//	merge dev-libs/lib-2 replaces dev-libs/lib-1
//	merge app-misc/app-1 rebuild dev-libs/lib:0/1= -> :0/2=
//
// Sections, each at most once except for requests:
//
//	repo                  ebuilds of the main repository
//	repo NAME             ebuilds of another one
//	installed             installed packages
//	installed target      packages installed in a target root; there is one then
//	binary                local binary packages; a package may occur more than once
//	binary NAME           packages of the remote repository NAME of binrepos.conf
//	world, world_sets     lines of the files of these names
//	world target          lines of the world file of the target root
//	sysroot target        SYSROOT is the target root; the section is empty
//	profile/FILE          a file of the active profile; make.defaults is added to, others replaced
//	repo/NAME/profiles/FILE, repo/NAME/metadata/layout.conf
//	                      files of a repository
//	etc/portage/FILE      files of the user's configuration; make.conf, repos.conf and
//	                      binrepos.conf are added to what the world needs
//	running/profile/FILE, running/etc/portage/FILE
//	                      the same for the running root, where it is configured in its own way
//	etc/..., usr/..., var/...  any other file
//	emerge ARGS           a request, with the expected lines
//
// A package is a line "cat/pkg-1.0 KEY=value KEY=value ..."; installed and
// binary packages may carry "::repo". A value goes on to the next KEY= or is
// in double quotes; indented lines continue the package; "#" starts a comment
// line. Without KEYWORDS an ebuild is stable on x86; what names no EAPI,
// package or profile, has EAPI 8. Built packages have the USE flags they were built with in USE.
//
// In requests, the value of an option is joined to it (--deep=2); the letters
// of short options are those of emerge. ${EPREFIX} in a configuration file
// is the folder of the world. Expected lines are the steps, in order:
//
//	merge CPV[::repo] [binary|remote] [build-id N] [to target] [use +flag -flag ...]
//	                  [replaces CPV ...] [rebuild REASON ...]
//	uninstall CPV     an installed package that a blocker removes
//	block !atom       a blocker in the list
//	clean CPV         depclean and prune: a package to unmerge
//	nothing           there is nothing to do
//
// Lines between a line "{" and a line "}" may come in any order. What follows
// "build-id", "use", "replaces" and "rebuild" is compared only where it is
// given; a repository likewise. Further lines say what the user has to
// change, all of it, and that the request fails:
//
//	use CPV +flag -flag ...    keyword CPV    unmask CPV    license CPV NAME ...
//	unsatisfied ATOM
//	fail              the request fails
//	fail: KIND        it fails in a certain way (the kinds of problems of a plan)
//
// A request that asks for changes fails too. Where it fails, steps are only
// compared if any is given.
//
// # Reference solver
//
// A brute-force solver for tiny universes, against which random worlds are
// held, will be the file reference.go; it takes a Definition and a Request, so
// that it shares nothing with the resolver but this package's data.
package resolvertest
