package q

import (
	"os"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
)

// A palette is the colours of an output; empty texts without colour.
type palette struct {
	loose.Colours
	DkBlue, DkGreen string
}

// colourMap is where the user says which colours to use.
const colourMap = "/etc/portage/color.map"

// setColour turns colour on or off.
func (c *call) setColour(on bool) {
	c.col = palette{}
	if !on {
		return
	}
	p := &c.col
	p.Norm, p.Bold = "\x1b[00;00m", "\x1b[00;01m"
	p.Blue, p.Cyan, p.DkBlue, p.DkGreen = "\x1b[36;01m", "\x1b[00;36m", "\x1b[34;01m", "\x1b[00;32m"
	p.Green, p.Magenta, p.Red, p.Yellow = "\x1b[32;01m", "\x1b[00;35m", "\x1b[31;01m", "\x1b[33;01m"
	text, err := os.ReadFile(colourMap)
	if err != nil {
		return // nobody wants others
	}
	named := map[string]string{
		"blue": "34;01m", "brown": "00;33m", "darkblue": "00;34m", "darkgreen": "00;32m", "darkred": "00;31m",
		"faint": "00;02m", "fuchsia": "35;01m", "green": "32;01m", "lightgray": "00;37m", "purple": "00;35m",
		"red": "31;01m", "teal": "00;36m", "turquoise": "36;01m", "white": "01;38m", "yellow": "01;33m",
	}
	used := map[string]*string{"green": &p.Green, "darkgreen": &p.DkGreen, "red": &p.Red, "blue": &p.DkBlue, "turquoise": &p.Blue, "teal": &p.Cyan}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if target := used[name]; ok && target != nil && !strings.HasPrefix(value, "0x") {
			if code, known := named[value]; known {
				value = code
			}
			*target = "\x1b[" + value
		}
	}
}
