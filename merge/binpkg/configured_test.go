package binpkg_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

func config(t *testing.T, lines ...string) *profiles.Config {
	t.Helper()
	c, err := profiles.Load(profilestest.Corpus(t, "arm64-usr", map[string][]string{"make.conf": lines}))
	must(t, err)
	return c
}

// TestConfigured reads what Flatcar's configuration says about packages.
func TestConfigured(t *testing.T) {
	c, err := profiles.Load(profilestest.Corpus(t, "arm64-usr", nil))
	must(t, err)
	bin := t.TempDir()
	must(t, os.WriteFile(filepath.Join(bin, "lbzip2"), nil, 0o755))
	o, err := binpkg.Configured(c, binpkg.Surroundings{Path: []string{bin}, CPUs: 3, Now: time.Unix(5, 0)})
	must(t, err)
	if o.Format != binpkg.FormatXPAK || o.Method != compression.Bzip2 || o.Signer != nil || o.Dir.MultiInstance || !o.Dir.CompressIndex || o.Dir.Path == "" {
		t.Errorf("%+v", o)
	}
	argv, err := o.Programs.Compress(o.Method)
	if err != nil || argv[0] != filepath.Join(bin, "lbzip2") {
		t.Errorf("%q, %v", argv, err)
	}
}

func TestSignaturePolicy(t *testing.T) {
	yes, no := true, false
	v := refusing{}
	for _, c := range []struct {
		features string
		from     *bool
		want     gpkg.Policy
	}{
		{"", nil, gpkg.Policy{Verifier: v}},
		{"", &yes, gpkg.Policy{Verifier: v, Require: true}},
		{"", &no, gpkg.Policy{}},
		{"binpkg-ignore-signature", &yes, gpkg.Policy{}},
		{"binpkg-request-signature", &no, gpkg.Policy{Verifier: v, Require: true}},
		{"binpkg-request-signature binpkg-ignore-signature", nil, gpkg.Policy{Verifier: v, Require: true}},
	} {
		got := binpkg.SignaturePolicy(config(t, `FEATURES="`+c.features+`"`), c.from, v)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q, %v: %s", c.features, c.from, d)
		}
	}
}

func TestJobs(t *testing.T) {
	for makeopts, want := range map[string]int{"": 3, "-j4": 4, "-j 4 -l2": 4, "--jobs= 5": 5, "--quiet": 3, "-j0": 3} {
		if got := binpkg.Jobs(makeopts, 3); got != want {
			t.Errorf("Jobs(%q) = %d, want %d", makeopts, got, want)
		}
	}
}
