package render

import (
	"strings"
	"unicode/utf8"

	"github.com/tumpline/tumpline/resolver/plan"
)

// Widths of --columns: where the version and the old version start, counted
// from the right edge of the table.
const (
	defaultColumnWidth = 130
	maxColumnWidth     = 1 << 16 // more is taken as this
	versionColumn      = 60
	oldColumn          = 30
)

// A line is one package of the list while it is written.
type line struct {
	*Package
	o       *Options
	ordered bool   // false for the fillers of trees
	indent  string // of trees
}

// merging reports whether the line announces a merge.
func (l *line) merging() bool { return l.ordered && l.Operation == Merge }

// operation returns the operation as the line shows it.
func (l *line) operation() Operation {
	if l.Operation == Merge && !l.ordered {
		return Keep
	}
	return l.Operation
}

// elsewhere returns the EROOT to name, or "" for the running system.
func (r *Root) elsewhere() string {
	switch {
	case r == nil || r.Root == "/" || r.Root == "":
		return ""
	case r.ERoot != "":
		return r.ERoot
	}
	return r.Root
}

// head returns the line up to the old versions and the root (O46, O56).
func (l *line) head() string {
	old, to := l.old(), l.Root.elsewhere()
	if to != "" {
		if old != "" {
			old += " "
		}
		to = l.o.paint("darkgreen", "to "+to)
	}
	switch {
	case l.o.Columns && l.o.Quiet:
		return l.quietColumns(old + to)
	case l.o.Columns:
		return l.columns(old + to)
	}
	name := l.CPV() + l.buildID() + l.suffix()
	return l.bracket(true) + " " + l.indent + l.painted(name) + " " + old + to
}

// bracket returns "[ebuild  N     ]"; a package that is not merged has a blank
// for the mask column only if mask says so.
func (l *line) bracket(mask bool) string {
	if l.merging() {
		return "[" + l.painted(string(l.Origin)) + " " + l.flags() + "]"
	}
	blank := ""
	if mask && l.o.verbosity() > quiet {
		blank = " "
	}
	word := l.operation().String()
	return "[" + l.painted(word+strings.Repeat(" ", 13-len(word))) + blank + "]"
}

// columns returns the line of --columns.
func (l *line) columns(tail string) string {
	width := l.o.ColumnWidth
	if width == 0 {
		width = defaultColumnWidth
	}
	width = min(width, maxColumnWidth)
	colour := "green"
	if l.Root.elsewhere() != "" {
		colour = "darkblue"
	}
	s := l.bracket(l.Root.elsewhere() == "") + " " + l.indent + l.painted(l.CP)
	s = pad(s, width-versionColumn)
	s += " " + l.o.paint(colour, "["+l.version()+"]") + " "
	return pad(s, width-oldColumn) + tail
}

// quietColumns returns the line of --columns --quiet: without brackets.
func (l *line) quietColumns(tail string) string {
	s := l.flags() + " " + l.indent + l.painted(l.CP)
	if l.Root.elsewhere() != "" {
		return s + l.o.paint("darkblue", " "+l.version()) + " " + tail
	}
	return s + " " + l.o.paint("green", l.version()) + " " + tail
}

// version returns what --columns shows between brackets.
func (l *line) version() string {
	return strings.TrimSuffix(l.Version, "-r0") + l.buildID() + l.suffix()
}

// suffix returns the slot and repository behind a version, at the highest verbosity.
func (l *line) suffix() string {
	if l.o.verbosity() < verbose {
		return ""
	}
	return l.slot() + l.o.repository(l.Repo)
}

func (o *Options) repository(repo string) string {
	if o.QuietRepos {
		return ""
	}
	return "::" + repo
}

// pad fills s with blanks to a number of visible characters.
func pad(s string, width int) string {
	if n := width - visible(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// visible counts the characters of s without escape sequences.
func visible(s string) int {
	n := 0
	for {
		i := strings.IndexByte(s, '\x1b')
		if i < 0 {
			return n + utf8.RuneCountInString(s)
		}
		j := strings.IndexByte(s[i:], 'm')
		if j < 0 {
			return n + utf8.RuneCountInString(s)
		}
		n += utf8.RuneCountInString(s[:i])
		s = s[i+j+1:]
	}
}

// buildID returns "-7" behind the name of a binary package that has a BUILD_ID.
func (l *line) buildID() string {
	if l.Origin != plan.OriginBinary || l.BuildID == 0 {
		return ""
	}
	return "-" + itoa(l.BuildID)
}

// painted colours a name or a word in brackets (O58).
func (l *line) painted(s string) string {
	style := "PKG_"
	switch {
	case l.merging() && l.Origin != plan.OriginEbuild:
		style += "BINARY_MERGE"
	case l.merging():
		style += "MERGE"
	case l.Operation == Unmerge:
		return l.o.paint("PKG_UNINSTALL", s)
	default:
		style += "NOMERGE"
	}
	switch {
	case l.System:
		style += "_SYSTEM"
	case l.World:
		style += "_WORLD"
	}
	return l.o.paint(style, s)
}

// flags returns the columns in the brackets: six, and a seventh for the mask
// except with --quiet (O47).
func (l *line) flags() string {
	o := l.o
	s := []string{" ", " ", " ", " ", " ", " ", ""}
	if l.Interactive && l.Operation == Merge {
		s[0] = o.paint("WARN", "I")
	}
	isNew := l.Status == plan.StatusNew || l.Status == plan.StatusNewSlot
	switch {
	case l.Rebuild && l.merging() && !isNew:
		s[1] = o.paint("red", "r")
	case isNew:
		s[1] = o.paint("green", "N")
	}
	switch l.Status {
	case plan.StatusReinstall:
		s[2] = o.paint("yellow", "R")
	case plan.StatusNewSlot:
		s[2] = o.paint("green", "S")
	case plan.StatusDowngrade:
		s[4], s[5] = o.paint("turquoise", "U"), o.paint("blue", "D")
	case plan.StatusUpdate:
		s[4] = o.paint("turquoise", "U")
	}
	s[3] = l.fetchFlag()
	if o.verbosity() > quiet {
		s[6] = l.maskFlag()
	}
	return strings.Join(s, "")
}

func (l *line) fetchFlag() string {
	switch {
	case l.restricted() && l.Fetch == plan.FetchPresent:
		return l.o.paint("green", "f")
	case l.restricted():
		return l.o.paint("red", "F")
	case l.Origin == plan.OriginBinary && l.Remote:
		return l.o.paint("fuchsia", "g")
	}
	return " "
}

// restricted reports whether files of a merged ebuild must be fetched by hand.
func (l *line) restricted() bool {
	return l.Origin == plan.OriginEbuild && l.Operation == Merge &&
		(l.Fetch == plan.FetchPresent || l.Fetch == plan.FetchMissing)
}

func (l *line) maskFlag() string {
	switch l.Mark {
	case plan.MarkMasked:
		return l.o.paint("BAD", "#")
	case plan.MarkUnkeyworded:
		return l.o.paint("BAD", "*")
	case plan.MarkTesting:
		return l.o.paint("WARN", "~")
	}
	return " "
}
