package metagen_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/metagen"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// ownTrees opens the repositories in testdata. Their md5-cache was written by
// Portage 3.0.82 (a20ef27a): egencache --update, with bash 5.2 and, for EAPI 9, 5.3.
func ownTrees(tb testing.TB) (*ebuild.RepoSet, []job) {
	tb.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		tb.Fatal(err)
	}
	text := "[DEFAULT]\nmain-repo = main\n[main]\nlocation = " + dir + "/main\n[overlay]\nlocation = " + dir + "/overlay\n"
	set, err := ebuild.Open(repos.Load(repos.Options{Text: &text}), ebuild.OpenOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return set, ebuilds(tb, set)
}

// has53 says whether one of the shells is new enough for EAPI 9.
func has53(tb testing.TB) bool {
	for _, path := range shells(tb) {
		out, err := exec.Command(path, "-c", "echo $((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 503))").Output()
		if err == nil && strings.TrimSpace(string(out)) == "1" {
			return true
		}
	}
	return false
}

// TestEntries compares entries of all EAPIs with those that Portage has made.
// Each is made three times: the second time shells parse its eclasses, the third
// time they have done so.
func TestEntries(t *testing.T) {
	_, jobs := ownTrees(t)
	g, err := metagen.New(metagen.Options{Bash: shells(t), Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	newest := has53(t)
	for range 3 {
		for _, j := range jobs {
			want, err := os.ReadFile(filepath.Join(j.repo.Location, "metadata/md5-cache", j.cpv.String()))
			if err != nil {
				continue // one that fails, see TestFailures
			}
			e, err := g.Entry(t.Context(), j.repo, j.cpv, j.path)
			var bad *metagen.Error
			if !newest && errors.As(err, &bad) && bad.Kind == metagen.KindBash {
				t.Logf("%s: %v (.ci/install-bash gets one)", j.cpv, err)
				continue
			}
			if err != nil {
				t.Errorf("%s: %v\n%s", j.cpv, err, bad.Output)
				continue
			}
			if e.Text() != string(want) {
				t.Errorf("%s:\n%s", j.cpv, difference(string(want), e.Text()))
			}
		}
	}
}

// TestFailures: ebuilds for which Portage writes no entry, and why.
func TestFailures(t *testing.T) {
	set, _ := ownTrees(t)
	g, err := metagen.New(metagen.Options{Bash: shells(t), Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, c := range []struct {
		name string
		kind metagen.Kind
		file string // the end of it; "" for the ebuild
		line int
		msg  string
	}{
		{"fail-die", metagen.KindDie, "", 3, "no reason"},
		{"fail-syntax", metagen.KindSyntax, "", 4, "syntax error near unexpected token `)'"},
		{"fail-last", metagen.KindSource, "", 0, "the last command failed"},
		{"fail-exit", metagen.KindExit, "", 0, "ended the shell in global scope"},
		{"fail-eclass", metagen.KindEclassMissing, "", 4, "none-such.eclass does not exist"},
		{"fail-loop", metagen.KindInheritLoop, "eclass", 1, "inherits itself"},
		{"fail-export", metagen.KindDie, "", 3, "EXPORT_FUNCTIONS: bad-export_src_none is not defined"},
		{"fail-return", metagen.KindSource, "eclass/bad-return.eclass", 0, "the last command failed"},
		{"fail-command", metagen.KindCommand, "", 3, "external command ls in global scope"},
		{"fail-use", metagen.KindForbidden, "", 3, "use is not allowed in global scope"},
		{"fail-unset", metagen.KindEAPI, "", 1, "EAPI"},
		{"fail-second", metagen.KindEAPI, "", 1, "EAPI"},
		{"fail-late", metagen.KindEAPI, "", 1, "EAPI"},
		{"fail-empty", metagen.KindEAPI, "", 1, "EAPI"},
	} {
		cpv, err := atoms.ParseCPV("dev-libs/" + c.name + "-1")
		if err != nil {
			t.Fatal(err)
		}
		r := set.Main()
		path := filepath.Join(r.Location, "dev-libs", c.name, c.name+"-1.ebuild")
		check(t, g, r, cpv, path, metagen.Error{Kind: c.kind, File: c.file, Line: c.line, Msg: c.msg})
	}
}

// check makes metadata and compares the error with what is wanted of it.
func check(t *testing.T, g *metagen.Generator, r *ebuild.Repository, cpv atoms.CPV, path string, want metagen.Error) {
	t.Helper()
	_, err := g.Entry(t.Context(), r, cpv, path)
	var e *metagen.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %v; want %s", cpv, err, want.Kind)
		return
	}
	if want.File == "" {
		want.File = path
	}
	if e.Kind != want.Kind || !strings.HasSuffix(e.File, want.File) || e.Line != want.Line || !strings.Contains(e.Msg, want.Msg) {
		t.Errorf("%s: %s %v\nwant %s %s:%d: %s\n%s", cpv, e.Kind, e, want.Kind, want.File, want.Line, want.Msg, e.Output)
	}
}
