package getopt_test

import (
	"slices"
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func TestParse(t *testing.T) {
	spec := getopt.Spec{Short: "hqF:", Long: []string{"help", "quiet", "format=", "for"}}
	mixed := spec
	mixed.Mixed = true
	for _, test := range []struct {
		spec    getopt.Spec
		args    []string
		options []getopt.Option
		rest    []string
		err     string
	}{
		{spec: spec, args: []string{"-qh", "a", "-q"}, options: []getopt.Option{{"-q", ""}, {"-h", ""}}, rest: []string{"a", "-q"}},
		{spec: mixed, args: []string{"a", "-q", "-", "b"}, options: []getopt.Option{{"-q", ""}}, rest: []string{"a", "-", "b"}},
		{spec: mixed, args: []string{"-qFx", "-F", "y", "--format", "z", "--format=", "--", "-q"},
			options: []getopt.Option{{"-q", ""}, {"-F", "x"}, {"-F", "y"}, {"--format", "z"}, {"--format", ""}}, rest: []string{"-q"}},
		{spec: mixed, args: []string{"--he", "--for"}, options: []getopt.Option{{"--help", ""}, {"--for", ""}}},
		{spec: spec, args: []string{"-x"}, err: "option -x not recognized"},
		{spec: spec, args: []string{"-:"}, err: "option -: not recognized"},
		{spec: spec, args: []string{"-qF"}, err: "option -F requires argument"},
		{spec: spec, args: []string{"--nosuch=1"}, err: "option --nosuch not recognized"},
		{spec: spec, args: []string{"--fo"}, err: "option --fo not a unique prefix"},
		{spec: spec, args: []string{"--format"}, err: "option --format requires argument"},
		{spec: spec, args: []string{"--he=1"}, err: "option --help must not have an argument"},
	} {
		options, rest, err := getopt.Parse(test.spec, test.args)
		told := ""
		if err != nil {
			told = err.Error()
		}
		if err != nil {
			options, rest = nil, nil
		}
		if told != test.err || !slices.Equal(options, test.options) || !slices.Equal(rest, test.rest) {
			t.Errorf("Parse(%q) = %v, %q, %q, want %v, %q, %q", test.args, options, rest, told, test.options, test.rest, test.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("-qF", "--form=x", "a")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		spec := getopt.Spec{Short: "hqF:", Long: []string{"help", "format="}, Mixed: true}
		options, rest, err := getopt.Parse(spec, []string{a, b, c})
		if err == nil && len(options) == 0 && len(rest) < 2 {
			t.Errorf("Parse(%q, %q, %q) loses words: %q", a, b, c, rest)
		}
	})
}
