package plan

import (
	"fmt"

	"github.com/Masterminds/semver/v3"
)

// SchemaName is the name of the document.
const SchemaName = "tumpline.plan"

// SchemaVersion is the semantic version of the document that Write produces.
// A new key or a new word of an enumeration raises the minor number, whatever
// could break a reader the major one.
const SchemaVersion = "1.2.0"

// A VersionError says that the document would not satisfy a constraint.
type VersionError struct {
	Constraint string // as given
	Version    string // the version of the document
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s %s does not satisfy %q", SchemaName, e.Version, e.Constraint)
}

// CheckVersion says whether the documents of this package satisfy a semantic
// version constraint such as "^1" or ">=1.2, <2". The error is a *VersionError
// if they do not, another one if the constraint cannot be read.
func CheckVersion(constraint string) error {
	c, err := semver.NewConstraint(constraint)
	if err != nil {
		return fmt.Errorf("version constraint: %w", err)
	}
	if !c.Check(semver.MustParse(SchemaVersion)) {
		return &VersionError{Constraint: constraint, Version: SchemaVersion}
	}
	return nil
}
