// Package livefs merges package images into a root and removes packages from it, in
// transactions of merge/journal: a package is there wholly or not at all, whatever
// ends the run.
//
// A merge checks the image against the root, stages it, and plans every change before
// the first one: files of the image, files of the replaced version, the entry in the
// database of installed packages, world file, config memory, preserved libraries. The
// rules are Portage's (PMS chapter "Merging and unmerging" leaves most of them open).
// Departures from Portage, all to lose nothing:
//
//   - links in folders are resolved inside the root, absolute ones too;
//   - the new entry is in place before anything of the old version is removed, so the
//     scripts pkg_prerm and pkg_postrm of the old version see both;
//   - CONTENTS is written sorted if the image has no order of its own, and names the paths "<file>.backup.<n>" of files
//     that were merged aside of a folder in their way;
//   - which files of the old version go is decided before the first change, so a
//     file that pkg_prerm makes anew under an old name goes too;
//   - removed and replaced files are kept as long as the caller asks, for Undo.
//
// The package runs no scripts and prints nothing: its caller does.
package livefs

import (
	"context"
	"fmt"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/envupdate"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/installmask"
)

// A Root is the file system that packages are merged to.
type Root struct {
	Dir     string // ROOT: absolute, clean
	EPrefix string // absolute, "" for none
}

// An Image is the files of a package.
type Image struct {
	Dir string // D: absolute; names below it begin with EPREFIX if there is one
	Use Use
	// Owners says whose files these shall be if it is not those who own them in Dir,
	// by path ("/usr/bin/x"). Nil: as they are.
	Owners map[string]Owner
	// Order is the paths as the package has them ("usr/bin/x"): CONTENTS keeps it, as
	// Portage's does. Nil: by name.
	Order []string
}

// Use says what may be done with the files of an image.
type Use uint8

const (
	Keep    Use = iota // they are copied
	Consume            // they may become the live ones, those of Entry.Info too: the caller throws both away
)

// String names the use.
func (u Use) String() string {
	if u == Consume {
		return "consume"
	}
	return "keep"
}

// An Owner is what an unprivileged user cannot give a file. Dev is the number of a
// device node.
type Owner struct {
	UID, GID int
	Mode     uint32 // with the type bits of stat(2)
	Dev      uint64
}

// Ownership says what is done about owners.
type Ownership uint8

const (
	Apply  Ownership = iota // files get their owners; this needs privileges
	Record                  // files stay the user's own; the entry's file OWNERSHIP says whose they should be
)

// String names the choice.
func (o Ownership) String() string {
	if o == Record {
		return "record"
	}
	return "apply"
}

// An Entry is what the database shall say of a package.
type Entry struct {
	CPV  atoms.CPV
	Slot string // without sub-slot
	Info string // build-info: a folder of files, one for each variable
	// Files are added to those of Info, or replace them.
	Files map[string][]byte
}

// A Phase is a script of a package.
type Phase uint8

const (
	Preinst  Phase = iota // of the new version, before anything is changed
	Prerm                 // of an old version, when the new files are in place
	Postrm                // of an old version, when its files are gone
	Postinst              // of the new version, at the end
)

// String gives the name of the phase function.
func (p Phase) String() string {
	switch p {
	case Preinst:
		return "pkg_preinst"
	case Prerm:
		return "pkg_prerm"
	case Postrm:
		return "pkg_postrm"
	case Postinst:
		return "pkg_postinst"
	}
	return fmt.Sprintf("Phase(%d)", uint8(p))
}

// A Call is a script to be run.
type Call struct {
	Phase Phase
	CPV   atoms.CPV
	// Entry is the folder of the package's entry in the host's terms; "" in
	// pkg_preinst, when there is none yet.
	Entry    string
	Replaced []atoms.CPV // REPLACING_VERSIONS of the new package
	By       atoms.CPV   // REPLACED_BY_VERSION of an old one; zero if it is just removed
}

// Scripts runs a script. In pkg_preinst an error ends the merge; else it is told and
// nothing more.
type Scripts func(context.Context, Call) error

// Options say how a root is changed. The zero value protects nothing.
type Options struct {
	Features                         map[string]bool // FEATURES
	ConfigProtect, ConfigProtectMask []string
	InstallMask                      *installmask.Mask
	CollisionIgnore                  []string // patterns and folders, from EROOT
	UninstallIgnore                  []string // patterns, from EROOT
	InfoDirs                         []string // INFOPATH and INFODIR
	XattrExclude                     []string // PORTAGE_XATTR_EXCLUDE
	LibraryPath                      string   // LD_LIBRARY_PATH of the root
	IgnoreMemory                     bool     // --noconfmem
	KeepLibraries                    bool     // not RESTRICT=preserve-libs, of old and new
	Blocked                          []atoms.CPV
	World, WorldSets                 WorldEdit
	Ownership                        Ownership
	Scripts                          Scripts
	Tell                             func(Act)          // is told what is done as it is done; nil: nobody asks
	Env                              *envupdate.Options // nil: env-update is not run
	KeepUndo                         int                // transactions whose old files are kept
	Now                              time.Time
	Holder                           string              // see journal.Options
	Waiting                          func(holder string) // see journal.Options
	Fault                            func(point string)  // see journal.Options

	slots []string // see journal.Options
}

// A WorldEdit is lines for, and out of, a world file.
type WorldEdit struct{ Add, Remove []string }

// A Result tells what was done.
type Result struct {
	Recovered []journal.Recovery // what an earlier run left, done before anything else
	ID        int                // of the transaction
	Counter   int64
	Contents  []vdb.Content // of the new entry
	Replaced  []atoms.CPV
	Removed   []string // paths that went
	Kept      []Kept   // paths of the old version that stayed
	Offered   []string // updates of protected files that wait
	Preserved []string // libraries kept for others
	Notes     []string // what the user should know
	Problems  []error  // what went wrong after the point of no return
}

// Kept is a path that a removal left, and why.
type Kept struct {
	Path, Why string
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func (r *Result) problem(err error) {
	if err != nil {
		r.Problems = append(r.Problems, err)
	}
}
