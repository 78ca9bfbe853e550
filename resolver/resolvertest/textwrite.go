package resolvertest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// FormatText writes a playground as a text world; ParseText of it gives the
// same playground. The title becomes the comment at the top. Cases
// need Lines: demands in the JSON form have no counterpart.
func FormatText(title string, p *Playground) ([]byte, error) {
	w := &textWriter{}
	for _, l := range strings.Split(title, "\n") {
		if l != "" {
			w.line("# " + l)
		}
	}
	d := &p.Definition
	repos := map[string][]Package{}
	var order []string
	for _, e := range d.Ebuilds {
		cpv, repo, _ := strings.Cut(e.CPV, "::")
		if _, known := repos[repo]; !known {
			order = append(order, repo)
		}
		e.CPV = cpv
		repos[repo] = append(repos[repo], e)
	}
	for _, repo := range order {
		w.packages(strings.TrimSpace("repo "+repo), repos[repo])
	}
	w.packages("installed", d.Installed)
	if d.TargetRoot {
		w.marker("installed target")
		w.list(d.InstalledTo)
	}
	if d.SysrootTarget {
		w.marker("sysroot target")
	}
	w.packages("binary", d.Binpkgs)
	for _, b := range d.Binrepos {
		w.marker("binary " + b.Name)
		w.list(b.Packages)
	}
	w.lines("world", d.World)
	w.lines("world target", d.WorldTo)
	w.lines("world_sets", d.WorldSets)
	w.configuration(d)
	for _, c := range p.Cases {
		w.request(c)
	}
	return w.b.Bytes(), w.err
}

type textWriter struct {
	b   bytes.Buffer
	err error
}

func (w *textWriter) line(s string)      { w.b.WriteString(s + "\n") }
func (w *textWriter) marker(name string) { w.line("-- " + name + " --") }

func (w *textWriter) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("write text world: "+format, args...)
	}
}

func (w *textWriter) packages(name string, list []Package) {
	if len(list) > 0 {
		w.marker(name)
		w.list(list)
	}
}

// firstKeys are written before other metadata.
var firstKeys = [...]string{"EAPI", "SLOT", "KEYWORDS", "IUSE", "USE", "LICENSE", "REQUIRED_USE", "BDEPEND", "DEPEND", "RDEPEND", "IDEPEND", "PDEPEND"}

func (w *textWriter) list(list []Package) {
	for _, p := range list {
		words := []string{p.CPV}
		keys := slices.Sorted(maps.Keys(p.Metadata))
		slices.SortStableFunc(keys, func(a, b string) int { return keyRank(a) - keyRank(b) })
		for _, k := range keys {
			words = append(words, w.value(p.CPV, k, p.Metadata[k]))
		}
		w.line(strings.Join(words, "  "))
	}
}

func keyRank(key string) int {
	if i := slices.Index(firstKeys[:], key); i >= 0 {
		return i
	}
	return len(firstKeys)
}

// value writes KEY=value, in quotes where the bare form would be read differently.
func (w *textWriter) value(cpv, key, v string) string {
	if strings.ContainsAny(v, "\"\n\r") || !metadataKey.MatchString(key+"=") {
		w.fail("%s: %s=%q has no text form", cpv, key, v)
	}
	bare := strings.Join(strings.Fields(v), " ") == v
	for i, word := range strings.Fields(v) {
		if metadataKey.MatchString(word) || i == 0 && word[0] == '"' {
			bare = false
		}
	}
	if bare {
		return key + "=" + v
	}
	return key + `="` + v + `"`
}

func (w *textWriter) lines(name string, lines []string) {
	if lines == nil {
		return
	}
	w.marker(name)
	for _, l := range lines {
		if _, ok := marker(l); ok || strings.Contains(l, "\n") {
			w.fail("%s: line %q has no text form", name, l)
		}
		w.line(l)
	}
}

func (w *textWriter) configuration(d *Definition) {
	files := maps.Clone(d.FilesByPath)
	add := func(prefix string, m map[string][]string) {
		for name, lines := range m {
			set(&files, prefix+name, lines)
		}
	}
	add("etc/portage/", d.UserConfig)
	add("etc/portage/sets/", d.Sets)
	add("profile/", d.Profile)
	add("running/etc/portage/", d.RunningConfig)
	add("running/profile/", d.RunningProfile)
	for repo, m := range d.RepoConfigs {
		for name, lines := range m {
			prefix := "repo/" + repo + "/profiles/"
			if name == "layout.conf" {
				prefix = "repo/" + repo + "/metadata/"
			}
			set(&files, prefix+name, lines)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		lines := files[name]
		if lines == nil {
			lines = []string{}
		}
		w.lines(name, lines)
	}
}

func (w *textWriter) request(c *Case) {
	if len(c.Requests) != 1 || c.Lines == nil {
		w.fail("case %d has not one request with expected lines", c.Index)
		return
	}
	name := "emerge"
	if s := c.Options.String(); strings.Contains(s, `"`) {
		w.fail("case %d: options %s have no text form", c.Index, s)
	} else if s != "" {
		name += " " + s
	}
	w.marker(strings.Join(append([]string{name}, c.Requests[0]...), " "))
	group := 0
	for _, l := range c.Lines {
		if l.Group != group && group != 0 {
			w.line("}")
		}
		if l.Group != group && l.Group != 0 {
			w.line("{")
		}
		group = l.Group
		w.line(l.String())
	}
	if group != 0 {
		w.line("}")
	}
}
