package enalyze

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

func rebuildModule() *module {
	return &module{
		name: "rebuild", letter: "r", arg: "TargetSpec",
		about: [][2]string{
			{"    (r)ebuild", "analyzes the Installed PKG database and generates files suitable"},
			{"  ", "to replace corrupted or missing /etc/portage/package.* files"},
		},
		options: [][2]string{
			{"    -h, --help", "Outputs this useage message"},
			{"    -p, --pretend", "Does not actually create the files."},
			{"    ", "It directs the outputs to the screen"},
			{"    -e, --exact", "will atomize the package with a"},
			{"  ", "leading '=' and include the version"},
			{"    -s, --slot", "will atomize the package with a"},
			{"  ", "leading '=' and include the slot"},
		},
		targets: [][2]string{
			{"    use", "causes the action to analyze the installed packages USE flags"},
			{"    keywords", "causes the action to analyze the installed packages keywords"},
			{"    unmask", "causes the action to analyze the installed packages current mask status"},
		},
		names: []string{"use", "keywords", "unmask"},
		spec:  getopt.Spec{Short: "hepsv", Long: []string{"help", "exact", "pretend", "slot", "verbose"}},
		run:   rebuild,
	}
}

// An entry is one line of a file: what a package needs.
type entry struct {
	pkg   *gentoolkit.Package
	words []string
}

// rebuild makes the entries that would configure packages as they were built.
func rebuild(c *call) error {
	if c.target == "unmask" {
		return c.notImplemented()
	}
	packages, err := c.installed()
	if err != nil {
		return err
	}
	if c.target == "keywords" {
		return c.rebuildKeywords(packages)
	}
	return c.rebuildUse(packages)
}

func (c *call) rebuildUse(packages []*gentoolkit.Package) error {
	if !c.quiet {
		c.out.Print("")
		c.out.Print("  -- Scanning installed packages for USE flag settings that")
		c.out.Print("     do not match the default settings")
	}
	j := newFlagJudge(c.system)
	j.differs = true
	var entries []entry
	for _, p := range packages {
		u := j.judge(p, "USE")
		words := slices.Clone(u.plus)
		for _, flag := range u.minus {
			words = append(words, "-"+flag)
		}
		if len(words) > 0 {
			entries = append(entries, entry{p, words})
		}
	}
	if c.data {
		return c.writeEntries(entries)
	}
	n := names(entries)
	if c.opt.verbose {
		c.out.Print("")
		c.out.Print(c.style.Emph("  -- Found ") + c.style.Number(strconv.Itoa(n)) + c.style.Emph(" packages that need entries"))
	}
	if n == 0 {
		return nil
	}
	c.announce("use flags", "use flag settings")
	lines := c.entries(entries, "  ")
	if c.opt.verbose {
		c.out.Print("")
		c.out.Print(c.style.GlobalOption("  -- Totals"))
		c.out.Print(c.style.Emph("     ") + c.style.Number(strconv.Itoa(n)) + c.style.Emph(" different packages"))
	}
	if c.opt.pretend {
		return nil
	}
	return c.save(lines)
}

func (c *call) rebuildKeywords(packages []*gentoolkit.Package) error {
	accepted := c.accepted(func(words []string) string { return "['" + strings.Join(words, "', '") + "']" })
	j := c.judge(accepted)
	var entries []entry
	for _, p := range packages {
		if !counted(p) {
			continue
		}
		word := j.keyword(p)
		switch {
		case slices.Contains(accepted, word):
		case word[0] == '~':
			entries = append(entries, entry{p, []string{word}})
		case word[0] == '-':
			entries = append(entries, entry{p, []string{"**"}})
		}
	}
	if c.data {
		return c.writeEntries(entries)
	}
	var lines []string
	if len(entries) > 0 {
		c.announce("keywords", "keyword settings")
		lines = c.entries(entries, "")
	}
	if c.quiet {
		return nil
	}
	c.mismatches(j)
	c.out.Print("===================================================")
	c.out.Print("Total number of entries in report = " + c.style.Paint("red", strconv.Itoa(names(entries))))
	if c.opt.verbose {
		c.totalInstalled(len(packages))
	}
	c.out.Print("")
	if c.opt.pretend {
		return nil
	}
	return c.save(lines)
}

// announce says what comes.
func (c *call) announce(what, settings string) {
	switch {
	case c.quiet:
	case c.opt.pretend:
		c.out.Print("")
		c.out.Print(c.style.GlobalOption("  -- These are the installed packages & " + what + " that were detected"))
		c.out.Print(c.style.GlobalOption("     to need " + settings + " other than the defaults."))
		c.out.Print("")
	default:
		c.out.Print("  -- preparing pkgs for file entries")
	}
}

// names counts the packages of entries, each once in all versions.
func names(entries []entry) int {
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.pkg.CP()] = true
	}
	return len(seen)
}

// entries gives the lines of a file, or prints them after indent if the file is not to
// be made.
func (c *call) entries(entries []entry, indent string) []string {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.pkg.CP(), b.pkg.CP()) })
	count := map[string]int{}
	for _, e := range entries {
		count[e.pkg.CP()]++
	}
	var lines []string
	for _, e := range entries {
		atom := c.atom(e.pkg, count[e.pkg.CP()] > 1)
		if !c.opt.pretend {
			lines = append(lines, atom+" "+strings.Join(e.words, " "))
			continue
		}
		words := slices.Clone(e.words)
		for i, w := range words {
			if c.target == "use" {
				words[i] = c.style.Flag(w, w[0] != '-')
			}
		}
		c.out.Print(c.entry(indent+atom, strings.Join(words, " "), 1, c.width))
	}
	return lines
}

// atom names a package: by its version, its slot if there are several or that is
// wanted, or its name alone.
func (c *call) atom(p *gentoolkit.Package, several bool) string {
	switch {
	case c.opt.exact:
		return "=" + p.CPV
	case c.opt.slotty || several:
		return p.CP() + ":" + p.Slot()
	}
	return p.CP()
}

// save writes a file into the caller's home.
func (c *call) save(lines []string) error {
	file := "~/package." + c.target + ".test"
	if home := c.env.Vars["HOME"]; home != "" {
		file = filepath.Join(home, file[2:])
	}
	if !c.quiet {
		c.out.Print("   - Saving file: " + file)
	}
	text := fmt.Sprintf("# This package.%s file was generated by gentoolkit's 'enalyze rebuild' module\n# Date: %s\n",
		c.target, time.Now().Format(time.ANSIC))
	for _, line := range lines {
		text += "\n" + line
	}
	text += "\n"
	if err := atomicfile.WriteFile(c.env.Abs(file), []byte(text), 0o644); err != nil {
		return fmt.Errorf("enalyze: %w", err)
	}
	c.out.Print("   - Done")
	return nil
}
