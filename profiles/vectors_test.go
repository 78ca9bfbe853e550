package profiles_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

func TestStackListsVectors(t *testing.T) {
	var records []struct {
		Function string
		Inputs   struct {
			Lists       [][]string
			Incremental bool
		}
		Expected []string
	}
	profilestest.Records(t, "util_stackLists.json", &records)
	failed := map[int]bool{}
	for i, r := range records {
		got := profiles.StackLists(r.Inputs.Lists, r.Inputs.Incremental)
		if diff := cmp.Diff(r.Expected, got); diff != "" {
			failed[i] = true
			t.Errorf("StackLists(%v, %v): -want +got\n%s", r.Inputs.Lists, r.Inputs.Incremental, diff)
		}
	}
	t.Logf("vectors: unit/util_stackLists %d/%d", len(records)-len(failed), len(records))
}

// TestStackDictListVectors stacks the words of each name. An answer leaves out
// names without words.
func TestStackDictListVectors(t *testing.T) {
	var records []struct {
		Inputs struct {
			Dicts       []map[string]any
			Incremental bool
		}
		Expected map[string][]string
	}
	profilestest.Records(t, "util_stackDictList.json", &records)
	failed := map[int]bool{}
	for i, r := range records {
		lists := make(map[string][][]string)
		for _, d := range r.Inputs.Dicts {
			for name, value := range d {
				lists[name] = append(lists[name], wordsOf(value))
			}
		}
		got := make(map[string][]string)
		for name, l := range lists {
			if words := profiles.StackLists(l, r.Inputs.Incremental); len(words) > 0 {
				got[name] = words
			}
		}
		if diff := cmp.Diff(r.Expected, got); diff != "" {
			failed[i] = true
			t.Errorf("%v: -want +got\n%s", r.Inputs, diff)
		}
	}
	t.Logf("vectors: unit/util_stackDictList %d/%d", len(records)-len(failed), len(records))
}

// wordsOf reads a list of words; a bare text is one word for each character.
func wordsOf(value any) []string {
	var list []string
	switch v := value.(type) {
	case string:
		for _, r := range v {
			list = append(list, string(r))
		}
	case []any:
		for _, x := range v {
			list = append(list, x.(string))
		}
	}
	return list
}

// TestStackDictsVectors maps the names of a record to variables that are
// incremental, or not, as the record wants.
func TestStackDictsVectors(t *testing.T) {
	var records []struct {
		Inputs struct {
			Dicts        []map[string]string
			Incremental  bool
			Incrementals []string
		}
		Expected map[string]string
	}
	profilestest.Records(t, "util_stackDicts.json", &records)
	failed := map[int]bool{}
	for i, r := range records {
		rename := func(name string) string {
			if r.Inputs.Incremental || strings.Contains(strings.Join(r.Inputs.Incrementals, " "), name) {
				return map[string]string{"a": "USE", "b": "FEATURES"}[name]
			}
			return "PLAIN_" + name
		}
		dicts := make([]map[string]string, len(r.Inputs.Dicts))
		for i, d := range r.Inputs.Dicts {
			dicts[i] = renamed(d, rename)
		}
		if diff := cmp.Diff(renamed(r.Expected, rename), profiles.StackScopes(dicts)); diff != "" {
			failed[i] = true
			t.Errorf("%v: -want +got\n%s", r.Inputs, diff)
		}
	}
	t.Logf("vectors: unit/util_stackDicts %d/%d", len(records)-len(failed), len(records))
}

func renamed(d map[string]string, rename func(string) string) map[string]string {
	out := make(map[string]string)
	for name, value := range d {
		out[rename(name)] = value
	}
	return out
}

func TestProfileConfigVectors(t *testing.T) {
	var records []struct {
		Function string
		Inputs   struct {
			RepoConfigs  map[string]map[string][]string `json:"repo_configs"`
			ProfilesEAPI *string                        `json:"profiles_eapi_file"`
			Profiles     map[string]map[string][]string
			UserProfile  map[string][]string `json:"user_profile"`
		}
		Expected json.RawMessage
	}
	profilestest.Records(t, "resolver_profile_default_eapi.json", &records)
	failed := map[int]bool{}
	for i, r := range records {
		p := profilestest.Playground{
			Layout:   r.Inputs.RepoConfigs["test_repo"]["layout.conf"],
			Profiles: make(map[string][]string), User: make(map[string][]string),
		}
		if r.Inputs.ProfilesEAPI != nil {
			p.Profiles["eapi"] = []string{*r.Inputs.ProfilesEAPI}
		}
		for dir, files := range r.Inputs.Profiles {
			for name, lines := range files {
				p.Profiles[filepath.Join(dir, name)] = lines
			}
		}
		for name, lines := range r.Inputs.UserProfile {
			p.User[filepath.Join("profile", name)] = lines
		}
		c := profilestest.Load(t, p.Lay(t))
		for _, w := range c.Warnings() {
			failed[i] = true
			t.Errorf("%s: %v", r.Function, w)
		}
		got := profileConfig(t, c, r.Function)
		if diff := cmp.Diff(decoded(t, r.Expected), got); diff != "" {
			failed[i] = true
			t.Errorf("%s: -want +got\n%s", r.Function, diff)
		}
	}
	t.Logf("vectors: unit/resolver_profile_default_eapi %d/%d", len(records)-len(failed), len(records))
}

// profileConfig answers a record in the form of Portage's data structures.
func profileConfig(t *testing.T, c *profiles.Config, function string) any {
	var value any
	switch function {
	case "profile_config.package_mask_by_cp":
		value = c.Masks.MaskAtoms()
	case "profile_config.repo_level_package_use":
		repos := make(map[string]any)
		for name, table := range c.RepoTables() {
			repos[name] = table.ByCP()
		}
		value = repos
	case "profile_config.profile_package_use_stack":
		var list []any
		for _, table := range c.NodeTables() {
			list = append(list, joinWords(table.ByCP()))
		}
		value = list
	case "profile_config.profile_package_keywords_stack":
		var list []any
		for _, table := range c.KeywordTables() {
			list = append(list, table.ByCP())
		}
		value = list
	default:
		t.Fatalf("unknown function %q", function)
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, data)
}

func joinWords(table map[string]map[string][]string) map[string]map[string]string {
	out := make(map[string]map[string]string)
	for cp, byAtom := range table {
		out[cp] = make(map[string]string)
		for atom, words := range byAtom {
			out[cp][atom] = strings.Join(words, " ")
		}
	}
	return out
}

func decoded(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
