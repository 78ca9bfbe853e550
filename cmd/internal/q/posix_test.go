package q

import "testing"

func TestExtended(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"c++", "ccc", true}, {"^c+*$", "", true}, {"^a?+$", "aaa", true}, {`\<lib`, "a libb", true}, {`\<lib`, "alib", false},
		{"a)b", "a)b", true}, {"(a|b)c", "bc", true}, {`[\d]`, `\`, true}, {`[\d]`, "1", false}, {"[]a]", "]", true},
		{"[[:digit:]]+$", "a12", true}, {`a\.b`, "axb", false}, {"app-misc/hello", "app-misc/hello-1", true},
	} {
		re, err := extended(test.pattern)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
		} else if got := re.MatchString(test.text); got != test.want {
			t.Errorf("%q matches %q: %v, want %v", test.pattern, test.text, got, test.want)
		}
	}
	if _, err := extended("(a"); err == nil {
		t.Error("an open bracket is no error")
	}
}

func TestBasic(t *testing.T) {
	for pattern, want := range map[string]string{
		`a+`: `a\+`, `a\+`: `a+`, `\(a\|b\)`: `(a|b)`, `(a)`: `\(a\)`, `*a*`: `\*a*`, `^*a`: `^\*a`, `[(]`: `[(]`, `a\.b`: `a\.b`, `x\{2\}`: `x{2}`,
	} {
		if got := fromBasic(pattern); got != want {
			t.Errorf("fromBasic(%q) = %q, want %q", pattern, got, want)
		}
	}
}

func FuzzExtended(f *testing.F) {
	f.Add("a**(b|[[:alpha:]]\\")
	f.Fuzz(func(t *testing.T, pattern string) {
		_, _ = extended(fromBasic(pattern)) // neither may panic
		_, _ = extended(pattern)
	})
}

func TestSizeText(t *testing.T) {
	for _, test := range []struct {
		n, unit int64
		want    string
	}{
		{0, 0, "0"}, {1023, 0, "1023"}, {1024, 0, "1.0K"}, {1536, 0, "1.5K"}, {2047, 0, "2.0K"}, {5 << 30, 0, "5.0G"},
		{1535, kilobyte, "1"}, {1536, kilobyte, "2"}, {7, 1, "7"},
	} {
		if got := sizeText(test.n, test.unit); got != test.want {
			t.Errorf("sizeText(%d, %d) = %q, want %q", test.n, test.unit, got, test.want)
		}
	}
}
