package q

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

func qkeyword() applet {
	return applet{name: "qkeyword", args: "<action> <args>", about: "list packages based on keywords", kind: Ebuilds, run: runKeyword, options: []option{
		{letter: 'p', name: "matchpkg=", about: "match pkgname"},
		{letter: 'c', name: "matchcat=", about: "match catname"},
		{letter: 'm', name: "matchmaint=", about: "match maintainer email from metadata.xml (slow)"},
		{letter: 'A', name: "showarch", about: "show selected arch from profile configuration"},
		{letter: 'i', name: "imlate", about: "list packages that can be marked stable for <arch>"},
		{letter: 'd', name: "dropped", about: "list packages that have dropped keywords for <arch>"},
		{letter: 't', name: "needsstable", about: "list packages that have ~arch versions, but no stable versions for <arch>"},
		{letter: 's', name: "stats", about: "display statistics about the portage tree"},
		{letter: 'a', name: "all", about: "list packages that have at least one version keyworded for <arch>"},
		{letter: 'n', name: "not", about: "list packages that aren't keyworded for <arch>"},
		{letter: 'S', name: "stable", about: "list latest stable version per package for <arch>"},
		{letter: 'T', name: "testing", about: "list latest testing version per package for <arch>"},
		{letter: 'F', name: "format=", about: "Print latest atom using given format string"},
	}}
}

// A keyword is what an ebuild says of an architecture.
type keyword uint8

const (
	noKeyword  keyword = iota
	isTesting          // ~arch
	isStable           // arch
	isExcluded         // -arch
)

// A keyworder is one run of qkeyword.
type keyworder struct {
	*call
	format  string
	arches  []string
	arch    int // of arches
	masks   masks
	query   *loose.Atom
	partial bool // an ebuild had no keywords, or the action nothing to tell: the status tells of it
	data    []listed
}

// An ebuild with its keywords, in the order of the architectures.
type keyworded struct {
	pkg   *tree.Package
	words []keyword
}

func runKeyword(_ context.Context, c *call) error {
	action := ""
	for _, g := range c.given {
		switch g.name {
		case "matchpkg", "matchcat", "matchmaint", "showarch", "format":
			continue
		}
		if action != "" {
			return c.usage()
		}
		action = g.name
	}
	arch := c.argument(0, c.conf.Get("ARCH"))
	if arch == "" && action != "stats" || len(c.args) > 1 {
		return c.usage()
	}
	if c.has("showarch") {
		c.printf("%s\n", arch)
		return nil
	}
	if action == "" {
		return c.usage()
	}
	k := &keyworder{call: c, format: "%[CATEGORY]%[PF]", masks: c.readMasks(), query: c.asked()}
	if format, ok := c.last("format"); ok {
		k.format = format
	}
	k.readArches()
	if len(k.arches) == 0 {
		c.warn("no arches could be found in your active overlays (see q -o), do you have profiles/arch.list files present?")
		k.partial = true
	}
	k.arch = slices.Index(k.arches, strings.TrimPrefix(arch, "~")) // ~amd64 asks about amd64
	var err error
	if action == "stats" {
		err = k.statistics()
	} else {
		err = k.list(action)
	}
	if err == nil && c.json {
		err = c.ebuildsAsData(k.data)
	}
	return err
}

// asked is the query that the options --matchpkg and --matchcat make.
func (c *call) asked() *loose.Atom {
	pkg, named := c.last("matchpkg")
	category, within := c.last("matchcat")
	switch {
	case within && named:
		return loose.ParseIn(category, pkg)
	case within:
		return &loose.Atom{HasCategory: true, Category: category}
	case named:
		return loose.Parse(pkg)
	}
	return nil
}

// readArches reads the architectures of all repositories: those with a hyphen last, by
// what comes after it.
func (k *keyworder) readArches() {
	for _, r := range k.conf.Repos {
		text, err := os.ReadFile(filepath.Join(k.conf.Root(), r.Location, "profiles/arch.list"))
		if err != nil {
			continue // it leaves that to others
		}
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line != "" && !slices.Contains(k.arches, line) {
				k.arches = append(k.arches, line)
			}
		}
	}
	slices.SortFunc(k.arches, func(a, b string) int {
		_, afterA, hyphenA := strings.Cut(a, "-")
		_, afterB, hyphenB := strings.Cut(b, "-")
		switch {
		case hyphenA != hyphenB:
			return map[bool]int{true: 1, false: -1}[hyphenA]
		case hyphenA:
			return cmp.Or(cmp.Compare(afterA, afterB), cmp.Compare(a, b))
		}
		return cmp.Compare(a, b)
	})
}

