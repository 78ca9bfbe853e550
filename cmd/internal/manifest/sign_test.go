package manifest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/manifest"
	"github.com/tumpline/tumpline/ebuild/openpgp"
)

// A Manifest is signed by gpg once, again after it was written, and anew with
// another key.
func TestSign(t *testing.T) {
	gpg, err := exec.LookPath("gpg")
	if err != nil {
		sharedtest.Lacking(t, "no gpg to sign with")
	}
	home, err := os.MkdirTemp("", "gpg") // its sockets need a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() // it ends with its home as well
		os.RemoveAll(home)
	})
	batch := []string{"--homedir", home, "--batch", "--pinentry-mode", "loopback", "--passphrase", ""}
	for _, name := range []string{"one@example.org", "two@example.org"} {
		if out, err := exec.Command(gpg, append(batch, "--quick-generate-key", name, "ed25519", "sign", "0")...).CombinedOutput(); err != nil {
			t.Fatalf("make key: %v: %s", err, out)
		}
	}
	list, err := exec.Command(gpg, append(batch, "--with-colons", "--list-keys")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for line := range strings.Lines(string(list)) {
		if rest, ok := strings.CutPrefix(line, "fpr:::::::::"); ok {
			keys = append(keys, strings.TrimRight(rest, ":\n"))
		}
	}
	path := filepath.Join(t.TempDir(), "Manifest")
	read := func() string {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const entry = "DIST a 1 MD5 00\n"
	s := &manifest.Signer{
		Command: gpg + ` --batch --clearsign --yes --default-key "${PORTAGE_GPG_KEY}" --homedir "${PORTAGE_GPG_DIR}" "${FILE}"`,
		Vars:    map[string]string{"PORTAGE_GPG_KEY": "0x" + keys[0][24:], "PORTAGE_GPG_DIR": home},
		Environ: os.Environ(),
	}
	sign := func(written bool) {
		t.Helper()
		if err := s.Sign(t.Context(), path, written); err != nil {
			t.Fatal(err)
		}
	}
	sign(true) // nothing is there: nothing is signed
	if err := os.WriteFile(path, []byte(entry), 0o644); err != nil {
		t.Fatal(err)
	}
	sign(false)
	first := read()
	if issuer := openpgp.Issuer([]byte(first)); issuer != keys[0] || strings.Count(first, entry) != 1 {
		t.Errorf("signed by %s: %s", issuer, first)
	}
	if sign(false); read() != first {
		t.Error("a signed Manifest was signed again")
	}
	s.Vars["PORTAGE_GPG_KEY"] = keys[1]
	sign(false)
	if issuer := openpgp.Issuer([]byte(read())); issuer != keys[1] || strings.Count(read(), "BEGIN PGP SIGNED") != 1 {
		t.Errorf("signed by %s: %s", issuer, read())
	}
	s.Command = "false ${FILE}"
	if err := s.Sign(t.Context(), path, true); err == nil || read() != entry {
		t.Errorf("a program that fails: %v, left %s", err, read())
	}
}
