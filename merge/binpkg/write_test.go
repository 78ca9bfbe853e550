package binpkg_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/imagetar"
	"github.com/tumpline/tumpline/profiles/installmask"
)

// programs finds compressors on this machine.
func programs() *compression.Programs {
	return &compression.Programs{Path: filepath.SplitList(os.Getenv("PATH")), Env: os.Environ(), Jobs: 2,
		Lookup: func(name string) (string, bool) {
			if name == "BINPKG_COMPRESS_FLAGS_ZSTD" {
				return "-3", true
			}
			return "", false
		}}
}

// asSelf packs files as root's and unpacks them as the caller's, for those who are
// not root.
func asRoot(_ string, a imagetar.Attributes) imagetar.Attributes {
	a.UID, a.GID = 0, 0
	return a
}

func asSelf(imagetar.Attributes) (uid, gid int) { return os.Geteuid(), os.Getegid() }

// image makes an image with files of all kinds that both formats have.
func image(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	long := strings.Repeat("long-name-", 12)
	for _, d := range []string{"usr/bin", "usr/share/doc/p-1", "etc", "var/empty", "usr/share/" + long + "/" + long} {
		must(tb, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	for name, content := range map[string]string{
		"usr/bin/p": "#!/bin/sh\n", "usr/share/doc/p-1/README": strings.Repeat("text\n", 9000), "etc/p.conf": "a=b\n",
		"etc/empty": "", "usr/share/" + long + "/" + long + "/" + long: "deep", "usr/share/ünï": "utf-8",
	} {
		must(tb, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	must(tb, os.Chmod(filepath.Join(dir, "usr/bin/p"), 0o755|os.ModeSetuid))
	must(tb, os.Chmod(filepath.Join(dir, "var/empty"), 0o700))
	must(tb, os.Link(filepath.Join(dir, "usr/bin/p"), filepath.Join(dir, "usr/bin/q")))
	must(tb, os.Symlink("../../etc/p.conf", filepath.Join(dir, "usr/bin/conf")))
	must(tb, os.Symlink("/"+long+long, filepath.Join(dir, "usr/bin/far")))
	at := time.Unix(1700000000, 123456789)
	must(tb, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ts := unix.NsecToTimespec(at.UnixNano())
		return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	}))
	return dir
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// info makes a build-info.
func info(tb testing.TB) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, content := range map[string]string{
		"BUILD_TIME": "1700000100\n", "SLOT": "0/2\n", "EAPI": "8\n", "USE": "amd64 nls\n", "IUSE": "nls +x\n", "KEYWORDS": "amd64 ~arm\n",
		"RDEPEND": "nls? ( a/b ) x? ( c/d ) || ( e/f g/h )\n", "LICENSE": "MIT\n", "DESCRIPTION": "a test\n", "repository": "r\n",
		"CHOST": "x86_64-pc-linux-gnu\n", "COUNTER": "7", "CONTENTS": "dir /usr\n", "environment.bz2": "\x00\xffBZh", "p-1.ebuild": "EAPI=8\n",
		"SIZE": "45000\n", "DEFINED_PHASES": "install\n",
	} {
		must(tb, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	return dir
}

// tree lists a folder, one line a file.
func tree(tb testing.TB, dir string) string {
	tb.Helper()
	var b strings.Builder
	must(tb, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		content := ""
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = fmt.Sprintf("%d %d", len(text), st.Nlink)
		case unix.S_IFLNK:
			content, _ = os.Readlink(path)
		}
		fmt.Fprintf(&b, "%o %s %d %s\n", st.Mode, rel, st.Mtim.Sec, content)
		return nil
	}))
	return b.String()
}

func cpv(tb testing.TB, text string) atoms.CPV {
	tb.Helper()
	c, err := atoms.ParseCPV(text)
	must(tb, err)
	return c
}

// options are those of a plain package.
func options(tb testing.TB, dir string, f binpkg.Format, m compression.Method) *binpkg.WriteOptions {
	return &binpkg.WriteOptions{
		Dir: &binpkg.Dir{Path: dir, CompressIndex: true, CHOST: "x86_64-pc-linux-gnu"}, CPV: cpv(tb, "a/p-1"), BuildInfo: info(tb),
		Format: f, Method: m, Programs: programs(), Attributes: asRoot, Now: time.Unix(1700000200, 0),
	}
}

// each runs a test for both formats and all compressors that this machine has.
func each(t *testing.T, do func(t *testing.T, f binpkg.Format, m compression.Method)) {
	for _, f := range []binpkg.Format{binpkg.FormatXPAK, binpkg.FormatGPKG} {
		for _, name := range []string{"none", "bzip2", "gzip", "lz4", "lzip", "lzop", "xz", "zstd"} {
			m, err := compression.Parse(name)
			must(t, err)
			t.Run(f.String()+"/"+name, func(t *testing.T) {
				if _, err := programs().Compress(m); err != nil && m != compression.None {
					t.Skip(err)
				}
				do(t, f, m)
			})
		}
	}
}

func TestWriteUnpack(t *testing.T) {
	img := image(t)
	want := tree(t, img)
	each(t, func(t *testing.T, f binpkg.Format, m compression.Method) {
		var files [2][]byte
		var done *binpkg.Written
		for i := range files {
			o := options(t, t.TempDir(), f, m)
			o.Image = img
			var err error
			done, err = binpkg.Write(t.Context(), o)
			must(t, err)
			files[i], err = os.ReadFile(done.Path)
			must(t, err)
			must(t, os.Chtimes(filepath.Join(img, "etc"), time.Now(), time.Unix(1700000000, 123456789+int64(i)))) // below a second
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Error("equal contents give other bytes")
		}
		into, meta := t.TempDir(), t.TempDir()
		u, err := binpkg.Unpack(t.Context(), done.Path, &binpkg.UnpackOptions{Image: into, BuildInfo: meta, CPV: cpv(t, "a/p-1"), Programs: programs(), Owner: asSelf})
		must(t, err)
		if d := cmp.Diff(want, tree(t, into)); d != "" {
			t.Error(d)
		}
		if u.MD5 != done.MD5 || u.Tally != done.Tally || u.Tally.Files != 20 {
			t.Errorf("unpacked %+v, packed %+v", u, done)
		}
		if text, err := os.ReadFile(filepath.Join(meta, "environment.bz2")); err != nil || string(text) != "\x00\xffBZh" {
			t.Errorf("environment.bz2: %q, %v", text, err)
		}
		for _, absent := range []string{"COUNTER", "CONTENTS"} {
			if _, ok := u.Metadata[absent]; ok {
				t.Errorf("%s is in the package", absent)
			}
		}
	})
}

func TestIndexOfDir(t *testing.T) {
	dir := t.TempDir()
	img := image(t)
	for _, name := range []string{"a/p-1", "a/p-1", "a/b-2", "a/p-10"} {
		o := options(t, dir, binpkg.FormatXPAK, compression.None)
		o.Image, o.CPV, o.Dir.MultiInstance = img, cpv(t, name), name == "a/p-1"
		o.Dir.Header = []binpkg.HeaderVar{{Name: "USE", Value: "x"}}
		_, err := binpkg.Write(t.Context(), o)
		must(t, err)
	}
	x, err := binpkg.ReadIndex(filepath.Join(dir, "Packages"))
	must(t, err)
	var got []string
	for _, s := range x.Stanzas {
		got = append(got, s.Path()+" "+s.Get("BUILD_ID"))
	}
	if d := cmp.Diff([]string{"a/b-2.tbz2 ", "a/p/p-1-1.xpak 1", "a/p/p-1-2.xpak 2", "a/p-10.tbz2 "}, got); d != "" {
		t.Error(d)
	}
	text, err := os.ReadFile(filepath.Join(dir, "Packages"))
	must(t, err)
	const head = "CHOST: x86_64-pc-linux-gnu\nPACKAGES: 4\nTIMESTAMP: 1700000200\nUSE: x\nVERSION: 0\n\nBUILD_TIME: 1700000100\nCPV: a/b-2\n" +
		"DEFINED_PHASES: install\nEAPI: 8\nIUSE: nls +x\nKEYWORDS: amd64 ~arm\nLICENSE: MIT\nMD5: "
	const rest = "\nRDEPEND: a/b || ( e/f g/h )\nSHA1: "
	if !strings.HasPrefix(string(text), head) || !strings.Contains(string(text), rest) {
		t.Errorf("%s", text)
	}
	d := binpkg.Dir{Path: dir}
	must(t, d.Remove(t.Context(), cpv(t, "a/p-1"), "a/p/p-1-1.xpak", time.Unix(1700000300, 0)))
	if x, err = binpkg.ReadIndex(filepath.Join(dir, "Packages")); err != nil || len(x.Stanzas) != 3 {
		t.Errorf("after removal: %d, %v", len(x.Stanzas), err)
	}
	for _, gone := range []string{"a/p/p-1-1.xpak", "Packages.gz"} {
		if _, err := os.Stat(filepath.Join(dir, gone)); err == nil {
			t.Errorf("%s is there", gone)
		}
	}
}

func TestMask(t *testing.T) {
	img := image(t)
	before := tree(t, img)
	o := options(t, t.TempDir(), binpkg.FormatXPAK, compression.None)
	o.Image, o.Mask = img, installmask.Parse("/usr/share -/usr/share/doc /var *.conf -/etc/none q")
	done, err := binpkg.Write(t.Context(), o)
	must(t, err)
	into := t.TempDir()
	_, err = binpkg.Unpack(t.Context(), done.Path, &binpkg.UnpackOptions{Image: into, Programs: programs(), Owner: asSelf})
	must(t, err)
	var names []string
	for line := range strings.Lines(tree(t, into)) {
		names = append(names, strings.Fields(line)[1])
	}
	want := []string{".", "etc", "etc/empty", "usr", "usr/bin", "usr/bin/conf", "usr/bin/far", "usr/bin/p", "usr/share", "usr/share/doc", "usr/share/doc/p-1", "usr/share/doc/p-1/README"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	if after := tree(t, img); after != before {
		t.Error(cmp.Diff(before, after))
	}
}

func TestWriteErrors(t *testing.T) {
	img := t.TempDir()
	must(t, unix.Mkfifo(filepath.Join(img, "pipe"), 0o600))
	for name, change := range map[string]func(o *binpkg.WriteOptions){
		"device in gpkg": func(o *binpkg.WriteOptions) { o.Format, o.Image = binpkg.FormatGPKG, img },
		"no image":       func(o *binpkg.WriteOptions) { o.Image = filepath.Join(img, "none") },
		"no SLOT":        func(o *binpkg.WriteOptions) { must(t, os.Remove(filepath.Join(o.BuildInfo, "SLOT"))) },
		"bad dependency": func(o *binpkg.WriteOptions) {
			must(t, os.WriteFile(filepath.Join(o.BuildInfo, "DEPEND"), []byte("( a"), 0o644))
		},
		"no compressor":     func(o *binpkg.WriteOptions) { o.Method, o.Programs = compression.Bzip2, &compression.Programs{} },
		"compressor breaks": func(o *binpkg.WriteOptions) { o.Method, o.Programs = compression.Bzip2, breaking() },
		"no time": func(o *binpkg.WriteOptions) {
			o.Format = binpkg.FormatGPKG
			must(t, os.Remove(filepath.Join(o.BuildInfo, "BUILD_TIME")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := options(t, dir, binpkg.FormatXPAK, compression.None)
			o.Image, o.Dir.MultiInstance = image(t), true
			change(o)
			done, err := binpkg.Write(t.Context(), o)
			if done != nil || err == nil || !strings.HasPrefix(err.Error(), "make binary package of a/p-1: ") {
				t.Fatalf("%v, %v", done, err)
			}
			t.Log(err)
			left, _ := filepath.Glob(filepath.Join(dir, "a/p/*"))
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// breaking finds a compressor that fails.
func breaking() *compression.Programs {
	p := programs()
	p.Lookup = func(name string) (string, bool) { return "false", name == "PORTAGE_BZIP2_COMMAND" }
	return p
}

func TestWriteCancelled(t *testing.T) {
	o := options(t, t.TempDir(), binpkg.FormatGPKG, compression.None)
	o.Image = image(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if done, err := binpkg.Write(ctx, o); err == nil {
		t.Errorf("%+v", done)
	}
}
