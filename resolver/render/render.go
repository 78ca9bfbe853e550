// Package render writes plans for people and programs: text as emerge prints
// it, byte for byte, and the plan document as JSON.
//
// The text is an interface: scripts parse it. Therefore the reference is
// Portage 3.0.82, trailing blanks included, and the parts of the texts that
// scripts look for are Portage's own. Nothing is decided here. A Report holds
// what the resolver found out, as plain data; Text arranges it, chooses colours
// and counts. Nothing here reads the environment or asks whether something is
// a terminal: Options say how the text shall look.
package render

import (
	"io"

	"github.com/tumpline/tumpline/resolver/plan"
)

// Options say how the text shall look. The zero value is plain emerge, not on
// a terminal.
type Options struct {
	Quiet         bool   // --quiet: short lines; with Verbose USE is shown all the same
	Verbose       bool   // --verbose: slots, repositories, all flags, sizes, totals
	Columns       bool   // --columns: versions stand below each other
	ColumnWidth   int    // width of the table of --columns (COLUMNWIDTH); 0 means 130
	Tree          bool   // --tree: packages below what needs them, the list reversed
	UnorderedTree bool   // --unordered-display: the tree in the order of the graph
	Alphabetical  bool   // --alphabetical: enabled and disabled flags in one order
	QuietRepos    bool   // --quiet-repo-display: repositories as numbers, with a legend
	Thousands     string // separator between groups of three digits in sizes (LC_NUMERIC); mostly ""
	Theme         *Theme // colours; nil for none
}

// A verbosity is Portage's number for how much of a line is shown.
type verbosity int

const (
	quiet   verbosity = 1
	normal  verbosity = 2
	verbose verbosity = 3
)

func (o *Options) verbosity() verbosity {
	switch {
	case o.Quiet:
		return quiet
	case o.Verbose:
		return verbose
	}
	return normal
}

// paint colours s in a style of the theme.
func (o *Options) paint(style, s string) string { return o.Theme.Paint(style, s) }

// JSON writes the plan document (see package plan).
func JSON(w io.Writer, p *plan.Plan) error { return plan.Write(w, p) }
