package render

import (
	"slices"
	"strconv"
	"strings"
)

// DepcleanAdvice returns what emerge says before it looks for packages that
// nothing needs among all that are installed. links adds what to do when no
// library that is still in use is kept.
func DepcleanAdvice(links Links, o Options) string {
	var lines []string
	if links == LinksMayBreak {
		lines = append(lines, "Depclean may break link level dependencies. Thus, it is",
			"recommended to use a tool such as "+o.paint("GOOD", "`revdep-rebuild`")+" (from",
			"app-portage/gentoolkit) in order to detect such breakage.", "")
	}
	lines = append(lines,
		"Always study the list of packages to be cleaned for any obvious",
		"mistakes. Packages that are part of the world set will always",
		"be kept.  They can be manually added to this set with",
		o.paint("GOOD", "`emerge --noreplace <atom>`")+".  Packages that are listed in",
		"package.provided (see portage(5)) will be removed by",
		"depclean, even if they are part of the world set.",
		"",
		"As a safety measure, depclean will not remove any packages",
		"unless *all* required dependencies have been resolved.  As a",
		"consequence of this, it often becomes necessary to run ",
		o.paint("GOOD", "`emerge --update --newuse --deep @world`")+" prior to depclean.",
	)
	return "\n" + starred(o, "WARN", lines)
}

// Links says if removing packages can leave others without their libraries.
type Links uint8

const (
	LinksChecked  Links = iota // no: libraries are kept, or who uses them is checked
	LinksMayBreak              // neither FEATURES=preserve-libs nor --depclean-lib-check
)

// Depclean is what emerge tells about packages that nothing needs (O34, O35,
// O41), apart from the list of those that go.
type Depclean struct {
	Action string // "depclean" or "prune"
	// Notice says that the notice of the calculation is shown.
	Notice bool
	// Sonames and Broken are dependencies that nothing installed satisfies.
	// Broken ones are shown if they forbid the removal.
	Sonames, Broken []BrokenDep
	// Kept are the packages that were up for removal and are needed.
	Kept []KeptPackage
	// Selected is the number of packages to remove.
	Selected int
	// Libraries are checks of who uses libraries; nil: none was made.
	Libraries *LibraryCheck
}

// A BrokenDep is an atom that a package needs and that nothing satisfies.
type BrokenDep struct {
	Atom string
	// Unevaluated is the atom with its USE conditionals, if something
	// installed matches Atom: then they are what is missing.
	Unevaluated string
	CPV         string
}

// A KeptPackage is a package with what needs it.
type KeptPackage struct {
	CPV    string
	Needed []NeededBy
}

// A NeededBy is a package or set with the atoms that ask for another package.
type NeededBy struct {
	Name  string // a cpv, or a set with its "@"
	Atoms []string
}

// A LibraryCheck is the outcome of looking for consumers of libraries.
type LibraryCheck struct {
	Searched bool // there were consumers, whose packages were looked for
	Held     []HeldPackage
	// After is what the second calculation, with the held packages, found;
	// nil if there was none.
	After *Depclean
}

// A HeldPackage stays because of its libraries.
type HeldPackage struct {
	CPV       string
	Consumers []LibraryConsumer
}

// A LibraryConsumer is a package with the sonames that it needs.
type LibraryConsumer struct {
	CPV     string
	Sonames []string
}

// Messages returns the text.
func (d *Depclean) Messages(o Options) []Message {
	text := ""
	if d.Notice {
		text = "\n" + NoticeBegin + NoticeEnd
	}
	list := []Message{{Text: text}}
	if len(d.Sonames) > 0 {
		list = append(list, Message{brokenSonames(d.Sonames, o), true})
	}
	if len(d.Broken) > 0 {
		return append(list, Message{d.broken(o), true})
	}
	text = ""
	if o.Verbose {
		var b strings.Builder
		for _, k := range d.Kept {
			b.WriteString(k.text())
		}
		text = b.String()
	}
	if d.Selected == 0 {
		return append(list, Message{Text: text + loud(o, d.nothing(o))})
	}
	list = append(list, Message{Text: text})
	if l := d.Libraries; l != nil {
		list = append(list, l.messages(o)...)
		if l.After != nil {
			return append(list, l.After.Messages(o)...)
		}
	}
	return append(list, Message{Text: loud(o, ">>> Calculating removal order...\n")})
}

// nothing says that nothing goes.
func (d *Depclean) nothing(o Options) string {
	text := ">>> No packages selected for removal by " + d.Action + "\n"
	if !o.Verbose {
		text += ">>> To see reverse dependencies, use " + o.paint("GOOD", "--verbose") + "\n"
	}
	if d.Action == "prune" {
		text += ">>> To ignore dependencies, use " + o.paint("GOOD", "--nodeps") + "\n"
	}
	return text
}

