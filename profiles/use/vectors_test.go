package use_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/use"
)

// TestPackageUseVectors compares the flags of packages in small profiles.
func TestPackageUseVectors(t *testing.T) {
	var records []struct {
		Function string
		Inputs   struct {
			CPV     string
			Ebuilds []struct {
				CPV      string
				Metadata map[string]string
			}
			UserConfig map[string][]string `json:"user_config"`
			Profiles   map[string]map[string][]string
		}
		Expected []string
	}
	profilestest.Records(t, "ebuild_use_expand_incremental.json", &records)
	failed := map[int]bool{}
	for i, r := range records {
		p := profilestest.Playground{User: r.Inputs.UserConfig, Profiles: make(map[string][]string)}
		for dir, files := range r.Inputs.Profiles {
			for name, lines := range files {
				p.Profiles[filepath.Join(dir, name)] = lines
			}
		}
		calc := use.New(profilestest.Load(t, p.Lay(t)))
		for _, e := range r.Inputs.Ebuilds {
			if e.CPV == r.Inputs.CPV {
				pkg := newPackage(t, e.CPV, e.Metadata)
				if diff := cmp.Diff(r.Expected, calc.State(pkg).EnabledFlags()); diff != "" {
					failed[i] = true
					t.Errorf("%s: -want +got\n%s", e.CPV, diff)
				}
			}
		}
	}
	t.Logf("vectors: unit/ebuild_use_expand_incremental %d/%d", len(records)-len(failed), len(records))
}

// newPackage makes an ebuild of test_repo.
func newPackage(tb testing.TB, text string, metadata map[string]string) *ebuild.Package {
	tb.Helper()
	cpv, err := atoms.ParseCPV(text)
	if err != nil {
		tb.Fatal(err)
	}
	m := ebuild.Map{"EAPI": "8", "SLOT": "0", "KEYWORDS": "x86"}
	for key, value := range metadata {
		m[key] = value
	}
	return ebuild.New(cpv, "test_repo", ebuild.OriginEbuild, m)
}
