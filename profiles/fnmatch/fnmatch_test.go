package fnmatch_test

import (
	"testing"

	"github.com/tumpline/tumpline/profiles/fnmatch"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true}, {"*", "a/b", true}, {"", "", true}, {"", "a", false},
		{"lib*.so", "libx/y.so", true}, {"lib*.so", "libx.so.1", false},
		{"a?c", "abc", true}, {"a?c", "aéc", true}, {"a?c", "ac", false},
		{"[a-c]x", "bx", true}, {"[!a-c]x", "bx", false}, {"[]]", "]", true}, {"[", "[", true}, {"[a", "[a", true},
		{`\*`, `\x`, true}, {`\*`, "*", false},
		{"*a*b*c", "xxaxxbxxc", true}, {"*a*b*c", "xxaxxcxxb", false},
	}
	for _, tt := range tests {
		if got := fnmatch.Match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("Match(%q, %q) = %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("*a[!b-d]?", "xxaq.")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if fnmatch.Match(pattern, name) && !fnmatch.Match(pattern+"*", name) {
			t.Errorf("%q matches %q, but not with a star behind", pattern, name)
		}
	})
}
