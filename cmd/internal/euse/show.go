package euse

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/ebuild"
)

// repositories gives the repositories, the strongest first.
func (t *tool) repositories() []*ebuild.Repository {
	list := slices.Clone(t.system.Session.Repos.All())
	slices.Reverse(list)
	return list
}

var (
	globalLine = regexp.MustCompile(`^[^# ]+ +-`)
	localLine  = regexp.MustCompile(`^[^# :]+:[^ ]+ +-`)
	localParts = regexp.MustCompile(`^([^:]+):(.*) +- +(.+)`)
)

// lines gives the lines of a file below profiles of each repository.
func (t *tool) lines(name string) [][]string {
	var out [][]string
	for _, r := range t.repositories() {
		text, _ := os.ReadFile(filepath.Join(r.Location, "profiles", name)) // a missing one is empty
		var list []string
		if len(text) > 0 {
			list = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		}
		out = append(out, list)
	}
	return out
}

// known gives the flags that use.desc and use.local.desc describe, sorted. Without a
// scope, a repository without use.desc is left out.
func (t *tool) known(scope string) []string {
	global, local := t.lines("use.desc"), t.lines("use.local.desc")
	var out []string
	for i := range global {
		if scope != "local" {
			if len(global[i]) == 0 {
				continue
			}
			for _, l := range global[i] {
				if globalLine.MatchString(l) {
					name, _, _ := strings.Cut(l, " ")
					out = append(out, name)
				}
			}
		}
		if scope != "global" {
			for _, l := range local[i] {
				if localLine.MatchString(l) {
					_, name, _ := strings.Cut(l, ":")
					name, _, _ = strings.Cut(name, " ")
					out = append(out, name)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// globalLines gives the lines of use.desc about a flag.
func (t *tool) globalLines(flag string) []string {
	var out []string
	for _, list := range t.lines("use.desc") {
		for _, l := range list {
			if rest, ok := strings.CutPrefix(l, flag); ok && strings.HasPrefix(rest, " ") && strings.HasPrefix(strings.TrimLeft(rest, " "), "-") {
				out = append(out, l)
			}
		}
	}
	return out
}

// localLines gives the lines of use.local.desc about a flag.
func (t *tool) localLines(flag string) []string {
	about := regexp.MustCompile(":" + regexp.QuoteMeta(flag) + " +-")
	var out []string
	for _, list := range t.lines("use.local.desc") {
		for _, l := range list {
			if about.MatchString(l) {
				out = append(out, l)
			}
		}
	}
	return out
}

const stars = "************************************************************\n"

// asked is how the words asked for are shown.
func asked(words []string) string {
	if len(words) == 0 {
		return "*"
	}
	return strings.Join(words, " ")
}

// describe shows what flags are for and where they are set.
func (t *tool) describe(words []string) {
	if t.scope == "" {
		for i, scope := range []string{"global", "local"} {
			if i > 0 {
				t.printf("\n")
			}
			t.scope = scope
			t.describe(words)
		}
		t.scope = ""
		return
	}
	known := t.known(t.scope)
	t.printf("%s use flags (searching: %s)\n%s", t.scope, asked(words), stars)
	if len(words) == 0 {
		words = known
	}
	found := false
	for _, flag := range words {
		found = found || slices.Contains(known, flag)
		if t.scope == "local" {
			t.describeLocal(flag)
		} else if slices.Contains(known, flag) {
			t.printf("%s", t.status(flag).text)
			for _, l := range t.globalLines(flag) {
				t.printf("%s\n", l)
			}
		}
	}
	if !found {
		t.printf("no matching entries found\n")
	}
}

// describeLocal shows what a flag is for in the packages that describe it.
func (t *tool) describeLocal(flag string) {
	width := 80
	if n, err := strconv.Atoi(t.env.Vars["COLUMNS"]); err == nil && n > 10 {
		width = n
	}
	for _, l := range t.localLines(flag) {
		m := localParts.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		cp, name := m[1], m[2]
		text, _, _ := strings.Cut(m[3], "|")
		status := t.status(name)
		t.printf("%s%s\n", status.text, name)
		for _, part := range fold(cp+": "+text, width-10) {
			t.printf("    %s\n", part)
		}
		for _, v := range t.versions(cp, name, status.active) {
			t.printf("%s\n", v.text)
		}
		t.printf("\n")
	}
}

// fold breaks text after blanks so that no line is wider than width, as fold -s does.
func fold(text string, width int) []string {
	var out []string
	for line := []rune(text); ; {
		if len(line) <= width {
			return append(out, string(line))
		}
		end := width
		for i := width - 1; i >= 0; i-- {
			if line[i] == ' ' {
				end = i + 1
				break
			}
		}
		out, line = append(out, string(line[:end])), line[end:]
	}
}

// A versionState is how a flag stands in one version of a package.
type versionState struct {
	version string
	used    bool // the version has the flag
	active  bool
	text    string // the line that says so
}

// versions gives how a flag stands in the versions of a package; active says how it
// stands without package.use and the ebuild.
func (t *tool) versions(cp, flag string, active bool) []versionState {
	var list []*ebuild.Package
	for _, r := range t.repositories() {
		found, _ := r.Packages(atoms.CP(cp)) // what cannot be read is not there
		list = append(list, found...)
	}
	slices.SortStableFunc(list, func(a, b *ebuild.Package) int { return a.CPV.Version.Compare(b.CPV.Version) })
	var out []versionState
	for _, p := range list {
		v := versionState{version: p.CPV.Version.String(), active: active}
		slot := p.Raw("SLOT")
		if slot == "0" {
			slot = ""
		}
		if slot != "" {
			slot = "(" + slot + ") "
		}
		user, own := t.userSign(p, flag), ebuildSign(p.Raw("IUSE"), flag)
		switch {
		case user == "P":
			v.active = true
		case user != " ":
			v.active = false
		}
		v.used = own != "!" || user == "p"
		if v.used && user != "p" && own != " " {
			v.active = own == "B"
		}
		where := fmt.Sprintf("%s%s [%s]", slot, v.version, p.Repo)
		mark := "-"
		if v.active {
			mark = "+"
		}
		if v.used {
			v.text = "        [" + mark + user + own + "] " + where
		} else {
			v.text = "              " + where
		}
		out = append(out, v)
	}
	return out
}

// ebuildSign says what IUSE says of a flag: "B" on, "b" off, " " in it, "!" not in it.
func ebuildSign(iuse, flag string) string {
	for _, w := range strings.Fields(iuse) {
		switch w {
		case "+" + flag:
			return "B"
		case "-" + flag:
			return "b"
		case flag:
			return " "
		}
	}
	return "!"
}

// userSign says what package.use says of a flag of one version.
func (t *tool) userSign(p *ebuild.Package, flag string) string {
	var words []string
	for _, l := range t.flags.packages {
		name, rest, _ := strings.Cut(l, " ")
		a, err := atoms.ParseAtom(name, atoms.AtomOptions{AllowRepo: true})
		if err == nil && a.CP == p.CPV.CP && a.Match(p.Candidate(nil)) {
			words = append(words, strings.Fields(rest)...)
		}
	}
	return sign(words, flag, "P")
}

// describeInstalled shows flags that installed packages have. Of local flags it finds
// those that have the name of an installed package where there is but one repository:
// the original reads the columns of grep, which shows no file name then.
func (t *tool) describeInstalled(words []string) error {
	if t.scope == "" {
		t.scope = "global"
		if err := t.describeInstalled(words); err != nil {
			return err
		}
		t.printf("\n")
		t.scope = "local"
		return t.describeInstalled(words)
	}
	t.printf("%s use flags (searching: %s)\n%s", t.scope, asked(words), stars)
	if len(words) == 0 {
		words = t.known(t.scope)
	}
	installed, err := t.installed()
	if err != nil {
		return err
	}
	found := 0
	for _, flag := range words {
		if t.scope == "global" {
			found += t.installedGlobal(flag, installed, found)
		} else {
			found += t.installedLocal(flag, installed)
		}
	}
	if found == 0 {
		t.printf("no matching entries found\n")
	}
	return nil
}

// installed gives what is installed. The root is that of make.conf, if it names one,
// whatever the environment says: the original reads make.conf as a script, which
// changes the variable that it hands on.
func (t *tool) installed() ([]*gentoolkit.Package, error) {
	system := t.system
	if _, ok := t.env.Vars["ROOT"]; ok {
		env := t.env.With(t.env.Name, t.env.Args)
		env.Vars = maps.Clone(t.env.Vars)
		delete(env.Vars, "ROOT")
		delete(env.Vars, "SYSROOT") // it need not fit another root
		own, err := gentoolkit.Open(env)
		if err != nil {
			return nil, err
		}
		defer own.Close()
		if own.Session.Places.Target != own.Session.Places.Build {
			system = own
		}
	}
	list, err := system.All(gentoolkit.Scope{Installed: true}, func(string) bool { return true })
	for _, p := range list {
		p.Value("IUSE") // is read while the database is open
	}
	return list, err
}

func (t *tool) installedGlobal(flag string, installed []*gentoolkit.Package, before int) int {
	var shown []string
	for i, list := range t.lines("use.desc") {
		prefix := ""
		if len(t.repositories()) > 1 {
			prefix = filepath.Join(t.repositories()[i].Location, "profiles/use.desc") + ":"
		}
		for _, l := range list {
			if rest, ok := strings.CutPrefix(l, flag); ok && strings.HasPrefix(rest, " ") && strings.HasPrefix(strings.TrimLeft(rest, " "), "-") {
				shown = append(shown, prefix+l)
			}
		}
	}
	if len(shown) == 0 {
		return 0
	}
	t.printf("%s%s\n", t.status(flag).text, strings.Join(shown, "\n"))
	var names []string
	for _, p := range installed {
		if ebuildSign(p.Value("IUSE"), flag) != "!" {
			names = append(names, p.CPV)
		}
	}
	slices.Sort(names)
	t.printf("\nInstalled packages matching this USE flag: ")
	if before+len(names) > 0 {
		t.printf("\n%s\n", strings.Join(names, "\n"))
	} else {
		t.printf("none\n")
	}
	return len(names)
}

func (t *tool) installedLocal(flag string, installed []*gentoolkit.Package) int {
	if len(t.repositories()) < 2 {
		return 0
	}
	found := 0
	for _, l := range t.localLines(flag) {
		cp, rest, _ := strings.Cut(l, ":")
		if !slices.ContainsFunc(installed, func(p *gentoolkit.Package) bool { return p.CP() == cp }) {
			continue
		}
		name, text, _ := strings.Cut(rest, " ")
		t.printf("%s%s (%s):\n%s\n\n", t.status(name).text, name, cp, strings.TrimPrefix(strings.TrimLeft(text, " "), "- "))
		found = 1
	}
	return found
}

// list shows the flags that are on, and where that is said.
func (t *tool) list() {
	words := t.words
	if len(words) == 0 {
		words = t.known(t.scope)
	}
	use := t.system.Root.Config.Words("USE")
	all := " " + strings.Join(t.flags.packages, "\n") + " "
	for _, flag := range words {
		if slices.Contains(use, flag) {
			t.printf("%-20s%s\n", flag, t.status(flag).text)
		}
		about := regexp.MustCompile(` -?` + regexp.QuoteMeta(flag) + ` `)
		if !about.MatchString(all) {
			continue
		}
		for _, l := range t.flags.packages {
			if fields := strings.Fields(l); about.MatchString(l) && len(fields) > 1 {
				t.printf("%-20s%s(%s)\n", flag, t.status(flag).text, fields[1])
			}
		}
	}
}
