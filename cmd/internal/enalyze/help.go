package enalyze

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// about is what enalyze is.
const about = "Gentoo's installed packages analysis and repair tool"

// optionList prints options and what they mean.
func (c *call) optionList(options [][2]string) {
	lines := make([]string, 0, len(options))
	for _, o := range options {
		w := gentoolkit.Wrapper{Width: c.width, First: c.style.Emph(fmt.Sprintf("%-25s", o[0])), Subsequent: strings.Repeat(" ", 25)}
		if line := w.Fill(o[1]); line != "" {
			lines = append(lines, line)
		}
	}
	c.out.Print(strings.Join(lines, "\n"))
}

// help prints how enalyze is called.
func (c *call) help(described bool) {
	s := c.style
	if described {
		c.out.Print("\n" + about + "\n")
	}
	c.out.Printf("%s %s [%s] %s [%s]", s.Emph("Usage:"), s.Product("enalyze"), s.GlobalOption("global-options"),
		s.Command("module-name"), s.LocalOption("module-options"))
	c.out.Print("")
	c.out.Print(s.GlobalOption("global options"))
	c.optionList([][2]string{
		{"    -h, --help", "display this help message"}, {"    -q, --quiet", "minimal output"},
		{"    -C, --no-color", "turn off colors"}, {"    -N, --no-pipe", "turn off pipe detection"},
		{"    -V, --version", "display version info"},
	})
	c.out.Print("")
	c.out.Printf("%s (%s)", s.Command("modules"), s.Command("short name"))
	var list [][2]string
	for _, m := range modules() {
		list = append(list, m.about...)
	}
	c.optionList(list)
}

// moduleHelp prints how a module is called.
func (c *call) moduleHelp(described bool) {
	m, s := c.module, c.style
	if described {
		c.out.Print("\nGeneral Base Module class to hold common module operation functions\n")
	}
	c.out.Print("\n")
	c.out.Printf("%s: %s [%s] %s", s.Emph("Usage"), s.Command(m.name), s.LocalOption("options"), s.Emph(m.arg))
	c.out.Print("")
	c.out.Print(s.Command("options"))
	c.optionList(m.options)
	c.out.Print("")
	c.out.Print(s.Command(m.arg))
	c.optionList(m.targets)
	c.out.Print("")
}
