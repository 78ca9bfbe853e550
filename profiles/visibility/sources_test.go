package visibility_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
)

// Every reason names the words that decided, with their places.
func TestSources(t *testing.T) {
	world := masking
	world.Profile = map[string][]string{
		"make.defaults":    masking.Profile["make.defaults"],
		"package.mask":     masking.Profile["package.mask"],
		"package.keywords": {"c/changed ~x86 -x86"},
	}
	world.User = map[string][]string{
		"make.conf":               {`ACCEPT_LICENSE="* -@EULA -Odd"`, `ACCEPT_PROPERTIES="* -interactive"`, `ACCEPT_RESTRICT="* -fetch"`},
		"package.accept_keywords": {"", "c/lifted ~x86", "=c/lifted-2 -~x86", "c/odd ~arm"},
		"package.license":         {"c/mine -GPL-2"},
		"package.properties":      {"c/mine -live"},
		"license_groups":          {"EULA @NESTED", "", "NESTED Bad"},
	}
	root := world.Lay(t)
	c := profilestest.Load(t, root)
	j := visibility.New(c, use.New(c))
	tests := []struct{ cpv, metadata, want string }{
		{"c/p-1", "KEYWORDS=~x86", "ACCEPT_KEYWORDS x86, make.conf:1"},
		{"c/lifted-2", "KEYWORDS=~x86", "package.accept_keywords -~x86, package.accept_keywords:3"},
		{"c/odd-1", "KEYWORDS=~x86", "package.accept_keywords ~arm, package.accept_keywords:4; ACCEPT_KEYWORDS x86, make.conf:1"},
		{"c/changed-1", "KEYWORDS=x86", "package.keywords ~x86 -x86, test_profile/package.keywords:1; ACCEPT_KEYWORDS x86, make.conf:1"},
		{"c/p-1", "LICENSE=Odd", "ACCEPT_LICENSE -Odd, make.conf:2"},
		{"c/p-1", "LICENSE=Bad", "ACCEPT_LICENSE -@EULA, make.conf:2; license_groups EULA, license_groups:1; license_groups NESTED, license_groups:3"},
		{"c/mine-1", "", "package.license -GPL-2, package.license:1"},
		{"c/mine-1", "PROPERTIES=live", "package.license -GPL-2, package.license:1; package.properties -live, package.properties:1"},
		{"c/p-1", "RESTRICT=fetch", "ACCEPT_RESTRICT -fetch, make.conf:4"},
	}
	for _, tt := range tests {
		m := fields(tt.metadata)
		var got []string
		for _, r := range j.Verdict(pkg(t, tt.cpv, ebuild.OriginEbuild, m)).Reasons {
			for _, s := range r.Sources() {
				got = append(got, short(s))
			}
		}
		if text := strings.Join(got, "; "); text != tt.want {
			t.Errorf("%s %s: sources are %s, want %s", tt.cpv, tt.metadata, text, tt.want)
		}
	}
}

// short returns a source with the name of its file below etc/portage or the profile.
func short(s profiles.Source) string {
	for _, dir := range []string{"/etc/portage/", "/test_profile/"} {
		if i := strings.LastIndex(s.Pos.File, dir); i >= 0 {
			s.Pos.File = strings.TrimPrefix(s.Pos.File[i+1:], "etc/portage/")
		}
	}
	return s.String()
}
