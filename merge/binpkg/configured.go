package binpkg

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/signing"
	"github.com/tumpline/tumpline/profiles"
)

// Surroundings are what packing needs to know of the machine.
type Surroundings struct {
	Path []string  // folders with programs
	Env  []string  // environment of programs
	CPUs int       // threads, unless MAKEOPTS says how many
	Now  time.Time // see WriteOptions
}

// ErrNoPKGDIR reports a configuration without PKGDIR.
var ErrNoPKGDIR = errors.New("PKGDIR is not set")

// Configured gives the options that a configuration makes: where packages go, in
// which format, compressed and signed how. What is packed is left to the caller.
func Configured(c *profiles.Config, s Surroundings) (*WriteOptions, error) {
	lookup := func(name string) (string, bool) {
		v, ok := c.Vars.Lookup(name)
		return v.Text, ok
	}
	format, err := ParseFormat(valueOr(c, "BINPKG_FORMAT", "gpkg"))
	if err != nil {
		return nil, fmt.Errorf("BINPKG_FORMAT: %w", err)
	}
	name, set := lookup("BINPKG_COMPRESS")
	if !set {
		name = "zstd"
	}
	method, err := compression.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("BINPKG_COMPRESS: %w", err)
	}
	if c.Get("PKGDIR") == "" {
		return nil, ErrNoPKGDIR
	}
	o := &WriteOptions{
		Dir:    &Dir{Path: c.Get("PKGDIR"), MultiInstance: c.Feature("binpkg-multi-instance"), CompressIndex: c.Feature("compress-index"), Header: HeaderOf(c), CHOST: c.Get("CHOST")},
		Format: format, Method: method,
		Programs: &compression.Programs{Lookup: lookup, Path: s.Path, Env: s.Env, Jobs: Jobs(c.Get("MAKEOPTS"), s.CPUs)},
		Signer:   signerOf(c, s.Env),
		Xattrs:   c.Feature("xattr"), XattrExclude: c.Words("PORTAGE_XATTR_EXCLUDE"), Now: s.Now,
	}
	if seconds, err := strconv.ParseInt(c.Get("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		o.Latest = time.Unix(seconds, 0)
	}
	return o, nil
}

// signerOf gives what signs gpkg packages, nil without FEATURES=binpkg-signing.
func signerOf(c *profiles.Config, env []string) gpkg.Signer {
	if !c.Feature("binpkg-signing") {
		return nil
	}
	vars := map[string]string{}
	for _, name := range c.Vars.Names() {
		vars[name] = c.Get(name)
	}
	return &signing.Signer{
		Command: valueOr(c, "BINPKG_GPG_SIGNING_BASE_COMMAND", "/usr/bin/flock /run/lock/portage-binpkg-gpg.lock /usr/bin/gpg --sign --armor [PORTAGE_CONFIG]"),
		Home:    c.Get("BINPKG_GPG_SIGNING_GPG_HOME"), Key: c.Get("BINPKG_GPG_SIGNING_KEY"),
		Digest: valueOr(c, "BINPKG_GPG_SIGNING_DIGEST", "SHA512"), Vars: vars, Env: env,
	}
}

// SignaturePolicy says what signatures packages must have: FEATURES decide, and
// where they say nothing, verify-signature of the binhost that a package comes from;
// from is nil for packages of PKGDIR. v judges signatures.
func SignaturePolicy(c *profiles.Config, from *bool, v gpkg.Verifier) gpkg.Policy {
	switch {
	case c.Feature("binpkg-request-signature"):
		return gpkg.Policy{Verifier: v, Require: true}
	case c.Feature("binpkg-ignore-signature"):
		return gpkg.Policy{}
	case from == nil:
		return gpkg.Policy{Verifier: v}
	case *from:
		return gpkg.Policy{Verifier: v, Require: true}
	}
	return gpkg.Policy{}
}

func valueOr(c *profiles.Config, name, otherwise string) string {
	if value := c.Get(name); value != "" {
		return value
	}
	return otherwise
}

// Jobs reads the number of jobs in MAKEOPTS, as Portage does; cpus if it has none.
func Jobs(makeopts string, cpus int) int {
	m := regexp.MustCompile(`^.*(?:j|--jobs=\s)\s*([0-9]+)`).FindStringSubmatch(strings.ReplaceAll(makeopts, "\n", " "))
	if m == nil {
		return cpus
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n < 1 {
		return cpus
	}
	return n
}
