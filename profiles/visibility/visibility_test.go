package visibility_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
)

var masking = profilestest.Playground{
	Layout: []string{"profile-formats = portage-2"},
	Profile: map[string][]string{
		"make.defaults": {`ARCH="x86"`, `ACCEPT_KEYWORDS="x86"`, `CHOST="i686-pc-linux-gnu"`},
		"package.mask":  {"# two masks", "", "# broken", "# by us", ">=c/masked-2", "c/unmasked"},
	},
	Profiles: map[string][]string{"package.mask": {"c/repomask", "c/forgiven"}},
	User: map[string][]string{
		"make.conf":      {`ACCEPT_LICENSE="* -@EULA -Odd"`, `ACCEPT_PROPERTIES="* -interactive"`, `ACCEPT_RESTRICT="* -fetch"`},
		"package.mask":   {"# mine", "*/mine::test_repo", "-c/forgiven"},
		"package.unmask": {"=c/unmasked-1"},
		"package.use":    {"c/cond -flag"},
	},
}

func judge(tb testing.TB) (*visibility.Judge, string) {
	tb.Helper()
	root := masking.Lay(tb)
	c := profilestest.Load(tb, root)
	return visibility.New(c, use.New(c)), root
}

func pkg(tb testing.TB, text string, origin ebuild.Origin, metadata map[string]string) *ebuild.Package {
	tb.Helper()
	cpv, err := atoms.ParseCPV(text)
	if err != nil {
		tb.Fatal(err)
	}
	m := ebuild.Map{"EAPI": "8", "SLOT": "0", "KEYWORDS": "x86", "LICENSE": "GPL-2"}
	for key, value := range metadata {
		m[key] = value
	}
	return ebuild.New(cpv, "test_repo", origin, m)
}

func TestVerdict(t *testing.T) {
	j, _ := judge(t)
	const no, built, yes = 0, 1, 2 // visible: never, if installed, always
	tests := []struct {
		cpv, metadata string
		visible       int
		texts, mark   string
	}{
		{"c/fine-1", "", yes, "", " "},
		{"c/masked-1", "", yes, "", " "},
		{"c/masked-2", "", no, "package.mask", "#"},
		{"c/unmasked-1", "", yes, "", "#"},
		{"c/unmasked-2", "", no, "package.mask", "#"},
		{"c/repomask-1", "", no, "package.mask", "#"},
		{"c/forgiven-1", "", yes, "", " "},
		{"c/mine-1", "", no, "package.mask", "#"},
		{"c/p-1", "KEYWORDS=~x86", built, "~x86 keyword", "~"},
		{"c/p-1", "KEYWORDS=", built, "missing keyword", "*"},
		{"c/p-1", "LICENSE=TEST GPL-2", no, "TEST license(s)", " "},
		{"c/p-1", "LICENSE=|| ( TEST GPL-2 )", yes, "", " "},
		{"c/p-1", "LICENSE=|| ( TEST Odd ) GPL-2", no, "|| ( TEST Odd ) license(s)", " "},
		{"c/cond-1", "IUSE=+flag;LICENSE=flag? ( TEST )", yes, "", " "},
		{"c/cond-1", "IUSE=+flag;LICENSE=!flag? ( TEST GPL-2 )", no, "TEST license(s)", " "},
		{"c/p-1", "PROPERTIES=live interactive", built, "interactive properties", " "},
		{"c/p-1", "RESTRICT=fetch mirror", built, "fetch in RESTRICT", " "},
		{"c/p-1", "EAPI=99", no, "EAPI 99", " "},
		{"c/masked-2", "EAPI=99", no, "EAPI 99", "#"},
		{"c/masked-2", "KEYWORDS=~x86;LICENSE=Odd;RESTRICT=fetch", no, "package.mask, Odd license(s), fetch in RESTRICT, ~x86 keyword", "#"},
	}
	for _, tt := range tests {
		m := fields(tt.metadata)
		for _, origin := range []ebuild.Origin{ebuild.OriginEbuild, ebuild.OriginBinary, ebuild.OriginInstalled} {
			built := make(map[string]string)
			for key, value := range m {
				built[key] = value
			}
			p := pkg(t, tt.cpv, origin, built)
			v := j.Verdict(p)
			want := tt.visible == yes || tt.visible == 1 && origin == ebuild.OriginInstalled
			if v.Visible() != want {
				t.Errorf("%v %s %s: visible %v, want %v (%v)", origin, tt.cpv, tt.metadata, v.Visible(), want, v.Texts())
			}
			texts := tt.texts
			if origin == ebuild.OriginInstalled && strings.Contains(texts, ", ") {
				texts = strings.TrimSuffix(texts, ", ~x86 keyword")
			}
			if got := strings.Join(v.Texts(), ", "); got != texts && !strings.HasPrefix(tt.cpv, "c/cond") {
				t.Errorf("%v %s %s: texts %q, want %q", origin, tt.cpv, tt.metadata, got, texts)
			}
			if got := j.Mark(p).String(); got != tt.mark {
				t.Errorf("%v %s %s: mark %q, want %q", origin, tt.cpv, tt.metadata, got, tt.mark)
			}
		}
	}
}

