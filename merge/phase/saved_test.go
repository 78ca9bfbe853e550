package phase

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tumpline/tumpline/atoms/sharedtest"
)

// TestSaved reads back what bash itself writes.
func TestSaved(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		sharedtest.Lacking(t, "no bash")
	}
	script := `QA_A=$'a "b" \\ $c\nd'; QA_B=(one $'t\to' "" $'\e\001'); declare -A QA_C=([k]=v); declare -i QA_D=5; OTHER=1; QA_E=; declare -p QA_A QA_B QA_C QA_D OTHER QA_E`
	out, err := exec.Command(bash, "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := savedVariables(string(out), func(name string) bool { return name != "OTHER" })
	want := map[string][]string{"QA_A": {"a \"b\" \\ $c\nd"}, "QA_B": {"one", "t\to", "", "\x1b\x01"}, "QA_D": {"5"}, "QA_E": {""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("saved variables (-want +got):\n%s", diff)
	}
}

func FuzzSaved(f *testing.F) {
	f.Add("declare -a A=([0]=\"x\" [1]=$'\\001')\ndeclare -- B=\"\\\"\"\n")
	f.Fuzz(func(t *testing.T, state string) {
		savedVariables(state, func(string) bool { return true }) // must end, and not panic
	})
}
