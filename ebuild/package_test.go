package ebuild_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

func cpv(tb testing.TB, s string) atoms.CPV {
	tb.Helper()
	c, err := atoms.ParseCPV(s)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// make1 makes app-misc/foo-1.2-r3 of lines KEY=value.
func make1(tb testing.TB, origin ebuild.Origin, text string) *ebuild.Package {
	tb.Helper()
	m := ebuild.Map{}
	for _, line := range strings.Split(text, "\n") {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			m[key] = value
		}
	}
	return ebuild.New(cpv(tb, "app-misc/foo-1.2-r3"), "gentoo", origin, m)
}

func TestNew(t *testing.T) {
	p := make1(t, ebuild.OriginEbuild, `
		EAPI=8
		SLOT=0/1.2
		KEYWORDS=amd64 ~arm64 -*
		IUSE=+a -b c
		USE=never mind
		RDEPEND=c? ( a/b )
	`)
	if got := p.String(); got != "app-misc/foo-1.2-r3:0/1.2::gentoo" {
		t.Errorf("String() = %s", got)
	}
	if diff := cmp.Diff([]string{"amd64", "~arm64", "-*"}, p.Keywords); diff != "" {
		t.Errorf("Keywords (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]ebuild.IUSEFlag{{"a", 1}, {"b", -1}, {"c", 0}}, p.IUSE); diff != "" {
		t.Errorf("IUSE (-want +got):\n%s", diff)
	}
	if fmt.Sprint(p.IUSE) != "[+a -b c]" || !p.HasIUSE("b") || p.HasIUSE("-b") {
		t.Errorf("IUSE = %v", p.IUSE)
	}
	if p.USE != nil || p.BuildID != ebuild.NoBuildID || p.EAPI.Name != "8" || p.Raw("RDEPEND") != "c? ( a/b )" {
		t.Errorf("%+v", p)
	}
	deps, err := p.Deps(atoms.RDepend)
	if err != nil || deps.String() != "c? ( a/b )" {
		t.Errorf("Deps = %v, %v", deps, err)
	}
	if again, _ := p.Deps(atoms.RDepend); again != deps {
		t.Error("Deps is parsed twice")
	}
	if none, err := p.Deps(atoms.Depend); err != nil || len(none.Children) > 0 {
		t.Errorf("no dependencies: %v, %v", none, err)
	}
	if _, err := p.Deps(99); err == nil {
		t.Error("Deps(99) has no error")
	}
}

func TestNewBuilt(t *testing.T) {
	p := make1(t, ebuild.OriginBinary, `
		USE=a b
		BUILD_TIME=12
		BUILD_ID=3
		COUNTER=7
		SIZE=100
		_mtime_=9
	`)
	if p.EAPIName != "0" || p.BuildTime() != 12 || p.BuildID != 3 || p.Counter() != 7 || p.Size != 100 || p.MTime != 9 || len(p.USE) != 2 {
		t.Errorf("%+v", p)
	}
	for _, c := range []struct{ repo, want string }{{"gentoo", "gentoo"}, {"my repo", "my-repo"}, {"", ebuild.UnknownRepo}, {"?", ebuild.UnknownRepo}} {
		if got := ebuild.New(p.CPV, c.repo, ebuild.OriginInstalled, ebuild.Map{}).Repo; got != c.want {
			t.Errorf("repository %q reads %q, want %q", c.repo, got, c.want)
		}
	}
	odd := make1(t, ebuild.OriginInstalled, "BUILD_TIME=soon\nBUILD_ID=x\nCOUNTER=y")
	if odd.BuildTime() != -1 || odd.BuildID != ebuild.NoBuildID || odd.Counter() != 0 {
		t.Errorf("%+v", odd)
	}
}

func TestUnsupportedEAPI(t *testing.T) {
	p := make1(t, ebuild.OriginEbuild, "EAPI=99\nSLOT=0/1\nDEPEND=a/b[x]:=")
	if p.EAPI != nil || p.EAPIName != "99" || p.Slot != "0" || p.Subslot != "1" {
		t.Errorf("%+v", p)
	}
}

func TestSlot(t *testing.T) {
	for _, c := range []struct{ eapi, in, slot, subslot string }{
		{"8", "0", "0", "0"}, {"8", "2.4/1", "2.4", "1"}, {"8", "_x-+.y", "_x-+.y", "_x-+.y"},
		{"4", "1/2", "", ""}, {"8", "", "", ""}, {"8", "-1", "", ""}, {"8", "1/", "", ""}, {"8", "1/2/3", "", ""},
		{"8", " 0", "", ""}, {"99", "1/2", "1", "2"},
	} {
		p := make1(t, ebuild.OriginEbuild, "EAPI="+c.eapi)
		p = ebuild.New(p.CPV, "r", ebuild.OriginEbuild, ebuild.Map{"EAPI": c.eapi, "SLOT": c.in})
		invalid := c.slot == ""
		if invalid {
			c.slot, c.subslot = "0", "0"
		}
		if p.Slot != c.slot || p.Subslot != c.subslot || (len(p.Invalid()) > 0) != invalid {
			t.Errorf("EAPI %s, SLOT=%q: %s/%s, invalid %v; want %s/%s", c.eapi, c.in, p.Slot, p.Subslot, p.Invalid(), c.slot, c.subslot)
		}
	}
}

// Which values are invalid, and under which EAPI, are answers of Portage's
// use_reduce and check_required_use.
func TestInvalid(t *testing.T) {
	const e, b, i = ebuild.OriginEbuild, ebuild.OriginBinary, ebuild.OriginInstalled
	for _, c := range []struct {
		origin ebuild.Origin
		text   string
		want   string // fault and key of each error
	}{
		{e, "EAPI=8\nRDEPEND=a/b:= || ( c/d )", ""},
		{e, "EAPI=4\nRDEPEND=a/b:=", "syntax RDEPEND"},
		{i, "EAPI=4\nRDEPEND=a/b:=", ""},
		{b, "EAPI=4\nRDEPEND=a/b:=", "syntax RDEPEND"},
		{e, "EAPI=4\nSLOT=1/1", "SLOT.invalid SLOT"},
		{b, "EAPI=4\nSLOT=1/1", "SLOT.invalid SLOT"},
		{i, "EAPI=4\nSLOT=1/1", ""},
		{e, "EAPI=8\nRDEPEND=a/b:0/1=", "syntax RDEPEND"},
		{b, "EAPI=8\nRDEPEND=a/b:0/1=", ""},
		{e, "EAPI=1\nDEPEND=a/b[x]", "syntax DEPEND"},
		{e, "EAPI=1\nDEPEND=!!a/b", "syntax DEPEND"},
		{e, "EAPI=8\nDEPEND=|| ( a/b\nRDEPEND=a/b )\nBDEPEND=foo\nPDEPEND=x? a/b\nIDEPEND=^^ ( a/b )",
			"syntax BDEPEND, syntax DEPEND, syntax IDEPEND, syntax PDEPEND, syntax RDEPEND"},
		{e, "EAPI=8\nDEPEND=a/b::gentoo", "syntax DEPEND"},
		{e, "EAPI=8\nDEPEND=|| ( )", "syntax DEPEND"},
		{e, "EAPI=8\nDEPEND=( )", "syntax DEPEND"},
		{e, "EAPI=8\nLICENSE=|| ( A\nPROPERTIES=x? y\nRESTRICT=-> x", "syntax LICENSE, syntax PROPERTIES, syntax RESTRICT"},
		{i, "EAPI=8\nLICENSE=|| ( A", "syntax LICENSE"},
		{e, "EAPI=8\nLICENSE=GPL-2 || ( A B ) x? ( C ) ( D )", ""},
		{e, "EAPI=3\nREQUIRED_USE=x", "EAPI.incompatible REQUIRED_USE"},
		{b, "EAPI=3\nREQUIRED_USE=x", ""},
		{e, "EAPI=4\nREQUIRED_USE=?? ( x )", "syntax REQUIRED_USE"},
		{e, "EAPI=5\nREQUIRED_USE=?? ( x ) ^^ ( x !x ) || ( ( x ) ) !x? ( x )", ""},
		{e, "EAPI=8\nREQUIRED_USE=|| (", "syntax REQUIRED_USE"},
		{b, "EAPI=8\nREQUIRED_USE=|| (", ""},
		{e, "EAPI=8\nREQUIRED_USE=a? b", "syntax REQUIRED_USE"},
		{e, "EAPI=0\nIUSE=+a -b", "EAPI.incompatible IUSE"},
		{i, "EAPI=0\nIUSE=+a", ""},
		{e, "EAPI=1\nIUSE=+a", ""},
		{e, "EAPI=8\nSRC_URI=http://a/b -> c", ""},
		{e, "EAPI=1\nSRC_URI=http://a/b -> c", "syntax SRC_URI"},
		{e, "EAPI=8\nSRC_URI=a ->", "syntax SRC_URI"},
		{i, "EAPI=8\nSRC_URI=a ->", ""},
		{e, "EAPI=8\nSRC_URI=|| ( http://a )", "syntax SRC_URI"},
		{e, "EAPI=7\nSRC_URI=fetch+http://a", "syntax SRC_URI"},
		{b, "EAPI=8\nPROVIDES=x86_64: a.so b.so\nREQUIRES=a.so", "syntax REQUIRES"},
		{b, "EAPI=8\nPROVIDES=x86_64:\nREQUIRES=x: a y: b x: c", "syntax PROVIDES, syntax REQUIRES"},
		{e, "EAPI=8\nPROVIDES=:", ""},
	} {
		var got []string
		p := make1(t, c.origin, "SLOT=0\n"+c.text)
		for _, err := range p.Invalid() {
			var m *ebuild.MetadataError
			if !errors.As(err, &m) {
				t.Fatalf("%T is no MetadataError: %v", err, err)
			}
			if !strings.HasPrefix(err.Error(), m.Key+": ") || strings.Count(err.Error(), m.Key+": ") > 1 {
				t.Errorf("error does not name its variable once: %v", err)
			}
			got = append(got, m.Fault.String()+" "+m.Key)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%v %q: invalid %v; want %q", c.origin, c.text, p.Invalid(), c.want)
		}
	}
}

func TestInvalidInstalledNamesFile(t *testing.T) {
	p := ebuild.Make(ebuild.Input{
		CPV: cpv(t, "a/b-1"), Repo: "r", Origin: ebuild.OriginInstalled, Path: "/var/db/pkg/a/b-1",
		Metadata: ebuild.Map{"SLOT": "0", "RDEPEND": "|| ("},
	})
	if errs := p.Invalid(); len(errs) != 1 || !strings.HasSuffix(errs[0].Error(), " in /var/db/pkg/a/b-1/RDEPEND") {
		t.Errorf("Invalid() = %v", errs)
	}
}

func TestCheckFlags(t *testing.T) {
	declared := func(flag string) bool { return flag == "implicit" }
	const text = `EAPI=8
SLOT=0
IUSE=x
RDEPEND=x? ( a/b ) y? ( a/b[z?,w(+)] ) !implicit? ( a/b )
LICENSE=l? ( A )
RESTRICT=!test? ( test )
REQUIRED_USE=x? ( r !implicit )
SRC_URI=s? ( http://a )`
	for _, c := range []struct {
		origin ebuild.Origin
		want   string
	}{
		{ebuild.OriginEbuild, "RDEPEND y, RDEPEND z, LICENSE l, RESTRICT test, REQUIRED_USE r, SRC_URI s"},
		{ebuild.OriginBinary, "RDEPEND y, RDEPEND z, LICENSE l, RESTRICT test, SRC_URI s"},
		{ebuild.OriginInstalled, ""},
	} {
		p := make1(t, c.origin, text)
		for range 2 {
			var got []string
			for _, err := range p.CheckFlags(declared) {
				var m *ebuild.MetadataError
				if !errors.As(err, &m) || m.Fault != ebuild.FaultIUSE {
					t.Fatalf("%v is no missing flag", err)
				}
				got = append(got, m.Key+" "+strings.Split(err.Error(), `"`)[1])
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%v: CheckFlags = %v; want %s", c.origin, p.CheckFlags(declared), c.want)
			}
		}
	}
}

func TestParseSonames(t *testing.T) {
	got, err := ebuild.ParseSonames(" x86_64: libc.so.6 libm.so.6 x86_32: libc.so.6")
	want := []ebuild.Soname{{"x86_64", "libc.so.6"}, {"x86_64", "libm.so.6"}, {"x86_32", "libc.so.6"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("ParseSonames (-want +got):\n%s%v", diff, err)
	}
	if got, err := ebuild.ParseSonames(""); got != nil || err != nil {
		t.Errorf("ParseSonames of nothing: %v, %v", got, err)
	}
}

func TestPoolShares(t *testing.T) {
	pool := ebuild.NewPool()
	build := func(v string) *ebuild.Package {
		return ebuild.Make(ebuild.Input{CPV: cpv(t, "a/b-"+v), Repo: "r", Pool: pool, Metadata: ebuild.Map{"EAPI": "8", "KEYWORDS": "x y", "IUSE": "a", "DEPEND": "c/d"}})
	}
	p, q := build("1"), build("2")
	if &p.Keywords[0] != &q.Keywords[0] || &p.IUSE[0] != &q.IUSE[0] {
		t.Error("lists are not shared")
	}
	a, _ := p.Deps(atoms.Depend)
	b, _ := q.Deps(atoms.Depend)
	if a != b {
		t.Error("trees are not shared")
	}
}

func TestCompare(t *testing.T) {
	at := func(v string, time string, o ebuild.Origin) *ebuild.Package {
		return ebuild.New(cpv(t, "a/b-"+v), "r", o, ebuild.Map{"BUILD_TIME": time})
	}
	for _, c := range []struct {
		p, q *ebuild.Package
		want int
	}{
		{at("1", "", 0), at("2", "", 0), -1},
		{at("1", "5", ebuild.OriginBinary), at("1", "6", ebuild.OriginInstalled), -1},
		{at("1", "5", ebuild.OriginEbuild), at("1", "6", ebuild.OriginBinary), 0},
	} {
		if got, back := c.p.Compare(c.q), c.q.Compare(c.p); got != c.want || back != -c.want {
			t.Errorf("Compare(%v, %v) = %d and %d, want %d", c.p, c.q, got, back, c.want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	p := make1(t, ebuild.OriginEbuild, "EAPI=8\nSLOT=0\nRDEPEND=a/b\nLICENSE=x? ( A )")
	var wait sync.WaitGroup
	trees := make([]*atoms.Dep, 8)
	for i := range trees {
		wait.Go(func() {
			trees[i], _ = p.Deps(atoms.RDepend)
			p.Invalid()
			p.CheckFlags(func(string) bool { return false })
		})
	}
	wait.Wait()
	for _, tree := range trees {
		if tree != trees[0] {
			t.Error("two trees of one value")
		}
	}
}

func FuzzPackage(f *testing.F) {
	f.Add("8", "0/1", "a/b[x?]:= || ( c/d )", "+a -b", "x? ( a )", "http://a -> b")
	f.Add("0", "", "!!a/b ^^ (", "+", "??", "->")
	f.Fuzz(func(t *testing.T, eapi, slot, deps, iuse, required, uri string) {
		m := ebuild.Map{"EAPI": eapi, "SLOT": slot, "DEPEND": deps, "IUSE": iuse, "REQUIRED_USE": required, "SRC_URI": uri, "LICENSE": deps, "PROVIDES": deps}
		for _, o := range []ebuild.Origin{ebuild.OriginEbuild, ebuild.OriginBinary, ebuild.OriginInstalled} {
			p := ebuild.New(atoms.CPV{CP: "a/b"}, "r", o, m)
			for _, err := range append(p.Invalid(), p.CheckFlags(func(string) bool { return false })...) {
				if err.Error() == "" {
					t.Fatal("error without text")
				}
			}
			_ = p.String()
		}
	})
}
