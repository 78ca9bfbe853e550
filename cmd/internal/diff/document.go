package diff

import (
	"github.com/tumpline/tumpline/cmd/internal/answer"
)

// Kind is the document of "tumpline diff --json".
var Kind = answer.NewKind[document]("tumpline.diff", "1.0.0", "what changes from one plan, tree or configuration to another, that tumpline diff --json prints")

type document struct {
	answer.Head
	Comparison string   `json:"comparison" jsonschema:"plans, configs, change, trees or commits"`
	Old        string   `json:"old" jsonschema:"the old state as it was named"`
	New        string   `json:"new" jsonschema:"the new state"`
	Request    []string `json:"request" jsonschema:"arguments of emerge; empty if none was asked"`
	Counts     counts   `json:"counts" jsonschema:"changes by kind"`
	Changes    []entry  `json:"changes" jsonschema:"by package, root and slot"`
	Problems   []string `json:"problems" jsonschema:"what could not be compared"`
}

type counts struct {
	Upgraded   int `json:"upgraded"`
	Downgraded int `json:"downgraded"`
	Added      int `json:"added"`
	Removed    int `json:"removed"`
	Changed    int `json:"changed"`
}

type entry struct {
	Kind     string     `json:"kind" jsonschema:"upgraded, downgraded, added, removed, or changed (the version is the same)"`
	CP       string     `json:"cp" jsonschema:"category/PN"`
	Root     *string    `json:"root" jsonschema:"target or build; null for trees"`
	Old      *version   `json:"old" jsonschema:"null if it was not there"`
	New      *version   `json:"new" jsonschema:"null if it is not there"`
	Use      use        `json:"use" jsonschema:"USE flags that differ in a plan"`
	Metadata []metadata `json:"metadata" jsonschema:"variables that differ in a tree"`
	Added    []string   `json:"versions_added" jsonschema:"of all slots in a tree, ascending"`
	Removed  []string   `json:"versions_removed"`
	Reasons  []reason   `json:"reasons" jsonschema:"why the package is in the new plan, or was in the old one"`
}

type version struct {
	Version string `json:"version" jsonschema:"PVR"`
	Slot    string `json:"slot" jsonschema:"slot, and sub-slot if it has another name"`
	Repo    string `json:"repo"`
	Origin  string `json:"origin" jsonschema:"ebuild, binary or installed"`
}

type use struct {
	Enabled  []string `json:"enabled"`
	Disabled []string `json:"disabled"`
	Added    []string `json:"added" jsonschema:"declared by the new package only, with - before those that are off"`
	Removed  []string `json:"removed" jsonschema:"declared by the old package only"`
}

type metadata struct {
	Key     string   `json:"key" jsonschema:"RDEPEND, KEYWORDS, ..."`
	Added   []string `json:"added" jsonschema:"words"`
	Removed []string `json:"removed" jsonschema:"words"`
}

type reason struct {
	Parent string  `json:"parent" jsonschema:"category/PF, or the argument or set"`
	Class  *string `json:"class" jsonschema:"of the dependency; null for arguments and sets"`
	Atom   *string `json:"atom"`
}

// count fills in the counts.
func (d *document) count() {
	by := map[string]*int{
		"upgraded": &d.Counts.Upgraded, "downgraded": &d.Counts.Downgraded, "added": &d.Counts.Added,
		"removed": &d.Counts.Removed, "changed": &d.Counts.Changed,
	}
	for _, c := range d.Changes {
		*by[c.Kind]++
	}
}

// list makes an absent list an empty one.
func list(l []string) []string { return append([]string{}, l...) }

func slotText(slot, subslot string) string {
	if subslot == "" || subslot == slot {
		return slot
	}
	return slot + "/" + subslot
}