// parse reads KEYWORDS.
func (k *keyworder) parse(text string) []keyword {
	out := make([]keyword, len(k.arches))
	if strings.HasPrefix(text, "-*") {
		for i := range out {
			out[i] = isExcluded
		}
	}
	for _, word := range strings.Fields(text) {
		kind := isStable
		switch word[0] {
		case '~':
			kind, word = isTesting, word[1:]
		case '-':
			kind, word = isExcluded, word[1:]
		}
		if i := slices.Index(k.arches, word); i >= 0 {
			out[i] = kind
		}
	}
	return out
}

// each calls do with the ebuilds of each package, newest first, repository by
// repository; what has no keywords at all is passed over, and noted.
func (k *keyworder) each(do func(versions []keyworded)) {
	var versions []keyworded
	if k.arch < 0 {
		k.partial = true
		return
	}
	for _, t := range k.repos() {
		for _, p := range k.packages(t, k.query) {
			if !k.maintained(p) {
				continue
			}
			text, ok := p.Get("KEYWORDS")
			if !ok {
				k.partial = true
				if k.verbose > 0 {
					k.warn("Failed to read keywords for %s", p.Name)
				}
				continue
			}
			if len(versions) > 0 && versions[0].pkg.Atom().CP() != p.Atom().CP() {
				do(versions)
				versions = nil
			}
			versions = append(versions, keyworded{p, k.parse(text)})
		}
	}
	if len(versions) > 0 {
		do(versions)
	}
}

// maintained says if a package has the maintainer that was asked for.
func (k *keyworder) maintained(p *tree.Package) bool {
	email, ok := k.last("matchmaint")
	if !ok {
		return true
	}
	a := p.Atom()
	location := strings.TrimSuffix(p.Tree.Location, "/")
	text, err := os.ReadFile(filepath.Join(location, a.Category, a.PN, "metadata.xml"))
	if err != nil {
		return false // nobody says who maintains it
	}
	for _, part := range strings.Split(string(text), "<email>")[1:] {
		if addr, _, closed := strings.Cut(part, "</email>"); closed && strings.TrimSpace(addr) == email {
			return true
		}
	}
	return false
}

// list prints the ebuilds that an action is about.
func (k *keyworder) list(action string) error {
	k.each(func(versions []keyworded) {
		var hit *keyworded
		switch action {
		case "imlate":
			hit = k.first(versions, func(v keyworded) bool { return v.words[k.arch] == isTesting && v.any(isStable) })
		case "all":
			hit = k.first(versions, func(v keyworded) bool { return k.is(v, isTesting, isStable) })
		case "not":
			hit = k.first(versions, func(v keyworded) bool { return !k.is(v, isTesting, isStable) && v.any(isTesting, isStable) })
		case "stable":
			k.latest(versions, isStable)
			return
		case "testing":
			k.latest(versions, isTesting)
			return
		case "needsstable":
			hit = k.needsStable(versions)
		case "dropped":
			hit = k.dropped(versions)
		}
		if hit != nil {
			k.show(hit)
		}
	})
	return ended(!k.partial || action == "dropped" || action == "needsstable")
}

func (k *keyworder) is(v keyworded, kinds ...keyword) bool {
	return slices.Contains(kinds, v.words[k.arch])
}

// any says if an ebuild has one of some keywords for some architecture.
func (v keyworded) any(kinds ...keyword) bool {
	return slices.ContainsFunc(v.words, func(w keyword) bool { return slices.Contains(kinds, w) })
}

func (k *keyworder) first(versions []keyworded, wanted func(keyworded) bool) *keyworded {
	if i := slices.IndexFunc(versions, wanted); i >= 0 {
		return &versions[i]
	}
	return nil
}

// needsStable is the newest ebuild with a keyword, if that is a testing one.
func (k *keyworder) needsStable(versions []keyworded) *keyworded {
	hit := k.first(versions, func(v keyworded) bool { return k.is(v, isTesting, isStable) })
	if hit == nil || k.is(*hit, isStable) {
		return nil
	}
	return hit
}

// dropped is the newest ebuild that says nothing of the architecture though it speaks of
// others, and though an older one has it.
func (k *keyworder) dropped(versions []keyworded) *keyworded {
	var candidate *keyworded
	for i, v := range versions {
		switch {
		case k.is(v, isTesting, isStable):
			return candidate
		case k.is(v, noKeyword) && candidate == nil && v.any(isTesting, isStable):
			candidate = &versions[i]
		}
	}
	return nil
}

