// Package metagen makes the metadata of ebuilds by sourcing them.
//
// The EAPI is read from the text of the ebuild first (PMS, section "The EAPI")
// and decides which bash, which library and which shell run it. Shells live
// long, hold parsed eclasses, and fork for each ebuild. What the shell tells is
// normalised and becomes a cache entry as Portage writes it, byte for byte.
//
// An ebuild that fails in such a fork runs a second time in a bash of its own,
// in which eclasses are sourced from their files: a fork is a subshell, in which
// bash ends at errors that elsewhere only end a command; and only there do
// messages name the right files and lines. So an ebuild that works is cheap, and
// one that fails is judged exactly.
//
// The package departs from Portage where that makes metadata depend on the
// machine: the user's bashrc and variables of the caller or of the profile are
// not seen by ebuilds, and text that is not UTF-8 is an error.
package metagen