// fields reads KEY=value pairs parted by semicolons.
func fields(text string) map[string]string {
	m := make(map[string]string)
	for pair := range strings.SplitSeq(text, ";") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			m[key] = value
		}
	}
	return m
}

func TestReasons(t *testing.T) {
	j, root := judge(t)
	v := j.Verdict(pkg(t, "c/masked-2", ebuild.OriginEbuild, map[string]string{"KEYWORDS": "~x86 ppc", "LICENSE": "TEST Odd TEST"}))
	mask := v.Find(visibility.KindMask)
	const file = "/repos/test_repo/profiles/default/linux/x86/test_profile/package.mask:5"
	if got := strings.TrimPrefix(mask.Pos.String(), root); got != file {
		t.Errorf("mask at %s, want %s", got, file)
	}
	if diff := cmp.Diff([]string{"# broken", "# by us"}, mask.Comment); diff != "" {
		t.Errorf("comment: %s", diff)
	}
	if got := mask.Atom.String(); got != ">=c/masked-2" {
		t.Errorf("mask by %s", got)
	}
	if r := v.Find(visibility.KindKeywords); r.Keyword != "~x86" || r.MissingKeyword() || strings.Join(r.Keywords, " ") != "~x86 ppc" {
		t.Errorf("keywords: %+v", r)
	}
	if r := v.Find(visibility.KindLicense); strings.Join(r.Licenses, " ") != "TEST Odd" {
		t.Errorf("licences: %+v", r)
	}
	if v.VisibleWithout(visibility.KindMask, visibility.KindLicense) || !v.VisibleWithout(visibility.KindMask, visibility.KindLicense, visibility.KindKeywords) {
		t.Error("wrong reasons count")
	}
	repo := j.Verdict(pkg(t, "c/repomask-1", ebuild.OriginEbuild, nil)).Find(visibility.KindMask)
	if got := repo.Atom.String(); got != "c/repomask::test_repo" || repo.Pos.Line != 1 {
		t.Errorf("mask of the repository: %s at %s", got, repo.Pos)
	}
	if r := j.Verdict(pkg(t, "c/p-1", ebuild.OriginEbuild, map[string]string{"KEYWORDS": "ppc"})).Find(visibility.KindKeywords); !r.MissingKeyword() {
		t.Errorf("keywords: %+v", r)
	}
}

func TestInvalidAndCHOST(t *testing.T) {
	j, _ := judge(t)
	tests := []struct {
		origin   ebuild.Origin
		metadata string
		visible  bool
		part     string
	}{
		{ebuild.OriginEbuild, "RDEPEND=c/x[", false, "invalid: RDEPEND: "},
		{ebuild.OriginEbuild, "RDEPEND=flag? ( c/x )", false, "invalid: RDEPEND: "},
		{ebuild.OriginEbuild, "IUSE=flag;RDEPEND=flag? ( c/x )", true, ""},
		{ebuild.OriginInstalled, "RDEPEND=flag? ( c/x )", true, ""},
		{ebuild.OriginEbuild, "SLOT=", false, "SLOT: undefined"},
		{ebuild.OriginEbuild, "CHOST=other", true, ""},
		{ebuild.OriginBinary, "CHOST=other", false, "CHOST: other"},
		{ebuild.OriginBinary, "CHOST=i686-pc-linux-gnu", true, ""},
		{ebuild.OriginInstalled, "CHOST=other", true, ""},
	}
	for _, tt := range tests {
		v := j.Verdict(pkg(t, "c/p-1", tt.origin, fields(tt.metadata)))
		texts := strings.Join(v.Texts(), "; ")
		if v.Visible() != tt.visible || !strings.Contains(texts, tt.part) || tt.part == "" && texts != "" {
			t.Errorf("%v %s: visible %v, %q; want %v, %q", tt.origin, tt.metadata, v.Visible(), texts, tt.visible, tt.part)
		}
	}
}

// TestVerdictWith judges with other flags than those that USE gives.
func TestVerdictWith(t *testing.T) {
	j, _ := judge(t)
	p := pkg(t, "c/p-1", ebuild.OriginEbuild, map[string]string{"IUSE": "flag", "LICENSE": "flag? ( TEST )"})
	if !j.Verdict(p).Visible() || j.VerdictWith(p, allOn{}).Visible() {
		t.Error("flags do not matter")
	}
}

type allOn struct{}

func (allOn) Declared(string) bool { return true }
func (allOn) Enabled(string) bool  { return true }
