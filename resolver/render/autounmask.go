package render

import (
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// Autounmask are the changes of configuration that a plan needs (O65).
type Autounmask struct {
	Roots []ConfigChanges // by root; the directories are named if there are several
	// Hint tells how to write the changes: neither --pretend nor
	// --autounmask-write nor --ask was given.
	Hint bool
	// Stopped says that the search ended early because of the changes.
	Stopped bool
}

// ConfigChanges are the changes for one root.
type ConfigChanges struct {
	Dir      string // etc/portage of the root, absolute
	Keywords []ConfigLine
	Masks    []ConfigLine
	Use      []ConfigLine
	Licenses []ConfigLine
}

// A ConfigLine is a line for one of the package.* files.
type ConfigLine struct {
	Chain   []plan.Link // from what needs the change up to an argument
	File    string      // the package.mask that masks the package
	Comment []string    // lines of the comment there, with "#", without empty ones
	Line    string      // what to write: "=cat/pkg-1 ~amd64"
}

// Text returns the message, "" without changes.
func (a *Autounmask) Text(o Options) string {
	var b strings.Builder
	note := false
	for _, c := range a.Roots {
		if len(a.Roots) > 1 {
			b.WriteString("\nFor " + c.Dir + ":\n")
		}
		b.WriteString(configLines("keyword changes", "package.accept_keywords", c.Keywords, &o))
		b.WriteString(configLines("mask changes", "package.unmask", c.Masks, &o))
		b.WriteString(configLines("USE changes", "package.use", c.Use, &o))
		b.WriteString(configLines("license changes", "package.license", c.Licenses, &o))
		note = note || len(c.Masks) > 0 || acceptsAll(c.Keywords)
	}
	if note && !o.Quiet {
		b.WriteString("\n" + o.paint("INFORM", "NOTE: The --autounmask-keep-masks option will prevent emerge") + "\n" +
			o.paint("INFORM", "      from creating package.unmask or ** keyword changes.") + "\n")
	}
	if a.Hint && len(a.Roots) > 0 {
		b.WriteString("\nUse --autounmask-write to write changes to config files (honoring\n" +
			"CONFIG_PROTECT). Carefully examine the list of proposed changes,\n" +
			"paying special attention to mask or keyword changes that may expose\n" +
			"experimental or unstable packages.\n")
	}
	if a.Stopped {
		star := " " + o.paint("WARN", "*") + " "
		b.WriteString("\n" +
			star + "In order to avoid wasting time, backtracking has terminated early\n" +
			star + "due to the above autounmask change(s). The --autounmask-backtrack=y\n" +
			star + "option can be used to force further backtracking, but there is no\n" +
			star + "guarantee that it will produce a solution.\n")
	}
	return b.String()
}

func configLines(what, file string, lines []ConfigLine, o *Options) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nThe following " + o.paint("BAD", what) + " are necessary to proceed:\n" +
		` (see "` + file + `" in the portage(5) man page for more details)` + "\n")
	for _, l := range lines {
		b.WriteString(l.comment())
		b.WriteString(o.paint("INFORM", l.Line) + "\n")
	}
	return b.String()
}

// comment returns the lines above the one to write.
func (l *ConfigLine) comment() string {
	var b strings.Builder
	for _, link := range l.Chain {
		b.WriteString("# required by " + link.Name)
		if link.Kind == plan.LinkArgument {
			b.WriteString(" (argument)")
		}
		b.WriteString("\n")
	}
	if len(l.Chain) == 0 {
		b.WriteString("# \n")
	}
	if l.File != "" {
		b.WriteString("# " + l.File + ":\n")
	}
	for _, c := range l.Comment {
		b.WriteString(c + "\n")
	}
	return b.String()
}

// acceptsAll reports whether a line accepts packages without keywords.
func acceptsAll(lines []ConfigLine) bool {
	for _, l := range lines {
		if strings.HasSuffix(l.Line, " **") {
			return true
		}
	}
	return false
}
