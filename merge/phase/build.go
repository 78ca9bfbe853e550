package phase

import (
	"context"
	"crypto/sha256"
	"io"
	"os"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// A Build is a package on its way through its phases. They change nothing that is told
// here.
type Build struct {
	// Identity of the package.
	Category, PN, PV, PR string // PR is "r0" without a revision
	PVR                  string
	Slot                 string // with the sub-slot
	Repo                 string
	EAPI                 *eapi.Features
	Ebuild               string // the file
	FilesDir             string // the ebuild's files folder; need not exist
	DefinedPhases        []string
	Metadata             map[string]string // SLOT, KEYWORDS, LICENSE, INHERITED, IUSE ... as cached
	Restrict, Properties []string          // reduced by USE, sorted

	// Flags.
	USE           []string          // enabled, sorted
	IUSEEffective []string          // flags that the ebuild may ask for
	PackageUSE    []string          // words of the user's package.use for the package: PKGUSE
	Expanded      map[string]string // USE_EXPAND variables made from USE

	// Configuration.
	Variables  map[string]string // make.conf, profile, package.env: all of them
	Caller     map[string]string // the caller's environment
	Features   map[string]bool   // FEATURES for this package
	Bashrcs    []string          // profile.bashrc files and the user's, in their order
	Eclasses   map[string]string // name to file
	ConfigRoot string            // PORTAGE_CONFIGROOT

	// Places.
	Dir       Dir
	DistDir   string   // where distfiles are
	Distfiles []string // A, in its order
	Sources   []string // AA: whatever the flags are
	Roots     Roots

	// The installation.
	MergeType         MergeType
	ReplacingVersions []string
	ReplacedBy        string

	// Means.
	Bash     string    // the shell, new enough for the EAPI
	Commands string    // folder with this program under the commands' names
	Path     []string  // of the programs that builds may call
	Launch   Launcher  // nil: unconfined
	Answers  Answers   // nil: has_version fails
	Output   io.Writer // nil: only the log has it
	Log      io.Writer // nil: none
	LogFile  string    // PORTAGE_LOG_FILE; empty: none
	CPUs     int       // for MAKEOPTS; 0: it stays unset

	installed [sha256.Size]byte // digest of what environment.bz2 says, if this Build wrote it

	// Hides, if set, names the owner of a file that phases from unpack to install do
	// not see (sandbox.Options).
	Hides func(path string) (owner string)
}

// InstalledState is the file of build-info, and of an installed package's entry, that
// holds the state of the shell for the scripts of the installed package.
const InstalledState = "environment.bz2"

// MergeType says what is done with the package (PMS, MERGE_TYPE).
type MergeType uint8

const (
	FromSource MergeType = iota // source
	FromBinary                  // binary
	BuildOnly                   // buildonly
)

// String gives the value of MERGE_TYPE.
func (m MergeType) String() string { return [...]string{"source", "binary", "buildonly"}[m] }

// Roots are the places that PMS 11.1 names, absolute; "" stands for "/".
type Roots struct {
	Root    string // ROOT
	Sysroot string // SYSROOT
	Broot   string // BROOT, without the offset prefix
	EPrefix string // EPREFIX
}

// A Launcher makes the process of a phase.
type Launcher interface {
	Launch(ctx context.Context, r Request) (Process, error)
}

// A Process is a phase under way. Kill ends it with all that it has started.
type Process interface {
	Start() error
	Wait() error
	Kill() error
}

// A Request is a process that a Launcher shall make.
type Request struct {
	Build      *Build
	Phase      Phase
	Argv       []string
	Environ    []string
	Dir        string
	Stdin      *os.File
	Output     *os.File   // standard output and error
	ExtraFiles []*os.File // from descriptor 3 on
	Network    bool       // needs the network
	Privileged bool       // does not give up root
}

// P is PN-PV.
func (b *Build) P() string { return b.PN + "-" + b.PV }

// PF is PN-PVR.
func (b *Build) PF() string { return b.PN + "-" + b.PVR }

// CPV names the package.
func (b *Build) CPV() string { return b.Category + "/" + b.PF() }

func (b *Build) restricted(word string) bool { return contains(b.Restrict, word) }

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
