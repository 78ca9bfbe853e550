package renew_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/manifest/renew"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

const repo = `
-- r/app/a/Manifest --
DIST a-1.tar 9 MD5 11
DIST stale.tar 9 MD5 22
-- r/app/a-1.ebuild --
SRC_URI=http://x/a-1.tar u? ( http://x/flag.tar )
IUSE=u
-- r/app/a-2.ebuild --
SRC_URI=http://x/a-2.tar http://y/b -> a-2.tar http://x/a-1.tar
-- r/app/b-1.ebuild --
-- r/app/c-1.ebuild --
SRC_URI=( http://x/a
-- r/app/d-1.ebuild --
EAPI=future
-- r/app/e/Manifest --
DIST gone 1 MD5 00
-- r/app/e-1.ebuild --
-- r/metadata/layout.conf --
masters =
thin-manifests = true
manifest-hashes = MD5
`

// fetcher writes files that consist of their name.
type fetcher struct {
	dir   string
	asked []string
}

func (f *fetcher) Fetch(_ context.Context, d *renew.Distfile) error {
	var uris []string
	for _, u := range d.URIs {
		uris = append(uris, u.URI)
	}
	f.asked = append(f.asked, fmt.Sprintf("%s for %s from %v known %v", d.Name, d.Packages[0].CPV, uris, d.Known != nil))
	if d.Name == "flag.tar" {
		return errors.New("no route")
	}
	return os.WriteFile(filepath.Join(f.dir, d.Name), []byte(d.Name), 0o644)
}

func open(t *testing.T) (*renew.Options, *fetcher) {
	t.Helper()
	r := repotest.Write(t, repo).Open(t, ebuild.OpenOptions{}).Get("r")
	f := &fetcher{dir: t.TempDir()}
	return &renew.Options{Repo: r, Policy: manifest.PolicyOf(r.Layout), Distdir: f.dir, Fetcher: f}, f
}

func TestPackage(t *testing.T) {
	o, f := open(t)
	a := renew.Request{CP: "app/a"}
	r := o.Package(t.Context(), a)
	if r.State != renew.Failed || r.Err == nil || r.Err.Error() != "fetch flag.tar: no route" {
		t.Errorf("with a file that cannot be had: %+v", r)
	}
	want := []string{
		"a-2.tar for app/a-2 from [http://x/a-2.tar http://y/b] known false",
		"flag.tar for app/a-1 from [http://x/flag.tar] known false",
	}
	if d := cmp.Diff(want, f.asked); d != "" {
		t.Errorf("fetched: -want +got\n%s", d)
	}
	if err := os.WriteFile(filepath.Join(f.dir, "flag.tar"), []byte("flag"), 0o644); err != nil {
		t.Fatal(err)
	}
	r = o.Package(t.Context(), a)
	if r.State != renew.Written || r.Entries != 3 || fmt.Sprint(r.Assumed) != "[{app/a-1 a-1.tar} {app/a-2 a-1.tar}]" {
		t.Errorf("result %+v", r)
	}
	text, err := os.ReadFile(filepath.Join(r.Dir, "Manifest"))
	if err != nil || !strings.HasPrefix(string(text), "DIST a-1.tar 9 MD5 11\nDIST a-2.tar 7 MD5 ") || strings.Count(string(text), "\n") != 3 {
		t.Errorf("Manifest: %s, %v", text, err)
	}
	if r = o.Package(t.Context(), a); r.State != renew.Unchanged {
		t.Errorf("again: %+v", r)
	}
	cpv, err := atoms.ParseCPV("app/a-1")
	if err != nil {
		t.Fatal(err)
	}
	f.asked = nil
	if r = o.Package(t.Context(), renew.Request{CP: "app/a", Force: []atoms.CPV{cpv}}); r.State != renew.Written || len(f.asked) != 1 {
		t.Errorf("forced: %+v, fetched %q", r, f.asked)
	}
}

func TestAll(t *testing.T) {
	o, _ := open(t)
	o.Fetcher = nil
	cps, err := o.Repo.CPs()
	if err != nil {
		t.Fatal(err)
	}
	var requests []renew.Request
	for _, cp := range cps {
		requests = append(requests, renew.Request{CP: cp})
	}
	run := func() (got []string) {
		err := o.All(t.Context(), requests, func(r *renew.Result) {
			line := fmt.Sprint(r.CP, " ", r.State)
			if r.Err != nil {
				line += ": " + strings.ReplaceAll(r.Err.Error(), o.Repo.Location+"/", "")
			}
			got = append(got, line)
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := []string{
		"app/a failed: app/a/Manifest: distfiles must be fetched first: a-2.tar is absent and has no known digest, flag.tar is absent and has no known digest",
		"app/b unchanged",
		`app/c failed: app/c-1: distfiles: SRC_URI: `,
		`app/d failed: app/d-1: distfiles: EAPI "future" is not supported`,
		"app/e removed",
	}
	got := run()
	for i := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("results %q, want %q", got, want)
		}
	}
	o.Partial = true
	if got := run(); got[0] != "app/a written" {
		t.Errorf("partial: %q", got)
	}
	o.Policy.Unused = true
	if got := run(); got[0] != "app/a skipped" {
		t.Errorf("use-manifests=false: %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.All(ctx, requests, func(*renew.Result) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
