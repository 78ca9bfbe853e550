package gpkg

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// checkManifest compares members with the Manifest: every member but the
// Manifest itself must be listed with its size, and nothing else; the SHA512
// of the metadata must be right.
func (c *container) checkManifest() error {
	records, err := parseManifest(string(c.manifest))
	if err != nil {
		return err
	}
	for _, name := range c.names {
		base := path.Base(name)
		if base == "Manifest" {
			continue
		}
		r, ok := records[base]
		switch {
		case !ok:
			return fmt.Errorf("%w: %s is not listed", ErrManifest, base)
		case r.size != c.sizes[name]:
			return fmt.Errorf("%w: %s has %d bytes, not %d", ErrManifest, base, c.sizes[name], r.size)
		}
		if name == c.metadataName {
			sum := sha512.Sum512(c.metadata)
			if !strings.EqualFold(hex.EncodeToString(sum[:]), r.sha512) {
				return fmt.Errorf("%w: SHA512 of %s", ErrManifest, base)
			}
		}
		delete(records, base)
	}
	return missing(records)
}

// missing reports what is listed and not there.
func missing(records map[string]record) error {
	for base := range records {
		if len(records) == 1 {
			return fmt.Errorf("%w: %s is missing", ErrManifest, base)
		}
		return fmt.Errorf("%w: %d members are missing", ErrManifest, len(records))
	}
	return nil
}

// A record is one line of a Manifest.
type record struct {
	size            int64
	sha512, blake2b string
}

// parseManifest returns the records by member name. Of a clear-signed Manifest
// it takes the signed text.
func parseManifest(text string) (map[string]record, error) {
	const begin, end = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
	if i := strings.Index(text, begin); i >= 0 {
		_, text, _ = strings.Cut(text[i:], "\n\n")
		text, _, _ = strings.Cut(text, end)
	}
	records := make(map[string]record)
	for line := range strings.Lines(text) {
		fields := strings.Fields(strings.TrimPrefix(line, "- "))
		if len(fields) == 0 {
			continue
		}
		if len(fields) < 3 || fields[0] != "DATA" {
			return nil, fmt.Errorf("%w: invalid line %q", ErrManifest, strings.TrimSpace(line))
		}
		size, err := strconv.ParseInt(fields[2], 10, 64)
		if _, twice := records[fields[1]]; err != nil || twice {
			return nil, fmt.Errorf("%w: invalid line %q", ErrManifest, strings.TrimSpace(line))
		}
		r := record{size: size}
		for i := 3; i+1 < len(fields); i += 2 {
			switch fields[i] {
			case "SHA512":
				r.sha512 = fields[i+1]
			case "BLAKE2B":
				r.blake2b = fields[i+1]
			}
		}
		records[fields[1]] = r
	}
	return records, nil
}
