// Package openpgp verifies OpenPGP signatures (RFC 9580) with keys that the user
// trusts: cleartext signatures around a text, and detached ones beside a file.
//
// Every key of a keyring is trusted alike; there is no web of trust, no key
// server, no secret key. It is stricter than gpg in two points: text before or
// after a signed one is refused, and a key that has expired since it signed
// makes a signature worthless.
package openpgp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	pgp "github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// A Fault is why a signature does not hold.
type Fault uint8

const (
	Unsigned         Fault = iota // there is no signature
	Malformed                     // the signature, or the text around it, has no valid form
	UnknownKey                    // made with a key that the keyring does not hold
	KeyExpired                    // the key has expired
	KeyRevoked                    // the key was revoked
	SignatureExpired              // the signature has expired
	Altered                       // the text is not what was signed
)

// String says the fault in a few words.
func (f Fault) String() string {
	switch f {
	case Unsigned:
		return "is not signed"
	case Malformed:
		return "has a malformed signature"
	case UnknownKey:
		return "is signed with an unknown key"
	case KeyExpired:
		return "is signed with an expired key"
	case KeyRevoked:
		return "is signed with a revoked key"
	case SignatureExpired:
		return "has an expired signature"
	case Altered:
		return "is not what was signed"
	}
	return fmt.Sprintf("Fault(%d)", uint8(f))
}

// A SignatureError says why a signature does not hold.
type SignatureError struct {
	Fault Fault
	Name  string // what was to be verified, a path for instance
	KeyID string // of the signing key, 16 hex digits; may be empty
	Err   error  // more about it; may be nil
}

// Error gives "NAME is signed with an unknown key: KEYID".
func (e *SignatureError) Error() string {
	text := e.Name + " " + e.Fault.String()
	if e.KeyID != "" {
		text += ": key " + e.KeyID
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives what more is known.
func (e *SignatureError) Unwrap() error { return e.Err }

// A Signature is one that holds.
type Signature struct {
	Fingerprint string // of the primary key: 40 hex digits, or 64 of a key of version 6
	KeyID       string // of the key that signed: 16 hex digits
	User        string // a name of the key's owner; may be empty
	Created     time.Time
}

const clearStart = "-----BEGIN PGP SIGNED MESSAGE-----"

// IsClear says whether a text begins as a cleartext signature does.
func IsClear(text []byte) bool { return bytes.HasPrefix(text, []byte(clearStart)) }

// Clear verifies a text with a cleartext signature as of now, and gives what was
// signed; name stands for the text in errors, which are *SignatureError.
func (k *Keyring) Clear(name string, text []byte, now time.Time) (signed []byte, s *Signature, err error) {
	if !bytes.Contains(text, []byte(clearStart)) {
		return nil, nil, &SignatureError{Fault: Unsigned, Name: name}
	}
	if !IsClear(text) {
		return nil, nil, &SignatureError{Fault: Malformed, Name: name, Err: errors.New("text before the signed one")}
	}
	block, rest := clearsign.Decode(text)
	if block == nil {
		return nil, nil, &SignatureError{Fault: Malformed, Name: name}
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, nil, &SignatureError{Fault: Malformed, Name: name, Err: errors.New("text after the signature")}
	}
	raw, err := io.ReadAll(block.ArmoredSignature.Body)
	if err != nil {
		return nil, nil, &SignatureError{Fault: Malformed, Name: name, Err: err}
	}
	if s, err = k.verify(name, bytes.NewReader(block.Bytes), raw, now); err != nil {
		return nil, nil, err
	}
	return append(block.Plaintext, '\n'), s, nil
}

// Detached verifies what r gives against a detached signature, armoured or not.
func (k *Keyring) Detached(name string, r io.Reader, signature []byte, now time.Time) (*Signature, error) {
	if block, err := armor.Decode(bytes.NewReader(signature)); err == nil {
		if signature, err = io.ReadAll(block.Body); err != nil {
			return nil, &SignatureError{Fault: Malformed, Name: name, Err: err}
		}
	}
	return k.verify(name, r, signature, now)
}

func (k *Keyring) verify(name string, signed io.Reader, raw []byte, now time.Time) (*Signature, error) {
	config := &packet.Config{Time: func() time.Time { return now }}
	sig, signer, err := pgp.VerifyDetachedSignature(k.keys, signed, bytes.NewReader(raw), config)
	if err != nil {
		return nil, &SignatureError{Fault: fault(err), Name: name, KeyID: issuer(raw), Err: detail(err)}
	}
	s := &Signature{
		Fingerprint: hexUpper(signer.PrimaryKey.Fingerprint),
		Created:     sig.CreationTime,
	}
	if sig.IssuerKeyId != nil {
		s.KeyID = keyID(*sig.IssuerKeyId)
	}
	if id := signer.PrimaryIdentity(); id != nil {
		s.User = id.Name
	}
	return s, nil
}

// issuer gives the id of the key that made the first signature, or "".
func issuer(raw []byte) string {
	p, err := packet.NewReader(bytes.NewReader(raw)).Next()
	if sig, ok := p.(*packet.Signature); err == nil && ok && sig.IssuerKeyId != nil {
		return keyID(*sig.IssuerKeyId)
	}
	return ""
}

func hexUpper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

func keyID(id uint64) string { return fmt.Sprintf("%016X", id) }

func fault(err error) Fault {
	var signature pgperrors.SignatureError
	switch {
	case errors.Is(err, pgperrors.ErrUnknownIssuer):
		return UnknownKey
	case errors.Is(err, pgperrors.ErrKeyExpired):
		return KeyExpired
	case errors.Is(err, pgperrors.ErrKeyRevoked):
		return KeyRevoked
	case errors.Is(err, pgperrors.ErrSignatureExpired):
		return SignatureExpired
	case errors.As(err, &signature):
		return Altered
	}
	return Malformed
}

// detail leaves out what the fault says already.
func detail(err error) error {
	switch fault(err) {
	case UnknownKey, KeyExpired, KeyRevoked, SignatureExpired:
		return nil
	}
	return err
}
