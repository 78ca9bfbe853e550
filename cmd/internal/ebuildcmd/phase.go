package ebuildcmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/build"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/merge/course"
	"github.com/tumpline/tumpline/merge/phase"
)

// phase gives what runs a phase, nil if the name is none or it is not done yet.
func (r *run) phase(name string) func(context.Context) error {
	if name == "clean" || name == "cleanrm" {
		return r.clean
	}
	if name == "package" {
		return r.pack
	}
	p, err := phase.Parse(name)
	if err != nil || p == phase.Check {
		return nil
	}
	return func(ctx context.Context) error {
		j, err := r.begin(ctx)
		if err != nil {
			return err
		}
		j.ForceTest = j.ForceTest || p == phase.Test
		if !course.Ordered(p) {
			return r.told(j.One(ctx, p))
		}
		if j.Build.Dir.Done(p) && !j.Build.Features["noauto"] {
			_, err := fmt.Fprintf(r.env.Out, ">>> It appears that\n>>> '%s' has already executed for '%s'; skipping.\n>>> Remove '%s' to force %s.\n",
				p, j.Build.PF(), j.Build.Dir.Marker(p), p)
			return err
		}
		return r.told(j.To(ctx, p))
	}
}

// begin opens the build directory before the first phase.
func (r *run) begin(ctx context.Context) (*build.Job, error) {
	if r.job != nil {
		return r.job, nil
	}
	m, err := build.New(r.env, r.opened.Session)
	if err != nil {
		return nil, err
	}
	m.SkipManifest, m.Debug = r.options.skipManifest, r.options.debug
	j, err := m.Job(r.pkg)
	if err != nil {
		return nil, err
	}
	if err := j.Verify(ctx); err != nil {
		return nil, fmt.Errorf("!!! %w", err)
	}
	if err := j.Open(ctx); err != nil {
		return nil, err
	}
	r.job = j
	return j, nil
}

// close hands the messages of the phases on, and lets the build directory go.
func (r *run) close() {
	if r.job == nil {
		return
	}
	r.job.Done()
	r.job.ShowTold(r.env.Out)
	r.job.Close()
}

func (r *run) clean(ctx context.Context) error {
	j, err := r.begin(ctx)
	if err != nil {
		return err
	}
	return r.told(j.Clean(ctx))
}

// pack makes a binary package, after the image.
func (r *run) pack(ctx context.Context) error {
	j, err := r.begin(ctx)
	if err != nil {
		return err
	}
	marker := filepath.Join(string(j.Build.Dir), ".packaged")
	if _, err := os.Stat(marker); err == nil && !j.Build.Features["noauto"] {
		_, err := fmt.Fprintf(r.env.Out, ">>> It appears that\n>>> 'package' has already executed for '%s'; skipping.\n>>> Remove '%s' to force package.\n", j.Build.PF(), marker)
		return err
	}
	if !j.Build.Features["noauto"] {
		if err := j.To(ctx, phase.Install); err != nil {
			return r.told(err)
		}
	}
	path, err := j.Pack(ctx)
	if err != nil {
		return err
	}
	if err := j.Build.Dir.Write(".packaged", ""); err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.env.Out, ">>> Binary package: %s\n", path)
	return err
}

// told explains a failure to the user.
func (r *run) told(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	build.Explain(r.env.Err, err)
	return &cli.FailedError{Status: cli.StatusFailure}
}

// help prints how the command is called, and what a build would see.
func (r *run) help(context.Context) error {
	c := r.opened.Session.Target.Config
	rows := [][2]string{
		{"package", r.pkg.CPV.PF()}, {"slot", r.pkg.Raw("SLOT")}, {"category", r.pkg.CPV.CP.Category()}, {"description", r.pkg.Raw("DESCRIPTION")},
		{"system", c.Get("CHOST")}, {"C flags", c.Get("CFLAGS")}, {"C++ flags", c.Get("CXXFLAGS")}, {"make flags", c.Get("MAKEOPTS")},
		{"merge to", r.opened.Session.Target.Path}, {"USE", strings.Join(r.opened.Session.Target.Use.State(r.pkg).EnabledFlags(), " ")},
	}
	var b strings.Builder
	b.WriteString(help + "\nThe package would be built with these settings:\n\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "  %-12s: %s\n", row[0], row[1])
	}
	_, err := fmt.Fprint(r.env.Out, b.String())
	return err
}
