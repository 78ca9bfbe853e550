package keywords_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/keywords"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

func pkg(tb testing.TB, text, kw string) *ebuild.Package {
	tb.Helper()
	cpv, err := atoms.ParseCPV(text)
	if err != nil {
		tb.Fatal(err)
	}
	return ebuild.New(cpv, "test_repo", ebuild.OriginEbuild, ebuild.Map{"EAPI": "8", "SLOT": "0", "KEYWORDS": kw})
}

// TestTable is the match table: what is accepted against KEYWORDS.
func TestTable(t *testing.T) {
	columns := []string{"x86", "~x86", "ppc", "~ppc", "*", "~*", "", "-x86", "-*"}
	rows := []struct{ accepted, want string }{
		{"x86", "y---y----"},
		{"x86 ~x86", "yy--yy---"},
		{"~x86", "-y--yy---"},
		{"*", "y-y-y----"},
		{"~*", "-y-yyy---"},
		{"**", "yyyyyyyyy"},
		{"", "----y----"},
	}
	for _, row := range rows {
		root := profilestest.Playground{Profile: map[string][]string{
			"make.defaults": {`ARCH="x86"`, `ACCEPT_KEYWORDS="` + row.accepted + `"`},
		}}.Lay(t)
		o := profilestest.Options(t, root)
		o.Env = map[string]string{"ACCEPT_KEYWORDS": "-* " + row.accepted}
		c, err := profiles.Load(o)
		if err != nil {
			t.Fatal(err)
		}
		j := keywords.New(c)
		got := ""
		for _, kw := range columns {
			if j.Missing(pkg(t, "a/b-1", kw)) == nil {
				got += "y"
			} else {
				got += "-"
			}
		}
		if got != row.want {
			t.Errorf("accepting %q: %s, want %s", row.accepted, got, row.want)
		}
	}
}

func TestPackageFiles(t *testing.T) {
	c := profilestest.Load(t, profilestest.Playground{
		Profile: map[string][]string{
			"package.keywords":        {"a/changed -~x86 x86"},
			"package.accept_keywords": {"a/profile"},
		},
		User: map[string][]string{
			"package.accept_keywords": {"a/plain", "a/any **", "a/back ~x86", "=a/back-2 -~x86", "a/none -x86"},
			"package.keywords":        {"a/old ~ppc"},
		},
	}.Lay(t))
	j := keywords.New(c)
	tests := []struct{ cpv, kw, missing, reason, mark string }{
		{"a/plain-1", "~x86", "", "", "~"},
		{"a/plain-1", "~ppc", "~ppc", "missing", "*"},
		{"a/profile-1", "~x86 ppc", "", "", "~"},
		{"a/other-1", "~x86", "~x86", "~x86", "~"},
		{"a/other-1", "", "**", "missing", "*"},
		{"a/any-1", "", "", "", "*"},
		{"a/back-1", "~x86", "", "", "~"},
		{"a/back-2", "~x86", "~x86", "~x86", "~"},
		{"a/none-1", "x86", "x86", "missing", " "},
		{"a/old-1", "~ppc", "", "", "*"},
		{"a/changed-1", "~x86", "", "", " "},
	}
	for _, tt := range tests {
		p := pkg(t, tt.cpv, tt.kw)
		if got := strings.Join(j.Missing(p), " "); got != tt.missing {
			t.Errorf("Missing(%s, %q) = %q, want %q", tt.cpv, tt.kw, got, tt.missing)
		}
		if got := j.Reason(p); got != tt.reason {
			t.Errorf("Reason(%s, %q) = %q, want %q", tt.cpv, tt.kw, got, tt.reason)
		}
		if got := j.Mark(p).String(); got != tt.mark {
			t.Errorf("Mark(%s, %q) = %q, want %q", tt.cpv, tt.kw, got, tt.mark)
		}
	}
}

func TestStable(t *testing.T) {
	c := profilestest.Load(t, profilestest.Playground{
		User: map[string][]string{"package.accept_keywords": {"a/testing", "a/live **"}},
	}.Lay(t))
	j := keywords.New(c)
	tests := []struct {
		cpv, kw string
		want    bool
	}{
		{"a/b-1", "x86", true},
		{"a/b-1", "x86 ~ppc", true},
		{"a/b-1", "~x86", false},
		{"a/b-1", "*", true},
		{"a/b-1", "", false},
		{"a/testing-1", "x86", false},
		{"a/live-1", "x86", false},
	}
	for _, tt := range tests {
		if got := j.Stable(pkg(t, tt.cpv, tt.kw)); got != tt.want {
			t.Errorf("Stable(%s, %q) = %v, want %v", tt.cpv, tt.kw, got, tt.want)
		}
	}
}
