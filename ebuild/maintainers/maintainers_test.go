package maintainers_test

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/maintainers"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want []maintainers.Maintainer
		err  string
	}{
		{"<pkgmetadata/>", []maintainers.Maintainer{}, ""},
		{`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE pkgmetadata SYSTEM "https://www.gentoo.org/dtd/metadata.dtd">
<pkgmetadata>
	<maintainer type="person"><email>jane@example.org</email><name>Jane &eacute;</name></maintainer>
	<upstream><maintainer><email>not@example.org</email></maintainer></upstream>
	<maintainer type="project"><email>team@example.org</email></maintainer>
</pkgmetadata>`, []maintainers.Maintainer{
			{Email: "jane@example.org", Name: "Jane \u00e9", Type: "person"}, {Email: "team@example.org", Type: "project"},
		}, ""},
		{"<pkgmetadata>\n<maintainer>\n</pkgmetadata>", nil, "metadata.xml:3: element <maintainer> closed by </pkgmetadata>"},
		{"", nil, "metadata.xml:1: EOF"},
	} {
		got, err := maintainers.Parse("metadata.xml", strings.NewReader(c.text))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.text, d)
		}
		if text := ""; err != nil {
			if text = err.Error(); text != c.err {
				t.Errorf("%s: error %q, want %q", c.text, text, c.err)
			}
		} else if c.err != "" {
			t.Errorf("%s: no error", c.text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("<pkgmetadata><maintainer type='person'><email>a</email></maintainer></pkgmetadata>")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := maintainers.Parse("x", io.LimitReader(strings.NewReader(text), 1<<16))
		if err != nil && list != nil {
			t.Errorf("both %v and %v", list, err)
		}
	})
}
