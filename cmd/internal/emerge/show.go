package emerge

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/distfiles"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/report"
	"github.com/tumpline/tumpline/resolver/universe"
)

// show shows the answer: as a document, or as emerge does.
func (r *run) show(result *resolver.Result) error {
	if r.take != nil {
		return r.hand(result)
	}
	if kind, text, asked := r.line.question(); asked {
		return r.explain(result, kind, text)
	}
	var err error
	if r.json() {
		err = plan.Write(r.env.Out, r.plan(result))
	} else {
		told := report.Build(result, r.reportOptions())
		r.warn(result, told.Problems.SetErrors)
		err = render.Text(r.env.Out, r.env.Err, told, r.look())
		if err == nil {
			_, err = io.WriteString(r.env.Out, report.Staged(result).Text(r.look()))
		}
		if err == nil && !r.line.Has("--quiet") {
			_, _ = io.WriteString(r.env.Err, report.Beyond(result, r.reportOptions())) // as in reject
		}
	}
	if err == nil && !result.Success && !r.line.Has("--autounmask-only") {
		err = &cli.FailedError{Status: cli.StatusFailure}
	}
	return err
}

// reportOptions are what the resolver was not told.
func (r *run) reportOptions() report.Options {
	l := r.line
	return report.Options{
		ShowList: !l.Has("--autounmask-only"), // --pretend was given
		Oneshot:  l.Has("--oneshot"), VerboseConflicts: l.Has("--verbose-conflicts"),
		NoSlotRebuilds:    l.Text("--verbose-slot-rebuilds") == "n",
		NoSuggestions:     l.Text("--misspell-suggestions") == "n",
		UnrestrictedAtoms: l.Yes("--autounmask-unrestricted-atoms"),
		Distfiles:         r.distfiles(),
		License:           report.LicensePath(r.session.Repos.All()),
	}
}

// plan is the answer as a document.
func (r *run) plan(result *resolver.Result) *plan.Plan {
	o := r.reportOptions()
	fetches := &fetches{files: o.Distfiles, counted: map[string]bool{}}
	p := planning.Build(result, planning.Heading{Request: r.request(), Roots: r.roots()}, planning.Sources{
		Fetch: fetches.of,
		Mark:  func(p *universe.Pkg) visibility.Mark { return r.judge(p).Mark(p.Package) },
	})
	p.Problems, p.Changes = report.PlanProblems(result, o), report.PlanChanges(result)
	p.Beyond, p.Proof = report.PlanBeyond(result, o), report.PlanProof(result)
	p.Remedy, p.World = report.PlanRemedy(result), r.world(result)
	for _, w := range r.warnings(result) {
		p.Problems = append(p.Problems, plan.Problem{Kind: plan.ProblemBadConfig, Severity: plan.SeverityWarning, Message: w.Error()})
	}
	return p
}

// judge is the judge of a package's root.
func (r *run) judge(p *universe.Pkg) *visibility.Judge {
	if p.Root.Target {
		return r.session.Target.Judge
	}
	return r.session.Build.Judge
}

// distfiles answers about files in the target's DISTDIR.
func (r *run) distfiles() *distfiles.Store {
	config := r.session.Target.Config
	return distfiles.New(r.session.Repos.All(), config.Get("DISTDIR"), config.Words("PORTAGE_RO_DISTDIRS"))
}

// fetches adds up what has to be fetched, each file once.
type fetches struct {
	files   report.Distfiles
	counted map[string]bool
}

// of tells what has to be fetched for a package that no package before needed.
func (f *fetches) of(p *universe.Pkg, use atoms.FlagState) plan.Fetch {
	out := plan.Fetch{Restriction: plan.FetchFree}
	if p.Origin == ebuild.OriginBinary {
		if out.Remote = p.Remote != ""; out.Remote {
			out.Bytes = p.Size
		}
		return out
	}
	restricted := false
	// A RESTRICT that cannot be read makes the package invalid; it is not merged.
	if words, err := p.Restrict(); err == nil {
		restricted = slices.Contains(words.Leaves(use.Enabled), "fetch")
	}
	if restricted {
		out.Restriction = plan.FetchPresent
	}
	// Files of unknown size count as nothing, as in emerge's sums.
	files, _ := f.files.Files(p.Package, use.Enabled)
	for _, file := range files {
		if file.Left == 0 {
			continue
		}
		if restricted && !file.Free {
			out.Restriction = plan.FetchMissing
		}
		if !f.counted[file.Name] {
			f.counted[file.Name] = true
			out.Bytes += file.Left
		}
	}
	return out
}

// withoutR0 is the version of a package without a revision of zero.
func withoutR0(p *ebuild.Package) string { return strings.TrimSuffix(p.CPV.Version.String(), "-r0") }

// theme is the set of colours, with the changes of etc/portage/color.map.
func (r *run) theme() *render.Theme {
	theme := render.NewTheme()
	path := filepath.Join(r.session.Target.Config.UserDir, "color.map")
	file, err := os.Open(path)
	if err != nil {
		return theme // without the file the colours stay as they are
	}
	defer file.Close()
	changed, err := theme.ReadColorMap(path, file)
	if err != nil {
		_, _ = fmt.Fprintf(r.env.Err, "emerge: warning: %s\n", err)
	}
	if changed == nil {
		return theme
	}
	return changed
}
