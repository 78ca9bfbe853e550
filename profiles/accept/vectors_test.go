package accept_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/accept"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

type record struct {
	Function, Test string
	Step           int
	Inputs         struct {
		CPV, Lic, Slot string
		Use            []string
		Repo           *string
		AcceptLicense  string `json:"accept_license_str"`
	}
	Config struct {
		RepoConfigs map[string]map[string][]string `json:"repo_configs"`
		Profile     map[string][]string
		UserConfig  map[string][]string `json:"user_config"`
	}
	Expected json.RawMessage
}

// TestLicenseVectors plays the calls that Portage's tests make on a
// LicenseManager, those of one test on one configuration.
func TestLicenseVectors(t *testing.T) {
	var records []record
	profilestest.Records(t, "ebuild_config.json", &records)
	var c *profiles.Config
	var j *accept.Judge
	failed := map[int]bool{}
	for i, r := range records {
		if i == 0 || r.Test != records[i-1].Test {
			c = profilestest.Load(t, profilestest.Playground{
				Layout:  r.Config.RepoConfigs["test_repo"]["layout.conf"],
				Profile: r.Config.Profile, User: r.Config.UserConfig,
			}.Lay(t))
			for _, w := range c.Warnings() {
				t.Log(w)
			}
		}
		if r.Function == "LicenseManager.set_accept_license_str" {
			j = accept.New(c).WithLicenses(c, strings.Fields(r.Inputs.AcceptLicense))
			continue
		}
		got := play(t, c, j, r)
		want := wanted(t, r)
		if diff := cmp.Diff(want, got); diff != "" {
			failed[i] = true
			t.Errorf("%s step %d: %s(%+v): -want +got\n%s", r.Test, r.Step, r.Function, r.Inputs, diff)
		}
	}
	t.Logf("vectors: unit/ebuild_config %d/%d", len(records)-len(failed), len(records))
}

func play(t *testing.T, c *profiles.Config, j *accept.Judge, r record) []string {
	if r.Function == "LicenseManager.extract_global_changes" {
		if r.Step > 0 { // the first call has taken the entry out
			for _, e := range c.Accept.Licenses.Entries() {
				if e.Atom.String() == "*/*" {
					t.Error("entry for */* left in the table")
				}
			}
			return nil
		}
		text, _ := c.Vars.In(profiles.LayerConf, "ACCEPT_LICENSE")
		return strings.Fields(text)
	}
	cpv, err := atoms.ParseCPV(r.Inputs.CPV)
	if err != nil {
		t.Fatal(err)
	}
	repo := ""
	if r.Inputs.Repo != nil {
		repo = *r.Inputs.Repo
	}
	p := ebuild.New(cpv, repo, ebuild.OriginEbuild, ebuild.Map{"EAPI": "8", "SLOT": r.Inputs.Slot, "LICENSE": r.Inputs.Lic})
	enabled := func(flag string) bool { return slices.Contains(r.Inputs.Use, flag) }
	switch r.Function {
	case "LicenseManager.getPkgAcceptLicense":
		return j.AcceptedLicenses(p)
	case "LicenseManager.get_pruned_accept_license":
		return j.OwnLicenses(p, enabled)
	case "LicenseManager.getMissingLicenses":
		list, err := j.Licenses(p, enabled)
		if err != nil {
			t.Error(err)
		}
		return list
	}
	t.Fatalf("unknown function %q", r.Function)
	return nil
}

// wanted reads an answer, which is a list or a text of words.
func wanted(t *testing.T, r record) []string {
	var list []string
	if json.Unmarshal(r.Expected, &list) != nil {
		var text string
		if err := json.Unmarshal(r.Expected, &text); err != nil {
			t.Fatal(err)
		}
		list = strings.Fields(text)
	}
	if len(list) == 0 {
		return nil
	}
	return list
}
