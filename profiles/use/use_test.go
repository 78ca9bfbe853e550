package use_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/use"
)

// everywhere says something about flags in every place.
var everywhere = profilestest.Playground{
	Layout: []string{"profile-formats = portage-2"},
	Profile: map[string][]string{
		"eapi": {"5"},
		"make.defaults": {
			`ARCH="x86"`, `ACCEPT_KEYWORDS="x86"`, `USE="def -iuse_on"`,
			`USE_EXPAND="VID ELIBC"`, `USE_EXPAND_IMPLICIT="ELIBC ARCH"`, `USE_EXPAND_UNPREFIXED="ARCH"`,
			`USE_EXPAND_VALUES_ELIBC="glibc musl"`, `USE_EXPAND_VALUES_ARCH="x86 ppc"`,
			`ELIBC="glibc"`, `VID="a"`,
		},
		"use.mask":                {"masked"},
		"use.force":               {"x86", "forced"},
		"use.stable.mask":         {"unready"},
		"package.use":             {"c/p pdef -def"},
		"package.use.mask":        {"=c/p-2 -masked pmask"},
		"package.use.force":       {"c/p masked"},
		"package.use.stable.mask": {"c/p unripe"},
	},
	Profiles: map[string][]string{"package.use": {"c/p repo -iuse_plus"}},
	User: map[string][]string{
		"make.conf":               {`USE="conf -repo"`, `VID="b"`},
		"package.use":             {"c/p -conf puser", "c/p VID: c -b", "=c/p-3 -*", "c/q vid_*"},
		"package.env":             {"c/env flags"},
		"env/flags":               {`USE="fromenv -conf"`, `VID="a c"`},
		"package.accept_keywords": {"c/testing"},
	},
}

func calculator(tb testing.TB, p profilestest.Playground, env map[string]string) (*use.Calculator, string) {
	tb.Helper()
	root := p.Lay(tb)
	o := profilestest.Options(tb, root)
	o.Env = env
	c, err := profiles.Load(o)
	if err != nil {
		tb.Fatal(err)
	}
	for _, w := range c.Warnings() {
		tb.Errorf("warning: %v", w)
	}
	return use.New(c), root
}

const profileDir = "repos/test_repo/profiles/default/linux/x86/test_profile/"

