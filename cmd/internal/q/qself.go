package q

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/settings"
)

// overlays lists the repositories.
func (c *call) overlays() error {
	for _, r := range c.conf.Repos {
		name, main, origin := r.Name, "", ""
		if name == "" {
			name = "?unknown?"
		}
		if r.Main {
			main = " (main)"
		}
		if c.verbose > 0 {
			origin = " [" + r.Origin + "]"
		}
		c.printf("%s%s%s: %s%s%s%s%s\n", c.col.Green, name, c.col.Norm, r.Location, c.col.Yellow, main, c.col.Norm, origin)
	}
	return nil
}

// variables prints values: with their names unless one alone was asked for.
func (c *call) variables() error {
	for _, v := range c.conf.Variables() {
		if len(c.args) > 0 && !slices.Contains(c.args, v.Name) {
			continue
		}
		colour, quote := c.col.Red, `"`
		if v.Kind == settings.Bool {
			colour, quote = c.col.Yellow, ""
		}
		if len(c.args) == 1 {
			quote = ""
		} else {
			c.printf("%s%s%s=", c.col.Blue, v.Name, c.col.Norm)
		}
		c.printf("%s%s%s%s%s", colour, quote, v.Value, quote, c.col.Norm)
		if c.verbose > 0 {
			c.printf(" [%s]", v.Origin)
		}
		c.printf("\n")
	}
	return nil
}

// masks prints what package.mask masks. The arguments are atoms to ask for.
func (c *call) masks() error {
	asked := c.atoms()
	last := ""
	for _, m := range c.conf.Masks() {
		a := loose.Parse(m.Atom)
		if len(asked) > 0 && !slices.ContainsFunc(asked, func(query *loose.Atom) bool { return loose.Matches(a, query) }) {
			continue
		}
		if c.verbose > 1 {
			file, comment := commentOf(m.Origin)
			if key := file + ":" + strings.Join(comment, "\n"); key != last {
				for _, line := range comment {
					c.printf("%s\n", line)
				}
				last = key
			}
		}
		c.printf("%s", c.format("%[pfx]%[CAT]%[PF]%[SLOT]%[SUBSLOT]%[sfx]%[USE]%[REPO]", a))
		if c.verbose == 1 {
			c.printf(" [%s]", m.Origin)
		}
		c.printf("\n")
	}
	return nil
}

// commentOf reads the comment that an origin, "FILE:LINE:FIRST-LAST", speaks of.
func commentOf(origin string) (file string, lines []string) {
	parts := strings.Split(origin, ":")
	if len(parts) < 3 {
		return origin, nil
	}
	file = strings.Join(parts[:len(parts)-2], ":")
	from, to, _ := strings.Cut(parts[len(parts)-1], "-")
	first, err := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	text, err3 := os.ReadFile(file)
	if err != nil || err2 != nil || err3 != nil || first == 0 {
		return file, nil
	}
	lines = strings.Split(string(text), "\n")
	return file, lines[min(first-1, len(lines)):min(last, len(lines))]
}
