package argparse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/cmd/internal/argparse"
)

func options() []argparse.Option {
	return []argparse.Option{
		{Long: "--check", Short: "-c"}, {Long: "--clean", Short: "-C"},
		{Long: "--repo", Short: "-r", Takes: argparse.Text},
		{Long: "--time", Short: "-t", Takes: argparse.Int},
		{Long: "--load", Takes: argparse.Float},
		{Long: "--strict", Takes: argparse.Choice, Choices: argparse.YesNo()},
	}
}

func TestParse(t *testing.T) {
	for _, test := range []struct {
		line string
		want map[string][]string
		rest []string
		err  string
	}{
		{line: "-c world", want: map[string][]string{"--check": {""}}, rest: []string{"world"}},
		{line: "--ch all --rep=x -ry -r z", want: map[string][]string{"--check": {""}, "--repo": {"x", "y", "z"}}, rest: []string{"all"}},
		{line: "-cCt5", want: map[string][]string{"--check": {""}, "--clean": {""}, "--time": {"5"}}},
		{line: "-t -3", want: map[string][]string{"--time": {"-3"}}},
		{line: "--strict=y --load 1.5 -- -c", want: map[string][]string{"--strict": {"y"}, "--load": {"1.5"}}, rest: []string{"-c"}},
		{line: "--nosuch -x all", rest: []string{"--nosuch", "-x", "all"}},
		{line: "--c", err: "ambiguous option: --c could match --check, --clean"},
		{line: "--check=1", err: "argument -c/--check: ignored explicit argument '1'"},
		{line: "-t", err: "argument -t/--time: expected one argument"},
		{line: "-t x", err: "argument -t/--time: invalid int value: 'x'"},
		{line: "--load x", err: "argument --load: invalid float value: 'x'"},
		{line: "--strict z", err: "argument --strict: invalid choice: 'z' (choose from 'y', 'n')"},
		{line: "-cx", err: "argument -c: ignored explicit argument 'x'"},
	} {
		w, err := argparse.Parse(options(), strings.Fields(test.line))
		if err != nil || test.err != "" {
			if got := cmp.Diff(test.err, errText(err)); got != "" {
				t.Errorf("Parse(%q): error (-want +got):\n%s", test.line, got)
			}
			continue
		}
		for _, o := range options() {
			if diff := cmp.Diff(test.want[o.Long], w.All(o.Long)); diff != "" {
				t.Errorf("Parse(%q): %s (-want +got):\n%s", test.line, o.Long, diff)
			}
		}
		if diff := cmp.Diff(test.rest, w.Rest); diff != "" {
			t.Errorf("Parse(%q): rest (-want +got):\n%s", test.line, diff)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func FuzzParse(f *testing.F) {
	f.Add("-c world")
	f.Add("--rep=x -ry --time 5 -- x")
	f.Fuzz(func(t *testing.T, line string) {
		w, err := argparse.Parse(options(), strings.Split(line, " "))
		if (w == nil) == (err == nil) {
			t.Errorf("Parse(%q) = %v, %v: want one of both", line, w, err)
		}
	})
}
