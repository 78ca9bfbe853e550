package manifest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/repos"
)

const md5abc = "0bee89b07a248e27c83fc3d5951213c1" // of "abc\n"

const faulty = `
-- Manifest --
AUX ok 4 MD5 ` + md5abc + `
AUX gone 4 MD5 ` + md5abc + `
AUX short 5 MD5 ` + md5abc + `
AUX long 3 MD5 ` + md5abc + `
AUX altered 4 MD5 00
AUX nohash 4 NOPE 00
AUX folder 4 MD5 00
DIST a.tar 4 MD5 00
EBUILD a-1.ebuild 4 MD5 ` + md5abc + `
MISC gone 4 MD5 00
-- files/ok --
abc
-- files/short --
abc
-- files/long --
abc
-- files/altered --
abc
-- files/nohash --
abc
-- files/folder/new --
abc
-- files/.hidden --
-- files/CVS/x --
-- a-1.ebuild --
abc
-- a-2.ebuild --
abc
-- dist/a.tar --
abc
`

func run(t *testing.T, c *manifest.Check) (errs, warnings []string) {
	t.Helper()
	r, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Errors {
		errs = append(errs, strings.ReplaceAll(e.Error(), c.Dir+"/", ""))
	}
	for _, e := range r.Warnings {
		warnings = append(warnings, strings.ReplaceAll(e.Error(), c.Dir+"/", ""))
	}
	return errs, warnings
}

func TestCheck(t *testing.T) {
	dir := extract(t, faulty)
	p := manifest.PolicyOf(repos.Layout{})
	errs, _ := run(t, &manifest.Check{Dir: dir, Policy: p, Distdir: filepath.Join(dir, "dist")})
	want := []string{
		"Manifest:2: files/gone is missing",
		"Manifest:3: files/short is too short: it has 4 bytes, not 5",
		"Manifest:4: files/long is too long: it has 4 bytes, not 3",
		"Manifest:5: files/altered was altered: its MD5 is " + md5abc + ", not 00",
		"Manifest:6: files/nohash is listed without a hash that can be verified",
		"Manifest:7: files/folder cannot be read: not a regular file",
		"Manifest:8: dist/a.tar was altered: its MD5 is " + md5abc + ", not 00",
		"Manifest: a-2.ebuild is not listed",
		"Manifest: files/folder/new is not listed",
	}
	if d := cmp.Diff(want, errs); d != "" {
		t.Errorf("strict: -want +got\n%s", d)
	}
	p.Lenient = true
	errs, warnings := run(t, &manifest.Check{Dir: dir, Policy: p})
	if len(errs) > 0 || len(warnings) != 2 {
		t.Errorf("lenient: errors %q, warnings %q", errs, warnings)
	}
	p.Lenient, p.Optional = false, true
	if errs, _ := run(t, &manifest.Check{Dir: dir, Policy: p}); len(errs) != 6 {
		t.Errorf("use-manifests=true: %q", errs)
	}
	p.Thin = true
	if errs, _ := run(t, &manifest.Check{Dir: dir, Policy: p}); len(errs) != 0 {
		t.Errorf("thin: %q", errs)
	}
	p.Thin, p.Unused = false, true
	if errs, _ := run(t, &manifest.Check{Dir: dir, Policy: p}); len(errs) != 0 {
		t.Errorf("use-manifests=false: %q", errs)
	}
}

// A named pipe neither blocks nor passes.
func TestCheckPipe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	m := manifest.Parse("Manifest", []byte("DIST pipe 0 MD5 00\n"))
	err := m.CheckFile(t.Context(), m.Entries[0], path, manifest.Filter{})
	var file *manifest.FileError
	if !errors.As(err, &file) || file.Fault != manifest.Unreadable {
		t.Errorf("CheckFile of a pipe: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser reads everything")
	}
	path := filepath.Join(t.TempDir(), "x")
	put(t, path, "abc\n")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	m := manifest.Parse("Manifest", []byte("DIST x 4 MD5 "+md5abc+"\n"))
	if err := m.CheckFile(t.Context(), m.Entries[0], path, manifest.Filter{}); !errors.Is(err, os.ErrPermission) {
		t.Errorf("CheckFile of an unreadable file: %v", err)
	}
}
