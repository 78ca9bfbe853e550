package merging

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A Builder builds from source, in the build directories that Portage uses.
type Builder struct {
	*Works
	// Packing makes binary packages of images; nil: there is nothing that could.
	Packing func(ctx context.Context, s *plan.Step, j *build.Job) (path string, err error)
}

// Check implements merge.Builder: it runs pkg_pretend, if there is one.
func (b *Builder) Check(ctx context.Context, s *plan.Step) error {
	p, err := b.Package(s)
	if err != nil {
		return err
	}
	if p.EAPI == nil || !p.EAPI.PkgPretend || !slices.Contains(words(p.Raw("DEFINED_PHASES")), "pretend") {
		return nil
	}
	j, err := b.Job(s)
	if err != nil {
		return err
	}
	if err := j.Open(ctx); err != nil {
		return err
	}
	defer j.Close()
	if err := j.Clean(ctx); err != nil {
		return err
	}
	err = j.To(ctx, phase.Pretend)
	b.remember(j)
	if err != nil {
		return err
	}
	return j.Clean(ctx)
}

// Build implements merge.Builder.
func (b *Builder) Build(ctx context.Context, s *plan.Step, pack bool, progress merge.Progress) (*merge.Image, error) {
	if pack && b.Packing == nil {
		return nil, fmt.Errorf("internal error: %s: a binary package is wanted of a builder that makes none", s.CPV)
	}
	j, err := b.Job(s)
	if err != nil {
		return nil, err
	}
	if j.Build.Launch != nil {
		j.Build.Launch = &watched{j.Build.Launch, progress}
	}
	if err := j.Verify(ctx); err != nil {
		return nil, err
	}
	if err := j.Open(ctx); err != nil {
		return nil, err
	}
	image, err := b.image(ctx, s, j, pack)
	if err == nil {
		return image, nil
	}
	b.remember(j)
	if j.Build.Features["fail-clean"] && ctx.Err() == nil {
		err = errors.Join(err, j.Clean(ctx))
	}
	j.Close()
	return nil, err
}

func (b *Builder) image(ctx context.Context, s *plan.Step, j *build.Job, pack bool) (*merge.Image, error) {
	if err := b.start(ctx, j); err != nil {
		return nil, err
	}
	if err := j.To(ctx, phase.Install); err != nil {
		return nil, err
	}
	image := &merge.Image{Dir: j.Build.Dir.Image(), Info: j.Build.Dir.Info(), Keep: j}
	if pack {
		var err error
		if image.Package, err = b.Packing(ctx, s, j); err != nil {
			return nil, err
		}
	}
	if b.BuildOnly {
		return image, b.finish(ctx, j, true)
	}
	image.Release = func(ctx context.Context, merged bool) error { return b.finish(ctx, j, merged) }
	return image, nil
}

// start begins anew; pkg_pretend has been run for all packages.
func (b *Builder) start(ctx context.Context, j *build.Job) error {
	if err := j.Clean(ctx); err != nil {
		return err
	}
	if err := j.Build.Prepare(j.Owner); err != nil {
		return fmt.Errorf("%s: prepare the build directory: %w", j.Build.CPV(), err)
	}
	return j.Build.Dir.Mark(phase.Pretend)
}

// finish lets the build directory go; what was merged is no longer needed there.
func (b *Builder) finish(ctx context.Context, j *build.Job, merged bool) error {
	b.remember(j)
	defer j.Close()
	if !merged || j.Build.Features["noclean"] {
		return nil
	}
	return j.Clean(ctx)
}

// Fetch implements merge.Fetcher.
func (b *Builder) Fetch(ctx context.Context, s *plan.Step) error {
	if s.Origin == plan.OriginBinary {
		return (&Packer{b.Works}).Fetch(ctx, s)
	}
	j, err := b.Job(s)
	if err != nil {
		return err
	}
	if b.AllFiles {
		return j.FetchAll(ctx)
	}
	return j.Fetch(ctx)
}
