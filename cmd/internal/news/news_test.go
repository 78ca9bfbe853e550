package news

import (
	"testing"

	"github.com/tumpline/tumpline/atoms"
)

func TestJudge(t *testing.T) {
	installed := func(a *atoms.Atom) bool { return a.CP == "app-misc/hello" }
	for _, test := range []struct {
		text     string
		want     bool
		problems int
	}{
		{"News-Item-Format: 2.0\n", true, 0},
		{"News-Item-Format: 1.0\nDisplay-If-Installed: app-misc/hello\n", true, 0},
		{"News-Item-Format: 2.0\nDisplay-If-Installed: app-misc/other\n", false, 0},
		{"News-Item-Format: 2.0\nDisplay-If-Installed: app-misc/other\nDisplay-If-Installed: app-misc/hello\n", true, 0},
		{"News-Item-Format: 2.0\nDisplay-If-Installed: app-misc/hello\nDisplay-If-Keyword: arm64\n", false, 0},
		{"News-Item-Format: 2.0\nDisplay-If-Keyword: amd64\nDisplay-If-Profile: default/*\n", true, 0},
		{"News-Item-Format: 2.0\nDisplay-If-Profile: default/linux\n", false, 0},
		{"News-Item-Format: 3.0\n", false, 1},
		{"Title: x\n", false, 1},
		{"News-Item-Format: 2.0\nDisplay-If-Installed: =bad\n", false, 1},
	} {
		got, problems := judge("f", test.text, "default/linux/amd64", "amd64", installed)
		if got != test.want || len(problems) != test.problems {
			t.Errorf("judge(%q) = %v, %v; want %v and %d problems", test.text, got, problems, test.want, test.problems)
		}
	}
}

func FuzzJudge(f *testing.F) {
	f.Add("News-Item-Format: 2.0\nDisplay-If-Installed: app-misc/hello\n")
	f.Add("Display-If-Profile: default/*\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, problems := judge("f", text, "p", "amd64", func(*atoms.Atom) bool { return true })
		if got && len(problems) > 0 {
			t.Errorf("judge(%q) is relevant with problems %v", text, problems)
		}
	})
}
