package eclean

import (
	"slices"
	"strings"
)

// usageText says how eclean is called: after a mistake in what wrong names, or about
// an action or "all".
func (c *cleaner) usageText(wrong, about string) string {
	switch wrong {
	case "time":
		return c.style.Error("Wrong time specification") + "\n" +
			"Time specification should be an integer followed by a single letter unit.\n" +
			"Available units are: y (years), m (months), w (weeks), d (days) and h (hours).\n" +
			"For instance: \"1y\" is \"one year\", \"2w\" is \"two weeks\", etc. \n"
	case "size":
		return c.style.Error("Wrong size specification") + "\n" +
			"Size specification should be an integer followed by a single letter unit.\n" +
			"Available units are: G, M, K and B.\n" +
			"For instance: \"10M\" is \"ten megabytes\", \"200K\" is \"two hundreds kilobytes\", etc.\n"
	}
	u := &usageText{cleaner: c, wrong: wrong, about: about}
	if wrong == "actions" {
		u.lines(strings.TrimSuffix(c.style.Error("Wrong or missing action name on command line."), "\n"), "", "")
	} else if wrong != "" {
		u.lines(strings.TrimSuffix(c.style.Error("Wrong option on command line."), "\n"), "", "")
	}
	u.forms()
	u.global()
	u.actions()
	u.lines("More detailed instruction can be found in " + u.style.Paint("turquoise", "`man eclean`"))
	return u.String()
}

type usageText struct {
	strings.Builder
	*cleaner
	wrong, about string
}

func (u *usageText) lines(list ...string) {
	for _, line := range list {
		u.WriteString(line + "\n")
	}
}

// when says if a mistake or a subject is among those named.
func (u *usageText) when(names ...string) bool {
	return u.wrong != "" && slices.Contains(names, u.wrong) || u.about != "" && slices.Contains(names, u.about)
}

func (u *usageText) yellow(text string) string { return u.style.Paint("yellow", text) }
func (u *usageText) green(text string) string  { return u.style.Paint("green", text) }

// forms prints the forms of command lines.
func (u *usageText) forms() {
	tool := func(suffix string) string { return " " + u.style.Paint("turquoise", "eclean"+suffix) + " " }
	u.lines(u.style.Paint("white", "Usage:"))
	if u.when("actions", "global-options", "packages-options", "distfiles-options", "all") {
		u.lines(tool("") + u.yellow("[global-option] ...") + " " + u.green("<action>") + " " + u.yellow("[action-option] ..."))
	}
	if u.when("merged-distfiles-options", "all", "distfiles") {
		u.lines(tool("-dist") + u.yellow("[global-option, distfiles-option] ..."))
	}
	if u.when("merged-packages-options", "all", "packages") {
		u.lines(tool("-pkg") + u.yellow("[global-option, packages-option] ..."))
	}
	only := u.yellow("[--help, --version]")
	if u.when("global-options", "actions") {
		u.lines(tool("") + only)
	}
	if u.when("all") {
		u.lines(tool("(-dist,-pkg)") + only)
	}
	if u.when("merged-packages-options", "packages") {
		u.lines(tool("-pkg") + only)
	}
	if u.when("merged-distfiles-options", "distfiles") {
		u.lines(tool("-dist") + only)
	}
	u.lines("")
}

// global prints the options that all actions have.
func (u *usageText) global() {
	if !u.when("global-options", "merged-packages-options", "merged-distfiles-options", "all", "packages", "distfiles") {
		return
	}
	u.lines(
		"Available global "+u.yellow("options")+":",
		u.yellow(" -C, --nocolor")+"             - turn off colors on output",
		u.yellow(" -d, --deep")+"                - only keep the minimum for a reinstallation",
		u.yellow(" -e, --exclude-file=<path>")+" - path to the exclusion file",
		u.yellow(" -i, --interactive")+"         - ask confirmation before deletions",
		u.yellow(" -n, --package-names")+"       - protect all versions (when --deep)",
		u.yellow(" -p, --pretend")+"             - only display what would be cleaned",
		u.yellow(" -q, --quiet")+"               - be as quiet as possible",
		u.yellow(" -t, --time-limit=<time>")+"   - don't delete files modified since "+u.yellow("<time>"),
		"   "+u.yellow("<time>")+" is a duration: \"1y\" is \"one year\", \"2w\" is \"two weeks\", etc. ",
		"   Units are: y (years), m (months), w (weeks), d (days) and h (hours).",
		u.yellow(" -h, --help")+"                - display the help screen",
		u.yellow(" -V, --version")+"             - display version info",
		"")
}

// actions prints the actions and their options.
func (u *usageText) actions() {
	if u.when("actions", "all") {
		u.lines("Available "+u.green("actions")+":",
			u.green(" packages")+"     - clean outdated binary packages from PKGDIR",
			u.green(" distfiles")+"    - clean outdated packages sources files from DISTDIR",
			"")
	}
	head := "Available " + u.yellow("options") + " for the "
	if u.when("packages-options", "merged-packages-options", "all", "packages") {
		u.lines(head+u.green("packages")+" action:",
			u.yellow("     --changed-deps")+"               - delete packages for which ebuild dependencies have changed",
			u.yellow("     --no-clean-invalid")+"           - Skip cleaning invalid binpkgs",
			u.yellow(" -i, --ignore-failure")+"             - ignore failure to locate PKGDIR",
			u.yellow(" -u, --unique-use")+"                 - keep unique packages which have no duplicated USE",
			"")
	}
	if u.when("distfiles-options", "merged-distfiles-options", "all", "distfiles") {
		u.lines(head+u.green("distfiles")+" action:",
			u.yellow(" -f, --fetch-restricted")+"   - protect fetch-restricted files (when --deep)",
			u.yellow(" -s, --size-limit=<size>")+"  - don't delete distfiles bigger than "+u.yellow("<size>"),
			"   "+u.yellow("<size>")+" is a size specification: \"10M\" is \"ten megabytes\", \"200K\" is",
			"   \"two hundreds kilobytes\", etc.  Units are: G, M, K and B.",
			u.yellow(" --skip-vcs")+"  - skip cleaning of vcs_src ",
			"")
	}
}
