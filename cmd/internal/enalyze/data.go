package enalyze

import (
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
)

// kind is the document of enalyze. What was not asked for is null.
var kind = answer.NewKind[document]("tumpline.enalyze", "1.0.0", "how installed packages were configured")

// Kinds lists the documents that enalyze answers with.
func Kinds() []*answer.Kind { return []*answer.Kind{kind} }

type document struct {
	answer.Head
	Flags    []flagObject    `json:"flags" jsonschema:"of analyze use and pkguse, sorted by name"`
	Keywords []keywordObject `json:"keywords" jsonschema:"of analyze keywords, sorted by name"`
	Packages []packageObject `json:"packages" jsonschema:"of analyze packages, sorted by name"`
	Entries  []entryObject   `json:"entries" jsonschema:"of rebuild: lines for package.use or package.keywords"`
}

type flagObject struct {
	Name    string   `json:"name"`
	Default bool     `json:"default" jsonschema:"whether USE of the configuration has it"`
	With    []string `json:"with" jsonschema:"packages that were built with it"`
	Without []string `json:"without" jsonschema:"packages that were built without it though it is on by default"`
	Unset   []string `json:"unset" jsonschema:"with --unset, packages that have it off, as is the default"`
}

type keywordObject struct {
	Name     string   `json:"name" jsonschema:"without sign"`
	Accepted []string `json:"accepted" jsonschema:"its forms that ACCEPT_KEYWORDS has"`
	Stable   []string `json:"stable" jsonschema:"packages with this keyword"`
	Testing  []string `json:"testing" jsonschema:"packages with ~ before it"`
	Missing  []string `json:"missing" jsonschema:"packages without"`
}

type packageObject struct {
	CPV   string   `json:"cpv" jsonschema:"CATEGORY/PF"`
	Plus  []string `json:"plus" jsonschema:"flags that it was built with"`
	Minus []string `json:"minus" jsonschema:"flags that it was built without though they are on by default"`
	Unset []string `json:"unset" jsonschema:"with --unset, flags that are off, as is the default"`
}

type entryObject struct {
	CPV   string   `json:"cpv" jsonschema:"the installed package that needs it"`
	Atom  string   `json:"atom"`
	Words []string `json:"words" jsonschema:"flags or keywords"`
}

// list makes an empty list of none.
func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

func (c *call) writeFlags(names []string, users map[string]*[3][]string, use map[string]bool) error {
	d := &document{Flags: []flagObject{}}
	for _, name := range names {
		u := users[name]
		d.Flags = append(d.Flags, flagObject{name, use[name], list(u[0]), list(u[1]), list(u[2])})
	}
	return kind.Write(c.env.Out, d)
}

func (c *call) writeKeywords(names []string, users map[string]*[3][]string, accepted []string) error {
	d := &document{Keywords: []keywordObject{}}
	for _, name := range names {
		u := users[name]
		k := keywordObject{Name: name, Accepted: []string{}, Stable: list(u[0]), Testing: list(u[1]), Missing: list(u[2])}
		for _, word := range accepted {
			if strings.TrimLeft(word, "~-") == name {
				k.Accepted = append(k.Accepted, word)
			}
		}
		d.Keywords = append(d.Keywords, k)
	}
	return kind.Write(c.env.Out, d)
}

func (c *call) writePackages(found []flagged) error {
	d := &document{Packages: []packageObject{}}
	for _, f := range found {
		d.Packages = append(d.Packages, packageObject{f.CPV, list(f.plus), list(f.minus), list(f.unset)})
	}
	return kind.Write(c.env.Out, d)
}

func (c *call) writeEntries(entries []entry) error {
	d := &document{Entries: []entryObject{}}
	several := map[string]int{}
	for _, e := range entries {
		several[e.pkg.CP()]++
	}
	for _, e := range entries {
		d.Entries = append(d.Entries, entryObject{e.pkg.CPV, c.atom(e.pkg, several[e.pkg.CP()] > 1), e.words})
	}
	return kind.Write(c.env.Out, d)
}
