package resolver

import (
	"context"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// A Remedy is the smallest changes of configuration with which the whole
// request has a plan, or the knowledge that there are none.
type Remedy struct {
	*complete.Remedy
	Lines []RemedyLine // what to write, file by file
	Plan  *Result      // what the request then comes to; nil without lines
}

// A RemedyLine is one line to be added to a file in etc/portage.
type RemedyLine struct {
	profiles.Addition
	Root *universe.Root
	Path string // of the file that the line belongs in
	Pkg  *universe.Pkg
	// Lifts is the reason that the line lifts; nil if it switches flags.
	Lifts *visibility.Reason
	Flags []universe.FlagChange // what the line switches
}

// Proved says if it is known that nothing that changes less would help.
func (r *Remedy) Proved() bool { return r.Status == complete.StatusLeast }

// remedy looks for changes that would help.
func (r *Result) remedy(ctx context.Context, asked *walk.Request) {
	if r.Complete != nil && r.Complete.Models > 0 {
		return // packages could be found; their order is what fails
	}
	out := &Remedy{}
	try := func(list []complete.Change) bool {
		for _, exact := range [...]bool{false, true} {
			lines := r.remedyLines(list, exact)
			if exact && slices.EqualFunc(lines, out.Lines, func(a, b RemedyLine) bool { return a.Addition == b.Addition }) {
				break
			}
			out.Lines = lines
			if out.Plan = r.with(ctx, lines); out.Plan != nil && out.Plan.Success {
				return true
			}
		}
		return false
	}
	out.Remedy = complete.FindRemedy(ctx, r.Universe, r.Params, asked, try)
	if len(out.Changes) == 0 {
		out.Lines, out.Plan = nil, nil
	}
	if out.Rounds > 0 && out.Status != complete.StatusNeedless {
		r.Remedy = out
	}
}

// with resolves the request with lines added to the configuration; nil if that
// cannot be done.
func (r *Result) with(ctx context.Context, lines []RemedyLine) *Result {
	changed := make(map[*Root]*Root)
	for _, root := range r.System.Roots() {
		var list []profiles.Addition
		for _, l := range lines {
			if l.Root.Target == (root == r.System.Target) {
				list = append(list, l.Addition)
			}
		}
		config, err := root.Config.With(list)
		if err != nil {
			return nil
		}
		clone := *root
		clone.Config, clone.USE = config, use.New(config)
		clone.Judge = visibility.New(config, clone.USE)
		changed[root] = &clone
	}
	sys, req := *r.System, *r.Request
	sys.Target, sys.Running, sys.Sysroot = changed[sys.Target], changed[sys.Running], changed[sys.Sysroot]
	req.Remedy = false
	res, err := Resolve(ctx, &sys, &req)
	if err != nil {
		return nil
	}
	return res
}

// remedyLines writes changes as lines: for versions from the present one on
// where emerge would, too, or for exactly the versions concerned, since another
// line about one of them may count more than an open one.
func (r *Result) remedyLines(list []complete.Change, exactly bool) []RemedyLine {
	var out []RemedyLine
	add := func(c complete.Change, file, line string, lifts *visibility.Reason, flags []universe.FlagChange) {
		out = append(out, RemedyLine{
			Addition: profiles.Addition{File: file, Line: line}, Root: c.Pkg.Root, Pkg: c.Pkg, Lifts: lifts, Flags: flags,
			Path: r.rootOf(c.Pkg.Root).Config.AppendTo(file),
		})
	}
	for _, c := range list {
		exact := "=" + c.Pkg.CPV.String()
		open := func(counts func(*universe.Pkg) bool) string {
			if exactly {
				return exact
			}
			return r.OpenAtom(c.Pkg, counts)
		}
		for i := range c.Lifts {
			l := &c.Lifts[i]
			switch l.Kind {
			case visibility.KindMask:
				add(c, "package.unmask", exact, l, nil)
			case visibility.KindKeywords:
				add(c, "package.accept_keywords", exact+" "+complete.AcceptKeyword(l), l, nil)
			case visibility.KindLicense:
				add(c, "package.license", open(nil)+" "+strings.Join(l.Licenses, " "), l, nil)
			case visibility.KindProperties:
				add(c, "package.properties", exact+" "+strings.Join(l.Words, " "), l, nil)
			case visibility.KindRestrict:
				add(c, "package.accept_restrict", exact+" "+strings.Join(l.Words, " "), l, nil)
			}
		}
		if len(c.Flags) > 0 {
			visible := func(q *universe.Pkg) bool { return q.Visible() }
			add(c, "package.use", open(visible)+" "+flagWords(c.Flags), nil, c.Flags)
		}
	}
	slices.SortStableFunc(out, func(a, b RemedyLine) int {
		if a.Root != b.Root {
			return int(a.Root.ID) - int(b.Root.ID)
		}
		return strings.Compare(a.File, b.File)
	})
	return out
}

// flagWords returns flags as package.use has them.
func flagWords(list []universe.FlagChange) string {
	words := make([]string, len(list))
	for i, c := range list {
		if words[i] = c.Flag; !c.On {
			words[i] = "-" + c.Flag
		}
	}
	return strings.Join(words, " ")
}

func (r *Result) rootOf(u *universe.Root) *Root {
	if u.Target {
		return r.System.Target
	}
	return r.System.Running
}

// AskedBy returns what asks for the package of a line in the plan that the
// changes make possible; nil if nothing does any more.
func (r *Remedy) AskedBy(l *RemedyLine) *partial.ParentAtom {
	for _, p := range r.Plan.Universe.Store(r.Plan.root(l.Root), l.Pkg.Origin, l.Pkg.CPV.CP) {
		if p.Package == l.Pkg.Package {
			for _, pa := range r.Plan.Pass.S.Parents(p) {
				if pa.Parent.Arg == nil || !pa.Parent.Arg.Internal {
					return &pa
				}
			}
		}
	}
	return nil
}

// root returns the root of r that stands for one of another universe.
func (r *Result) root(other *universe.Root) *universe.Root {
	if other.Target {
		return r.Universe.Target
	}
	return r.Universe.Running
}

// OpenAtom returns an atom for a package and what comes after it: ">=cpv" if it
// is the highest version, ">=cpv:slot" if it is the highest of its slot, else
// "=cpv". Only versions that count matter; nil: all do.
func (r *Result) OpenAtom(p *universe.Pkg, counts func(*universe.Pkg) bool) string {
	latest, latestInSlot := true, true
	for _, o := range r.Universe.Origins() {
		for _, q := range r.Universe.Store(p.Root, o, p.CPV.CP) {
			if counts != nil && !counts(q) {
				continue
			}
			if !p.Less(q) {
				break
			}
			latest = false
			if q.Slot == p.Slot {
				latestInSlot = false
				break
			}
		}
		if !latestInSlot {
			break
		}
	}
	switch {
	case latest:
		return ">=" + p.CPV.String()
	case latestInSlot:
		return ">=" + p.CPV.String() + ":" + p.Package.Slot
	}
	return "=" + p.CPV.String()
}
