// Package phase runs the phase functions of one ebuild (PMS, chapter 9), each in a
// bash process of its own, as Portage does.
//
// A Build is a package on its way: where it is built (a Dir), with which variables,
// for which roots. Run runs one phase:
//
//	Build ──► variables    what the ebuild sees, by its EAPI's features
//	      ──► settings     the same as text for the shell, with the state that the
//	                       phase before left in T/environment
//	      ──► bash         library (ebuild/bash), the user's bashrc files, the phase
//	      ──► report       what came back over a pipe: done, failed and where,
//	                       values to record, the shell's state
//	      ──► state        filtered and written for the next phase, and as
//	                       build-info/environment.bz2 for the installed package
//
// Who may do what is not decided here: a Launcher starts the process, confined or
// not. Commands that ebuilds call as programs (doins and its kin, emake, has_version)
// are this program under their names, found in Build.Commands; Command is their part.
//
// Names of variables and files that ebuilds, eclasses, the user's bashrc files and
// other tools know are Portage's. Which phase follows which is the caller's business,
// and so is everything that happens to the image after src_install.
package phase

import (
	"fmt"
	"slices"
)

// A Phase is one of the phases of PMS, or a step around them that ebuilds see.
type Phase uint8

const (
	Pretend   Phase = iota // pkg_pretend
	Setup                  // pkg_setup
	Unpack                 // src_unpack
	Prepare                // src_prepare
	Configure              // src_configure
	Compile                // src_compile
	Test                   // src_test
	Install                // src_install
	Preinst                // pkg_preinst
	Postinst               // pkg_postinst
	Prerm                  // pkg_prerm
	Postrm                 // pkg_postrm
	Config                 // pkg_config
	Info                   // pkg_info
	Nofetch                // pkg_nofetch
	Clean                  // no function; the user's bashrc files see it
	Check                  // no function and no EBUILD_PHASE: QA scripts look at the image
)

// names are the values of EBUILD_PHASE; that of Check is empty.
var names = [...]string{"pretend", "setup", "unpack", "prepare", "configure", "compile", "test", "install",
	"preinst", "postinst", "prerm", "postrm", "config", "info", "nofetch", "clean", "check"}

// String gives the name of the phase.
func (p Phase) String() string {
	if int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("Phase(%d)", uint8(p))
}

// Parse finds a phase by its name.
func Parse(name string) (Phase, error) {
	i := slices.Index(names[:], name)
	if i < 0 {
		return 0, fmt.Errorf("no such phase: %q", name)
	}
	return Phase(i), nil
}

// Source says whether the phase is one of the src_ phases.
func (p Phase) Source() bool { return p >= Unpack && p <= Install }

// Function gives the name of the phase function, "" for Clean.
func (p Phase) Function() string {
	switch {
	case p == Clean || p == Check:
		return ""
	case p.Source():
		return "src_" + p.String()
	}
	return "pkg_" + p.String()
}

// saves says whether the state of the shell outlives the phase.
func (p Phase) saves() bool { return p != Clean && p != Nofetch && p != Info && p != Check }

// marker names the file of the build directory that says that the phase is done;
// "" if there is none.
func (p Phase) marker() string {
	switch p {
	case Pretend:
		return ".pretended"
	case Setup:
		return ".setuped"
	case Unpack:
		return ".unpacked"
	case Prepare:
		return ".prepared"
	case Configure:
		return ".configured"
	case Compile:
		return ".compiled"
	case Test:
		return ".tested"
	case Install:
		return ".installed"
	}
	return ""
}
