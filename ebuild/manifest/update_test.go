package manifest_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// extract writes the files of a txtar archive below a new folder.
func extract(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		put(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	return dir
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const tree = `
-- app/a/a-1.ebuild --
EAPI=8
-- app/a/metadata.xml --
<x/>
-- app/a/.hidden --
-- app/a/bad name --
-- app/a/files/fix.patch --
patch
-- app/a/files/sub/deep --
deep
-- app/a/files/.hidden/x --
-- app/a/files/CVS/x --
-- app/a/files/digest-a-1 --
-- app/a/files/bad~name --
-- dist/here.tar --
here
-- dist/other.tar --
other
`

func short(names ...string) manifest.Policy {
	p := manifest.PolicyOf(repos.Layout{ManifestHashes: names})
	return p
}

func TestGenerateFull(t *testing.T) {
	dir := extract(t, tree)
	put(t, filepath.Join(dir, "app/a/Manifest"), "DIST gone.tar 7 MD5 00 SHA1 11 NOPE 22\nDIST stale.tar 1 MD5 00 SHA1 11\n")
	u := &manifest.Update{
		Dir: filepath.Join(dir, "app/a"), Policy: short("MD5"), Distdir: filepath.Join(dir, "dist"),
		Distfiles: []string{"here.tar", "gone.tar", "here.tar"},
	}
	entries, assumed, err := u.Generate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := `AUX fix.patch 6 MD5 2a7ac9e92c9e7e4b9dbab8a7f45e7a9d
AUX sub/deep 5 MD5 d5a3e0c2f1eb1b0a0fd1f5b6a1d8a4b7
DIST gone.tar 7 MD5 00 SHA1 11
DIST here.tar 5 MD5 aa8a1f5ab66bf2b8b0ab4bd8d5ef1fdc
EBUILD a-1.ebuild 7 MD5 dbf0bf8a1d6e7ab3a4c8a9eb6d90c68e
MISC metadata.xml 5 MD5 0e3d44ab1a2b0d87f1b4fb4ddc9ef1a7
`
	if d := cmp.Diff(fields(want, 3), fields(string(manifest.Format(entries)), 3)); d != "" {
		t.Errorf("entries: -want +got\n%s", d)
	}
	if d := cmp.Diff([]string{"gone.tar"}, assumed); d != "" {
		t.Errorf("assumed: %s", d)
	}
	if changed, err := u.Write(entries); err != nil || !changed {
		t.Errorf("Write = %v, %v", changed, err)
	}
	if changed, err := u.Write(entries); err != nil || changed {
		t.Errorf("second Write = %v, %v", changed, err)
	}
	r, err := (&manifest.Check{Dir: u.Dir, Policy: u.Policy, Distdir: u.Distdir}).Run(t.Context())
	if err != nil || r.Verified != 5 || len(r.Errors) != 1 || !strings.HasSuffix(r.Errors[0].Error(), "bad~name is not listed") {
		t.Errorf("verified %+v, %v", r, err)
	}
}

// fields keeps the first n words of each line.
func fields(text string, n int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		b.WriteString(strings.Join(words[:min(n, len(words))], " ") + "\n")
	}
	return b.String()
}

func TestGenerateThin(t *testing.T) {
	dir := extract(t, tree)
	p := short("MD5", "SHA1")
	p.Thin = true
	u := &manifest.Update{Dir: filepath.Join(dir, "app/a"), Policy: p, Distdir: filepath.Join(dir, "dist"), Distfiles: []string{"here.tar"}}
	generate := func() string {
		t.Helper()
		entries, _, err := u.Generate(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Write(entries); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(u.Dir, "Manifest"))
		if errors.Is(err, fs.ErrNotExist) {
			return "none"
		}
		return string(text)
	}
	const here = "DIST here.tar 5 MD5 aec3b1ba8c9bbfbba8ce2bb2f4ee9e5a SHA1 00\n"
	if got := generate(); fields(got, 4) != fields(here, 4) {
		t.Errorf("thin Manifest: %s", got)
	}
	fake := "DIST here.tar 5 MD5 00 SHA1 11\n"
	put(t, filepath.Join(u.Dir, "Manifest"), fake)
	u.Assume = true
	if got := generate(); got != fake {
		t.Errorf("with assume-digests: %s", got)
	}
	u.Forget = []string{"here.tar"}
	if got := generate(); got == fake {
		t.Errorf("forgotten digests came back: %s", got)
	}
	u.Distfiles = nil
	if got := generate(); got != "none" {
		t.Errorf("without distfiles: %s", got)
	}
}

func TestLacks(t *testing.T) {
	dir := extract(t, `
-- p/a/Manifest --
DIST ok 3 MD5 0
DIST absent 3 MD5 0
DIST weak 3 SHA1 0
DIST changed 3 MD5 0
DIST nil 0 MD5 0
-- dist/ok --
ab
-- dist/changed --
abcd
-- dist/new --
x
-- dist/empty --
`)
	u := &manifest.Update{
		Dir: filepath.Join(dir, "p/a"), Policy: short("MD5"), Distdir: filepath.Join(dir, "dist"),
		Distfiles: []string{"ok", "absent", "weak", "changed", "nil", "new", "empty", "unknown"},
	}
	lacks := func() (out []string) {
		t.Helper()
		list, err := u.Lacks()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			out = append(out, l.Name+" "+l.Want.String())
		}
		return out
	}
	want := []string{
		"changed has another size than the Manifest knows", "empty is empty", "nil is absent and has no known digest",
		"unknown is absent and has no known digest", "weak is absent, and a required digest is not known",
	}
	if d := cmp.Diff(want, lacks()); d != "" {
		t.Errorf("Lacks: -want +got\n%s", d)
	}
	u.Forget = []string{"changed", "absent"}
	want[0] = "absent is absent and has no known digest"
	if d := cmp.Diff(want, lacks()); d != "" {
		t.Errorf("Lacks after Forget: -want +got\n%s", d)
	}
}

func TestWrongEbuildName(t *testing.T) {
	for _, name := range []string{"b-1.ebuild", "a.ebuild", "a-x.ebuild"} {
		dir := extract(t, "-- app/a/"+name+" --\n")
		_, _, err := (&manifest.Update{Dir: filepath.Join(dir, "app/a"), Policy: short("MD5")}).Generate(t.Context())
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A signature stays where no entry changes, and goes where one does.
func TestWriteKeepsSignature(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "Manifest")
	put(t, path, "-----BEGIN PGP SIGNED MESSAGE-----\n\nDIST a 1 MD5 0\n-----BEGIN PGP SIGNATURE-----\n")
	u := &manifest.Update{Dir: dir, Policy: short("MD5")}
	e := manifest.Entry{Name: "a", Size: 1, Hashes: []manifest.Hash{{Name: "MD5", Hex: "0"}}}
	if changed, err := u.Write([]manifest.Entry{e}); changed || err != nil {
		t.Errorf("Write of the same = %v, %v", changed, err)
	}
	e.Size = 2
	if changed, err := u.Write([]manifest.Entry{e}); !changed || err != nil {
		t.Errorf("Write of another = %v, %v", changed, err)
	}
	if text, _ := os.ReadFile(path); string(text) != "DIST a 2 MD5 0\n" {
		t.Errorf("written: %s", text)
	}
	e.Hashes = nil
	if _, err := u.Write([]manifest.Entry{e}); err == nil {
		t.Error("an entry without the required hash was written")
	}
}
