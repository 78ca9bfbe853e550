package openpgp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// A Keyring is the public keys that are trusted.
type Keyring struct {
	keys pgp.EntityList
}

// ReadKeyring reads keys from files and folders: armoured or binary key files,
// and gpg's keyboxes (pubring.kbx). Of a folder, those files are read whose names
// end in .asc, .gpg, .key, .kbx, .pem or .pgp, in sorted order, but not in the
// folders below it. A file without keys is an error.
func ReadKeyring(paths ...string) (*Keyring, error) {
	k := &Keyring{}
	for _, path := range paths {
		files, err := keyFiles(path)
		if err != nil {
			return nil, fmt.Errorf("read keyring: %w", err)
		}
		for _, f := range files {
			if err := k.read(f); err != nil {
				return nil, fmt.Errorf("read keyring %s: %w", f, err)
			}
		}
	}
	return k, nil
}

// Len is the number of primary keys.
func (k *Keyring) Len() int { return len(k.keys) }

// Fingerprints lists the primary keys in upper-case hex, sorted.
func (k *Keyring) Fingerprints() []string {
	var out []string
	for _, e := range k.keys {
		out = append(out, hexUpper(e.PrimaryKey.Fingerprint))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func keyFiles(path string) ([]string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		st, err := os.Stat(name)
		if err != nil || !st.Mode().IsRegular() || e.Name() == "trustdb.gpg" || e.Name() == "secring.gpg" {
			continue
		}
		switch filepath.Ext(name) {
		case ".asc", ".gpg", ".key", ".kbx", ".pem", ".pgp":
			files = append(files, name)
		}
	}
	return files, nil
}

func (k *Keyring) read(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	keys, err := parseKeys(data)
	if err == nil && len(keys) == 0 {
		err = errors.New("no keys")
	}
	k.keys = append(k.keys, keys...)
	return err
}

// ParseKeyring reads keys from the content of a file.
func ParseKeyring(data []byte) (*Keyring, error) {
	keys, err := parseKeys(data)
	if err != nil {
		return nil, fmt.Errorf("parse keyring: %w", err)
	}
	return &Keyring{keys}, nil
}

func parseKeys(data []byte) (pgp.EntityList, error) {
	if isKeybox(data) {
		return parseKeybox(data)
	}
	var keys pgp.EntityList
	if !bytes.Contains(data, []byte("-----BEGIN PGP ")) {
		return readKeys(data)
	}
	// The armour's decoder reads ahead, so each block is found here.
	for rest := data; ; {
		block, err := armor.Decode(bytes.NewReader(rest))
		if errors.Is(err, io.EOF) {
			return keys, nil
		}
		if err != nil {
			return nil, err
		}
		if block.Type != pgp.PublicKeyType {
			return nil, fmt.Errorf("expected a public key, not a %s", strings.ToLower(block.Type))
		}
		raw, err := io.ReadAll(block.Body)
		if err != nil {
			return nil, err
		}
		more, err := readKeys(raw)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
		_, rest, _ = bytes.Cut(rest, []byte("-----END "+pgp.PublicKeyType+"-----"))
	}
}

// readKeys reads binary keys; those that cannot be used are left out.
func readKeys(raw []byte) (pgp.EntityList, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	return pgp.ReadKeyRing(bytes.NewReader(raw))
}

// The keybox of gpg is a row of blobs: a length (4 bytes, big endian, of the
// whole blob), a type, a version, 2 bytes of flags; in a blob with an OpenPGP key
// there follow offset and length of the key.
const (
	keyboxMagicAt = 8
	keyboxFirst   = 1 // type of the blob at the start
	keyboxKey     = 2 // type of a blob with an OpenPGP key
	keyboxHead    = 16
)

func isKeybox(data []byte) bool {
	return len(data) >= keyboxHead && data[4] == keyboxFirst && string(data[keyboxMagicAt:keyboxMagicAt+4]) == "KBXf"
}

func parseKeybox(data []byte) (pgp.EntityList, error) {
	var keys pgp.EntityList
	for at := 0; at < len(data); {
		blob := data[at:]
		if len(blob) < keyboxHead {
			return nil, fmt.Errorf("keybox ends within a blob at byte %d", at)
		}
		size := uint64(binary.BigEndian.Uint32(blob))
		if size < keyboxHead || size > uint64(len(blob)) {
			return nil, fmt.Errorf("keybox has a blob of impossible length %d at byte %d", size, at)
		}
		blob = blob[:size]
		if blob[4] == keyboxKey {
			from, n := uint64(binary.BigEndian.Uint32(blob[8:])), uint64(binary.BigEndian.Uint32(blob[12:]))
			if from+n > size {
				return nil, fmt.Errorf("keybox has a key outside of its blob at byte %d", at)
			}
			e, err := pgp.ReadEntity(packet.NewReader(bytes.NewReader(blob[from : from+n])))
			if err == nil { // keys that cannot be used are left out, as in files of keys
				keys = append(keys, e)
			}
		}
		at += int(size)
	}
	return keys, nil
}
