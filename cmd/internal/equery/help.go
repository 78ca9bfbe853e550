package equery

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// about is what equery is.
const about = "Gentoo package query tool"

// optionList prints options and what they mean.
func (c *call) optionList(options [][2]string) {
	lines := make([]string, 0, len(options))
	for _, o := range options {
		w := gentoolkit.Wrapper{Width: c.width, First: c.style.Emph(fmt.Sprintf("%-25s", o[0])), Subsequent: strings.Repeat(" ", 25)}
		lines = append(lines, w.Fill(o[1]))
	}
	c.out.Print(strings.Join(lines, "\n"))
}

// help prints how equery is called.
func (c *call) help(described bool) {
	s := c.style
	if described {
		c.out.Print(about)
	}
	c.out.Printf("%s %s [%s] %s [%s]", s.Emph("Usage:"), s.Product("equery"), s.GlobalOption("global-options"),
		s.Command("module-name"), s.LocalOption("module-options"))
	c.out.Print("")
	c.out.Print(s.GlobalOption("global options"))
	c.optionList([][2]string{
		{" -h, --help", "display this help message"}, {" -q, --quiet", "minimal output"},
		{" -C, --no-color", "turn off colors"}, {" -N, --no-pipe", "turn off pipe detection"},
		{" -V, --version", "display version info"},
	})
	c.out.Print("")
	c.out.Printf("%s (%s)", s.Command("modules"), s.Command("short name"))
	var list [][2]string
	for _, m := range modules() {
		list = append(list, [2]string{" " + m.shown, m.about})
	}
	c.optionList(list)
}

// moduleHelp prints how a module is called.
func (c *call) moduleHelp(described bool) {
	m, s := c.module, c.style
	if described {
		c.out.Print(m.doc)
		c.out.Print("")
	}
	if m.warns {
		for _, line := range []string{
			"Default action for this module has changed in Gentoolkit 0.3.",
			"Use globbing to simulate the old behavior (see man equery).",
			"Use '*' to check all installed packages.",
			"Use 'foo-bar/*' to filter by category.",
		} {
			c.warn(line)
		}
		c.out.Print("")
	}
	if m.note != "" {
		c.out.Print(m.note)
		c.out.Print("")
	}
	c.out.Printf("%s: %s [%s] %s", s.Emph("Usage"), s.Command(m.name), s.LocalOption("options"), s.Emph(m.arg))
	c.out.Print("")
	c.out.Print(s.Command("options"))
	c.optionList(append([][2]string{{" -h, --help", "display this help message"}}, m.options...))
	var words []string
	switch {
	case m.variables:
		words = gentoolkit.Variables()
	case m.name == "files":
		words = filterRules()
	default:
		return
	}
	for i, w := range words {
		words[i] = s.Emph(w)
	}
	c.out.Print(strings.Repeat(" ", 24) + " " + strings.Join(words, ", "))
}
