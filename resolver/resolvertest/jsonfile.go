package resolvertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// The JSON form of case files. The field names are those of the files.
type (
	jsonFile struct {
		Schema      any               `json:"schema"`
		Portage     any               `json:"portage"`
		SourceTest  string            `json:"source_test"`
		Playgrounds []*jsonPlayground `json:"playgrounds"`
	}
	jsonPlayground struct {
		Class          string                     `json:"class"`
		Method         string                     `json:"method"`
		Index          int                        `json:"index"`
		Subtest        json.RawMessage            `json:"subtest"`
		Definition     jsonDefinition             `json:"definition"`
		Before         map[string]json.RawMessage `json:"files_before_setup"`
		After          map[string]json.RawMessage `json:"files_after_setup"`
		ConfigReloaded bool                       `json:"config_reloaded"`
		Cases          []*jsonCase                `json:"cases"`
	}
	jsonDefinition struct {
		Ebuilds     []Package                      `json:"ebuilds"`
		Binpkgs     []Package                      `json:"binpkgs"`
		Binrepos    json.RawMessage                `json:"binrepos"`
		Installed   []Package                      `json:"installed"`
		Profile     map[string][]string            `json:"profile"`
		RepoConfigs map[string]map[string][]string `json:"repo_configs"`
		UserConfig  map[string][]string            `json:"user_config"`
		Sets        map[string][]string            `json:"sets"`
		World       []string                       `json:"world"`
		WorldSets   []string                       `json:"world_sets"`
		Distfiles   map[string][]byte              `json:"distfiles"`
		Eclasses    map[string][]string            `json:"eclasses"`
		TargetRoot  bool                           `json:"targetroot"`
	}
	jsonCase struct {
		Index                int                        `json:"index"`
		Requests             [][]string                 `json:"requests"`
		Options              Options                    `json:"options"`
		Action               string                     `json:"action"`
		Expected             map[string]any             `json:"expected"`
		CheckRepoNames       bool                       `json:"check_repo_names"`
		IgnoreMergelistOrder bool                       `json:"ignore_mergelist_order"`
		AmbiguousMergeOrder  bool                       `json:"ambiguous_merge_order"`
		MergeOrderAssertions [][2]string                `json:"merge_order_assertions"`
		IgnoreCleanlistOrder bool                       `json:"ignore_cleanlist_order"`
		AmbiguousSolutions   bool                       `json:"ambiguous_slot_collision_solutions"`
		AllPermutations      bool                       `json:"all_permutations"`
		Kind                 string                     `json:"kind"`
		Runs                 []jsonRun                  `json:"runs"`
		DirectRun            bool                       `json:"direct_run"`
		Overrides            json.RawMessage            `json:"internal_overrides"`
		Changes              map[string]json.RawMessage `json:"files_changed_before_run"`
		Nondeterministic     []string                   `json:"nondeterministic"`
	}
	jsonRun struct {
		Request []string       `json:"request"`
		Actual  map[string]any `json:"actual"`
		Error   string         `json:"error"`
	}
)

// ParseJSON reads a file of cases in the JSON form. The path is only used in
// messages and for the area's name. A key that is not known is a
// warning, but an unknown key among the demands of a case is an error,
// because a misspelt demand would never fail.
func ParseJSON(path string, data []byte) (*File, error) {
	var j jsonFile
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, lineOf(data, err), err)
	}
	f := &File{Path: path, Area: areaOf(path)}
	if s, ok := j.Portage.(string); ok {
		f.Portage = s
	} else if j.Portage != nil {
		f.Portage = compact(j.Portage)
	}
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(new(jsonFile)); err != nil {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%s: %v", path, err))
	}
	for i, jp := range j.Playgrounds {
		if jp == nil {
			return nil, fmt.Errorf("%s: playground %d is null", path, i)
		}
		p, err := jp.playground()
		if err != nil {
			return nil, fmt.Errorf("%s: playground %d (%s): %w", path, i, jp.Method, err)
		}
		f.Playgrounds = append(f.Playgrounds, p)
	}
	return f, nil
}

// areaOf returns the base name of a path without its extension.
func areaOf(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// lineOf returns the line where decoding went wrong, 1 if that is not known.
func lineOf(data []byte, err error) int {
	var offset int64
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &typ):
		offset = typ.Offset
	}
	if offset > int64(len(data)) {
		offset = int64(len(data))
	}
	return 1 + bytes.Count(data[:offset], []byte("\n"))
}

