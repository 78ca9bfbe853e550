package phase

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A variable is one that a phase sees.
type variable struct {
	value    string
	private  bool // not exported to programs
	readonly bool
}

// vars are the variables of a phase by their names.
type vars map[string]variable

func (v vars) set(name, value string) { v[name] = variable{value: value, readonly: fixed().has(name)} }

// variables gives what a phase sees. In the first phase (initial) that is the whole
// configuration and the caller's environment; later what is always anew, the rest
// being in the state that was saved.
func (b *Build) variables(p Phase, initial bool) vars {
	v := make(vars)
	if initial {
		for name, value := range b.Caller {
			if !fromCaller().has(name) && !notForBuilds().has(name) {
				v.set(name, value)
			}
		}
	}
	for name, value := range b.Variables {
		if notForBuilds().has(name) || fromPackage().has(name) {
			continue
		}
		if initial || alwaysFromConfiguration().has(name) {
			v.set(name, value)
		}
	}
	b.identity(v)
	b.places(v, p)
	b.flags(v, initial)
	b.circumstances(v, p)
	if b.CPUs > 0 {
		makeOptions(v, b.CPUs)
	}
	b.locale(v)
	b.unset(v)
	if !b.EAPI.ExportVars {
		b.unexport(v, p)
	}
	return v
}

// fromPackage are variables that the configuration may have, but that are the
// package's own here.
func fromPackage() *nameSet { return fromCaller() }

func (b *Build) identity(v vars) {
	for name, value := range map[string]string{
		"CATEGORY": b.Category, "PN": b.PN, "PV": b.PV, "PR": b.PR, "PVR": b.PVR, "P": b.P(), "PF": b.PF(),
		"EAPI": b.EAPI.Name, "EBUILD": b.Ebuild, "SLOT": b.Slot, "PORTAGE_REPO_NAME": b.Repo,
		"PORTAGE_RESTRICT": strings.Join(b.Restrict, " "), "PORTAGE_PROPERTIES": strings.Join(b.Properties, " "),
	} {
		v.set(name, value)
	}
	for _, name := range []string{"KEYWORDS", "LICENSE", "INHERITED"} {
		if value := b.Metadata[name]; value != "" || name != "INHERITED" {
			v.set(name, value)
		}
	}
	if phases := b.Metadata["DEFINED_PHASES"]; phases != "" {
		v.set("DEFINED_PHASES", " "+phases) // as it is when names are added one by one
	}
	if len(b.PackageUSE) > 0 {
		v.set("PKGUSE", strings.Join(b.PackageUSE, " "))
	}
	if b.EAPI.IUSEEffective {
		v.set("IUSE_EFFECTIVE", strings.Join(b.IUSEEffective, " "))
	}
	if b.MergeType == FromBinary {
		v.set("EMERGE_FROM", "binary")
	} else {
		v.set("EMERGE_FROM", "ebuild")
	}
}

// slashed puts the slash behind a root that the EAPI wants.
func (b *Build) slashed(path string) string {
	path = strings.TrimRight(path, "/")
	if b.EAPI.TrailingSlash {
		return path + "/"
	}
	return path
}

