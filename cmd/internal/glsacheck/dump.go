package glsacheck

import (
	"fmt"
	"slices"
	"strings"
)

// width is that of an advisory as text.
const width = 76

// dump is the text of a whole advisory.
func dump(a *advisory) (string, error) {
	root := a.tree.first("glsa")
	parts := map[string]string{}
	for _, name := range []string{"description", "workaround", "resolution", "impact", "background"} {
		text, err := root.first(name).prose()
		if err != nil {
			return "", err
		}
		parts[name] = text
	}
	var b strings.Builder
	revised := root.first("revised")
	fmt.Fprintf(&b, "GLSA %s: \n%s\n%s\n%s\n", a.id, centred(root.first("title").stripped(), width), strings.Repeat("=", width),
		wrap(root.first("synopsis").stripped(), width, "Synopsis:         "))
	fmt.Fprintf(&b, "Announced on:      %s\nLast revised on:   %s : %%%d\n", date(root.first("announced").stripped()), date(revised.stripped()), a.Revision)
	if root.first("product").attrs["type"] == "ebuild" {
		affected(&b, root.first("affected"))
	}
	var bugs []string
	for _, bug := range root.all("bug") {
		bugs = append(bugs, bug.stripped())
	}
	if len(bugs) > 0 {
		fmt.Fprintf(&b, "\nRelated bugs:      %s\n", strings.Join(bugs, ", "))
	}
	if text := parts["background"]; text != "" {
		b.WriteString("\n" + wrap(text, width, "Background:       "))
	}
	var references []string
	for _, r := range referencesOf(root) {
		references = append(references, strings.ReplaceAll(r, " ", hardTied)+newline)
	}
	b.WriteString("\n" + strings.Join([]string{
		wrap(parts["description"], width, "Description:      "),
		wrap(parts["impact"], width, "Impact:           "),
		wrap(parts["workaround"], width, "Workaround:       "),
		wrap(parts["resolution"], width, "Resolution:       "),
		wrap(strings.Join(references, " "), width, "References:       "),
	}, "\n") + "\n")
	return b.String(), nil
}

// referencesOf lists the references of an advisory as "text:link".
func referencesOf(root *node) (list []string) {
	for _, u := range root.first("references").all("uri") {
		list = append(list, u.kept())
	}
	return list
}

// affected writes the packages, those of one name together.
func affected(b *strings.Builder, n *node) {
	packages := n.all("package")
	var names []string
	for _, p := range packages {
		if !slices.Contains(names, p.attrs["name"]) {
			names = append(names, p.attrs["name"])
		}
	}
	for _, name := range names {
		for _, p := range packages {
			if p.attrs["name"] != name {
				continue
			}
			arches := p.attrs["arch"]
			if arches == "*" {
				arches = "All"
			}
			fmt.Fprintf(b, "Affected package:  %s\nAffected archs:    %s\nVulnerable:        %s\nUnaffected:        %s\n\n",
				name, arches, p.ranges("vulnerable"), p.ranges("unaffected"))
		}
	}
}
