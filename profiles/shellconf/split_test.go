package shellconf_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "[]"},
		{" a  b\tc\n", "[a|b|c]"},
		{`a"b c"d 'e "f' ""`, `[ab cd|e "f|]`},
		{`a\ b \" "\" \\ \x" '\'`, `[a b|"|" \ \x|\]`},
		{"#a b#c $d", "[#a|b#c|$d]"},
		{`"a`, "error"}, {"'a", "error"}, {`a\`, "error"}, {`"a\`, "error"}, {`"a\"`, "error"},
	} {
		words, err := shellconf.Split(c.text)
		got := "[" + strings.Join(words, "|") + "]"
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("Split(%q) = %s, want %s", c.text, got, c.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(`a "b c" 'd' \e`)
	f.Fuzz(func(t *testing.T, text string) {
		words, err := shellconf.Split(text)
		if err != nil {
			return
		}
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, "'"+strings.ReplaceAll(w, "'", `'"'"'`)+"'")
		}
		again, err := shellconf.Split(strings.Join(quoted, " "))
		if err != nil || fmt.Sprintf("%q", again) != fmt.Sprintf("%q", words) {
			t.Errorf("Split(%q) = %q, quoted and split again %q, %v", text, words, again, err)
		}
	})
}
