package adapter

import (
	"context"
	"strings"

	"github.com/tumpline/tumpline/ebuild/distfiles"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/cycles"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/report"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// Answer answers a request to merge in the resolver's own words.
func (s *session) Answer(ctx context.Context, r resolvertest.Request) (*resolver.Result, error) {
	o, err := params.Decode(bare{r.Options})
	if err != nil {
		return nil, err
	}
	sys, err := s.system(r.Options)
	if err != nil {
		return nil, err
	}
	args, err := s.args(sys, o, r.Args)
	if err != nil {
		return nil, err
	}
	return resolver.Resolve(ctx, sys, &resolver.Request{Options: o, Args: args})
}

// Report tells an answer to a request.
func (s *session) Report(res *resolver.Result, o resolvertest.Options) *render.Report {
	return report.Build(res, s.reportOptions(o))
}

// reportOptions are what the request says about how it is told.
func (s *session) reportOptions(o resolvertest.Options) report.Options {
	repos := s.target.repos.All()
	return report.Options{
		ShowList:          true,
		Oneshot:           o.Has("--oneshot"),
		VerboseConflicts:  o.Has("--verbose-conflicts"),
		NoSlotRebuilds:    o.Text("--verbose-slot-rebuilds") == "n",
		NoSuggestions:     o.Text("--misspell-suggestions") == "n",
		UnrestrictedAtoms: o.Yes("--autounmask-unrestricted-atoms"),
		Hint:              !o.Has("--pretend") && !o.Has("--ask") && !o.Has("--autounmask-write"),
		Distfiles:         distfiles.New(repos, s.target.config.Get("DISTDIR"), nil),
		License:           report.LicensePath(repos),
	}
}

// Look says how the options have text look.
func Look(o resolvertest.Options) render.Options {
	return render.Options{
		Quiet: o.Has("--quiet"), Verbose: o.Has("--verbose"), Columns: o.Has("--columns"), Tree: o.Has("--tree"),
		UnorderedTree: o.Has("--unordered-display"), Alphabetical: o.Has("--alphabetical"),
		QuietRepos: o.Has("--quiet-repo-display"),
	}
}

// display returns the lines of the merge list without blanks at their ends;
// nil if there is no list.
func (s *session) display(res *resolver.Result, o resolvertest.Options) []string {
	r := s.Report(res, o)
	if r.List == nil {
		return nil
	}
	lines := []string{}
	for line := range strings.Lines(render.List(r.List, r.Graph, Look(o))) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// cycleSolutions returns the changes of USE that would cut a cycle, by the
// package that would not be needed any more; nil without a cycle.
func cycleSolutions(res *resolver.Result) map[string][][]resolvertest.FlagChange {
	if o := res.Pass.Order; o == nil || o.Circular == nil {
		return nil
	}
	solutions := make(map[string][][]resolvertest.FlagChange)
	for _, s := range cycles.Suggest(res.Pass) {
		var changes []resolvertest.FlagChange
		for _, c := range s.Changes {
			changes = append(changes, resolvertest.FlagChange{Flag: c.Flag, Enabled: c.On})
		}
		cpv := s.Child.CPV.String()
		solutions[cpv] = append(solutions[cpv], changes)
	}
	return solutions
}
