package build

import (
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/phase"
)

// JobOfInstalled makes the way of an installed package to its end: pkg_prerm and
// pkg_postrm. It has a build directory of its own; entry is the package's folder in
// the database, whose ebuild and environment count.
func (m *Making) JobOfInstalled(p *ebuild.Package, entry string) (*Job, error) {
	j, err := m.jobOfBuilt(p, entry)
	if err != nil {
		return nil, err
	}
	b := j.Build
	b.Dir = phase.Dir(filepath.Join(m.tmpdir(b), "portage", "._unmerge_", b.Category, b.PF()))
	return j, nil
}

// JobOfBinary makes the way of a binary package to its root. What the package has is
// to be unpacked to the image and build-info of its build directory.
func (m *Making) JobOfBinary(p *ebuild.Package) (*Job, error) {
	j, err := m.jobOfBuilt(p, "")
	if err != nil {
		return nil, err
	}
	j.Build.MergeType = phase.FromBinary
	j.Build.Ebuild = filepath.Join(j.Build.Dir.Info(), j.Build.PF()+".ebuild")
	return j, nil
}

func (m *Making) jobOfBuilt(p *ebuild.Package, entry string) (*Job, error) {
	j, err := m.JobWith(p, m.Root().Use.State(p))
	if err != nil {
		return nil, err
	}
	b := j.Build
	b.Ebuild, b.FilesDir = filepath.Join(entry, b.PF()+".ebuild"), filepath.Join(entry, "files")
	b.Distfiles, j.Sources, j.Finish = nil, nil, nil
	return j, nil
}

// HasScript says whether there is anything to run in a phase: the package's own
// function, or the user's hooks.
func (j *Job) HasScript(p phase.Phase) bool {
	name := strings.TrimPrefix(p.String(), "pkg_")
	return len(j.Build.Bashrcs) > 0 || slices.Contains(j.Build.DefinedPhases, name)
}

// Restore puts the environment of a built package, a folder's environment.bz2, where
// its phases find it. A folder without one leaves them to source the ebuild.
func (j *Job) Restore(folder string) error {
	text, err := os.ReadFile(filepath.Join(folder, "environment.bz2"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		text, err = io.ReadAll(bzip2.NewReader(bytes.NewReader(text)))
	}
	if err == nil {
		err = j.Build.Dir.Write("temp/environment", string(text))
	}
	if err != nil {
		return fmt.Errorf("%s: restore the environment: %w", j.Build.CPV(), err)
	}
	return nil
}

// Start locks the build directory, and makes it anew.
func (j *Job) Start(ctx context.Context) error {
	if err := j.Open(ctx); err != nil {
		return err
	}
	err := j.Clean(ctx)
	if err == nil {
		if err = j.Build.Prepare(j.Owner); err != nil {
			err = fmt.Errorf("%s: prepare the build directory: %w", j.Build.CPV(), err)
		}
	}
	if err != nil {
		j.Close()
	}
	return err
}
