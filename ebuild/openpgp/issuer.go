package openpgp

import (
	"bytes"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Issuer tells which key a cleartext signature says it was made with: a
// fingerprint, or an id of 16 hex digits; "" if the text is not signed. Nothing is
// verified.
func Issuer(text []byte) string {
	block, _ := clearsign.Decode(text)
	if block == nil {
		return ""
	}
	raw, err := io.ReadAll(block.ArmoredSignature.Body)
	if err != nil {
		return ""
	}
	p, err := packet.NewReader(bytes.NewReader(raw)).Next()
	sig, ok := p.(*packet.Signature)
	switch {
	case err != nil || !ok:
		return ""
	case len(sig.IssuerFingerprint) > 0:
		return hexUpper(sig.IssuerFingerprint)
	case sig.IssuerKeyId != nil:
		return keyID(*sig.IssuerKeyId)
	}
	return ""
}
