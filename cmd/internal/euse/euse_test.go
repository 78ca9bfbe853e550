package euse

import (
	"slices"
	"strings"
	"testing"
)

func TestReduce(t *testing.T) {
	for _, test := range []struct{ words, plain, masks string }{
		{"a b -a a", "b a", "b -a"},
		{"a -* b", "-* b", "-* b"},
		{"-a a", "a", "-a"},
		{"a a", "a", "a"},
	} {
		if got := strings.Join(reduce(strings.Fields(test.words)), " "); got != test.plain {
			t.Errorf("reduce(%q) = %q, want %q", test.words, got, test.plain)
		}
		if got := strings.Join(reduceMasks(strings.Fields(test.words)), " "); got != test.masks {
			t.Errorf("reduceMasks(%q) = %q, want %q", test.words, got, test.masks)
		}
	}
	got := reducePackages([]string{"a/b x -y", " a/c z", "a/b y", "", "a/d"})
	if want := []string{"a/b x y", "a/c z"}; !slices.Equal(got, want) {
		t.Errorf("reducePackages = %q, want %q", got, want)
	}
}

func TestWithUSE(t *testing.T) {
	long := strings.Fields(strings.Repeat("abcdefghi ", 8))
	for _, test := range []struct {
		text  string
		words []string
		want  string
	}{
		{"A=1\n", []string{"x"}, "A=1\nUSE=\"x\"\n"},
		{"A=1\nUSE=\"x y\" # note\nB=2\n", []string{"z"}, "A=1\nUSE=\"z\"\nB=2\n"},
		{"USE=\"\nx\ny\n\"\nB=2", nil, "USE=\"\"\nB=2\n"},
		{"", long, "USE=\"" + strings.Repeat("abcdefghi ", 5) + "abcdefghi \\\n     abcdefghi abcdefghi\"\n"},
	} {
		if got := withUSE(test.text, test.words); strings.TrimLeft(got, "\n") != test.want {
			t.Errorf("withUSE(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"one two", []string{"one two"}},
		{"one two three", []string{"one two ", "three"}},
		{"abcdefghijklm", []string{"abcdefghij", "klm"}},
	} {
		if got := fold(test.text, 10); !slices.Equal(got, test.want) {
			t.Errorf("fold(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func FuzzWithUSE(f *testing.F) {
	f.Add("A=1\nUSE=\"a\nb\"\n", "x -y")
	f.Fuzz(func(t *testing.T, text, words string) {
		if got := withUSE(text, strings.Fields(words)); !strings.Contains(got, "USE=\"") {
			t.Errorf("no USE in %q", got)
		}
	})
}
