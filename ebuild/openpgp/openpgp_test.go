package openpgp_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/openpgp"
)

// made is when keys and signatures of the tests are made.
func made() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func config() *packet.Config {
	return &packet.Config{Time: made, Algorithm: packet.PubKeyAlgoEdDSA}
}

func newKey(t testing.TB, name string, lifetime uint32) *pgp.Entity {
	t.Helper()
	c := config()
	c.KeyLifetimeSecs = lifetime
	e, err := pgp.NewEntity(name, "", name+"@example.org", c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func ring(t testing.TB, keys ...*pgp.Entity) *openpgp.Keyring {
	t.Helper()
	var b bytes.Buffer
	for _, e := range keys {
		if err := e.Serialize(&b); err != nil {
			t.Fatal(err)
		}
	}
	k, err := openpgp.ParseKeyring(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, e *pgp.Entity, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := clearsign.Encode(&b, e.PrivateKey, config())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(strings.TrimSuffix(text, "\n"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const text = "DATA a 1 MD5 00\n- dash\nTIMESTAMP 2026-01-02T03:04:05Z\n"

func TestClear(t *testing.T) {
	key, other := newKey(t, "key", 0), newKey(t, "other", 0)
	short, revoked := newKey(t, "short", 3600), newKey(t, "revoked", 0)
	if err := revoked.RevokeKey(packet.KeyCompromised, "lost", config()); err != nil {
		t.Fatal(err)
	}
	k := ring(t, key, short, revoked)
	good := sign(t, key, text)
	later := made().Add(time.Hour * 24)
	for _, c := range []struct {
		name, text string
		now        time.Time
		want       string // of the error
	}{
		{"good", good, later, ""},
		{"carriage returns", strings.ReplaceAll(good, "\n", "\r\n"), later, ""},
		{"plain", text, later, "M is not signed"},
		{"altered", strings.Replace(good, "DATA a 1", "DATA a 2", 1), later, "M is not what was signed: key "},
		{"line dropped", strings.Replace(good, "DATA a 1 MD5 00\n", "", 1), later, "M is not what was signed: key "},
		{"text before", "DATA evil 1 MD5 00\n" + good, later, "M has a malformed signature: text before the signed one"},
		{"text after", good + "DATA evil 1 MD5 00\n", later, "M has a malformed signature: text after the signature"},
		{"unknown", sign(t, other, text), later, "M is signed with an unknown key: key "},
		{"expired", sign(t, short, text), later, "M is signed with an expired key: key "},
		{"not yet expired", sign(t, short, text), made().Add(time.Minute), ""},
		{"revoked", sign(t, revoked, text), later, "M is signed with a revoked key: key "},
		{"cut", good[:len(good)/2], later, "M has a malformed signature"},
		{"no signature", good[:strings.Index(good, "-----BEGIN PGP SIGNATURE")], later, "M has a malformed signature"},
	} {
		signed, s, err := k.Clear("M", []byte(c.text), c.now)
		switch {
		case c.want == "":
			if err != nil || string(signed) != text {
				t.Errorf("%s: %q, %v", c.name, signed, err)
			} else if len(s.Fingerprint) != 40 || !strings.HasSuffix(s.Fingerprint, s.KeyID) || !strings.Contains(s.User, "@example.org") || !s.Created.Equal(made()) {
				t.Errorf("%s: signature %+v", c.name, s)
			}
		case err == nil || !strings.HasPrefix(err.Error(), c.want):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		case signed != nil || s != nil:
			t.Errorf("%s: text given with an error", c.name)
		}
	}
}

func TestDetached(t *testing.T) {
	key := newKey(t, "key", 0)
	k := ring(t, key)
	var binary, armoured bytes.Buffer
	if err := pgp.DetachSign(&binary, key, strings.NewReader(text), config()); err != nil {
		t.Fatal(err)
	}
	if err := pgp.ArmoredDetachSign(&armoured, key, strings.NewReader(text), config()); err != nil {
		t.Fatal(err)
	}
	for _, sig := range [][]byte{binary.Bytes(), armoured.Bytes()} {
		if _, err := k.Detached("f", strings.NewReader(text), sig, made()); err != nil {
			t.Errorf("Detached: %v", err)
		}
		var bad *openpgp.SignatureError
		if _, err := k.Detached("f", strings.NewReader(text+"x"), sig, made()); !errors.As(err, &bad) || bad.Fault != openpgp.Altered {
			t.Errorf("Detached of another text: %v", err)
		}
		if _, err := k.Detached("f", strings.NewReader(text), sig[:len(sig)-40], made()); err == nil {
			t.Error("Detached takes a cut signature")
		}
	}
	if _, err := k.Detached("f", strings.NewReader(text), nil, made()); err == nil {
		t.Error("Detached takes no signature")
	}
}

func TestReadKeyring(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	key := newKey(t, "key", 0)
	if err := key.Serialize(&b); err != nil {
		t.Fatal(err)
	}
	write("a.gpg", b.String())
	write("readme", "no key")
	k, err := openpgp.ReadKeyring(dir)
	if err != nil || k.Len() != 1 || len(k.Fingerprints()) != 1 {
		t.Errorf("ReadKeyring of a folder: %v, %v", k, err)
	}
	for _, text := range []string{"", "text", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxx\n", b.String()[:20]} {
		write("b.asc", text)
		if _, err := openpgp.ReadKeyring(dir); err == nil || !strings.Contains(err.Error(), "b.asc") {
			t.Errorf("ReadKeyring with a file %q: %v", text, err)
		}
	}
	if _, err := openpgp.ReadKeyring(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ReadKeyring of nothing: %v", err)
	}
}

// gpg runs GnuPG with a home of its own.
type gpg struct {
	t    *testing.T
	home string
}

func newGPG(t *testing.T) *gpg {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		sharedtest.Lacking(t, "no gpg to compare with")
	}
	home, err := os.MkdirTemp("", "gpg") // its sockets need a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() // it ends with its home as well
		os.RemoveAll(home)
	})
	return &gpg{t, home}
}

func (g *gpg) run(in string, args ...string) (string, error) {
	g.t.Helper()
	args = append([]string{"--homedir", g.home, "--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""}, args...)
	cmd := exec.CommandContext(g.t.Context(), "gpg", args...)
	cmd.Stdin = strings.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return string(out), errors.New(errs.String())
	}
	return string(out), nil
}

func (g *gpg) must(in string, args ...string) string {
	g.t.Helper()
	out, err := g.run(in, args...)
	if err != nil {
		g.t.Fatalf("gpg %q: %v", args, err)
	}
	return out
}

// Keys and signatures of gpg are understood: with a signing subkey, in all forms
// of a keyring; gpg and we agree on which signatures are bad.
func TestGPG(t *testing.T) {
	g := newGPG(t)
	g.must("", "--quick-generate-key", "Tree <tree@example.org>", "ed25519", "cert", "0")
	list := g.must("", "--with-colons", "--list-keys", "tree@example.org")
	fpr := strings.Split(list[strings.Index(list, "fpr:"):], ":")[9]
	g.must("", "--quick-add-key", fpr, "rsa2048", "sign", "1y")
	signed := g.must(text, "--clearsign")
	if issuer := openpgp.Issuer([]byte(signed)); len(issuer) != 40 || !strings.Contains(g.must("", "--with-colons", "--list-keys"), issuer) {
		t.Errorf("Issuer = %q", issuer)
	}
	if issuer := openpgp.Issuer([]byte(text)); issuer != "" {
		t.Errorf("Issuer of an unsigned text = %q", issuer)
	}
	armoured := g.must("", "--armor", "--export")
	other := newGPG(t)
	other.must("", "--quick-generate-key", "Other <other@example.org>", "nistp256", "sign", "0")
	files := map[string]string{
		"binary.gpg": g.must("", "--export"),
		"armour.asc": armoured,
		"two.asc":    other.must("", "--armor", "--export") + armoured,
	}
	for name, content := range files {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		checkGPG(t, g, path, signed, fpr)
	}
	checkGPG(t, g, filepath.Join(g.home, "pubring.kbx"), signed, fpr)
	checkGPG(t, g, g.home, signed, fpr)
	k, err := openpgp.ReadKeyring(filepath.Join(other.home, "pubring.kbx"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Clear("M", []byte(signed), time.Now()); err == nil || !strings.Contains(err.Error(), "unknown key") {
		t.Errorf("signature of another key: %v", err)
	}
	if _, _, err := k.Clear("M", []byte(other.must(text, "--clearsign")), time.Now()); err != nil {
		t.Errorf("signature with nistp256: %v", err)
	}
}

func checkGPG(t *testing.T, g *gpg, keys, signed, fpr string) {
	t.Helper()
	k, err := openpgp.ReadKeyring(keys)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	got, s, err := k.Clear("M", []byte(signed), now)
	if err != nil || string(got) != text || s.Fingerprint != fpr {
		t.Errorf("%s: %q, %+v, %v", keys, got, s, err)
	}
	if _, _, err := k.Clear("M", []byte(signed), now.AddDate(2, 0, 0)); err == nil {
		t.Errorf("%s: a signature with an expired subkey is taken", keys)
	}
	bad := strings.Replace(signed, "DATA a 1", "DATA a 9", 1)
	_, _, ours := k.Clear("M", []byte(bad), now)
	if _, theirs := g.run(bad, "--verify"); ours == nil || theirs == nil {
		t.Errorf("%s: an altered text is taken: we %v, gpg %v", keys, ours, theirs)
	}
}

func TestGPGRevoked(t *testing.T) {
	g := newGPG(t)
	g.must("", "--quick-generate-key", "Tree <tree@example.org>", "ed25519", "sign", "0")
	signed := g.must(text, "--clearsign")
	certs, err := filepath.Glob(filepath.Join(g.home, "openpgp-revocs.d", "*.rev"))
	if err != nil || len(certs) != 1 {
		t.Fatalf("revocation certificates: %v, %v", certs, err)
	}
	cert, err := os.ReadFile(certs[0])
	if err != nil {
		t.Fatal(err)
	}
	g.must(strings.Replace(string(cert), ":-----BEGIN", "-----BEGIN", 1), "--import")
	k, err := openpgp.ParseKeyring([]byte(g.must("", "--armor", "--export")))
	if err != nil {
		t.Fatal(err)
	}
	var bad *openpgp.SignatureError
	if _, _, err := k.Clear("M", []byte(signed), time.Now().Add(time.Minute)); !errors.As(err, &bad) || bad.Fault != openpgp.KeyRevoked {
		t.Errorf("signature of a revoked key: %v", err)
	}
}

func FuzzClear(f *testing.F) {
	key := newKey(f, "key", 0)
	good := sign(f, key, text)
	k := ring(f, key)
	f.Add([]byte(good))
	f.Add([]byte(good[:200]))
	f.Add([]byte("-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		signed, _, err := k.Clear("M", data, made())
		if err == nil && string(signed) != text {
			t.Fatalf("taken as signed: %q", signed)
		}
	})
}

func FuzzKeyring(f *testing.F) {
	var b bytes.Buffer
	if err := newKey(f, "key", 0).Serialize(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAA==\n-----END PGP PUBLIC KEY BLOCK-----\n"))
	f.Add([]byte("\x00\x00\x00\x20\x01\x01\x00\x02KBXf\x00\x00\x00\x00aaaabbbbccccdddd\x00\x00\x00\x14\x02\x01\x00\x00\x00\x00\x00\x10\x00\x00\x00\x04abcd"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := openpgp.ParseKeyring(data); err == nil {
			k.Fingerprints()
			_, _, _ = k.Clear("M", []byte("-----BEGIN PGP SIGNED MESSAGE-----"), made())
		}
	})
}
