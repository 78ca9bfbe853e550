package recording_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
	"github.com/tumpline/tumpline/resolver/resolvertest/recording"
)

// TestWorlds records every request to merge of the text worlds, and runs what
// was recorded.
func TestWorlds(t *testing.T) {
	files, errs := resolvertest.Read(filepath.Join(sharedtest.RepoRoot(t), "testdata", "worlds"))
	for _, err := range errs {
		t.Error(err)
	}
	recorded := 0
	for _, f := range files {
		p := f.Playgrounds[0]
		w, err := resolvertest.Layout(t.TempDir(), p)
		if err != nil {
			t.Fatal(err)
		}
		s, err := adapter.Runner(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Cases {
			if c.Action == resolvertest.ActionMerge {
				record(t, p.Name(c), s, c)
				recorded++
			}
		}
	}
	t.Logf("%d requests recorded", recorded)
}

// record records one request and expects the same answer from the record.
func record(t *testing.T, name string, s resolvertest.Session, c *resolvertest.Case) {
	t.Helper()
	o := resolvertest.Options{"--pretend": resolvertest.Flag(true)}
	for _, n := range c.Options.Names() {
		o[n] = c.Options[n]
	}
	if c.Options.Yes("--getbinpkgonly") {
		o["--getbinpkg"], o["--usepkgonly"] = resolvertest.Flag(true), resolvertest.Flag(true)
	}
	if o.Yes("--getbinpkg") || o.Yes("--usepkgonly") {
		o["--usepkg"] = resolvertest.Flag(true)
	}
	res, err := s.(interface {
		Answer(context.Context, resolvertest.Request) (*resolver.Result, error)
	}).Answer(t.Context(), resolvertest.Request{Args: c.Requests[0], Options: o})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	p, err := recording.Make(&recording.Request{Args: c.Requests[0], Options: c.Options, Result: res})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	text, err := resolvertest.FormatText(name, p)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	again, err := resolvertest.ParseText(name, text)
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
		return
	}
	dir := t.TempDir()
	for _, out := range resolvertest.Run(t.Context(), []*resolvertest.File{again}, adapter.Runner, resolvertest.RunOptions{Dir: dir}).Failed() {
		t.Errorf("%s: the record gives %s %v\n%s", name, strings.Join(out.Differences(), "; "), out.Err, text)
	}
}
