package q

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

func quse() applet {
	return applet{name: "quse", args: "<useflag>", about: "find pkgs using useflags", kind: Flags, run: runUse, options: []option{
		{letter: 'e', name: "exact", about: "Show exact non regexp matching using strcmp"},
		{letter: 'a', name: "all", about: "List all ebuilds, don't match anything"},
		{letter: 'L', name: "license", about: "Use the LICENSE vs IUSE"},
		{letter: 'D', name: "describe", about: "Describe the USE flag"},
		{letter: 'I', name: "installed", about: "Only search installed packages"},
		{letter: 'p', name: "package=", about: "Restrict matching to package or category"},
		{letter: 'R', name: "repo", about: "Show repository the ebuild originates from"},
		formatOption(),
	}}
}

// A user is one run of quse.
type user struct {
	*call
	format   string
	full     bool
	all      bool
	patterns []pattern
	only     *loose.Atom // the option --package; nil: not given
	found    bool
	data     []flagged
}

// A pattern is a flag or an expression that flags match.
type pattern struct {
	text string
	re   *regexp.Regexp // nil: the text itself
}

func (p *pattern) matches(flag string) bool {
	if p.re == nil {
		return p.text == flag
	}
	return p.re.MatchString(flag)
}

func runUse(_ context.Context, c *call) error {
	u := &user{call: c, all: c.has("all")}
	if name, ok := c.last("package"); ok {
		u.only = loose.Parse(name)
	}
	switch {
	case len(c.args) > 0 || u.all:
	case u.only != nil:
		u.all = true
	default:
		return c.usage()
	}
	for _, arg := range c.args {
		p := pattern{text: arg}
		if !c.has("exact") {
			var err error
			if p.re, err = extended(arg); err != nil {
				return c.fail("invalid regexp: %s -- %s", arg, err)
			}
		}
		u.patterns = append(u.patterns, p)
	}
	u.format, u.full = c.repoFormat()
	switch {
	case c.has("describe") && u.only == nil && !c.json:
		u.describeFlags()
	case c.has("installed"):
		if t := c.installed(); t != nil {
			u.search(t, c.conf.Main().Location)
		}
	default:
		for _, r := range c.conf.Repos {
			if t := c.repo(r.Location); t != nil {
				u.search(t, r.Location)
			}
		}
	}
	if c.json {
		if err := c.flagsAsData(u.data); err != nil {
			return err
		}
	}
	return ended(u.found)
}

// search looks through the packages of a store, whose flags a repository describes.
func (u *user) search(t *tree.Tree, repo string) {
	key := "IUSE"
	if u.has("license") {
		key = "LICENSE"
	}
	for _, p := range u.packages(t, u.only) {
		text, ok := p.Get(key)
		if !ok {
			continue
		}
		shown, hit := u.mark(text)
		if !hit {
			continue
		}
		u.found = true
		name := u.formatPackage(u.format, p, u.full)
		switch {
		case u.json:
			u.data = append(u.data, u.flagged(p, key, text))
		case u.quiet > 0:
			u.printf("%s\n", name)
		case u.has("describe") && !u.has("license"):
			u.printf("%s\n", name)
			u.describe(p, repo, strings.Fields(text))
		default:
			u.printf("%s: %s\n", name, shown)
		}
	}
}

// mark gives a list of flags with what was asked for marked, and says if there is any.
func (u *user) mark(text string) (shown string, hit bool) {
	if u.all {
		return text, true
	}
	words := strings.Fields(text)
	for i, word := range words {
		if u.wants(bare(word)) {
			words[i], hit = u.col.Red+word+u.col.Norm, true
		}
	}
	return strings.Join(words, " "), hit
}

// bare is a flag without the mark of its default.
func bare(word string) string {
	if word != "" && strings.IndexByte("+-@", word[0]) >= 0 {
		return word[1:]
	}
	return word
}

func (u *user) wants(flag string) bool {
	return slices.ContainsFunc(u.patterns, func(p pattern) bool { return p.matches(flag) })
}

