package gentoolkit_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

const metadataText = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE pkgmetadata SYSTEM "https://www.gentoo.org/dtd/metadata.dtd">
<pkgmetadata>
	<maintainer type="person" restrict="&gt;=a/b-2"><email>jane@example.org</email><name>Jane</name></maintainer>
	<longdescription>Long.</longdescription>
	<use><flag name="doc">Make <pkg>a/b</pkg>
		pages</flag></use>
	<upstream>
		<maintainer><name>Up</name></maintainer>
		<doc lang="de">https://example.org/de</doc>
		<bugs-to></bugs-to>
		<remote-id type="github">a/b</remote-id>
	</upstream>
</pkgmetadata>`

func TestParseMetadata(t *testing.T) {
	got, err := gentoolkit.ParseMetadata("metadata.xml", strings.NewReader(metadataText))
	want := &gentoolkit.Metadata{
		Maintainers:  []gentoolkit.Maintainer{{Email: "jane@example.org", Name: "Jane", Type: "person", Restrict: ">=a/b-2"}},
		Descriptions: []string{"Long."},
		Flags:        []gentoolkit.FlagText{{Name: "doc", Text: "Make a/b pages"}},
		Upstreams: []gentoolkit.Upstream{{
			Maintainers: []gentoolkit.Maintainer{{Name: "Up"}},
			Documents:   []gentoolkit.Tagged{{Text: "https://example.org/de", Tag: "de"}},
			Remote:      []gentoolkit.Tagged{{Text: "a/b", Tag: "github"}},
		}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for text, told := range map[string]string{"": "metadata.xml:1: there is no element", "<a>\n<b></a>": "metadata.xml:2: "} {
		if _, err := gentoolkit.ParseMetadata("metadata.xml", strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), told) {
			t.Errorf("%q: got %v, want %s...", text, err, told)
		}
	}
}

func FuzzParseMetadata(f *testing.F) {
	f.Add(metadataText)
	f.Add("<flag name='a'>b<flag/>c</flag>")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := gentoolkit.ParseMetadata("m", strings.NewReader(text)); (m == nil) == (err == nil) {
			t.Errorf("got %v, %v", m, err)
		}
	})
}

func TestWrapper(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
	}{
		{"", ""},
		{"one two", "> one two"},
		{"one two three four", "> one two\n. three four"},
		{"one  two   three", "> one  two\n. three"},
		{"abcdefghijklmno p", "> abcdefghij\n. klmno p"},
		{"abc-defghijklmno p", "> abc-\n. defghijklm\n. no p"},
		{"a\tb", "> a       b"},
	} {
		if got := (gentoolkit.Wrapper{Width: 12, First: "> ", Subsequent: ". "}).Fill(test.text); got != test.want {
			t.Errorf("Fill(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestOutputOrder(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var b strings.Builder
		o := gentoolkit.NewOutput(&b, terminal)
		o.Line("1")
		o.Print("2")
		o.Line("3")
		o.Print(strings.Repeat("4", 9000))
		o.Line("5")
		o.Print("6")
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
		want := "132" + strings.Repeat("4", 9000) + "56"
		if terminal {
			want = "123" + strings.Repeat("4", 9000) + "56"
		}
		if got := strings.ReplaceAll(b.String(), "\n", ""); got != want {
			t.Errorf("terminal %v: order is wrong: %.10q", terminal, got)
		}
	}
}

func TestSplitName(t *testing.T) {
	for _, test := range []struct {
		text string
		want gentoolkit.Name
		ok   bool
	}{
		{"a/b-1.2_rc3-r4", gentoolkit.Name{Category: "a", Package: "b", Version: "1.2_rc3", Revision: "r4"}, true},
		{"a/b-c", gentoolkit.Name{Category: "a", Package: "b-c"}, true},
		{"bash", gentoolkit.Name{Package: "bash"}, true},
		{"a/*", gentoolkit.Name{Category: "a", Package: "*"}, true},
		{"a/b-*", gentoolkit.Name{}, false},
		{"b-r1", gentoolkit.Name{}, false},
		{"a/b-2-3", gentoolkit.Name{}, false},
		{"-", gentoolkit.Name{}, false},
	} {
		if got, ok := gentoolkit.SplitName(test.text); got != test.want || ok != test.ok {
			t.Errorf("SplitName(%q) = %+v, %v", test.text, got, ok)
		}
	}
}