// latest prints the newest ebuild with a keyword that is not masked.
func (k *keyworder) latest(versions []keyworded, kind keyword) {
	for i := range versions {
		v := &versions[i]
		if v.words[k.arch] != kind {
			continue
		}
		mask := k.masks.by(v.pkg)
		switch {
		case k.json && mask == nil:
			k.data = append(k.data, k.listed(v.pkg))
		case mask == nil:
			k.printf("%s\n", k.call.format(k.format, v.pkg.Full()))
		case k.verbose > 0 && !k.json:
			k.printf("masked by %s: %s\n", mask, k.call.format(k.format, v.pkg.Full()))
		}
		if mask == nil {
			return
		}
	}
}

// show prints an ebuild with its keywords.
func (k *keyworder) show(v *keyworded) {
	if k.json {
		k.data = append(k.data, k.listed(v.pkg))
		return
	}
	a, col := v.pkg.Atom(), &k.col
	k.printf("%s%s/%s%s%s ", col.Bold, a.Category, col.Blue, a.PF, col.Norm)
	for i, word := range v.words {
		switch word {
		case isStable:
			k.printf("%s+%s%s ", col.Green, k.arches[i], col.Norm)
		case isTesting:
			k.printf("%s~%s%s ", col.Yellow, k.arches[i], col.Norm)
		}
	}
	k.printf("\n")
}

// statistics prints how many packages have which keywords.
func (k *keyworder) statistics() error {
	begun := time.Now()
	stable, testing := make([]int, len(k.arches)), make([]int, len(k.arches))
	categories := map[string]bool{}
	packages, ebuilds := 0, 0
	k.each(func(versions []keyworded) {
		packages++
		ebuilds += len(versions)
		categories[versions[0].pkg.Category()] = true
		for i := range k.arches {
			switch best(versions, i) {
			case isStable:
				stable[i]++
			case isTesting:
				testing[i]++
			}
		}
	})
	if packages == 0 {
		k.printf("no packages found\n")
		return nil
	}
	k.tables(stable, testing, len(categories), packages, ebuilds)
	k.printf("Completed in %s\n", k.duration(time.Since(begun)))
	return nil
}

// best is what the ebuilds of a package make of it for an architecture.
func best(versions []keyworded, arch int) keyword {
	out := noKeyword
	for _, v := range versions {
		if v.words[arch] == isStable || v.words[arch] == isTesting && out != isStable {
			out = v.words[arch]
		}
	}
	return out
}

func (k *keyworder) tables(stable, testing []int, categories, packages, ebuilds int) {
	col := &k.col
	border := "+" + strings.Repeat("-", 25) + "+\n"
	k.printf("%s|   general statistics    |\n%s", border, border)
	for _, row := range []struct {
		name string
		n    int
	}{{"architectures", len(k.arches)}, {"categories", categories}, {"packages", packages}, {"ebuilds", ebuilds}} {
		k.printf("| %s%13s%s | %s%7d%s |\n", col.Green, row.name, col.Norm, col.Blue, row.n, col.Norm)
	}
	k.printf("%s\n", border)
	width := 0
	for _, a := range k.arches {
		width = max(width, len(a))
	}
	border = "+" + strings.Repeat("-", min(width+46, 66)) + "+\n"
	k.printf("%s|%*skeyword distribution                          |\n%s", border, width, "", border)
	red, norm := col.Red, col.Norm
	k.printf("| %s%*s%s |%s%8s%s |%s%8s%s |%s%8s%s | %s%8s%s |\n", red, width, "architecture", norm, red, "stable", norm,
		red, "~arch", norm, red, "total", norm, red, "total/#pkgs", norm)
	k.printf("| %*s |         |%s%8s%s |         |             |\n%s", width, "", red, "only", norm, border)
	for i, a := range k.arches {
		total := stable[i] + testing[i]
		k.printf("| %s%*s%s |%s%8d%s |%s%8d%s |%s%8d%s |%s%11.2f%s%% |\n", col.Green, width, a, norm, col.Blue, stable[i], norm,
			col.Blue, testing[i], norm, col.Blue, total, norm, col.Blue, 100*float64(total)/float64(packages), norm)
	}
	k.printf("%s\n", border)
}

// duration tells a time in whole units.
func (k *keyworder) duration(d time.Duration) string {
	n := int(d / time.Second)
	out := ""
	for _, unit := range []struct {
		name    string
		seconds int
	}{{"day", 24 * 3600}, {"hour", 3600}, {"minute", 60}} {
		if count := n / unit.seconds; count > 0 {
			out += fmt.Sprintf("%s%d%s %s, ", k.col.Green, count, k.col.Norm, unit.name+plural(count, "", "s"))
			n %= unit.seconds
		}
	}
	return out + fmt.Sprintf("%s%d%s second%s", k.col.Green, n, k.col.Norm, plural(n, "", "s"))
}