func (b *Build) places(v vars, p Phase) {
	r, e := b.Roots, b.EAPI
	prefix := strings.TrimRight(r.EPrefix, "/")
	v.set("ROOT", b.slashed(r.Root))
	v.set("SYSROOT", strings.TrimRight(r.Sysroot, "/"))
	v.set("D", b.slashed(b.Dir.Image()))
	v.set("T", b.Dir.Temp())
	v.set("WORKDIR", b.Dir.Work())
	v.set("FILESDIR", b.Dir.Files())
	v.set("DISTDIR", b.Dir.Distdir())
	v.set("PORTAGE_ACTUAL_DISTDIR", b.DistDir)
	v.set("HOME", b.Dir.Home())
	v.set("PORTAGE_BUILDDIR", string(b.Dir))
	if b.LogFile != "" {
		v.set("PORTAGE_LOG_FILE", b.LogFile)
	}
	v.set("PORTAGE_CONFIGROOT", strings.TrimRight(b.ConfigRoot, "/")+"/")
	if e.PORTDIR {
		v.set("PORTDIR", b.Variables["PORTDIR"])
	}
	if e.ECLASSDIR {
		v.set("ECLASSDIR", b.Variables["PORTDIR"]+"/eclass")
	}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		v.set(name, b.Dir.Temp())
	}
	if e.Prefix {
		v.set("EPREFIX", prefix)
		v.set("ED", b.slashed(b.Dir.Image()+prefix))
		v.set("EROOT", b.slashed(strings.TrimRight(r.Root, "/")+prefix))
	}
	if e.SYSROOT && (p == Setup || p.Source()) {
		v.set("ESYSROOT", strings.TrimRight(r.Sysroot, "/")+prefix)
	}
	if e.BROOT && (p == Setup || p.Source() || p == Preinst || p == Postinst || p == Prerm || p == Postrm) {
		v.set("BROOT", strings.TrimRight(r.Broot, "/")+prefix)
	}
	v.set("PATH", strings.Join(append([]string{b.Commands}, b.Path...), ":"))
}

func (b *Build) flags(v vars, initial bool) {
	v.set("USE", strings.Join(b.USE, " "))
	if !initial {
		return
	}
	for name, value := range b.Expanded {
		v.set(name, value)
	}
}

// circumstances are what the phase is told about the installation.
func (b *Build) circumstances(v vars, p Phase) {
	e := b.EAPI
	v.set("EBUILD_PHASE", p.String())
	if p == Check {
		v.set("EBUILD_PHASE", "")
	}
	if e.EBUILDPHASEFUNC && p.Function() != "" {
		v.set("EBUILD_PHASE_FUNC", p.Function())
	}
	v.set("A", strings.Join(b.Distfiles, " "))
	if e.MERGETYPE {
		v.set("MERGE_TYPE", b.MergeType.String())
	}
	if e.REPLACINGVERSIONS && (p == Pretend || p == Setup || p == Preinst || p == Postinst) {
		v.set("REPLACING_VERSIONS", strings.Join(b.ReplacingVersions, " "))
	}
	if e.REPLACEDBYVERSION && (p == Prerm || p == Postrm) {
		v.set("REPLACED_BY_VERSION", b.ReplacedBy)
	}
	if e.AA {
		v.set("AA", strings.Join(b.Sources, " "))
	}
	features := strings.Join(slices.Sorted(maps.Keys(trueOf(b.Features))), " ")
	v.set("FEATURES", features)
	v.set("PORTAGE_FEATURES", features)
	v.set("PORTAGE_REPO_REVISIONS", "{}")
	if e.DESTTREE {
		v.set("DESTTREE", "/usr")
	}
	if e.INSDESTTREE {
		v.set("INSDESTTREE", "")
	}
	v.set("INSOPTIONS", "-m0644")
	v.set("EXEOPTIONS", "-m0755")
	v.set("LIBOPTIONS", "-m0644")
	v.set("DIROPTIONS", "-m0755")
	v.set("MOPREFIX", b.PN)
	v.set("XARGS", "xargs -r")
	v.set("USERLAND", "GNU")
	if v["PORTAGE_BZIP2_COMMAND"].value == "" {
		v.set("PORTAGE_BZIP2_COMMAND", "bzip2")
	}
	if !b.Features["ccache"] {
		v.set("CCACHE_DISABLE", "1")
	}
	for name, value := range map[string]string{"PORTAGE_INST_UID": "0", "PORTAGE_INST_GID": "0"} {
		if v[name].value == "" {
			v.set(name, value)
		}
	}
}

func trueOf(m map[string]bool) map[string]bool {
	out := make(map[string]bool)
	for k, on := range m {
		if on {
			out[k] = true
		}
	}
	return out
}