// TestOrigins checks every layer, and who is named for it.
func TestOrigins(t *testing.T) {
	calc, root := calculator(t, everywhere, map[string]string{"USE": "env"})
	tests := []struct {
		cpv, iuse, flag string
		on              bool
		origin          string
	}{
		{"c/p-1", "unheard", "unheard", false, "not set"},
		{"c/p-1", "+unheard", "unheard", true, "IUSE default"},
		{"c/p-1", "-def", "def", false, "defaults (" + profileDir + "package.use:1)"},
		{"c/o-1", "-def", "def", true, "defaults (" + profileDir + "make.defaults:3)"},
		{"c/o-1", "+iuse_on", "iuse_on", false, "defaults (" + profileDir + "make.defaults:3)"},
		{"c/p-1", "+iuse_plus", "iuse_plus", true, "IUSE default"},
		{"c/p-1", "iuse_plus", "iuse_plus", false, "repo (repos/test_repo/profiles/package.use:1)"},
		{"c/p-1", "repo", "repo", false, "conf (etc/portage/make.conf:2)"},
		{"c/p-1", "pdef", "pdef", true, "defaults (" + profileDir + "package.use:1)"},
		{"c/p-1", "conf", "conf", false, "pkg (etc/portage/package.use:1)"},
		{"c/o-1", "conf", "conf", true, "conf (etc/portage/make.conf:2)"},
		{"c/p-1", "puser", "puser", true, "pkg (etc/portage/package.use:1)"},
		{"c/p-3", "+puser pdef", "puser", false, "pkg (etc/portage/package.use:3)"},
		{"c/p-3", "+puser pdef", "pdef", false, "pkg (etc/portage/package.use:3)"},
		{"c/p-3", "env", "env", true, "env"},
		{"c/o-1", "vid_a", "vid_a", false, "conf (etc/portage/make.conf:3)"},
		{"c/o-1", "vid_b", "vid_b", true, "conf (etc/portage/make.conf:3)"},
		{"c/p-1", "vid_b vid_c", "vid_b", false, "pkg (etc/portage/package.use:2)"},
		{"c/p-1", "vid_b vid_c", "vid_c", true, "pkg (etc/portage/package.use:2)"},
		{"c/q-1", "vid_a vid_z", "vid_z", true, "pkg (etc/portage/package.use:4)"},
		{"c/env-1", "fromenv conf", "conf", false, "pkg (etc/portage/env/flags:1)"},
		{"c/env-1", "vid_a vid_b", "vid_b", false, "pkg (etc/portage/env/flags:2)"},
		{"c/env-1", "vid_a vid_b", "vid_a", true, "pkg (etc/portage/env/flags:2)"},
		{"c/o-1", "+masked", "masked", false, "masked (" + profileDir + "use.mask:1)"},
		{"c/p-1", "masked", "masked", false, "masked (" + profileDir + "use.mask:1)"},
		{"c/p-2", "-masked", "masked", true, "forced (" + profileDir + "package.use.force:1)"},
		{"c/p-2", "+pmask", "pmask", false, "masked (" + profileDir + "package.use.mask:1)"},
		{"c/o-1", "+unready", "unready", false, "masked (" + profileDir + "use.stable.mask:1)"},
		{"c/testing-1", "+unready", "unready", true, "IUSE default"},
		{"c/p-1", "+unripe", "unripe", false, "masked (" + profileDir + "package.use.stable.mask:1)"},
		{"c/o-1", "", "elibc_glibc", true, "defaults (" + profileDir + "make.defaults:9)"},
		{"c/o-1", "", "elibc_musl", false, "not set"},
		{"c/o-1", "", "x86", true, "forced (" + profileDir + "use.force:1)"},
		{"c/o-1", "", "forced", false, "forced (" + profileDir + "use.force:2)"}, // not in IUSE_EFFECTIVE
	}
	for _, tt := range tests {
		s := calc.State(newPackage(t, tt.cpv, map[string]string{"IUSE": tt.iuse}))
		if got := s.Enabled(tt.flag); got != tt.on {
			t.Errorf("%s IUSE=%q: Enabled(%s) = %v, want %v", tt.cpv, tt.iuse, tt.flag, got, tt.on)
		}
		if got := strings.ReplaceAll(s.Origin(tt.flag).String(), root+"/", ""); got != tt.origin {
			t.Errorf("%s IUSE=%q: Origin(%s) = %s, want %s", tt.cpv, tt.iuse, tt.flag, got, tt.origin)
		}
	}
}

func TestForcedAndMasked(t *testing.T) {
	calc, _ := calculator(t, everywhere, nil)
	s := calc.State(newPackage(t, "c/p-1", map[string]string{"IUSE": "masked other"}))
	for flag, want := range map[string][2]bool{"masked": {true, true}, "forced": {true, false}, "other": {false, false}, "unready": {false, true}} {
		if got := [2]bool{s.Forced(flag), s.Masked(flag)}; got != want {
			t.Errorf("Forced, Masked(%s) = %v, want %v", flag, got, want)
		}
	}
	if !s.Stable {
		t.Error("not stable")
	}
}

func TestImplicit(t *testing.T) {
	calc, _ := calculator(t, everywhere, nil)
	tests := []struct {
		eapi, flag        string
		declared, enabled bool
	}{
		{"8", "elibc_glibc", true, true},
		{"8", "elibc_musl", true, false},
		{"8", "ppc", true, false},
		{"8", "forced", false, false},
		{"8", "build", false, false},
		{"4", "forced", true, true},
		{"4", "build", true, false},
		{"4", "x86", true, true},
		{"4", "vid_b", false, false},
	}
	for _, tt := range tests {
		s := calc.State(newPackage(t, "c/o-1", map[string]string{"EAPI": tt.eapi, "IUSE": ""}))
		if got := [2]bool{s.Declared(tt.flag), s.Enabled(tt.flag)}; got != [2]bool{tt.declared, tt.enabled} {
			t.Errorf("EAPI %s: Declared, Enabled(%s) = %v, want %v, %v", tt.eapi, tt.flag, got, tt.declared, tt.enabled)
		}
	}
}

