package enalyze

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func analyzeModule() *module {
	return &module{
		name: "analyze", letter: "a", arg: "Target",
		about: [][2]string{{"    (a)nalyze", "analyzes the installed PKG database USE flag or keyword useage"}},
		options: [][2]string{
			{"  -h, --help", "Outputs this usage message"},
			{"  -u, --unset", "Additionally include any unset USE flags and the packages"},
			{"", "that could use them"},
			{"  -v, --verbose", "Used in the analyze action to output more detailed information"},
			{"  -p, --prefix", "Used for testing purposes only, runs report using a prefix keyword and 'prefix' USE flag"},
			{"  -P, --prepend", "Prepend the string to any list output.  ie: prepend '* ' to the front of each package being listed." +
				"This is useful for generating preformatted wiki text."},
			{"  -W, --width", "Format the output to wrap at 'WIDTH' ie: long line output"},
		},
		targets: [][2]string{
			{"  use", "Causes the action to analyze the installed packages USE flags"},
			{"  pkguse", "Causes the action to analyze the installed packages PKGUSE flags"},
			{"  ", "These are flags that have been set in /etc/portage/package.use"},
			{"  keywords", "Causes the action to analyze the installed packages keywords"},
			{"  packages", "Causes the action to analyze the installed packages and the"},
			{"  ", "USE flags they were installed with"},
			{"  unmask", "Causes the action to analyze the installed packages"},
			{"  ", "for those that need to be unmasked"},
		},
		names: []string{"use", "pkguse", "keywords", "packages", "unmask"},
		spec:  getopt.Spec{Short: "huvpGP:W:", Long: []string{"help", "unset", "verbose", "prefix", "prepend=", "width="}},
		run:   analyze,
	}
}

// analyze tells how the installed packages were configured.
func analyze(c *call) error {
	c.opt.verbose = c.opt.verbose && !c.quiet
	if c.target == "unmask" {
		return c.notImplemented()
	}
	packages, err := c.installed()
	if err != nil {
		return err
	}
	switch c.target {
	case "keywords":
		return c.analyzeKeywords(packages)
	case "packages":
		return c.analyzePackages(packages)
	}
	return c.analyzeFlags(packages)
}

// installed gives all installed packages, by the text of their names.
func (c *call) installed() ([]*gentoolkit.Package, error) {
	list, err := c.system.All(gentoolkit.Scope{Installed: true}, func(string) bool { return true })
	if err != nil {
		return nil, fmt.Errorf("enalyze: read installed packages: %w", err)
	}
	slices.SortFunc(list, func(a, b *gentoolkit.Package) int { return strings.Compare(a.CPV, b.CPV) })
	return list, nil
}

// counted says if a package counts in a report: virtual packages do not.
func counted(p *gentoolkit.Package) bool { return !strings.HasPrefix(p.CPV, "virtual") }

// analyzeFlags tells which packages have which flags.
func (c *call) analyzeFlags(packages []*gentoolkit.Package) error {
	j := newFlagJudge(c.system)
	j.asPackage = c.opt.asPackage
	users := map[string]*[3][]string{} // by flag: packages with it, without it, unset
	for _, p := range packages {
		if !counted(p) {
			continue
		}
		u := j.judge(p, strings.ToUpper(c.target))
		if !c.opt.unset {
			u.unset = nil
		}
		for sort, flags := range [][]string{u.plus, u.minus, u.unset} {
			for _, flag := range flags {
				if users[flag] == nil {
					users[flag] = &[3][]string{}
				}
				users[flag][sort] = append(users[flag][sort], p.CPV)
			}
		}
	}
	names := slices.Sorted(maps.Keys(users))
	if c.data {
		return c.writeFlags(names, users, j.use)
	}
	c.heading(" Flag                                 System  #pkgs")
	for _, flag := range names {
		for sort, sign := range []string{"+", "-", " "} {
			list := users[flag][sort]
			if len(list) == 0 {
				continue
			}
			key := sign + flag
			if sign != " " {
				key = c.style.Flag(key, sign == "+")
			}
			c.line(key, flag, 35, j.use[strings.TrimPrefix(sign, "+")+flag] && sign != " " || sign == " " && j.use[flag], list)
		}
	}
	c.total("flags", len(names), len(packages))
	return nil
}

// heading prints the heading of a table.
func (c *call) heading(text string) {
	switch {
	case c.opt.verbose:
		c.out.Print(text + "   cat/pkg-ver")
	case !c.quiet:
		c.out.Print(text)
	}
}

// line prints one line of a table, and with -v the packages.
func (c *call) line(key, name string, width int, isDefault bool, packages []string) {
	word := "......."
	if isDefault {
		word = "default"
	}
	dots := strings.Repeat(".", max(0, width-len(name)))
	text := fmt.Sprintf("%s%s %s %s %s", c.opt.prepend, key, dots, word, c.style.Number(fmt.Sprintf("%5d", len(packages))))
	if !c.opt.verbose {
		c.out.Print(text)
		return
	}
	c.out.Print(text + " " + c.style.CPV(packages[0]))
	for _, p := range packages[1:] {
		c.out.Print(strings.Repeat(" ", width+17) + c.style.CPV(p))
	}
}