// describe prints each flag of a package with what it does. A star follows those that
// an installed package was built with.
func (u *user) describe(p *tree.Package, repo string, flags []string) {
	use, _ := p.Get("USE") // ebuilds have none
	enabled := strings.Fields(use)
	width := 0
	for _, f := range flags {
		width = max(width, len(bare(f)))
	}
	texts := u.texts(repo, p.Atom(), flags)
	for _, f := range flags {
		name, mark, star, colour := bare(f), " ", " ", u.col.Magenta
		if name != f {
			mark = f[:1]
		}
		if slices.Contains(enabled, name) {
			star, colour = "*", u.col.Green
		}
		text, known := texts[name]
		if !known {
			text = "<no description found>"
		}
		u.printf(" %s%s%s%s%s%*s  %s\n", mark, colour, name, u.col.Norm, star, width-len(name), "", text)
	}
}

// texts finds descriptions of a package's flags: those of the package, else of the
// repository, else of the variables that stand for groups of flags.
func (u *user) texts(repo string, a *loose.Atom, flags []string) map[string]string {
	out := map[string]string{}
	for _, d := range u.descriptions(repo) {
		if d.pkg != nil && loose.Compare(d.pkg, a, loose.IgnoreSlot|loose.IgnoreRepo) != loose.Equal {
			continue
		}
		for _, f := range flags {
			name := bare(f)
			if _, known := out[name]; !known && (d.flag == name || d.group != "" && strings.ToLower(d.group)+"_"+d.flag == name) {
				out[name] = d.text
			}
		}
	}
	return out
}

// A description is what a repository says of a flag.
type description struct {
	pkg        *loose.Atom // whose flag it is; nil: anybody's
	group      string      // the variable, in capitals; "": none
	flag, text string
}

// descriptions reads what the repository in a folder says: of packages' own flags
// first, then of common ones, then of groups.
func (u *user) descriptions(repo string) []description {
	dir := repo + "/profiles"
	var out []description
	eachDescription(dir+"/use.local.desc", func(name, text string) {
		if pkg, flag, ok := strings.Cut(name, ":"); ok {
			out = append(out, description{pkg: loose.Parse(pkg), flag: flag, text: text})
		}
	})
	eachDescription(dir+"/use.desc", func(name, text string) { out = append(out, description{flag: name, text: text}) })
	entries, _ := os.ReadDir(dir + "/desc") // a repository need not have groups
	for _, e := range entries {
		group, ok := strings.CutSuffix(e.Name(), ".desc")
		if !ok || group == "" || group[0] == '.' {
			continue
		}
		eachDescription(dir+"/desc/"+e.Name(), func(name, text string) {
			out = append(out, description{group: strings.ToUpper(group), flag: name, text: text})
		})
	}
	return out
}

// eachDescription calls do for the lines "NAME - TEXT" of a file.
func eachDescription(path string, do func(name, text string)) {
	f, err := os.Open(path)
	if err != nil {
		return // there need not be one
	}
	defer f.Close() // only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if name, text, ok := strings.Cut(line, " - "); ok && line[0] != '#' && !strings.Contains(name, " ") {
			do(name, text)
		}
	}
}

// describeFlags prints what repositories say of the flags that were asked for.
func (u *user) describeFlags() {
	for _, r := range u.conf.Repos {
		name := ""
		if u.full {
			if t := u.repo(r.Location); t != nil {
				name = t.Repo
			}
		}
		col := &u.col
		shown := func(d description, what string) {
			u.found = true
			u.printf("%s[%s%s%s] %s\n", what, col.Magenta, d.flag, col.Norm, d.text)
		}
		all := u.descriptions(filepath.Join(u.conf.Root(), r.Location))
		for _, d := range all { // common flags come first
			if d.pkg == nil && d.group == "" && u.wants(d.flag) {
				shown(d, col.Bold+"global"+col.Norm+col.Green+name+col.Norm)
			}
		}
		for _, d := range all {
			switch {
			case d.pkg != nil && u.wants(d.flag):
				shown(d, u.call.format(u.format, d.pkg))
			case d.group != "" && (u.wants(d.flag) || slices.Contains(u.args, strings.ToLower(d.group)+"_"+d.flag)):
				shown(d, col.Bold+d.group+col.Norm+col.Green+name+col.Norm)
			}
		}
	}
}
