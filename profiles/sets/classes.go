package sets

import (
	"fmt"
	"sort"
	"strings"
)

// The classes of Portage's lib/portage/_sets, as "module.Class".
const (
	classDummy           = "base.DummyPackageSet"
	classFile            = "files.StaticFileSet"
	classConfigFile      = "files.ConfigFileSet"
	classSelected        = "files.WorldSelectedSet"
	classSelectedAtoms   = "files.WorldSelectedPackagesSet"
	classSelectedSets    = "files.WorldSelectedSetsSet"
	classSystem          = "profiles.PackagesSystemSet"
	classProfile         = "ProfilePackageSet.ProfilePackageSet"
	classEverything      = "dbapi.EverythingSet"
	classOwner           = "dbapi.OwnerSet"
	classVariable        = "dbapi.VariableSet"
	classSubslot         = "dbapi.SubslotChangedSet"
	classDowngrade       = "dbapi.DowngradeSet"
	classUnavailable     = "dbapi.UnavailableSet"
	classCategory        = "dbapi.CategorySet"
	classAge             = "dbapi.AgeSet"
	classDate            = "dbapi.DateSet"
	classRebuiltBinaries = "dbapi.RebuiltBinaries"
	classChangedDeps     = "dbapi.ChangedDepsSet"
	classPreserved       = "libs.PreservedLibraryConsumerSet"
	classConsumers       = "libs.LibraryFileConsumerSet"
	classSecurity        = "security.SecuritySet"
	classNewGLSA         = "security.NewGlsaSet"
	classAffected        = "security.AffectedSet"
	classNewAffected     = "security.NewAffectedSet"
	classCommand         = "shell.CommandOutputSet"
)

// single returns the set of a section that makes one.
func (b *builder) single(class string) (*Set, error) {
	switch class {
	case classDummy:
		return b.dummy()
	case classFile:
		return b.staticFile()
	case classConfigFile:
		return b.configFile()
	case classSelected, classSelectedAtoms, classSelectedSets:
		return b.selected(class)
	case classSystem, classProfile:
		return b.profile(class)
	case classEverything, classSubslot, classDowngrade, classRebuiltBinaries, classChangedDeps:
		return b.compared(class)
	case classOwner:
		return b.owner()
	case classVariable:
		return b.variable()
	case classUnavailable:
		return b.unavailable()
	case classCategory:
		return b.category()
	case classAge:
		return b.age()
	case classDate:
		return b.date()
	case classPreserved, classConsumers:
		return b.libraries(class)
	case classSecurity, classNewGLSA, classAffected, classNewAffected:
		return b.security(class)
	case classCommand:
		return b.command()
	}
	return nil, fmt.Errorf("%w: %s", ErrClass, class)
}

// multiple returns the sets of a multiset section, in the order of their names.
func (b *builder) multiple(class string) ([]*Set, error) {
	var made []*Set
	var err error
	switch class {
	case classFile:
		made, err = b.staticFiles()
	case classConfigFile:
		made, err = b.configFiles()
	case classCategory:
		made, err = b.categories()
	default:
		return nil, fmt.Errorf("%w: %s", ErrNoMultiset, class)
	}
	sort.Slice(made, func(i, j int) bool { return made[i].Name < made[j].Name })
	return made, err
}

// pattern returns the name of a set of a multiset section: the option
// name_pattern with $key and ${key} replaced by value.
func (b *builder) pattern(key, otherwise string) (func(value string) string, error) {
	pattern := b.get("name_pattern", otherwise)
	if !strings.Contains(pattern, "$"+key) && !strings.Contains(pattern, "${"+key+"}") {
		return nil, fmt.Errorf("%w: name_pattern does not include ${%s}", ErrOption, key)
	}
	return func(value string) string {
		return strings.ReplaceAll(strings.ReplaceAll(pattern, "$"+key, value), "${"+key+"}", value)
	}, nil
}