// total ends a table.
func (c *call) total(what string, n, packages int) {
	if c.quiet {
		return
	}
	c.out.Print("===================================================")
	c.out.Print(fmt.Sprintf("Total number of %s in report = %s", what, c.style.Paint("red", strconv.Itoa(n))))
	if c.opt.verbose {
		c.totalInstalled(packages)
	}
	c.out.Print("")
}

func (c *call) totalInstalled(packages int) {
	c.out.Print("Total number of installed ebuilds = " + c.style.Paint("red", strconv.Itoa(packages)))
}

// accepted gives ACCEPT_KEYWORDS, or what stands for it with --prefix, having told it in
// a form.
func (c *call) accepted(form func(words []string) string) []string {
	words := c.system.Root.Config.Words("ACCEPT_KEYWORDS")
	if c.opt.prefix {
		words = []string{"~" + c.system.Arch() + "-linux"}
	}
	if c.opt.verbose || c.opt.prefix {
		c.out.Print("Current system ARCH = " + c.system.Arch())
		c.out.Print("Current system ACCEPT_KEYWORDS = " + form(words))
	}
	return words
}

// judge makes the judge of keywords.
func (c *call) judge(accepted []string) *keywordJudge {
	inPrefix := slices.Contains(c.system.Root.Config.Words("USE"), "prefix")
	if c.opt.prefix && !inPrefix {
		c.out.Print("ANALYSE_KEYWORDS() 'prefix' flag not found in system USE flags!!!  appending for testing")
		c.out.Print("")
		inPrefix = true
	}
	return newKeywordJudge(c.system, accepted, inPrefix)
}

// analyzeKeywords tells which packages were merged by which keyword.
func (c *call) analyzeKeywords(packages []*gentoolkit.Package) error {
	c.out.Print("")
	accepted := c.accepted(func(words []string) string { return strings.Join(words, " ") })
	j := c.judge(accepted)
	users := map[string]*[3][]string{} // by keyword: stable, testing, missing
	for _, p := range packages {
		if !counted(p) {
			continue
		}
		word, sort := j.keyword(p), 0
		switch word[0] {
		case '~':
			word, sort = word[1:], 1
		case '-':
			word, sort = word[1:], 2
		}
		if users[word] == nil {
			users[word] = &[3][]string{}
		}
		users[word][sort] = append(users[word][sort], p.CPV)
	}
	names := slices.Sorted(maps.Keys(users))
	if c.data {
		return c.writeKeywords(names, users, accepted)
	}
	c.heading(" Keyword               System  #pkgs")
	for _, word := range names {
		for sort, sign := range []string{" ", "~", "-"} {
			list := users[word][sort]
			if len(list) == 0 {
				continue
			}
			key := c.style.Keyword(sign+word, gentoolkit.KeywordSort(sort))
			c.line(key, word, 20, slices.Contains(accepted, strings.TrimSpace(sign)+word), list)
			if c.opt.verbose && sign != "-" {
				c.out.Print("\n")
			}
		}
	}
	if !c.quiet {
		c.mismatches(j)
	}
	c.total("keywords", len(names), len(packages))
	return nil
}

// mismatches tells which packages were built for something else.
func (c *call) mismatches(j *keywordJudge) {
	if len(j.mismatched) == 0 {
		return
	}
	c.out.Print("_________________________________________________")
	c.out.Print("The following packages were found to have a \ndifferent recorded ARCH than the current system ARCH")
	for _, cpv := range j.mismatched {
		c.out.Print("\t " + c.style.CPV(cpv))
	}
}

// analyzePackages tells the flags of each package.
func (c *call) analyzePackages(packages []*gentoolkit.Package) error {
	j := newFlagJudge(c.system)
	var found []flagged
	for _, p := range packages {
		u := j.judge(p, "USE")
		if !c.opt.unset {
			u.unset = nil
		}
		found = append(found, flagged{p, u})
	}
	if c.data {
		return c.writePackages(found)
	}
	if c.opt.verbose || !c.quiet {
		c.out.Print("   cat/pkg-ver                             USE Flags")
	}
	width := 1
	if c.opt.verbose {
		width = 45
	}
	for _, f := range found {
		var words []string
		for _, flag := range f.plus {
			words = append(words, c.style.Flag(flag, true))
		}
		for _, flag := range f.minus {
			words = append(words, c.style.Flag("-"+flag, false))
		}
		for _, flag := range f.unset {
			words = append(words, c.style.GlobalOption("-"+flag))
		}
		c.out.Print(c.entry(c.opt.prepend+f.CPV, strings.Join(words, ", "), width, c.opt.width))
	}
	if !c.quiet {
		c.out.Print("===================================================")
		c.totalInstalled(len(packages))
		c.out.Print("")
	}
	return nil
}

// flagged is a package with the flags that it has.
type flagged struct {
	*gentoolkit.Package
	usage
}

// entry gives a name with what belongs to it, in lines of a width. column is where
// values start, at least; 1 means after the name.
func (c *call) entry(name, values string, column, width int) string {
	head, under := name+" ", len(name)+1
	if column > 1 {
		head, under = name+strings.Repeat(".", max(0, column-len(name))), column+1
	}
	head = c.style.CPV(head)
	if values == "" {
		return head
	}
	return gentoolkit.Wrapper{Width: width, First: head, Subsequent: strings.Repeat(" ", under)}.Fill(values)
}
