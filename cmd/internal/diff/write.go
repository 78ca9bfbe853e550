package diff

import (
	"fmt"
	"io"
	"strings"
)

// kinds is the order of the report.
func kinds() []string { return []string{"upgraded", "downgraded", "added", "removed", "changed"} }

// total is the first line: how many changes of which kind.
func (d *document) total() string {
	number := map[string]int{
		"upgraded": d.Counts.Upgraded, "downgraded": d.Counts.Downgraded, "added": d.Counts.Added, "removed": d.Counts.Removed, "changed": d.Counts.Changed,
	}
	var parts []string
	for _, k := range kinds() {
		if number[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", number[k], k))
		}
	}
	if parts == nil {
		return "nothing differs"
	}
	return strings.Join(parts, ", ")
}

func (e *entry) name() string {
	out := e.CP
	if at := slotOf(e); at != "" && at != "0" {
		slot, _, _ := strings.Cut(at, "/")
		if slot != "0" {
			out += ":" + slot
		}
	}
	if e.Root != nil && *e.Root != "target" {
		out += " (" + *e.Root + ")"
	}
	return out
}

func slotOf(e *entry) string {
	switch {
	case e.New != nil:
		return e.New.Slot
	case e.Old != nil:
		return e.Old.Slot
	}
	return ""
}

// from and to are versions for people, "-" for none.
func (e *entry) from() string { return versionText(e.Old, e.New) }
func (e *entry) to() string   { return versionText(e.New, e.Old) }

// versionText tells the slot and repository too where they differ from the other's.
func versionText(v, other *version) string {
	if v == nil {
		return "-"
	}
	out := v.Version
	if other != nil && other.Slot != v.Slot {
		out += ":" + v.Slot
	}
	if other != nil && other.Repo != v.Repo {
		out += "::" + v.Repo
	}
	if other != nil && other.Origin != v.Origin {
		out += " (" + v.Origin + ")"
	}
	return out
}

// details are lines about a change.
func (e *entry) details() []string {
	var out []string
	var flags []string
	for _, part := range []struct {
		word string
		list []string
	}{{"on: ", e.Use.Enabled}, {"off: ", e.Use.Disabled}, {"new: ", e.Use.Added}, {"gone: ", e.Use.Removed}} {
		if len(part.list) > 0 {
			flags = append(flags, part.word+strings.Join(part.list, " "))
		}
	}
	if flags != nil {
		out = append(out, "USE "+strings.Join(flags, "; "))
	}
	for _, m := range e.Metadata {
		if m.Key == "SRC_URI" || m.Key == "HOMEPAGE" {
			continue // they follow the version; --json has them
		}
		out = append(out, m.Key+signed(" -", m.Removed)+signed(" +", m.Added))
	}
	if len(e.Added)+len(e.Removed) > 0 {
		out = append(out, "versions"+signed(" -", e.Removed)+signed(" +", e.Added))
	}
	if e.Kind == "added" || e.Kind == "removed" {
		for _, r := range e.Reasons {
			line := "for " + r.Parent
			if r.Class != nil {
				line += " (" + *r.Class
				if r.Atom != nil {
					line += " " + *r.Atom
				}
				line += ")"
			}
			out = append(out, line)
		}
	}
	return out
}

func signed(sign string, words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(sign + w)
	}
	return b.String()
}

func writeText(w io.Writer, d *document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s -> %s: %s\n", d.Old, d.New, d.total())
	for _, k := range kinds() {
		for i := range d.Changes {
			e := &d.Changes[i]
			if e.Kind != k {
				continue
			}
			fmt.Fprintf(&b, "\n%s %s", k, e.name())
			if e.Old != nil || e.New != nil {
				fmt.Fprintf(&b, " %s -> %s", e.from(), e.to())
			}
			b.WriteByte('\n')
			for _, line := range e.details() {
				fmt.Fprintf(&b, "    %s\n", line)
			}
		}
	}
	for _, p := range d.Problems {
		fmt.Fprintf(&b, "\nnot compared: %s\n", p)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeMarkdown writes a report: a table of what changed, and the details below.
func writeMarkdown(w io.Writer, d *document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s → %s\n\n%s.\n", markdown(d.Old), markdown(d.New), upperFirst(d.total()))
	if len(d.Changes) > 0 {
		b.WriteString("\n| Package | Change | From | To |\n|---|---|---|---|\n")
	}
	for _, k := range kinds() {
		for i := range d.Changes {
			if e := &d.Changes[i]; e.Kind == k {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", markdown(e.name()), k, markdown(e.from()), markdown(e.to()))
			}
		}
	}
	for _, k := range kinds() {
		for i := range d.Changes {
			e := &d.Changes[i]
			details := e.details()
			if e.Kind != k || len(details) == 0 {
				continue
			}
			fmt.Fprintf(&b, "\n## %s\n\n", markdown(e.name()))
			for _, line := range details {
				fmt.Fprintf(&b, "- %s\n", markdown(line))
			}
		}
	}
	if len(d.Problems) > 0 {
		b.WriteString("\n## Not compared\n\n")
	}
	for _, p := range d.Problems {
		fmt.Fprintf(&b, "- %s\n", markdown(p))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown escapes what Markdown would read as markup.
func markdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`, "\n", " ").Replace(s)
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
