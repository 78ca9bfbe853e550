package ebuildcmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/tumpline/tumpline/cmd/internal/merging"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/resolver/plan"
)

// installer makes what changes the root.
func (r *run) installer() (*merging.Installer, error) {
	works, err := merging.New(r.env, r.opened.Session, merging.ToTerminal)
	if err != nil {
		return nil, err
	}
	works.Making.SkipManifest, works.Making.Debug = r.options.skipManifest, r.options.debug
	return &merging.Installer{Works: works, KeepSelected: true}, nil
}

func (r *run) step(o plan.Operation, from plan.Origin) *plan.Step {
	return &plan.Step{ID: 1, Operation: o, Origin: from, CPV: r.pkg.CPV.String(), CP: string(r.pkg.CPV.CP), Slot: r.pkg.Slot,
		Repo: r.pkg.Repo, Root: plan.RootTarget, Stage: plan.StageFinal}
}

// merge merges the image, after the phases that it needs, and then removes the build
// directory.
func (r *run) merge(ctx context.Context) error {
	j, err := r.begin(ctx)
	if err != nil {
		return err
	}
	if !j.Build.Features["noauto"] {
		if err := j.To(ctx, phase.Install); err != nil {
			return r.told(err)
		}
	}
	if err := r.qmerge(ctx); err != nil {
		return err
	}
	if j.Build.Features["noclean"] {
		return nil
	}
	return r.told(j.Clean(ctx))
}

// qmerge merges the image as it is, and leaves the build directory.
func (r *run) qmerge(ctx context.Context) error {
	j, err := r.begin(ctx)
	if err != nil {
		return err
	}
	if !j.Build.Dir.Done(phase.Install) {
		return errors.New("!!! mydo=qmerge, but the install phase has not been run")
	}
	i, err := r.installer()
	if err != nil {
		return err
	}
	root := r.opened.Session.Target.EROOT()
	r.say(">>> Merging %s to %s", r.pkg.CPV, root)
	image := &merge.Image{Dir: j.Build.Dir.Image(), Info: j.Build.Dir.Info(), Keep: j}
	err = i.Install(ctx, r.step(plan.OpMerge, plan.OriginEbuild), image, nil, func(string) {})
	var merged *merge.MergedError
	if err == nil || errors.As(err, &merged) {
		r.say(">>> %s merged.", r.pkg.CPV)
	}
	return r.told(err)
}

// unmerge removes the installed package of the ebuild's name and version. World
// entries stay.
func (r *run) unmerge(ctx context.Context) error {
	i, err := r.installer()
	if err != nil {
		return err
	}
	s := r.step(plan.OpUnmerge, plan.OriginInstalled)
	if _, err := i.Package(s); err != nil {
		return fmt.Errorf("ebuild: %s is not installed in %s", r.pkg.CPV, r.opened.Session.Target.EROOT())
	}
	r.say(">>> Unmerging %s...", r.pkg.CPV)
	return r.told(i.Remove(ctx, s, func(string) {}))
}

// instprep does what is due between src_install and the merge: here it is part of
// the install phase.
func (r *run) instprep(ctx context.Context) error {
	j, err := r.begin(ctx)
	if err != nil {
		return err
	}
	return r.told(j.To(ctx, phase.Install))
}

// depend has the metadata made, which it is by now, and tells what is wrong with it.
func (r *run) depend(context.Context) error { return errors.Join(r.pkg.Invalid()...) }

func (r *run) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.env.Out, format+"\n", args...) // a closed stream cannot be told anything
}
