package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/openpgp"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// A Signer signs Manifests with a program.
type Signer struct {
	Command string            // PORTAGE_GPG_SIGNING_COMMAND; it makes ${FILE}.asc
	Vars    map[string]string // PORTAGE_GPG_KEY and PORTAGE_GPG_DIR
	Environ []string
	Output  io.Writer
}

// Sign signs the Manifest at path if it was just written, is not signed, or is
// signed with another key than PORTAGE_GPG_KEY. One that is absent is left so.
func (s *Signer) Sign(ctx context.Context, path string, written bool) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sign Manifest: %w", err)
	}
	if openpgp.IsClear(text) {
		if !written && s.ours(openpgp.Issuer(text)) {
			return nil
		}
		if err := strip(path, text); err != nil {
			return err
		}
	}
	if err := s.run(ctx, path); err != nil {
		os.Remove(path + ".asc") // it is of no use, if there is one
		return fmt.Errorf("sign %s: %w", path, err)
	}
	return os.Rename(path+".asc", path)
}

// ours says whether a key is the one to sign with. Keys are named by the ends of
// their fingerprints.
func (s *Signer) ours(issuer string) bool {
	key := strings.ToUpper(strings.TrimRight(s.Vars["PORTAGE_GPG_KEY"], "!"))
	key = strings.TrimPrefix(key, "0X")
	return key == "" || strings.HasSuffix(issuer, key)
}

// strip leaves nothing but the entries.
func strip(path string, text []byte) error {
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		word, _, _ := bytes.Cut(line, []byte(" "))
		if _, ok := manifest.ParseType(string(word)); ok {
			out.Write(line)
		}
	}
	return atomicfile.WriteFile(path, out.Bytes(), 0o644)
}

func (s *Signer) run(ctx context.Context, path string) error {
	vars := shellconf.Env{"FILE": path}
	for name, value := range s.Vars {
		vars[name] = value
	}
	line, err := shellconf.Expand(s.Command, vars)
	if err != nil {
		return err
	}
	words, err := shellconf.Split(line)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return errors.New("PORTAGE_GPG_SIGNING_COMMAND is empty")
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = s.Environ, s.Output, s.Output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", words[0], err)
	}
	return nil
}
