package phase

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/eapi"
)

func TestFilter(t *testing.T) {
	e, _ := eapi.Lookup("8")
	state := "declare -x A=\"x.tar\"\n" +
		"declare -- BASH_REMATCH=()\n" +
		"declare -rx SLOT=\"0\"\n" +
		"declare -rx D=\"/i\"\n" +
		"declare -ar list=([0]=\"a\\\"b\nPN=evil\" [1]=$'it\\'s $1\\n')\n" +
		"declare -x PATH=\"/bin\"\n" +
		"declare -x SANDBOX_WRITE=\"/w\"\n" +
		"declare -- one=\"a\x01b\"\n" +
		"declare -- unset_one\n" +
		"f () \n{ \n    declare -x A=1\n}\n"
	kept := "declare -x SLOT=\"0\"\n" +
		"declare -a list=([0]=\"a\\\"b\nPN=evil\" [1]=$'it\\'s $1\\n')\n"
	rest := "declare -- one=\"ab\"\ndeclare -- unset_one\nf () \n{ \n    declare -x A=1\n}\n"
	if diff := cmp.Diff(kept+"declare -x PATH=\"/bin\"\ndeclare -x SANDBOX_WRITE=\"/w\"\n"+rest, betweenPhases(e).apply(state)); diff != "" {
		t.Errorf("between phases (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("declare -x A=\"x.tar\"\n"+kept+rest, installed(e).apply(state)); diff != "" {
		t.Errorf("installed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(kept+rest, fromElsewhere(e).apply(state)); diff != "" {
		t.Errorf("from elsewhere (-want +got):\n%s", diff)
	}
}

func FuzzFilter(f *testing.F) {
	e, _ := eapi.Lookup("8")
	f.Add("declare -x A=\"a\nb\"\ndeclare -- B=$'x'\nf () \n{ \n    :\n}\n")
	f.Fuzz(func(t *testing.T, state string) {
		once := betweenPhases(e).apply(state)
		if twice := betweenPhases(e).apply(once); twice != once {
			t.Errorf("not stable:\n%q\n%q", once, twice)
		}
	})
}
