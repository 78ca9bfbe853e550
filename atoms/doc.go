// Package atoms parses, prints and compares names as the Package Manager
// Specification (PMS) defines them: versions, package names, package
// dependency specifications ("atoms"), USE dependencies and dependency trees.
//
// It is pure. It refuses to know of files, repositories, profiles or which
// packages exist: a question that needs a package takes a [Candidate] or a
// [FlagState]. Every value is immutable once built and safe to share between
// goroutines.
//
// Behaviour is Portage's observable behaviour, which departs from PMS thus:
// an atom may name a repository (::repo), a build id (=cat/pkg-1-2) or use
// the wildcards of the user's package.* files when [AtomOptions] say so;
// ~cat/pkg-1 compares versions as text, not by value; =cat/pkg-1* ends at the
// boundary of a version part, so that it does not match 10; and [Reduce]
// simplifies groups before choices are made on them.
//
// It departs from Portage where Portage accepts what can never match a
// package: an extended atom whose package name ends in a version or that has
// no wildcard, and a name that ends in a version before a build id. Evaluation
// keeps the repository of an atom. [OverlapDNF] gives up where its result
// would not fit into memory.
package atoms
