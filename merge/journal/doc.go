// Package journal changes a root in transactions: after a kill or a loss of power
// at any point the next run leaves each of them wholly undone or wholly done.
//
// # How
//
// A transaction has a folder below EROOT, var/lib/tumpline/txn/<id>, that holds
//
//	journal  what happened, one record a line, checked and synchronised
//	plan     the steps, sealed by their digest in the journal
//	new/     staged files: whatever the transaction will put in place
//	old/     saved files: whatever it replaces or removes
//
// Files for another mount are staged and saved in a folder .tumpline-<id> at the
// top of that mount, so that everything is put in place by rename(2).
//
//	begin      the folder exists. Files are staged. All is synchronised at once, with
//	           the plan; earlier only if a script runs or a folder is made elsewhere.
//	planned    the plan is durable. From here the steps before the commit are made:
//	           all old files get a second name in old/ and that is synchronised,
//	           then the new ones are renamed over them.
//	committed  the steps so far are durable. From here there is only forward: the
//	           steps after the commit (removals) are made.
//	done       everything is durable.
//
// A run that finds a transaction between begin and committed undoes it, one between
// committed and done finishes it. Whether a step was made is seen from the files
// themselves: a staged file that is gone has been put in place, a saved file that is
// there has been saved. So steps need no records, each may be made or undone any
// number of times, and it does not matter which of the renames since the last
// synchronisation survived a loss of power. A file's place is never empty between
// its old and its new content. The folders of new packages are renamed into place
// as whole trees.
//
// Scripts that run within a transaction are recorded at start and end; what one has
// done is not undone. A transaction that is done can be taken back (Undo) as long as
// its saved files are kept and nothing that it placed has changed since.
//
// # Locks
//
// A Log holds the lock of the installed-package database that Portage takes,
// var/db/.pkg.portage_lockfile, and tells others who has it in
// var/lib/tumpline/holder.
//
// The package knows folders, files and names, and nothing of packages: what a title
// or a script means is known to its callers.
package journal
