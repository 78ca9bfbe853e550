// Package signing makes and judges the OpenPGP signatures of binary packages, with
// the programs that the user has configured for it, or with a keyring.
//
// The commands are Portage's BINPKG_GPG_SIGNING_BASE_COMMAND and
// BINPKG_GPG_VERIFY_BASE_COMMAND, called as Portage calls them. The package
// refuses to know what is signed, and keeps no secrets.
package signing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/tumpline/tumpline/ebuild/openpgp"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// A Signer signs with the user's program. It implements gpkg.Signer.
type Signer struct {
	Command string // BINPKG_GPG_SIGNING_BASE_COMMAND, with [PORTAGE_CONFIG] in it
	Home    string // BINPKG_GPG_SIGNING_GPG_HOME
	Key     string // BINPKG_GPG_SIGNING_KEY
	Digest  string // BINPKG_GPG_SIGNING_DIGEST
	// Vars expand variables in Command.
	Vars shellconf.Env
	Env  []string // environment of the program
}

// ErrNoCommand reports that no program is configured.
var ErrNoCommand = errors.New("no command is configured")

// Detached returns an armoured signature of what r gives.
func (s *Signer) Detached(ctx context.Context, r io.Reader) ([]byte, error) {
	return s.run(ctx, "--detach-sig", r)
}

// Clear returns a text with a signature around it.
func (s *Signer) Clear(ctx context.Context, text []byte) ([]byte, error) {
	return s.run(ctx, "--clear-sign", bytes.NewReader(text))
}

func (s *Signer) run(ctx context.Context, mode string, r io.Reader) ([]byte, error) {
	config := fmt.Sprintf("--homedir %s --digest-algo %s --local-user %s %s --batch --no-tty", s.Home, s.Digest, s.Key, mode)
	argv, err := words(s.Command, map[string]string{"[PORTAGE_CONFIG]": config}, s.Vars)
	if err != nil {
		return nil, fmt.Errorf("BINPKG_GPG_SIGNING_BASE_COMMAND: %w", err)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out, said bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Env, r, &out, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", argv[0], err, strings.TrimSpace(said.String()))
	}
	if !bytes.Contains(out.Bytes(), []byte("-----BEGIN PGP SIG")) {
		return nil, fmt.Errorf("%s gave no signature", argv[0])
	}
	return out.Bytes(), nil
}

// words makes the words of a command line in which placeholders stand for text.
func words(command string, placeholders map[string]string, vars shellconf.Env) ([]string, error) {
	if strings.TrimSpace(command) == "" {
		return nil, ErrNoCommand
	}
	for from, to := range placeholders {
		command = strings.ReplaceAll(command, from, to)
	}
	expanded, err := shellconf.Expand(command, vars)
	if err != nil {
		return nil, err
	}
	list, err := shellconf.Split(expanded)
	if err == nil && len(list) == 0 {
		err = ErrNoCommand
	}
	return list, err
}

// A Program verifies with the user's program: a signature holds if it is good and
// its key is trusted fully or ultimately. It implements gpkg.Verifier.
type Program struct {
	Command string // BINPKG_GPG_VERIFY_BASE_COMMAND, with [PORTAGE_CONFIG] and [SIGNATURE]
	Home    string // BINPKG_GPG_VERIFY_GPG_HOME
	Vars    shellconf.Env
	Env     []string
	TempDir string // for signatures; absolute
	// Credential is whom the program runs as (GPG_VERIFY_USER_DROP and
	// GPG_VERIFY_GROUP_DROP); nil: as the caller.
	Credential *syscall.Credential
}

// Detached verifies a signature beside what r gives.
func (p *Program) Detached(ctx context.Context, name string, r io.Reader, signature []byte) error {
	f, err := os.CreateTemp(p.TempDir, "signature-*.sig")
	if err != nil {
		return fmt.Errorf("verify %s: %w", name, err)
	}
	defer os.Remove(f.Name()) // it has served
	_, err = f.Write(signature)
	if err == nil {
		err = f.Chmod(0o644) // the program may run as somebody else
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("verify %s: %w", name, err)
	}
	_, err = p.run(ctx, name, quote(f.Name())+" -", r)
	return err
}

// Clear verifies a text with a signature around it, and returns what was signed, as
// the program gives it.
func (p *Program) Clear(ctx context.Context, name string, text []byte) ([]byte, error) {
	return p.run(ctx, name, "--output - -", bytes.NewReader(text))
}

func (p *Program) run(ctx context.Context, name, signature string, r io.Reader) ([]byte, error) {
	argv, err := words(p.Command, map[string]string{"[PORTAGE_CONFIG]": "--homedir " + p.Home, "[SIGNATURE]": signature}, p.Vars)
	if err != nil {
		return nil, fmt.Errorf("BINPKG_GPG_VERIFY_BASE_COMMAND: %w", err)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out, status bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = p.Env, r, &out, &status
	if p.Credential != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.Credential}
	}
	err = cmd.Run()
	if verdict := judge(status.String()); verdict != nil {
		verdict.Name = name
		return nil, verdict
	}
	if err != nil {
		return nil, fmt.Errorf("verify %s: %s: %w: %s", name, argv[0], err, strings.TrimSpace(status.String()))
	}
	return out.Bytes(), nil
}

// judge reads the status lines of gpg; nil: the signature holds.
func judge(status string) *openpgp.SignatureError {
	good, trusted := false, false
	e := &openpgp.SignatureError{Fault: openpgp.Malformed}
	for line := range strings.Lines(status) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "[GNUPG:]" {
			continue
		}
		if len(f) > 2 && strings.HasSuffix(f[1], "SIG") && f[1] != "VALIDSIG" && f[1] != "NEWSIG" {
			e.KeyID = f[2]
		}
		switch f[1] {
		case "GOODSIG":
			good = true
		case "TRUST_ULTIMATE", "TRUST_FULLY":
			trusted = true
		case "BADSIG":
			e.Fault = openpgp.Altered
		case "EXPSIG":
			e.Fault = openpgp.SignatureExpired
		case "EXPKEYSIG":
			e.Fault = openpgp.KeyExpired
		case "REVKEYSIG":
			e.Fault = openpgp.KeyRevoked
		case "NO_PUBKEY":
			e.Fault = openpgp.UnknownKey
		}
	}
	switch {
	case good && trusted:
		return nil
	case good:
		e.Fault, e.Err = openpgp.UnknownKey, errors.New("the key is in the keyring, but not trusted fully or ultimately")
	}
	return e
}

// quote makes one word of a path in a command line.
func quote(path string) string {
	return "'" + strings.ReplaceAll(path, "'", `'"'"'`) + "'"
}

// A Keyring verifies with keys that are all trusted alike. It implements
// gpkg.Verifier.
type Keyring struct {
	Keys *openpgp.Keyring
	Now  time.Time // of the verification
}

// Detached verifies a signature beside what r gives.
func (k *Keyring) Detached(_ context.Context, name string, r io.Reader, signature []byte) error {
	_, err := k.Keys.Detached(name, r, signature, k.Now)
	return err
}

// Clear verifies a text with a signature around it, and returns what was signed.
func (k *Keyring) Clear(_ context.Context, name string, text []byte) ([]byte, error) {
	signed, _, err := k.Keys.Clear(name, text, k.Now)
	return signed, err
}
