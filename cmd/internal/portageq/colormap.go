package portageq

import (
	"context"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/resolver/render"
)

// colormap prints the colours of messages as variables of bash, with the changes
// of etc/portage/color.map.
func colormap(_ context.Context, c *call) error {
	theme := render.NewTheme()
	path := filepath.Join(c.sources().Places().Config, "etc/portage/color.map")
	if session.Exists(path) {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close() // only read from
		if theme, err = theme.ReadColorMap(path, f); err != nil {
			c.warn("%v", err)
		}
	}
	doc := &variablesDoc{Variables: []variableDoc{}}
	var lines []string
	for _, style := range []string{"BAD", "BRACKET", "ERR", "GOOD", "HILITE", "INFO", "LOG", "NORMAL", "QAWARN", "WARN"} {
		code, _ := theme.Code(style)
		name := "PORTAGE_COLOR_" + style
		doc.Variables = append(doc.Variables, variableDoc{name, &code})
		lines = append(lines, name+"=$'"+code+"'")
	}
	if c.json {
		return Variables.Write(c.env.Out, doc)
	}
	return c.lines(lines...)
}
