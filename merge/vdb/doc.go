// Package vdb reads and writes the database of installed packages, var/db/pkg.
//
// An entry is a directory <category>/<PF> with one file per metadata variable.
// A DB reads all entries on first use, in parallel and only the few files that
// identify a package; dependencies and the like are read when a package is
// asked for them, anything else file by file. Newer entries have a file
// "metadata" with most variables, which is believed under Portage's conditions.
// With an index all this is recalled from the last run, once the stamps of the
// files are found to be those that they had.
//
// As in Portage an entry exists if its directory does: a missing variable is
// empty, EAPI and SLOT then being "0". Such entries and those with impossible
// names are told by DB.Problems and hide no other. Directories of unfinished
// merges (-MERGING-<PF>) and names with a leading dot are passed over silently.
//
// The package decides nothing about two entries in one slot; Package.Counter
// says which is newer. It does not search environment.bz2 for variables without
// a file, as Portage does. A DB never writes to the database; functions beside it
// write what belongs in an entry, and their callers decide when.
package vdb
