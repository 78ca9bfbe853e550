package sets

import "github.com/tumpline/tumpline/profiles"

// describe returns what emerge's search shows as the description of sets of a
// class; what is "" depends on more than the class.
func (b *builder) describe(class string) string {
	const (
		generic   = "generic package set"
		installed = "Package set which contains SLOT atoms to match all installed packages"
		unapplied = "affected by an unapplied GLSA"
	)
	switch class {
	case classDummy, classPreserved:
		return generic
	case classSelected:
		return "Set of packages and subsets that were directly installed by the user"
	case classSelectedAtoms:
		return "Set of packages that were directly installed by the user"
	case classSelectedSets:
		return "Set of sets that were directly installed by the user"
	case classSystem:
		return "System packages for profile " + b.profilePath()
	case classProfile:
		return "Profile packages for profile " + b.profilePath()
	case classEverything, classRebuiltBinaries, classAge, classDate:
		return installed
	case classOwner:
		return "Package set which contains all packages that own one or more files."
	case classVariable:
		return "Package set which contains all packages that match specified values of a specified variable."
	case classSubslot:
		return "Package set which contains all packages for which the subslot of the highest visible ebuild is different than the currently installed version."
	case classDowngrade:
		return "Package set which contains all packages for which the highest visible ebuild version is lower than the currently installed version."
	case classUnavailable:
		return "Package set which contains all installed packages for which there are no visible ebuilds corresponding to the same $CATEGORY/$PN:$SLOT."
	case classChangedDeps:
		return "Package set which contains all installed packages for which the vdb *DEPEND entries are outdated compared to corresponding portdb entries."
	case classConsumers:
		return "Package set which contains all packages that consume the specified library file(s)."
	case classSecurity:
		return "package set that includes all packages possibly affected by a GLSA"
	case classNewGLSA:
		return "Package set that includes all packages possibly " + unapplied
	case classAffected, classNewAffected:
		return "Package set that includes all packages " + unapplied
	}
	return ""
}

// profilePath is the folder of the profile itself, not of the user's additions.
func (b *builder) profilePath() string {
	nodes := b.Nodes
	if n := len(nodes); n > 1 && nodes[n-1].User {
		nodes = nodes[:n-1]
	}
	if len(nodes) == 0 {
		return "None"
	}
	return last(nodes).Path
}

func last(nodes []*profiles.Node) *profiles.Node { return nodes[len(nodes)-1] }
