package stages

import (
	"strings"
	"testing"
)

// TestParsePolicy reads policies, good and bad.
func TestParsePolicy(t *testing.T) {
	for _, test := range []struct {
		text  string
		rules int
		want  string // of the errors
	}{
		{"", 0, ""},
		{"# nothing\n\n  # more\n", 0, ""},
		{"forbid */*\nprefer sys-apps/systemd pam tpm # why\navoid dev-libs/*", 3, ""},
		{"forbid >=cat/pkg-1:0 f\n", 1, ""},
		{"never cat/pkg", 0, `p:1: "never": want one of prefer, avoid, forbid`},
		{"\nprefer\nforbid cat/pkg", 1, `p:2: "prefer": want an atom after it`},
		{"prefer not an atom", 0, "p:1: "},
		{"prefer !cat/pkg f", 0, `p:1: "!cat/pkg": want an atom that is no blocker and has no USE dependency`},
		{"prefer cat/pkg -f", 0, `p:1: "-f": want the name of a flag`},
	} {
		p := &Policy{}
		var errs []string
		for _, err := range p.ParsePolicy("p", test.text) {
			errs = append(errs, err.Error())
		}
		if got := strings.Join(errs, "\n"); !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") || len(p.Rules) != test.rules {
			t.Errorf("ParsePolicy(%q): %d rules, %q; want %d, %q", test.text, len(p.Rules), got, test.rules, test.want)
		}
	}
}

// FuzzParsePolicy sees to it that no text makes the parser fail, and that each
// line is a rule, an error or nothing.
func FuzzParsePolicy(f *testing.F) {
	f.Add("forbid */*\nprefer sys-apps/systemd pam # why\n")
	f.Add("avoid cat/pkg -f\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		p := &Policy{}
		errs := p.ParsePolicy("p", text)
		if n := strings.Count(text, "\n") + 1; len(errs)+len(p.Rules) > n {
			t.Errorf("%d errors and %d rules of %d lines", len(errs), len(p.Rules), n)
		}
	})
}
