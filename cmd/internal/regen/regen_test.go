package regen

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms/schematest"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/metagen"
	"github.com/tumpline/tumpline/ebuild/refresh"
)

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
	schema, err := schematest.Compile(Schema())
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
		if err := schema.Validate(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
