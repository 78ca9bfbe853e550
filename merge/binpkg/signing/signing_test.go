package signing_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/ebuild/openpgp"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/signing"
)

// home makes a folder for gpg with a secret key.
func home(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "gpg") // the agent's socket needs a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", dir, "--kill", "all").Run() // there may be none
		os.RemoveAll(dir)
	})
	cmd := exec.CommandContext(t.Context(), "gpg", "--homedir", dir, "--batch", "--pinentry-mode", "loopback", "--passphrase", "",
		"--quick-gen-key", "Tester <t@example.org>", "ed25519", "sign", "never")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), "gpg", "--homedir", dir, "--batch", "--check-trustdb").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

const (
	signCommand   = "gpg --sign --armor [PORTAGE_CONFIG]"
	verifyCommand = "gpg --verify --batch --no-tty --no-auto-check-trustdb --status-fd 2 [PORTAGE_CONFIG] [SIGNATURE]"
)

func TestSignVerify(t *testing.T) {
	dir := home(t)
	s := &signing.Signer{Command: signCommand, Home: dir, Key: "t@example.org", Digest: "SHA512", Env: os.Environ()}
	text := "DATA gpkg-1 0\n- dashed\n"
	clear, err := s.Clear(t.Context(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	detached, err := s.Detached(t.Context(), strings.NewReader("content"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := openpgp.ReadKeyring(filepath.Join(dir, "pubring.kbx"))
	if err != nil {
		t.Fatal(err)
	}
	program := &signing.Program{Command: verifyCommand, Home: dir, Env: os.Environ(), TempDir: t.TempDir()}
	for name, v := range map[string]gpkg.Verifier{"program": program, "keyring": &signing.Keyring{Keys: keys, Now: time.Now().Add(time.Minute)}} {
		if got, err := v.Clear(t.Context(), "Manifest", clear); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err := v.Detached(t.Context(), "image", strings.NewReader("content"), detached); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var fault *openpgp.SignatureError
		if err := v.Detached(t.Context(), "image", strings.NewReader("contents"), detached); !errors.As(err, &fault) || fault.Fault != openpgp.Altered {
			t.Errorf("%s: altered: %v", name, err)
		}
		if _, err := v.Clear(t.Context(), "Manifest", []byte(strings.Replace(string(clear), "DATA", "DAT", 1))); !errors.As(err, &fault) || fault.Fault != openpgp.Altered {
			t.Errorf("%s: altered text: %v", name, err)
		}
	}
	other := home(t)
	program.Home = other
	var fault *openpgp.SignatureError
	if err := program.Detached(t.Context(), "image", strings.NewReader("content"), detached); !errors.As(err, &fault) || fault.Fault != openpgp.UnknownKey {
		t.Errorf("unknown key: %v", err)
	}
}

func TestUntrusted(t *testing.T) {
	dir, other := home(t), home(t)
	s := &signing.Signer{Command: signCommand, Home: dir, Key: "t@example.org", Digest: "SHA512", Env: os.Environ()}
	detached, err := s.Detached(t.Context(), strings.NewReader("content"))
	if err != nil {
		t.Fatal(err)
	}
	export := exec.CommandContext(t.Context(), "sh", "-c", `gpg --homedir "$1" --export | gpg --homedir "$2" --batch --import`, "sh", dir, other)
	if out, err := export.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program := &signing.Program{Command: verifyCommand, Home: other, Env: os.Environ(), TempDir: t.TempDir()}
	err = program.Detached(t.Context(), "image", strings.NewReader("content"), detached)
	if err == nil || !strings.Contains(err.Error(), "not trusted") {
		t.Errorf("a key without trust: %v", err)
	}
}

func TestNoCommand(t *testing.T) {
	if _, err := (&signing.Signer{}).Clear(t.Context(), nil); !errors.Is(err, signing.ErrNoCommand) {
		t.Error(err)
	}
	if err := (&signing.Program{TempDir: t.TempDir()}).Detached(t.Context(), "x", strings.NewReader(""), nil); !errors.Is(err, signing.ErrNoCommand) {
		t.Error(err)
	}
	s := &signing.Signer{Command: "false [PORTAGE_CONFIG]"}
	if _, err := s.Clear(t.Context(), nil); err == nil {
		t.Error("no error of a program that fails")
	}
	s.Command = "true"
	if _, err := s.Clear(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no signature") {
		t.Error(err)
	}
}
