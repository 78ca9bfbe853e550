package render

import (
	"strconv"
	"time"
)

// A Header is the first line of emerge's output (O44).
type Header struct {
	Pretend, Ask bool // of the options, these, Tree and Verbose ask for the header
	FetchOnly    bool // --fetchonly, --fetch-all-uri
	BuildOnly    bool // --buildpkgonly
}

// Text returns "These are the packages that would be merged, in order:" with
// blank lines around it, or "" if the options do not ask for it.
func (h Header) Text(o Options) string {
	if o.Quiet || !(h.Pretend || h.Ask || o.Tree || o.Verbose) {
		return ""
	}
	action, order := "merged", ", in order:"
	switch {
	case h.FetchOnly:
		action = "fetched"
	case h.BuildOnly:
		action = "built"
	}
	if o.Tree && !h.FetchOnly {
		order = ", in reverse order:"
		if o.UnorderedTree {
			order = ":"
		}
	}
	return "\n" + o.paint("darkgreen", "These are the packages that would be "+action+order) + "\n\n"
}

// Texts of the notice while dependencies are calculated, which is not shown
// with --quiet and --nodeps. On a terminal Portage animates it; the static
// form stands for both here.
const (
	NoticeBegin = "Calculating dependencies ..." // before
	NoticeEnd   = " done!\n"                     // afterwards, if nothing came between
	NoticeCut   = "\n"                           // instead of the end, before a message that interrupts it
)

// Took returns the line that follows the notice: how long the resolution took
// and how many of the allowed restarts it used; a negative number of restarts
// leaves that part out.
func (o *Options) Took(d time.Duration, restarts, limit int) string {
	s := "Dependency resolution took " + o.paint("darkgreen", strconv.FormatFloat(d.Seconds(), 'f', 2, 64)) + " s"
	if restarts >= 0 {
		s += " (backtrack: " + itoa(restarts) + "/" + itoa(limit) + ")"
	}
	return s + ".\n\n"
}
