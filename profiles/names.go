package profiles

import "strings"

// incremental says if the values of a variable add up over files and layers
// (PMS, "Incremental variables"; ACCEPT_KEYWORDS, FEATURES and
// PROFILE_ONLY_VARIABLES are Portage's).
func incremental(name string) bool {
	switch name {
	case "ACCEPT_KEYWORDS", "CONFIG_PROTECT", "CONFIG_PROTECT_MASK", "ENV_UNSET",
		"FEATURES", "IUSE_IMPLICIT", "PROFILE_ONLY_VARIABLES", "USE", "USE_EXPAND",
		"USE_EXPAND_HIDDEN", "USE_EXPAND_IMPLICIT", "USE_EXPAND_UNPREFIXED":
		return true
	}
	return false
}

// incrementalNames lists the variables that are sets of words, without USE,
// which depends on the others.
var incrementalNames = [...]string{
	"ACCEPT_KEYWORDS", "CONFIG_PROTECT", "CONFIG_PROTECT_MASK", "ENV_UNSET",
	"FEATURES", "IUSE_IMPLICIT", "PROFILE_ONLY_VARIABLES", "USE_EXPAND",
	"USE_EXPAND_HIDDEN", "USE_EXPAND_IMPLICIT", "USE_EXPAND_UNPREFIXED",
}

// acceptNames lists the variables that are kept as lists, because "*" in them
// means what a package has.
var acceptNames = [...]string{"ACCEPT_LICENSE", "ACCEPT_PROPERTIES", "ACCEPT_RESTRICT"}

// reserved says if a variable belongs to the package manager: it is taken
// neither from files nor from the environment.
func reserved(name string) bool {
	switch name {
	case "A", "AA", "BASH_FUNC____in_portage_iuse%%", "BDEPEND", "BROOT", "CATEGORY",
		"DEPEND", "DESCRIPTION", "DOCS", "EAPI", "EBUILD_FORCE_TEST", "EBUILD_PHASE",
		"EBUILD_PHASE_FUNC", "EBUILD_SKIP_MANIFEST", "ED", "EMERGE_FROM", "EPREFIX",
		"EROOT", "GREP_OPTIONS", "HOMEPAGE", "IDEPEND", "INHERITED", "IUSE",
		"IUSE_EFFECTIVE", "KEYWORDS", "LICENSE", "MERGE_TYPE", "PDEPEND", "PF", "PKGUSE",
		"PORTAGE_BACKGROUND", "PORTAGE_BACKGROUND_UNMERGE", "PORTAGE_BUILDDIR_LOCKED",
		"PORTAGE_BUILT_USE", "PORTAGE_CONFIGROOT", "PORTAGE_EXPLICIT_INHERIT",
		"PORTAGE_INTERNAL_CALLER", "PORTAGE_IUSE", "PORTAGE_NONFATAL", "PORTAGE_PIPE_FD",
		"PORTAGE_REPO_NAME", "PORTAGE_USE", "PROPERTIES", "RDEPEND", "REPOSITORY",
		"REQUIRED_USE", "RESTRICT", "ROOT", "SANDBOX_LOG", "SLOT", "SRC_URI", "_":
		return true
	}
	return false
}

// globalOnly says if a variable has no meaning for one package or repository.
func globalOnly(name string) bool {
	return name == "CONFIG_PROTECT"
}

// fromBuildRoot and fromTarget say which root's etc/profile.env a variable is
// taken from; all others prefer the target's.
func fromBuildRoot(name string) bool {
	return name == "PATH" || name == "PREROOTPATH" || name == "ROOTPATH"
}

func fromTarget(name string) bool {
	switch name {
	case "CONFIG_PROTECT", "CONFIG_PROTECT_MASK", "INFODIR", "INFOPATH", "MANPATH":
		return true
	}
	return strings.HasPrefix(name, "PKG_CONFIG_")
}

// lowerCased lists the variables whose values are compared without case.
var lowerCased = [...]string{"AUTOCLEAN", "NOCOLOR", "NO_COLOR"}

// fallbackName gives the older name of a variable.
func fallbackName(name string) string {
	switch name {
	case "PORTAGE_LOGDIR":
		return "PORT_LOGDIR"
	case "PORTAGE_LOGDIR_CLEAN":
		return "PORT_LOGDIR_CLEAN"
	}
	return ""
}

// knownFeature says if a word of FEATURES means something to Portage.
func knownFeature(name string) bool {
	return strings.Contains(knownFeatures, " "+name+" ")
}

const knownFeatures = " assume-digests binpkg-docompress binpkg-dostrip binpkg-ignore-signature" +
	" binpkg-logs binpkg-multi-instance binpkg-request-signature binpkg-signing buildpkg" +
	" buildpkg-live buildpkg-proactive buildsyspkg candy case-insensitive-fs ccache cgroup" +
	" chflags clean-logs collision-protect compress-build-logs compress-index compressdebug" +
	" config-protect-if-modified dedupdebug digest distcc distlocks downgrade-backup" +
	" ebuild-locks fail-clean fakeroot fixlafiles force-mirror getbinpkg gpg-keepalive" +
	" home-dir-template-copy icecream installsources ipc-sandbox jobserver-token keeptemp" +
	" keepwork lmirror merge-sync merge-use-vdb merge-wait metadata-transfer mirror" +
	" mount-sandbox multilib-strict network-sandbox network-sandbox-proxy news noauto" +
	" noclean nodoc noinfo noman nostrip notitles observability packdebug parallel-fetch" +
	" parallel-install pid-sandbox pkgdir-index-trusted preserve-libs protect-owned" +
	" python-trace qa-unresolved-soname-deps sandbox selinux sesandbox sfperms sign" +
	" skiprocheck split-elog split-log splitdebug strict strict-keepdir stricter suidctl" +
	" test test-fail-continue unknown-features-filter unknown-features-warn unmerge-backup" +
	" unmerge-logs unmerge-orphans unprivileged userfetch userpriv usersandbox usersync" +
	" warn-on-large-env webrsync-gpg xattr "
