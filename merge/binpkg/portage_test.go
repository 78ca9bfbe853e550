package binpkg_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
	"github.com/tumpline/tumpline/merge/quickpkg"
	"github.com/tumpline/tumpline/merge/vdb"
)

// A bed is a configuration in which real Portage runs beside us.
type bed struct {
	dir, source string
}

// newBed lays out a repository and a configuration for the checkout of Portage in
// PORTAGE_SRC.
func newBed(t *testing.T) *bed {
	source := os.Getenv("PORTAGE_SRC")
	if source == "" {
		t.Skip("PORTAGE_SRC names no checkout of Portage")
	}
	if os.Geteuid() != 0 {
		t.Skip("Portage merges as root only")
	}
	if _, err := os.Stat("/etc/portage"); err != nil {
		t.Skip("there is no /etc/portage to put a configuration over")
	}
	b := &bed{dir: t.TempDir(), source: source}
	archive, err := txtar.ParseFile("testdata/bed.txtar")
	must(t, err)
	for _, f := range archive.Files {
		path := filepath.Join(b.dir, f.Name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, bytes.ReplaceAll(f.Data, []byte("@DIR@"), []byte(b.dir)), 0o644))
	}
	for _, d := range []string{"root", "pkgdir", "tmp", "dist", "bin"} {
		must(t, os.MkdirAll(filepath.Join(b.dir, d), 0o755))
	}
	must(t, os.Symlink(filepath.Join(b.dir, "repo/profiles/p"), filepath.Join(b.dir, "conf/etc/portage/make.profile")))
	tar, err := exec.LookPath("tar")
	must(t, err)
	must(t, os.Symlink(tar, filepath.Join(b.dir, "bin/gtar")))
	return b
}

// run runs a program of Portage with variables, and gives what it prints.
func (b *bed) run(t *testing.T, vars []string, argv ...string) string {
	t.Helper()
	argv[0] = filepath.Join(b.source, "bin", argv[0])
	// The machine that builds has the same configuration, in a place of its own.
	script := "mount --bind '" + filepath.Join(b.dir, "conf/etc/portage") + `' /etc/portage && exec python3 "$@"`
	cmd := exec.CommandContext(t.Context(), "unshare", append([]string{"-m", "sh", "-c", script, "sh"}, argv...)...)
	cmd.Dir = b.dir
	cmd.Env = append([]string{
		"PYTHONPATH=" + filepath.Join(b.source, "lib"), "PORTAGE_CONFIGROOT=" + filepath.Join(b.dir, "conf"), "HOME=" + b.dir,
		"ROOT=" + filepath.Join(b.dir, "root"), "SYSROOT=" + filepath.Join(b.dir, "root"), "NOCOLOR=1",
		"PATH=" + filepath.Join(b.dir, "bin") + ":" + filepath.Join(b.source, "bin") + ":" + os.Getenv("PATH"),
	}, vars...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", argv, err, out)
	}
	return string(out)
}

