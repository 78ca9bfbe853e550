package emerge

import "testing"

func TestNearOptions(t *testing.T) {
	for msg, want := range map[string]string{
		"unrecognized arguments: --pretned":           " (did you mean --pretend?)",
		"unrecognized arguments: --usepkgolny=y":      " (did you mean --usepkgonly, --usepkg?)",
		"unrecognized arguments: --nosuch":            "",
		"unrecognized arguments: -Z":                  "",
		"unrecognized arguments: --depclaen --zzz":    " (did you mean --depclean?)",
		"argument --jobs: expected an integer number": "",
	} {
		if got := nearOptions(msg); got != want {
			t.Errorf("nearOptions(%q) = %q, want %q", msg, got, want)
		}
	}
}
