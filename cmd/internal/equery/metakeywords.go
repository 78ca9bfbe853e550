package equery

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// newKeywords gives for each version the keywords that no version listed after it in
// its slot has.
func newKeywords(matches []*gentoolkit.Package) map[*gentoolkit.Package][]string {
	out := map[*gentoolkit.Package][]string{}
	had := map[string]map[string]bool{}
	for _, p := range slices.Backward(matches) {
		slot := p.TreeValue("SLOT")
		if had[slot] == nil {
			had[slot] = map[string]bool{}
		}
		words := strings.Fields(p.TreeValue("KEYWORDS"))
		out[p] = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return had[slot][w] })
		for _, w := range words {
			if strings.HasPrefix(w, "-") {
				continue
			}
			had[slot][w] = true
			if !strings.HasPrefix(w, "~") {
				had[slot]["~"+w] = true
			}
		}
	}
	return out
}

func (m *metaShow) showKeywords(all bool) {
	words := newKeywords(m.matches)
	for _, p := range m.matches {
		slot := p.Slot()
		width := len(p.FullVersion()) + len(slot)
		text := m.keywords(words[p])
		head := p.FullVersion() + ":" + m.style.Slot(slot) + ": "
		line := head + text
		if m.verbose && text != "" {
			line = m.format(text, head, strings.Repeat(" ", width+2))
		}
		if all {
			line = m.format(line, "Keywords:    ", strings.Repeat(" ", width+16))
		}
		m.out.Line(line)
	}
}

func (m *metaShow) keywords(words []string) string {
	var out []string
	for _, w := range sortKeywords(words) {
		switch {
		case strings.HasPrefix(w, "-"):
			out = append(out, m.style.Keyword(w, gentoolkit.KeywordBad))
		case strings.HasPrefix(w, "~"):
			out = append(out, m.style.Keyword(w, gentoolkit.KeywordTesting))
		default:
			out = append(out, m.style.Keyword(w, gentoolkit.KeywordStable))
		}
	}
	return strings.Join(out, " ")
}

// sortKeywords sorts keywords as gentoolkit does. Its order is by system or else by
// architecture, and contradicts itself, so that the way of sorting matters: that of
// Python for short lists, a run at the start and then insertion.
func sortKeywords(words []string) []string {
	list := slices.Clone(words)
	if len(list) < 2 {
		return list
	}
	less := func(a, b string) bool {
		arch, os, _ := strings.Cut(a, "-")
		arch2, os2, _ := strings.Cut(b, "-")
		return os < os2 || arch < arch2
	}
	run := 2
	if less(list[1], list[0]) {
		for run < len(list) && less(list[run], list[run-1]) {
			run++
		}
		slices.Reverse(list[:run])
	} else {
		for run < len(list) && !less(list[run], list[run-1]) {
			run++
		}
	}
	for ; run < len(list); run++ {
		word := list[run]
		low, high := 0, run
		for low < high {
			if middle := low + (high-low)/2; less(word, list[middle]) {
				high = middle
			} else {
				low = middle + 1
			}
		}
		copy(list[low+1:run+1], list[low:run])
		list[low] = word
	}
	return list
}

// showStableRequest shows whom to ask to make versions stable.
func (m *metaShow) showStableRequest() {
	teams := []string{"alpha", "amd64", "arm", "hppa", "ia64", "m68k", "ppc", "ppc64", "s390", "sh", "sparc", "x86"}
	for _, p := range m.matches {
		var ask []string
		for _, w := range strings.Fields(p.TreeValue("KEYWORDS")) {
			arch := strings.TrimLeft(w, "~")
			if strings.Contains(w, "~") && slices.Contains(teams, arch) {
				ask = append(ask, arch+"@gentoo.org")
			}
		}
		slices.Sort(ask)
		m.out.Line(p.FullVersion() + ":" + m.style.Slot(p.Slot()) + ": " + strings.Join(slices.Compact(ask), ","))
	}
}

