package wholetree_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/manifest/wholetree"
	"github.com/tumpline/tumpline/ebuild/openpgp"
)

// A world is a tree being made.
type world struct {
	t    testing.TB
	root string
}

func newWorld(t testing.TB) *world { return &world{t, t.TempDir()} }

func (w *world) put(name, text string) {
	w.t.Helper()
	file := filepath.Join(w.root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// line makes an entry for a file that is there, called name in its Manifest.
func (w *world) line(tag, dir, name string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.root, dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	size, sums, err := manifest.Digests(bytes.NewReader(data), manifest.DefaultHashes())
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprintf("%s %s %d %s %s %s %s\n", tag, strings.TrimPrefix(name, "files/"), size, sums[0].Name, sums[0].Hex, sums[1].Name, sums[1].Hex)
}

func zip(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // a buffer takes everything
	_ = z.Close()
	return b.String()
}

// sound makes a tree in which everything holds.
func sound(t testing.TB) *world {
	w := newWorld(t)
	w.put("app/a/a-1.ebuild", "EAPI=8\n")
	w.put("app/a/files/fix", "fix\n")
	w.put("app/a/metadata.xml", "<x/>\n")
	w.put("app/a/.hidden", "")
	w.put("app/a/Manifest", w.line("EBUILD", "app/a", "a-1.ebuild")+w.line("AUX", "app/a", "files/fix")+w.line("MISC", "app/a", "metadata.xml")+"DIST x 1 SHA512 00\n")
	w.put("app/my file", "space\n")
	w.put("app/Manifest.gz", zip(w.line("MANIFEST", "app", "a/Manifest")+strings.Replace(w.line("DATA", "app", "my file"), "my file", `my\x20file`, 1)))
	w.put("local/anything", "")
	w.put("header.txt", "header\n")
	w.put("Manifest", w.top())
	return w
}

func (w *world) top() string {
	return "TIMESTAMP 2026-01-02T03:04:05Z\nIGNORE local\nOPTIONAL skel\n" + w.line("MANIFEST", "", "app/Manifest.gz") + w.line("DATA", "", "header.txt")
}

func (w *world) verify(o wholetree.Options) *wholetree.Report {
	w.t.Helper()
	r, err := wholetree.Verify(w.t.Context(), w.root, o)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) errors(o wholetree.Options) []string {
	w.t.Helper()
	var out []string
	for _, e := range w.verify(o).Errors {
		out = append(out, strings.ReplaceAll(e.Error(), w.root+"/", ""))
	}
	return out
}

func TestSound(t *testing.T) {
	r := sound(t).verify(wholetree.Options{})
	if len(r.Errors) > 0 || r.Manifests != 3 || r.Verified != 7 || r.Timestamp.Year() != 2026 || r.Signature != nil {
		t.Errorf("report %+v", r)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(w *world)
		want    []string
		lenient int // errors if lenient
	}{
		{"altered", func(w *world) { w.put("app/a/files/fix", "fox\n") }, []string{"app/a/Manifest:2: app/a/files/fix was altered: its BLAKE2B is "}, 1},
		{"short", func(w *world) { w.put("header.txt", "") }, []string{"Manifest:5: header.txt is too short: it has 0 bytes, not 7"}, 1},
		{"missing", func(w *world) { w.remove("app/my file") }, []string{"app/Manifest.gz:2: app/my file is missing"}, 1},
		{"misc missing", func(w *world) { w.remove("app/a/metadata.xml") }, []string{"app/a/Manifest:3: app/a/metadata.xml is missing"}, 0},
		{"unlisted", func(w *world) { w.put("app/a/b-1.ebuild", ""); w.put("new/x", "") },
			[]string{"app/a/Manifest: app/a/b-1.ebuild is not listed", "Manifest: new/x is not listed"}, 2},
		{"optional", func(w *world) { w.put("skel", "") }, []string{"Manifest:3: skel is not listed"}, 0},
		{"sub-Manifest altered", func(w *world) { w.put("app/a/Manifest", "") },
			[]string{"app/Manifest.gz:1: app/a/Manifest is too short"}, 1},
		{"conflict", func(w *world) { w.put("Manifest", w.top()+"DATA header.txt 7 BLAKE2B 00\n") },
			[]string{"Manifest:6: header.txt contradicts Manifest:5"}, 1},
		{"bad lines", func(w *world) {
			w.put("Manifest", w.top()+"NOPE x\nDATA ../x 1 MD5 00\nDATA /x 1 MD5 00\nDATA x\nDATA y -1\nDATA z\\q 1\nIGNORE a b\nTIMESTAMP now\nDATA u 1 MD5 00 MD5 11\n")
		}, []string{`Manifest:6: unknown tag: "NOPE x"`, "Manifest:7: path is not below its Manifest", "Manifest:8: path is not below",
			"Manifest:9: expected a size", "Manifest:10: size is not a number", `Manifest:11: expected \xHH`, "Manifest:12: expected nothing",
			"Manifest:13: expected a time", "Manifest:14: hash MD5 is given twice"}, 9},
		{"no hash", func(w *world) { w.put("Manifest", w.top()+"DATA n 0\n"); w.put("n", "") }, []string{"Manifest:6: n is listed without a hash"}, 1},
		{"loop", func(w *world) { w.link("..", "app/up") }, []string{"walk tree: app/up: a link to a folder above it"}, 1},
		{"dangling", func(w *world) { w.link("nowhere", "app/a/link") }, []string{"app/a/Manifest: app/a/link is not listed"}, 1},
	} {
		w := sound(t)
		c.change(w)
		got := w.errors(wholetree.Options{})
		if len(got) != len(c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: %q, want %q", c.name, got[i], want)
			}
		}
		if got := w.errors(wholetree.Options{Lenient: true}); len(got) != c.lenient {
			t.Errorf("%s, lenient: %q", c.name, got)
		}
	}
}

func (w *world) remove(name string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.root, name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) link(to, name string) {
	w.t.Helper()
	if err := os.Symlink(to, filepath.Join(w.root, name)); err != nil {
		w.t.Fatal(err)
	}
}

// The top Manifest is believed as far as it is signed.
func TestSigned(t *testing.T) {
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	config := &packet.Config{Time: func() time.Time { return made }, Algorithm: packet.PubKeyAlgoEdDSA}
	key, err := pgp.NewEntity("key", "", "key@example.org", config)
	if err != nil {
		t.Fatal(err)
	}
	var public, signed bytes.Buffer
	if err := key.Serialize(&public); err != nil {
		t.Fatal(err)
	}
	keys, err := openpgp.ParseKeyring(public.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	w := sound(t)
	o := wholetree.Options{Keys: keys, Now: made.Add(time.Hour)}
	var bad *openpgp.SignatureError
	if _, err := wholetree.Verify(t.Context(), w.root, o); !errors.As(err, &bad) || bad.Fault != openpgp.Unsigned {
		t.Errorf("an unsigned tree: %v", err)
	}
	enc, err := clearsign.Encode(&signed, key.PrivateKey, config)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(enc, w.top()+"DATA gone 1 MD5 00")
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	w.put("Manifest", signed.String())
	want := []string{"Manifest:9: gone is missing"}
	if d := cmp.Diff(want, w.errors(o)); d != "" {
		t.Errorf("signed: -want +got\n%s", d)
	}
	if d := cmp.Diff(want, w.errors(wholetree.Options{})); d != "" {
		t.Errorf("without keys: -want +got\n%s", d)
	}
	if r := w.verify(o); r.Signature == nil || !strings.Contains(r.Signature.User, "key@example.org") {
		t.Errorf("signature %+v", r.Signature)
	}
	o.MaxAge = time.Minute
	if got := w.errors(o); len(got) != 2 || got[0] != "Manifest: TIMESTAMP 2026-01-02T03:04:05Z is older than 1m0s" {
		t.Errorf("stale: %q", got)
	}
	w.put("Manifest", strings.Replace(signed.String(), "local", "other", 1))
	if _, err := wholetree.Verify(t.Context(), w.root, o); !errors.As(err, &bad) || bad.Fault != openpgp.Altered {
		t.Errorf("an altered top Manifest: %v", err)
	}
}

func TestNoManifest(t *testing.T) {
	if _, err := wholetree.Verify(t.Context(), t.TempDir(), wholetree.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Verify without Manifest: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("TIMESTAMP 2026-01-02T03:04:05Z\nIGNORE local\nDATA sub/x 1 MD5 00\nMANIFEST sub/Manifest.gz 3 MD5 00\n")
	f.Add("DATA a\\x2e\\x2e 0 SHA512 00\n-----BEGIN PGP SIGNATURE-----\n")
	f.Add("-----BEGIN PGP SIGNED MESSAGE-----\n\nMANIFEST Manifest 1 MD5 00\n")
	f.Fuzz(func(t *testing.T, text string) {
		w := newWorld(t)
		w.put("Manifest", text)
		w.put("sub/x", "x")
		for _, e := range w.verify(wholetree.Options{Jobs: 1}).Errors {
			_ = e.Error()
		}
	})
}