// text says what needs the package; nothing if it is kept for no such reason.
func (k KeptPackage) text() string {
	var lines []string
	for _, n := range k.Needed {
		lines = append(lines, "    "+n.Name+" requires "+strings.Join(n.Atoms, ", ")+"\n")
	}
	if len(lines) == 0 {
		return ""
	}
	slices.Sort(lines)
	return "  " + k.CPV + " pulled in by:\n" + strings.Join(lines, "") + "\n"
}

// broken says which dependencies forbid the removal, and what to do.
func (d *Depclean) broken(o Options) string {
	lines := []string{"Dependencies could not be completely resolved due to", "the following required packages not being installed:", ""}
	for _, b := range d.Broken {
		atom := b.Atom
		if b.Unevaluated != "" {
			atom = b.Unevaluated + " (" + b.Atom + ")"
		}
		lines = append(lines, "  "+atom+" pulled in by:", "    "+b.CPV, "")
	}
	lines = append(lines, wrap("Have you forgotten to do a complete update prior to depclean? "+
		"The most comprehensive command for this purpose is as follows:", 65)...)
	lines = append(lines, "", "  "+o.paint("GOOD", "emerge --update --newuse --deep --with-bdeps=y @world"), "")
	lines = append(lines, wrap("Note that the --with-bdeps=y option is not required in many situations. "+
		"Refer to the emerge manual page (run `man emerge`) for more information about --with-bdeps.", 65)...)
	lines = append(lines, "")
	lines = append(lines, wrap("Also, note that it may be necessary to manually uninstall packages that no longer "+
		"exist in the repository, since it may not be possible to satisfy their dependencies.", 65)...)
	if d.Action == "prune" {
		lines = append(lines, "", "If you would like to ignore dependencies then use "+o.paint("GOOD", "--nodeps")+".")
	}
	return starred(o, "BAD", lines)
}

func brokenSonames(list []BrokenDep, o Options) string {
	lines := []string{"Broken soname dependencies found:", ""}
	for _, b := range list {
		lines = append(lines, "  "+b.Atom+" required by:", "    "+b.CPV, "")
	}
	return starred(o, "WARN", lines)
}

func (l *LibraryCheck) messages(o Options) []Message {
	text := ">>> Checking for lib consumers...\n"
	if l.Searched {
		text += ">>> Assigning files to packages...\n"
	}
	list := []Message{{Text: loud(o, text)}}
	if len(l.Held) == 0 {
		return list
	}
	lines := wrap("In order to avoid breakage of link level dependencies, one or more packages will not be removed. "+
		"This can be solved by rebuilding the packages that pulled them in.", 70)
	for _, h := range l.Held {
		lines = append(lines, "", "  "+h.CPV+" pulled in by:")
		for _, c := range h.Consumers {
			lines = append(lines, "    "+c.CPV+" needs "+strings.Join(c.Sonames, ", "))
		}
	}
	lines = append(lines, "")
	return append(list, Message{starred(o, "BAD", lines), true}, Message{Text: loud(o, ">>> Adding lib providers to graph...\n")})
}

// A DepcleanSummary counts packages (O41).
type DepcleanSummary struct {
	Installed, World, System, Profile, Required, Removed int
	Pretend                                              bool
}

// Text returns the lines.
func (s DepcleanSummary) Text() string {
	line := func(title string, n int) string { return title + strconv.Itoa(n) + "\n" }
	text := line("Packages installed:   ", s.Installed) + line("Packages in world:    ", s.World) + line("Packages in system:   ", s.System)
	if s.Profile > 0 {
		text += line("Packages in profile:  ", s.Profile)
	}
	text += line("Required packages:    ", s.Required)
	if s.Pretend {
		return text + line("Number to remove:     ", s.Removed)
	}
	return text + line("Number removed:       ", s.Removed)
}

// Deselected returns the line about an entry that leaves the world file; file
// is the name of the file.
func Deselected(entry, file string, mode Deselection, o Options) string {
	return ">>> " + mode.String() + " " + o.paint("INFORM", entry) + ` from "` + file + `" favorites file...` + "\n"
}

// Deselection says if the world file is changed or only looked at.
type Deselection uint8

const (
	Deselecting   Deselection = iota // entries are removed
	WouldDeselect                    // --pretend
)

// String returns the word that emerge has for it.
func (d Deselection) String() string {
	if d == Deselecting {
		return "Removing"
	}
	return "Would remove"
}

// NothingDeselected returns the line that stands for no entry.
const NothingDeselected = `>>> No matching atoms found in "world" favorites file...` + "\n"
