package userconf

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// form returns the form of the file called name.
func form(name string) Form {
	switch name {
	case "package.mask", "package.unmask":
		return FormAtom
	case "packages":
		return FormPackages
	case "package.use", "package.use.mask", "package.use.force", "package.use.stable",
		"package.use.stable.mask", "package.use.stable.force":
		return FormFlags
	}
	return FormWords
}

// deniesUSE reports whether atoms in the file may not have USE dependencies.
func deniesUSE(name string) bool {
	switch name {
	case "package.keywords", "package.accept_keywords":
		return true
	}
	return form(name) == FormFlags
}

// User returns the options for the file called name in etc/portage: a
// directory is fine, wildcards and ::repo as well, and no EAPI restricts the
// atoms. Flags of package.use are not checked.
func User(name string) Options {
	o := Options{
		Form:    form(name),
		Shape:   linefile.FileOrTree,
		Atoms:   atoms.AtomOptions{AllowWildcard: true, AllowRepo: true, AllowBuildID: name != "package.license"},
		DenyUSE: deniesUSE(name),
	}
	if name == "package.use" {
		o.Groups = GroupLine
	}
	return o
}

// A Profile describes a profile node or the profiles folder of a repository.
type Profile struct {
	// EAPI restricts the atoms; nil only for etc/portage/profile without an
	// eapi file, whose USE files then take wildcards, ::repo and groups.
	EAPI *eapi.Features
	// Directories: the profile format allows directories instead of files.
	Directories  bool
	AllowRepo    bool // the profile format allows ::repo
	AllowBuildID bool // the profile format allows build-ids
	User         bool // the node is etc/portage/profile
}

// Options returns the options for the file called name in a profile node.
func (p Profile) Options(name string) Options {
	o := Options{
		Form:    form(name),
		Atoms:   atoms.AtomOptions{EAPI: p.EAPI, AllowRepo: p.AllowRepo, AllowBuildID: p.AllowBuildID},
		DenyUSE: deniesUSE(name),
	}
	if p.Directories {
		o.Shape = linefile.FileOrTree
	}
	switch name {
	case "packages":
		o.Shape = linefile.FileOnly
	case "package.accept_keywords":
		o.Atoms.AllowBuildID = false
	case "package.license": // format profile-license
		o.Shape = linefile.FileOrTree
		o.Atoms = atoms.AtomOptions{AllowWildcard: true, AllowRepo: true}
	case "package.bashrc": // format profile-bashrcs
		o.Shape = linefile.FileOrTree
		o.Atoms.AllowWildcard = true
	}
	if o.Form == FormFlags {
		o.CheckFlags = true
		if p.User && p.EAPI == nil {
			o.Atoms.AllowWildcard, o.Atoms.AllowRepo = true, true
			o.Groups = GroupAtom
		}
	}
	return o
}

// Repository returns the options for the file called name in the profiles
// folder of a repository. Portage reads directories there for USE files always.
func (p Profile) Repository(name string) Options {
	o := p.Options(name)
	if o.Form == FormFlags {
		o.Shape = linefile.FileOrTree
	}
	return o
}

// FlagShape returns the shape of use.mask, use.force and their like in a profile
// node. In the profiles folder of a repository it is always linefile.FileOrTree.
func (p Profile) FlagShape() linefile.Shape {
	if p.Directories {
		return linefile.FileOrTree
	}
	return linefile.FileOnly
}