// metadataKind is the document of meta.
var metadataKind = answer.NewKind[metadataDocument]("tumpline.equery-metadata", "1.0.0", "what metadata.xml and ebuilds say of packages")

type metadataDocument struct {
	answer.Head
	Packages []metadataObject `json:"packages" jsonschema:"in the order of the queries"`
}

type metadataObject struct {
	CP           string             `json:"cp" jsonschema:"CATEGORY/PN"`
	Best         string             `json:"best" jsonschema:"CATEGORY/PF of the version that would be chosen"`
	Repository   string             `json:"repository"`
	Directory    string             `json:"directory" jsonschema:"of the ebuilds"`
	Description  string             `json:"description"`
	Long         []string           `json:"long_descriptions" jsonschema:"of metadata.xml, as written"`
	Homepages    []string           `json:"homepages"`
	License      string             `json:"license"`
	Maintainers  []maintainerObject `json:"maintainers"`
	Flags        []flagObject       `json:"use_flags" jsonschema:"that metadata.xml describes"`
	Changelogs   []string           `json:"changelogs"`
	Bugs         []string           `json:"bugs_to"`
	RemoteIDs    []remoteObject     `json:"remote_ids"`
	Versions     []versionObject    `json:"versions"`
	UpstreamDocs []string           `json:"documents" jsonschema:"of upstream"`
}

type maintainerObject struct {
	Email       string `json:"email"`
	Name        string `json:"name" jsonschema:"empty if there is none, as other texts here"`
	Type        string `json:"type" jsonschema:"person or project"`
	Description string `json:"description"`
	Upstream    bool   `json:"upstream"`
}

type flagObject struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type remoteObject struct {
	Site string `json:"site"`
	ID   string `json:"id"`
}

type versionObject struct {
	CPV      string   `json:"cpv" jsonschema:"CATEGORY/PF"`
	Slot     string   `json:"slot" jsonschema:"as SLOT has it"`
	Keywords []string `json:"keywords"`
}

func (m *metaShow) document() metadataObject {
	o := metadataObject{
		CP: m.best.CP(), Best: m.best.CPV, Repository: m.best.Ebuild().Repo, Directory: m.best.Dir(),
		Description: m.best.TreeValue("DESCRIPTION"), Long: []string{}, Homepages: strings.Fields(m.best.TreeValue("HOMEPAGE")),
		License: m.best.TreeValue("LICENSE"), Maintainers: []maintainerObject{}, Flags: []flagObject{}, Changelogs: []string{},
		Bugs: []string{}, RemoteIDs: []remoteObject{}, Versions: []versionObject{}, UpstreamDocs: []string{},
	}
	people := func(list []gentoolkit.Maintainer, upstream bool) {
		for _, p := range list {
			o.Maintainers = append(o.Maintainers, maintainerObject{p.Email, p.Name, p.Type, p.Description, upstream})
		}
	}
	o.Long = append(o.Long, m.xml.Descriptions...)
	people(m.xml.Maintainers, false)
	for _, u := range m.xml.Upstreams {
		people(u.Maintainers, true)
		o.Changelogs, o.Bugs = append(o.Changelogs, u.Changelogs...), append(o.Bugs, u.Bugs...)
		for _, d := range u.Documents {
			o.UpstreamDocs = append(o.UpstreamDocs, d.Text)
		}
		for _, r := range u.Remote {
			o.RemoteIDs = append(o.RemoteIDs, remoteObject{r.Tag, r.Text})
		}
	}
	for _, f := range m.xml.Flags {
		o.Flags = append(o.Flags, flagObject{f.Name, f.Text})
	}
	for _, p := range m.matches {
		o.Versions = append(o.Versions, versionObject{CPV: p.CPV, Slot: p.TreeValue("SLOT"), Keywords: strings.Fields(p.TreeValue("KEYWORDS"))})
	}
	return o
}