// locale makes the locale one in which letters are as in POSIX (PMS 11.1, from
// EAPI 6): LC_ALL is split, and what decides about letters is C's.
func (b *Build) locale(v vars) {
	if !b.EAPI.PosixLocale {
		return
	}
	categories := []string{"LC_ADDRESS", "LC_COLLATE", "LC_CTYPE", "LC_IDENTIFICATION", "LC_MEASUREMENT", "LC_MESSAGES",
		"LC_MONETARY", "LC_NAME", "LC_NUMERIC", "LC_PAPER", "LC_TELEPHONE", "LC_TIME"}
	if all := v["LC_ALL"].value; all != "" {
		for _, c := range categories {
			v.set(c, all)
		}
	}
	delete(v, "LC_ALL")
	if !plainLetters(effective(v, "LC_CTYPE")) {
		v.set("LC_CTYPE", "C.UTF-8")
	}
	if !plainLetters(effective(v, "LC_COLLATE")) {
		v.set("LC_COLLATE", "C.UTF-8")
	}
}

func effective(v vars, category string) string {
	if value := v[category].value; value != "" {
		return value
	}
	return v["LANG"].value
}

// plainLetters says whether ASCII letters have their usual cases in a locale. Those
// of Turkic languages differ.
func plainLetters(locale string) bool {
	lang, _, _ := strings.Cut(locale, "_")
	switch lang {
	case "tr", "az", "crh", "ku", "tt":
		return false
	}
	return true
}

// unset drops what ENV_UNSET of the profile names (EAPI 7), and what changes how
// common programs behave.
func (b *Build) unset(v vars) {
	for _, name := range []string{"GZIP", "BZIP", "BZIP2", "CDPATH", "GREP_OPTIONS", "GREP_COLOR", "GLOBIGNORE", "BASH_ENV"} {
		delete(v, name)
	}
	if b.EAPI.ENVUNSET {
		for _, name := range strings.Fields(b.Variables["ENV_UNSET"]) {
			delete(v, name)
		}
	}
}

// unexport makes the variables of PMS private to the shell (EAPI 9), but for those
// that programs need.
func (b *Build) unexport(v vars, p Phase) {
	exported := map[string]bool{"TMPDIR": true, "HOME": true, "SYSROOT": true, "ESYSROOT": true, "BROOT": true, "KEYWORDS": true,
		"LICENSE": true, "SLOT": true, "IUSE_EFFECTIVE": true, "INHERITED": true}
	if p == Configure || p == Compile {
		exported["D"] = true
	}
	private := strings.Fields(`P PF PN CATEGORY PV PR PVR A AA FILESDIR DISTDIR WORKDIR S ROOT EROOT T D ED EPREFIX DESTTREE
		INSDESTTREE USE EBUILD_PHASE EBUILD_PHASE_FUNC MERGE_TYPE REPLACING_VERSIONS REPLACED_BY_VERSION
		DEFINED_PHASES ENV_UNSET USE_EXPAND USE_EXPAND_UNPREFIXED USE_EXPAND_IMPLICIT IUSE_IMPLICIT`)
	for name := range b.Expanded {
		private = append(private, name)
	}
	for _, list := range []string{"USE_EXPAND", "USE_EXPAND_UNPREFIXED"} {
		private = append(private, strings.Fields(b.Variables[list])...)
	}
	for name := range v {
		if strings.HasPrefix(name, "USE_EXPAND_VALUES_") {
			private = append(private, name)
		}
	}
	for _, name := range private {
		if x, ok := v[name]; ok && !exported[name] {
			x.private = true
			v[name] = x
		}
	}
}

// makeOptions gives MAKEOPTS its default.
func makeOptions(v vars, cpus int) {
	if v["MAKEOPTS"].value == "" && v["MAKEFLAGS"].value == "" {
		n := strconv.Itoa(cpus)
		v.set("MAKEOPTS", "-j"+n)
		v.set("GNUMAKEFLAGS", "--load-average "+n+" --output-sync=line")
	}
}

// extraFile is where the private variables stand for the commands that are programs.
func (b *Build) extraFile(p Phase) string {
	return filepath.Join(b.Dir.Temp(), ".portage-ebuild-extra-source-"+p.String())
}