// stanzas gives the stanzas of the index in PKGDIR as text, without what belongs to
// one file.
func (b *bed) stanzas(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "Packages"))
	must(t, err)
	_, text, _ = bytes.Cut(text, []byte("\n\n"))
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		switch key, _, _ := strings.Cut(line, ":"); key {
		case "BUILD_ID", "PATH": // ebuild knows of no instances
			continue
		case "MD5", "SHA1", "SIZE", "MTIME":
			line = key + "\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

// TestPortage has Portage build a package, reads it, writes it anew, compares both,
// and has Portage install what was written.
func TestPortage(t *testing.T) {
	b := newBed(t)
	for _, c := range []struct {
		format binpkg.Format
		method compression.Method
		multi  bool
	}{
		{binpkg.FormatXPAK, compression.Bzip2, false},
		{binpkg.FormatGPKG, compression.Zstd, true},
		{binpkg.FormatGPKG, compression.None, false},
	} {
		t.Run(c.format.String(), func(t *testing.T) {
			pkgdir, ours := filepath.Join(b.dir, "pkgdir"), t.TempDir()
			must(t, os.RemoveAll(pkgdir))
			must(t, os.RemoveAll(filepath.Join(b.dir, "root")))
			must(t, os.MkdirAll(filepath.Join(b.dir, "root"), 0o755))
			vars := []string{"BINPKG_FORMAT=" + c.format.String(), "BINPKG_COMPRESS=" + c.method.String()}
			if c.multi {
				vars = append(vars, "FEATURES=binpkg-multi-instance")
			}
			conf := filepath.Join(b.dir, "conf/etc/portage/make.conf")
			text, err := os.ReadFile(conf)
			must(t, err)
			must(t, os.WriteFile(conf, append(text, strings.Join(vars[:2], "\n")+"\n"...), 0o644)) // M104
			b.run(t, vars, "ebuild", "repo/a/p/p-1.ebuild", "manifest", "clean", "package")
			theirs := find(t, pkgdir)
			img, meta := t.TempDir(), t.TempDir()
			_, err = binpkg.Unpack(t.Context(), theirs, &binpkg.UnpackOptions{Image: img, BuildInfo: meta, CPV: cpv(t, "a/p-1"), Programs: programs()})
			must(t, err)
			if d := cmp.Diff(tree(t, filepath.Join(b.dir, "tmp/portage/a/p-1/image")), tree(t, img)); d != "" {
				t.Error(d)
			}
			o := options(t, ours, c.format, c.method)
			o.Image, o.BuildInfo, o.Dir.MultiInstance, o.Attributes = img, meta, c.multi, nil
			done, err := binpkg.Write(t.Context(), o)
			must(t, err)
			sameMetadata(t, theirs, done.Path)
			if d := cmp.Diff(b.stanzas(t, pkgdir), b.stanzas(t, ours)); d != "" {
				t.Errorf("index: %s", d)
			}
			must(t, os.RemoveAll(pkgdir))
			must(t, os.Rename(ours, pkgdir))
			out := b.run(t, append(vars, "PKGDIR="+pkgdir), "emerge", "--usepkgonly", "--oneshot", "--color=n", "a/p")
			if !strings.Contains(out, "installed p-1 into") {
				t.Error(out)
			}
			for _, name := range []string{"usr/bin/p", "usr/bin/q", "etc/p.conf", "var/db/pkg/a/p-1/CONTENTS"} {
				if _, err := os.Lstat(filepath.Join(b.dir, "root", name)); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			}
			if text, err := os.ReadFile(filepath.Join(b.dir, "root/var/db/pkg/a/p-1/BINPKGMD5")); err != nil || string(text) != done.MD5+"\n" {
				t.Errorf("BINPKGMD5 %q, %v, want %s", text, err, done.MD5)
			}
			b.repack(t, o, vars)
		})
	}
}

// repack makes a package of what is installed, and has Portage install that.
func (b *bed) repack(t *testing.T, o *binpkg.WriteOptions, vars []string) {
	t.Helper()
	root, pkgdir := filepath.Join(b.dir, "root"), filepath.Join(b.dir, "pkgdir")
	must(t, os.RemoveAll(pkgdir))
	db := vdb.New(vdb.Options{Dir: filepath.Join(root, "var/db/pkg")})
	list, err := db.Packages("a/p")
	must(t, err)
	o.Dir.Path = pkgdir
	done, err := quickpkg.Make(t.Context(), list[0], &quickpkg.Options{Root: root, DB: db, Write: *o, Protect: []string{"/etc"}})
	must(t, err)
	if len(done.Excluded) != 1 || len(done.Missing) > 0 || len(done.Problems) > 0 {
		t.Errorf("quickpkg: %+v", done)
	}
	out := b.run(t, append(vars, "PKGDIR="+pkgdir, "CONFIG_PROTECT=-*"), "emerge", "--usepkgonly", "--oneshot", "--color=n", "a/p")
	text, err := os.ReadFile(filepath.Join(root, "etc/p.conf"))
	if err != nil || !strings.HasPrefix(string(text), "# empty file because") || !strings.Contains(out, "installed p-1 into") {
		t.Errorf("quickpkg: %q, %v\n%s", text, err, out)
	}
}

// find gives the only package file below a folder.
func find(t *testing.T, dir string) (found string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && binpkg.FormatOf(path) != binpkg.FormatNone {
			found = path
		}
		return err
	}))
	return found
}

// sameMetadata compares the metadata of two files.
func sameMetadata(t *testing.T, a, b string) {
	t.Helper()
	read := xpak.ReadFile
	if binpkg.FormatOf(a) == binpkg.FormatGPKG {
		read = gpkg.ReadFile
	}
	one, err := read(a, nil)
	must(t, err)
	two, err := read(b, nil)
	must(t, err)
	delete(two, "BUILD_ID") // ebuild gives none
	if d := cmp.Diff(one, two); d != "" {
		t.Errorf("metadata: %s", d)
	}
}
