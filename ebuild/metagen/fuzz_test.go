package metagen_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild/metagen"
)

func TestParseEAPI(t *testing.T) {
	for _, c := range []struct {
		text, name string
		line       int
	}{
		{"EAPI=8\n", "8", 1},
		{"# EAPI=1\n\n \t# x\n  EAPI='7' # y\n", "7", 4},
		{"\tEAPI=\"5-hdepend\"\t\n", "5-hdepend", 1},
		{"EAPI=8#x\n", "0", 1},
		{"EAPI='8\"\n", "0", 1},
		{"EAPI=\n", "", 1},
		{"EAPI=8;\n", "0", 1},
		{"", "0", 0},
		{"# only\n", "0", 0},
		{"EAPI=8", "8", 1},
	} {
		if name, line := metagen.ParseEAPI(c.text); name != c.name || line != c.line {
			t.Errorf("ParseEAPI(%q) = %q, %d; want %q, %d", c.text, name, line, c.name, c.line)
		}
	}
}

// FuzzParseEAPI: an EAPI holds no character that the syntax forbids, and stands on
// the line that is told.
func FuzzParseEAPI(f *testing.F) {
	for _, s := range []string{"EAPI=8\n", "#\nEAPI='7' #", "EAPI=\"\"\n", "\n\r\nEAPI=1\r\n", "\x00EAPI=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, line := metagen.ParseEAPI(text)
		if line == 0 {
			return
		}
		lines := strings.Split(text, "\n")
		if line > len(lines) || name != "0" && !strings.Contains(lines[line-1], name) || strings.ContainsAny(name, " \t'\"$\n") {
			t.Fatalf("ParseEAPI(%q) = %q, %d", text, name, line)
		}
	})
}
