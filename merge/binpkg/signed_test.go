package binpkg_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/ebuild/openpgp"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/signing"
)

// TestSigned makes packages with signatures and without, and reads them under all
// policies.
func TestSigned(t *testing.T) {
	if _, err := exec.LookPath("gpg"); err != nil {
		t.Skip(err)
	}
	home, err := os.MkdirTemp("", "gpg") // the agent's socket needs a short path
	must(t, err)
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() // there may be none
		os.RemoveAll(home)
	})
	for _, args := range [][]string{
		{"--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "Tester <t@example.org>", "ed25519", "sign", "never"},
		{"--check-trustdb"},
	} {
		out, err := exec.CommandContext(t.Context(), "gpg", append([]string{"--homedir", home, "--batch"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	keys, err := openpgp.ReadKeyring(filepath.Join(home, "pubring.kbx"))
	must(t, err)
	img := image(t)
	write := func(f binpkg.Format, signer gpkg.Signer) string {
		o := options(t, t.TempDir(), f, compression.Gzip)
		o.Image, o.Signer = img, signer
		done, err := binpkg.Write(t.Context(), o)
		must(t, err)
		return done.Path
	}
	signer := &signing.Signer{Command: "gpg --sign --armor [PORTAGE_CONFIG]", Home: home, Key: "t@example.org", Digest: "SHA512", Env: os.Environ()}
	signed, unsigned, xpak := write(binpkg.FormatGPKG, signer), write(binpkg.FormatGPKG, nil), write(binpkg.FormatXPAK, nil)
	good := &signing.Keyring{Keys: keys, Now: time.Now().Add(time.Minute)}
	for _, c := range []struct {
		file   string
		policy gpkg.Policy
		want   error
	}{
		{signed, gpkg.Policy{}, nil},
		{signed, gpkg.Policy{Verifier: good}, nil},
		{signed, gpkg.Policy{Verifier: good, Require: true}, nil},
		{signed, gpkg.Policy{Verifier: refusing{}}, errRefused},
		{signed, gpkg.Policy{Require: true}, gpkg.ErrVerifier},
		{unsigned, gpkg.Policy{Verifier: good}, nil},
		{unsigned, gpkg.Policy{Verifier: good, Require: true}, gpkg.ErrUnsigned},
		{xpak, gpkg.Policy{Verifier: good}, nil},
		{xpak, gpkg.Policy{Verifier: good, Require: true}, gpkg.ErrUnsigned},
	} {
		u, err := binpkg.Unpack(t.Context(), c.file, &binpkg.UnpackOptions{Image: t.TempDir(), Programs: programs(), Signature: c.policy, Owner: asSelf})
		if !errors.Is(err, c.want) || (err == nil) && u.Signed != (c.file == signed) {
			t.Errorf("%s, %+v: %+v, %v, want %v", c.file, c.policy, u, err, c.want)
		}
	}
	portageVerifies(t, home, signed)
}

var errRefused = errors.New("refused")

// refusing refuses all signatures.
type refusing struct{}

func (refusing) Detached(context.Context, string, io.Reader, []byte) error { return errRefused }

func (refusing) Clear(context.Context, string, []byte) ([]byte, error) { return nil, errRefused }

// portageVerifies has Portage verify a package, if there is one.
func portageVerifies(t *testing.T, home, file string) {
	t.Helper()
	source := os.Getenv("PORTAGE_SRC")
	if source == "" {
		return
	}
	script := `
import sys, portage
from portage.gpkg import gpkg
settings = portage.config(clone=portage.settings)
settings.unlock()
settings["BINPKG_GPG_VERIFY_GPG_HOME"] = sys.argv[2]
settings["GPG_VERIFY_USER_DROP"] = settings["GPG_VERIFY_GROUP_DROP"] = ""
settings.features.add("binpkg-request-signature")
p = gpkg(settings, "p-1", sys.argv[1])
print(sorted(p.get_metadata())[:3], p.signature_exist)
p.decompress(sys.argv[3])
`
	cmd := exec.CommandContext(t.Context(), "python3", "-c", script, file, home, t.TempDir())
	cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(source, "lib"))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "['BUILD_TIME', 'CATEGORY', 'CHOST'] True") {
		t.Errorf("Portage: %v\n%s", err, out)
	}
}