// TestBuilt takes flags from the record, but only those in IUSE_EFFECTIVE.
func TestBuilt(t *testing.T) {
	calc, _ := calculator(t, everywhere, nil)
	made := newPackage(t, "c/p-1", nil)
	for eapi, want := range map[string]string{"8": "gone kept", "4": "kept"} {
		p := ebuild.New(made.CPV, "test_repo", ebuild.OriginInstalled, ebuild.Map{
			"EAPI": eapi, "SLOT": "0", "IUSE": "kept +off masked", "USE": "kept gone", "KEYWORDS": "x86",
		})
		s := calc.State(p)
		if got := strings.Join(s.EnabledFlags(), " "); got != want {
			t.Errorf("EAPI %s: EnabledFlags() = %s, want %s", eapi, got, want)
		}
		if !s.Masked("masked") || s.Enabled("off") || s.Declared("gone") != (eapi == "8") {
			t.Errorf("EAPI %s: wrong flags", eapi)
		}
		if got := s.Origin("kept").String(); got != "built so" {
			t.Errorf("Origin(kept) = %s", got)
		}
	}
}

func TestFeaturesTest(t *testing.T) {
	p := profilestest.Playground{User: map[string][]string{
		"make.conf":    {`FEATURES="test"`, `ALLOW_TEST="network"`},
		"package.env":  {"c/no notest", "c/all alltests"},
		"env/notest":   {`FEATURES="-test"`},
		"env/alltests": {`ALLOW_TEST="all"`},
	}}
	calc, _ := calculator(t, p, nil)
	tests := []struct {
		cpv, iuse, restrict, properties string
		on                              bool
		cause                           use.Cause
	}{
		{"c/p-1", "test", "", "", true, use.CauseFeatures},
		{"c/p-1", "-test", "", "", false, use.CauseIUSE},
		{"c/p-1", "test", "test", "", false, use.CauseRestrict},
		{"c/p-1", "test x", "x? ( test )", "", true, use.CauseFeatures},
		{"c/p-1", "test", "test", "test_network", true, use.CauseFeatures},
		{"c/p-1", "test", "test", "test_privileged", false, use.CauseRestrict},
		{"c/all-1", "test", "test", "", true, use.CauseFeatures},
		{"c/no-1", "test", "", "", false, use.CauseNone},
		{"c/p-1", "test", "!test? ( test )", "", true, use.CauseFeatures},
	}
	for _, tt := range tests {
		s := calc.State(newPackage(t, tt.cpv, map[string]string{"IUSE": tt.iuse, "RESTRICT": tt.restrict, "PROPERTIES": tt.properties}))
		if got := s.Enabled("test"); got != tt.on || s.Origin("test").Cause != tt.cause {
			t.Errorf("%+v: Enabled(test) = %v by %v", tt, got, s.Origin("test").Cause)
		}
	}
}

func TestExpanded(t *testing.T) {
	p := everywhere
	calc, _ := calculator(t, p, map[string]string{"VID": "z b a"})
	s := calc.State(newPackage(t, "c/o-1", map[string]string{"IUSE": "vid_a vid_b vid_c"}))
	got := s.Expanded()
	for name, want := range map[string]string{"VID": "b a", "ELIBC": "glibc", "ARCH": "x86"} {
		if got[name] != want {
			t.Errorf("Expanded()[%s] = %q, want %q", name, got[name], want)
		}
	}
}

// TestConcurrent asks for states from many goroutines at once; run with -race.
func TestConcurrent(t *testing.T) {
	calc, _ := calculator(t, everywhere, nil)
	p := newPackage(t, "c/env-1", map[string]string{"IUSE": "conf fromenv vid_a"})
	var wg sync.WaitGroup
	states := make([]*use.State, 8)
	for i := range states {
		wg.Go(func() {
			states[i] = calc.State(p)
			states[i].Origin("conf")
			calc.State(newPackage(t, "c/p-1", map[string]string{"IUSE": "masked", "EAPI": "4"})).EnabledFlags()
		})
	}
	wg.Wait()
	for _, s := range states {
		if s != states[0] {
			t.Fatal("different states of one package")
		}
	}
}
