// Package descindex writes metadata/pkg_desc_index, from which searches read the
// descriptions of all packages of a repository at once: a line for each package
//
//	CATEGORY/PN VERSION VERSION...: DESCRIPTION
//
// sorted by name, with its versions in ascending order and the description of the
// highest. The package refuses to know which packages are visible.
package descindex

import (
	"errors"
	"fmt"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// Append appends the line of a package, its versions in ascending order. Without
// versions there is none.
func Append(lines []byte, cp atoms.CP, versions []*ebuild.Package) []byte {
	if len(versions) == 0 {
		return lines
	}
	lines = append(lines, cp...)
	for _, p := range versions {
		lines = append(append(lines, ' '), p.CPV.Version.String()...)
	}
	return fmt.Appendf(lines, ": %s\n", versions[len(versions)-1].Raw("DESCRIPTION"))
}

// Write gives the index of all packages of a source. A package whose highest
// version has no metadata is left out and told in the error, with what could not
// be read.
func Write(source ebuild.Source) ([]byte, error) {
	cps, err := source.CPs()
	errs := []error{err}
	var lines []byte
	for _, cp := range cps {
		versions, err := source.Packages(cp)
		errs = append(errs, err)
		if n := len(versions); n > 0 {
			if err := missing(versions[n-1]); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		lines = Append(lines, cp, versions)
	}
	return lines, errors.Join(errs...)
}

// missing says why a package has no metadata, if so.
func missing(p *ebuild.Package) error {
	for _, err := range p.Invalid() {
		var m *ebuild.MetadataError
		if errors.As(err, &m) && m.Fault == ebuild.FaultMetadata {
			return fmt.Errorf("%s: %w", p.CPV, err)
		}
	}
	return nil
}
