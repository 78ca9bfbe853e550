package render_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver/render"
)

func TestPaint(t *testing.T) {
	theme := render.NewTheme()
	for name, want := range map[string]string{
		"black": "\x1b[30mx\x1b[39;49;00m", "darkgray": "\x1b[30;01mx\x1b[39;49;00m",
		"red": "\x1b[31;01mx\x1b[39;49;00m", "turquoise": "\x1b[36;01mx\x1b[39;49;00m", "white": "\x1b[37;01mx\x1b[39;49;00m",
		"bold": "\x1b[01mx\x1b[39;49;00m", "WARN": "\x1b[33;01mx\x1b[39;49;00m", "PKG_NOMERGE": "\x1b[36mx\x1b[39;49;00m",
		"nonsense": "x",
	} {
		if got := theme.Paint(name, "x"); got != want {
			t.Errorf("Paint(%s): %q, want %q", name, got, want)
		}
	}
	if got := (*render.Theme)(nil).Paint("red", "x"); got != "x" {
		t.Errorf("no theme: %q", got)
	}
}

const colorMap = `# comment
PKG_MERGE = bold red   # more
"WARN"='green'
blue=35m
teal = underline green
ERR = 01;31m
`

func TestColorMap(t *testing.T) {
	theme, err := render.NewTheme().ReadColorMap("color.map", strings.NewReader(colorMap))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"PKG_MERGE": "\x1b[01m\x1b[31;01mx\x1b[39;49;00m", "WARN": "\x1b[32;01mx\x1b[39;49;00m", "blue": "\x1b[35mx\x1b[39;49;00m",
		"teal": "\x1b[04m\x1b[32;01mx\x1b[39;49;00m", "ERR": "\x1b[01;31mx\x1b[39;49;00m", "BAD": "\x1b[31;01mx\x1b[39;49;00m",
	} {
		if got := theme.Paint(name, "x"); got != want {
			t.Errorf("Paint(%s): %q, want %q", name, got, want)
		}
	}
}

func TestColorMapFaults(t *testing.T) {
	text := "a = b = c\nNOPE = red\nWARN = pink\nGOOD = blue\n"
	theme, err := render.NewTheme().ReadColorMap("etc/color.map", strings.NewReader(text))
	want := "etc/color.map:1: \"a = b = c\": want one '='\netc/color.map:2: unknown name \"NOPE\"\netc/color.map:3: unknown colour \"pink\""
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant %s", err, want)
	}
	if got := theme.Paint("GOOD", "x"); got != "\x1b[34;01mx\x1b[39;49;00m" {
		t.Errorf("the good line is lost: %q", got)
	}
}

func FuzzColorMap(f *testing.F) {
	f.Add(colorMap)
	f.Add("=\n'='\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		theme, _ := render.NewTheme().ReadColorMap("f", strings.NewReader(text))
		if got := theme.Paint("PKG_MERGE", "name"); !strings.Contains(got, "name") {
			t.Errorf("Paint: %q", got)
		}
	})
}