func (j *jsonPlayground) playground() (*Playground, error) {
	p := &Playground{Class: j.Class, Method: j.Method, Index: j.Index, Reloaded: j.ConfigReloaded}
	if p.Class == "" {
		p.Class = "?"
	}
	if s := string(j.Subtest); s != "null" {
		p.Subtest = s
	}
	var err error
	if p.Definition, err = j.Definition.definition(); err != nil {
		return nil, err
	}
	if p.Before, err = fileChanges(j.Before); err != nil {
		return nil, fmt.Errorf("files_before_setup: %w", err)
	}
	if p.After, err = fileChanges(j.After); err != nil {
		return nil, fmt.Errorf("files_after_setup: %w", err)
	}
	for i, jc := range j.Cases {
		if jc == nil {
			return nil, fmt.Errorf("case %d is null", i)
		}
		c, err := jc.toCase()
		if err != nil {
			return nil, fmt.Errorf("case %d: %w", i, err)
		}
		p.Cases = append(p.Cases, c)
	}
	return p, nil
}

func (j *jsonDefinition) definition() (Definition, error) {
	d := Definition{
		Ebuilds: j.Ebuilds, Binpkgs: j.Binpkgs, Installed: j.Installed, Profile: j.Profile, RepoConfigs: j.RepoConfigs,
		UserConfig: j.UserConfig, Sets: j.Sets, World: j.World, WorldSets: j.WorldSets, Distfiles: j.Distfiles,
		Eclasses: j.Eclasses, TargetRoot: j.TargetRoot,
	}
	var err error
	d.Binrepos, err = binrepos(j.Binrepos)
	return d, err
}

// binrepos reads the mapping of remote repositories in the order of the file.
func binrepos(raw json.RawMessage) ([]Binrepo, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("binrepos: not a mapping")
	}
	var out []Binrepo
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("binrepos: %w", err)
		}
		b := Binrepo{Name: fmt.Sprint(name)}
		if err := dec.Decode(&b.Packages); err != nil {
			return nil, fmt.Errorf("binrepos: %s: %w", b.Name, err)
		}
		out = append(out, b)
	}
	return out, nil
}

// fileChanges reads {path: content | {"symlink": target} | null}, sorted by path.
func fileChanges(m map[string]json.RawMessage) ([]FileChange, error) {
	var out []FileChange
	for _, path := range slices.Sorted(maps.Keys(m)) {
		c := FileChange{Path: path}
		if !filepath.IsLocal(path) {
			return nil, fmt.Errorf("path %q leads out of the playground", path)
		}
		var link struct {
			Symlink string `json:"symlink"`
		}
		switch raw := m[path]; {
		case string(raw) == "null":
			c.Deleted = true
		case json.Unmarshal(raw, &c.Content) == nil:
		case json.Unmarshal(raw, &link) == nil && link.Symlink != "":
			c.Symlink = link.Symlink
		default:
			return nil, fmt.Errorf("%s: neither a text, a symlink nor null", path)
		}
		out = append(out, c)
	}
	return out, nil
}

func (j *jsonCase) toCase() (*Case, error) {
	c := &Case{
		Index: j.Index, Requests: j.Requests, Options: j.Options,
		CheckRepoNames: j.CheckRepoNames, IgnoreMergelistOrder: j.IgnoreMergelistOrder,
		AmbiguousMergeOrder: j.AmbiguousMergeOrder, IgnoreCleanlistOrder: j.IgnoreCleanlistOrder,
		AmbiguousSlotCollisionSolutions: j.AmbiguousSolutions, MergeOrderAssertions: j.MergeOrderAssertions,
		Nondeterministic: j.Nondeterministic,
	}
	if s := string(j.Overrides); s != "null" {
		c.Overrides = s
	}
	switch j.Kind {
	case "remove":
		c.Kind = KindRemove
	case "merge", "":
	default:
		return nil, fmt.Errorf("kind %q is neither merge nor remove", j.Kind)
	}
	var err error
	if c.Action, err = parseAction(j.Action, j.Options); err != nil {
		return nil, err
	}
	if c.Changes, err = fileChanges(j.Changes); err != nil {
		return nil, fmt.Errorf("files_changed_before_run: %w", err)
	}
	if !j.DirectRun {
		c.Expected = j.Expected
		if c.Expected == nil {
			c.Expected = map[string]any{}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(j.Expected)) {
		if !slices.Contains(keysOf(c.Kind, true), key) {
			return nil, fmt.Errorf("expected: a %s result has no key %q", c.Kind, key)
		}
	}
	return c, c.addRuns(j.Runs)
}

// addRuns adds the recorded answers, which must belong to the requests.
func (c *Case) addRuns(runs []jsonRun) error {
	if len(runs) > 0 && len(c.Requests) == 0 {
		for _, r := range runs {
			c.Requests = append(c.Requests, r.Request)
		}
	}
	if len(runs) > 0 && len(runs) != len(c.Requests) {
		return fmt.Errorf("%d runs for %d requests", len(runs), len(c.Requests))
	}
	for i, r := range runs {
		if !slices.Equal(r.Request, c.Requests[i]) {
			return fmt.Errorf("run %d is of another request: %q, not %q", i, r.Request, c.Requests[i])
		}
		c.Recorded = append(c.Recorded, Recorded{Actual: r.Actual, Error: r.Error})
	}
	return nil
}
