package imagetar_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/binpkg/imagetar"
)

func asSelf(imagetar.Attributes) (uid, gid int) { return os.Geteuid(), os.Getegid() }

// tarOf makes a tar of members; each has its name as content if it is a file.
func tarOf(tb testing.TB, members ...tar.Header) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range members {
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(h.Name))
		}
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		if err := w.WriteHeader(&h); err != nil {
			tb.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(h.Name)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func file(name string) tar.Header { return tar.Header{Name: name} }

func link(kind byte, name, target string) tar.Header {
	return tar.Header{Typeflag: kind, Name: name, Linkname: target}
}

// TestHostile unpacks what must not get anywhere.
func TestHostile(t *testing.T) {
	for _, c := range []struct {
		name    string
		members []tar.Header
		want    string
	}{
		{"absolute", []tar.Header{file("/etc/passwd")}, `"/etc/passwd": absolute name`},
		{"up", []tar.Header{file("./../x")}, `"./../x": name with .. in it`},
		{"up in the middle", []tar.Header{file("a/../../x")}, `name with .. in it`},
		{"through a link", []tar.Header{link(tar.TypeSymlink, "l", "/OUT"), file("l/x")}, `"l/x": the member lies below something that is no folder: l`},
		{"through a link inside", []tar.Header{{Name: "d", Typeflag: tar.TypeDir}, link(tar.TypeSymlink, "l", "d"), file("l/x")}, `no folder: l`},
		{"folder over a link", []tar.Header{link(tar.TypeSymlink, "l", "/OUT"), {Name: "l/", Typeflag: tar.TypeDir}, file("l/x")}, `"l/": the member is there twice`},
		{"file over a link", []tar.Header{link(tar.TypeSymlink, "l", "/OUT/f"), file("l")}, `"l": the member is there twice`},
		{"below a file", []tar.Header{file("f"), file("f/x")}, `"f/x": the member lies below something that is no folder: f`},
		{"hard link out", []tar.Header{link(tar.TypeLink, "h", "/etc/passwd")}, `hard link to "/etc/passwd"`},
		{"hard link up", []tar.Header{link(tar.TypeLink, "h", "../../etc/passwd")}, `hard link to "../../etc/passwd"`},
		{"hard link through a link", []tar.Header{link(tar.TypeSymlink, "l", "/OUT"), link(tar.TypeLink, "h", "l/secret")}, `hard link to "l/secret"`},
		{"hard link to nothing", []tar.Header{link(tar.TypeLink, "h", "none")}, `"h": hard link to "none": no such file`},
		{"twice", []tar.Header{file("f"), file("f")}, `"f": the member is there twice`},
		{"device", []tar.Header{{Typeflag: tar.TypeBlock, Name: "b"}}, `"b": device or named pipe`},
		{"top is a link", []tar.Header{link(tar.TypeSymlink, ".", "/OUT")}, `".": member of a kind`},
		{"too many", []tar.Header{file("a"), file("b"), file("c"), file("d"), file("e")}, `"e": more than is allowed: 4 files`},
		{"too large", []tar.Header{file(strings.Repeat("a", 90)), file(strings.Repeat("b", 90))}, `more than is allowed: 100 bytes`},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := t.TempDir()
			into, out := filepath.Join(base, "into"), filepath.Join(base, "out")
			for _, d := range []string{into, out} {
				if err := os.Mkdir(d, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(out, "secret"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for i := range c.members {
				c.members[i].Linkname = strings.Replace(c.members[i].Linkname, "/OUT", out, 1)
			}
			x := imagetar.Unpacker{Into: into, Top: ".", MaxFiles: 4, MaxBytes: 100, Owner: asSelf}
			_, err := x.Read(t.Context(), bytes.NewReader(tarOf(t, c.members...)))
			var member *imagetar.MemberError
			if !errors.As(err, &member) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if entries, err := os.ReadDir(out); err != nil || len(entries) != 1 {
				t.Errorf("outside: %v, %v", entries, err)
			}
			var st unix.Stat_t
			if err := unix.Lstat(filepath.Join(out, "secret"), &st); err != nil || st.Nlink != 1 {
				t.Errorf("secret has %d names, %v", st.Nlink, err)
			}
		})
	}
}

func TestTop(t *testing.T) {
	into := t.TempDir()
	x := imagetar.Unpacker{Into: into, Top: "image", Owner: asSelf}
	// As quickpkg of Portage writes it for another root.
	if _, err := x.Read(t.Context(), bytes.NewReader(tarOf(t, file("image//usr/f")))); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(into, "usr/f")); err != nil {
		t.Error(err)
	}
	if _, err := x.Read(t.Context(), bytes.NewReader(tarOf(t, file("other/f")))); err == nil {
		t.Error("a member outside of the image is no error")
	}
}

// TestRecord unpacks for somebody who owns the root without being root.
func TestRecord(t *testing.T) {
	into := t.TempDir()
	got := map[string]imagetar.Attributes{}
	x := imagetar.Unpacker{Into: into, Top: ".", Devices: true, Record: func(path string, a imagetar.Attributes, d imagetar.Device) {
		got[path] = a
		if d.Type != 0 && (d != imagetar.Device{Type: 'c', Major: 1, Minor: 3}) {
			t.Errorf("%s: %+v", path, d)
		}
	}}
	text := tarOf(t, tar.Header{Name: "s", Mode: 0o4755, Uid: 12, Gid: 34, Uname: "u"}, tar.Header{Name: "null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3, Mode: 0o666})
	if _, err := x.Read(t.Context(), bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if want := (imagetar.Attributes{UID: 12, GID: 34, User: "u", Mode: 0o4755}); got["s"] != want || got["null"].Mode != 0o666 {
		t.Errorf("%+v", got)
	}
	if fi, err := os.Lstat(filepath.Join(into, "s")); err != nil || fi.Mode() != 0o755 {
		t.Errorf("%v, %v", fi, err)
	}
}

// TestXattrs packs and unpacks extended attributes, and a device if that may be.
func TestXattrs(t *testing.T) {
	from, into := t.TempDir(), t.TempDir()
	f := filepath.Join(from, "f")
	if err := os.WriteFile(f, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setxattr(f, "user.test", []byte("\x00value"), 0); err != nil {
		t.Skip(err)
	}
	if err := unix.Setxattr(f, "user.not", []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	p := imagetar.Packer{Image: from, Top: "image", Format: imagetar.Ustar, Xattrs: true, XattrExclude: []string{"user.n*"}}
	if _, err := p.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	x := imagetar.Unpacker{Into: into, Top: "image", Xattrs: true, Owner: asSelf}
	if _, err := x.Read(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	value := make([]byte, 100)
	n, err := unix.Getxattr(filepath.Join(into, "f"), "user.test", value)
	if err != nil || string(value[:n]) != "\x00value" {
		t.Errorf("%q, %v", value[:max(n, 0)], err)
	}
	if _, err := unix.Getxattr(filepath.Join(into, "f"), "user.not", value); err == nil {
		t.Error("the excluded attribute is there")
	}
}

// TestLatest packs files with times that are later than they may be.
func TestLatest(t *testing.T) {
	from := t.TempDir()
	var b [2]bytes.Buffer
	for i := range b {
		if err := os.WriteFile(filepath.Join(from, "f"), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(1800000000+int64(i)*1000, 0)
		if err := os.Chtimes(filepath.Join(from, "f"), at, at); err != nil {
			t.Fatal(err)
		}
		p := imagetar.Packer{Image: from, Top: ".", Latest: time.Unix(1700000000, 0)}
		if _, err := p.Write(t.Context(), &b[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(b[0].Bytes(), b[1].Bytes()) {
		t.Error("the bytes differ")
	}
}

// TestGNUTar has GNU tar read what is written, and the other way round.
func TestGNUTar(t *testing.T) {
	from, into, back := t.TempDir(), t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(from, "d", strings.Repeat("n", 200)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "d/f"), []byte("x"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(from, "d/f"), filepath.Join(from, "d/g")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	p := imagetar.Packer{Image: from, Top: "."}
	if _, err := p.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `tar -xpf - -C "$1" && diff -r "$1" "$2" && tar -cf - -C "$1" .`, "sh", into, from)
	cmd.Stdin = &b
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	x := imagetar.Unpacker{Into: back, Top: ".", Owner: asSelf}
	if tally, err := x.Read(t.Context(), bytes.NewReader(out)); err != nil || tally.Files != 5 || tally.Bytes != 1 {
		t.Errorf("%+v, %v", tally, err)
	}
}

// FuzzRead unpacks anything: it must end without a panic, and leave alone what lies
// outside.
func FuzzRead(f *testing.F) {
	f.Add(tarOf(f, file("a/b"), link(tar.TypeLink, "c", "a/b"), link(tar.TypeSymlink, "l", ".."), tar.Header{Name: "d/", Typeflag: tar.TypeDir}))
	f.Add(tarOf(f, link(tar.TypeSymlink, "l", ".."), file("l/x")))
	f.Add(tarOf(f, file("../x")))
	f.Fuzz(func(t *testing.T, text []byte) {
		base := t.TempDir()
		into := filepath.Join(base, "into")
		if err := os.Mkdir(into, 0o755); err != nil {
			t.Fatal(err)
		}
		x := imagetar.Unpacker{Into: into, Top: ".", MaxFiles: 100, MaxBytes: 1 << 16, Owner: asSelf}
		_, _ = x.Read(t.Context(), bytes.NewReader(text)) // any error will do
		if entries, err := os.ReadDir(base); err != nil || len(entries) != 1 {
			t.Errorf("outside: %v, %v", entries, err)
		}
		_ = os.Chmod(into, 0o755) // so that it can be removed
	})
}
