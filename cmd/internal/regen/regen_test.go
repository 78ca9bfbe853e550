package regen

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/metagen"
	"github.com/tumpline/tumpline/ebuild/refresh"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args string
		want map[string]string
		rest []string
		err  string
	}{
		{args: "--update --repo x", want: map[string]string{"--update": "", "--repo": "x"}},
		{args: "--repo=x -j4 a/b", want: map[string]string{"--repo": "x", "--jobs": "4"}, rest: []string{"a/b"}},
		{args: "-j 4 -vv", want: map[string]string{"--jobs": "4", "--verbose": ""}},
		{args: "-vj=4", want: map[string]string{"--verbose": "", "--jobs": "4"}},
		{args: "--load 2.5 --tol", want: map[string]string{"--load-average": "2.5", "--tolerant": ""}},
		{args: "--update-use", want: map[string]string{"--update-use-local-desc": ""}},
		{args: "--jobs -1", want: map[string]string{"--jobs": "-1"}},
		{args: "-x --nosuch=1 a/b", want: map[string]string{}, rest: []string{"-x", "--nosuch=1", "a/b"}},
		{args: "-- --update", want: map[string]string{}, rest: []string{"--update"}},
		{args: "--upd", err: "ambiguous option: --upd could match --update-use-local-desc, --update-pkg-desc-index, --update, --update-changelogs, --update-manifests"},
		{args: "--repo", err: "argument --repo: expected one argument"},
		{args: "--repo --update", err: "argument --repo: expected one argument"},
		{args: "--update=x", err: "argument --update: ignored explicit argument 'x'"},
		{args: "--jobs=x", err: "argument -j/--jobs: invalid int value: 'x'"},
		{args: "--load-average=x", err: "argument --load-average: invalid float value: 'x'"},
		{args: "--thin-manifests=x", err: "argument --thin-manifests: invalid choice: 'x' (choose from 'y', 'n')"},
	} {
		w, err := parse(egencacheOptions(), strings.Fields(c.args))
		switch {
		case err != nil || c.err != "":
			if err == nil || err.Error() != c.err {
				t.Errorf("parse(%q): error %v, want %q", c.args, err, c.err)
			}
		case !reflect.DeepEqual(w.given, c.want) || !reflect.DeepEqual(w.rest, c.rest):
			t.Errorf("parse(%q) = %v, %v; want %v, %v", c.args, w.given, w.rest, c.want, c.rest)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("--update --repo x -j4 a/b")
	f.Add("-vj --load=3 -- -x")
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, " ")
		if w, err := parse(egencacheOptions(), args); err == nil && len(w.rest) > len(args) {
			t.Errorf("%q leaves %q", args, w.rest)
		}
	})
}

func TestGate(t *testing.T) {
	load := 5.0
	asked := 0
	g := &gate{most: 2, wait: time.Nanosecond, load: func() (float64, error) {
		asked++
		load--
		return load, nil
	}}
	if err := g.admit(t.Context(), 0); err != nil || asked != 0 {
		t.Errorf("the first one: %v, load asked %d times; want none", err, asked)
	}
	if err := g.admit(t.Context(), 1); err != nil || load >= 2 {
		t.Errorf("admitted at a load of %v, %v; want below 2", load, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.load = func() (float64, error) { return 9, nil }
	if err := g.admit(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	g.load = func() (float64, error) { return 0, errors.New("not told") }
	if err := g.admit(t.Context(), 1); err != nil {
		t.Errorf("without a load: %v", err)
	}
}

// TestSchema holds the lines against the schema.
func TestSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("regen.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("regen.json")
	if err != nil {
		t.Fatal(err)
	}
	cpv, err := atoms.ParseCPV("a/b-1")
	if err != nil {
		t.Fatal(err)
	}
	r := &ebuild.Repository{Name: "r"}
	var out strings.Builder
	for _, result := range []refresh.Result{
		{Status: refresh.Fresh},
		{Status: refresh.Generated, Written: true},
		{Status: refresh.Failed, Err: &metagen.Error{File: "/r/a/b/b-1.ebuild", Line: 3, Kind: metagen.KindDie, Msg: "no", Output: "x\n"}},
		{Status: refresh.Failed, Err: errors.New("what")},
		{Status: refresh.Failed, WriteErr: errors.New("disk full")},
	} {
		result.Ebuild = ebuild.Ebuild{CPV: cpv, Path: "/r/a/b/b-1.ebuild", EntryPath: "/r/metadata/md5-cache/a/b-1"}
		if err := writeEbuild(&out, r, &result); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []refresh.Summary{{}, {Removed: []string{"a/b-0"}, Unknown: []atoms.CP{"c/d"}, Problems: []error{errors.New("no")}}} {
		if err := writeRepository(&out, r, &s); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
		var value any
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
