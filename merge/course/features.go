package course

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/merge/phase"
)

// Support is what is known of a word of FEATURES.
type Support uint8

const (
	Unknown  Support = iota // no such feature
	Honoured                // does what Portage's documentation says, here or where it belongs
	Needless                // what it asks for is so anyway, or has no meaning here
	Lacking                 // on by default, and not done: that changes no build, and is not told
	Ignored                 // known, and not done: a build goes on without it
	Refused                 // known, and not done: to go on without it would harm
)

// String describes the support.
func (s Support) String() string {
	names := [...]string{"unknown", "honoured", "needless", "lacking", "ignored", "refused"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("Support(%d)", uint8(s))
}

// words of FEATURES by their support.
const (
	honoured = `assume-digests binpkg-docompress binpkg-dostrip binpkg-multi-instance buildpkg buildpkg-live buildpkg-proactive buildsyspkg
		ccache clean-logs collision-protect compress-build-logs compressdebug config-protect-if-modified dedupdebug digest distcc distlocks
		ebuild-locks fail-clean fixlafiles force-mirror getbinpkg icecream installsources ipc-sandbox keeptemp keepwork lmirror mirror
		mount-sandbox multilib-strict network-sandbox noauto noclean nodoc noinfo noman nostrip parallel-fetch parallel-install
		pid-sandbox pkgdir-index-trusted preserve-libs protect-owned qa-unresolved-soname-deps sandbox sfperms skiprocheck splitdebug split-elog split-log
		strict strict-deps strict-keepdir stricter suidctl test test-fail-continue unknown-features-filter unknown-features-warn unmerge-orphans
		userfetch userpriv usersandbox xattr merge-sync merge-wait metadata-transfer binpkg-signing binpkg-request-signature binpkg-ignore-signature`
	needless = `candy case-insensitive-fs compress-index merge-use-vdb news notitles python-trace sign unprivileged usersync
		warn-on-large-env webrsync-gpg gpg-keepalive observability jobserver-token`
	lacking = `binpkg-logs unmerge-logs`
	ignored = `cgroup chflags downgrade-backup fakeroot home-dir-template-copy network-sandbox-proxy packdebug unmerge-backup`
	refused = `selinux sesandbox`
)

// SupportOf says what is known of a word of FEATURES.
func SupportOf(feature string) Support {
	for _, group := range []struct {
		words   string
		support Support
	}{{honoured, Honoured}, {needless, Needless}, {lacking, Lacking}, {ignored, Ignored}, {refused, Refused}} {
		if slices.Contains(strings.Fields(group.words), feature) {
			return group.support
		}
	}
	return Unknown
}

// CheckFeatures tells of words that are not known or have no effect. An error is one
// that nothing may be built with.
func CheckFeatures(features map[string]bool) (warnings []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(features)) {
		if !features[name] {
			continue
		}
		switch SupportOf(name) {
		case Unknown:
			if features["unknown-features-warn"] || !features["unknown-features-filter"] {
				warnings = append(warnings, fmt.Sprintf("FEATURES: %q is not known", name))
			}
		case Ignored:
			warnings = append(warnings, fmt.Sprintf("FEATURES: %s is not done here; it has no effect", name))
		case Refused:
			err = fmt.Errorf("FEATURES: %s is not done here, and a build without it is not what was asked for; give FEATURES=-%s", name, name)
		}
		if err != nil {
			return warnings, err
		}
	}
	return warnings, nil
}

// A masquerade is a folder of links named as compilers that a feature puts in front
// of PATH.
type masquerade struct {
	feature, folder string
	variable        string // of the folder that the feature works in; empty: none
	subfolders      []string
}

// masquerades in the order in which they are put there: ccache comes first in the end.
func masquerades() []masquerade {
	return []masquerade{
		{feature: "distcc", folder: "distcc", variable: "DISTCC_DIR", subfolders: []string{"lock", "state"}},
		{feature: "icecream", folder: "icecc"},
		{feature: "ccache", folder: "ccache", variable: "CCACHE_DIR"},
	}
}

// Masquerade puts the compilers of ccache, distcc and icecream in front of the PATH of
// a build, and gives their folders a default. A feature without its folder is
// switched off, and that is told.
func Masquerade(b *phase.Build, tmpdir string) (warnings []string) {
	libdir := b.Variables["LIBDIR_"+b.Variables["DEFAULT_ABI"]]
	for _, m := range masquerades() {
		if !b.Features[m.feature] {
			continue
		}
		found := false
		for _, lib := range []string{libdir, "lib", "libexec"} {
			dir := filepath.Join("/", b.Roots.Broot, b.Roots.EPrefix, "usr", lib, m.folder, "bin")
			if info, err := os.Stat(dir); lib != "" && err == nil && info.IsDir() {
				b.Path, found = append([]string{dir}, b.Path...), true
				break
			}
		}
		if !found {
			delete(b.Features, m.feature)
			warnings = append(warnings, fmt.Sprintf("FEATURES=%s: no folder of compilers in /usr/lib*/%s/bin; building without it", m.feature, m.folder))
			continue
		}
		if m.variable == "" || strings.TrimSpace(b.Variables[m.variable]) != "" {
			continue
		}
		if m.feature == "ccache" {
			b.Variables[m.variable] = filepath.Join(tmpdir, "ccache")
		} else {
			b.Variables[m.variable] = filepath.Join(tmpdir, ".distcc")
		}
	}
	return warnings
}

// caches makes the folders that features work in, for the user who builds.
func (c *Course) caches() error {
	for _, m := range masquerades() {
		if !c.Build.Features[m.feature] || m.variable == "" {
			continue
		}
		top := c.Build.Variables[m.variable]
		for _, sub := range append([]string{""}, m.subfolders...) {
			if err := c.cache(filepath.Join(top, sub)); err != nil {
				return fmt.Errorf("%s: FEATURES=%s: %w", c.Build.CPV(), m.feature, err)
			}
		}
	}
	return nil
}

func (c *Course) cache(dir string) error {
	if _, err := os.Lstat(dir); err == nil {
		return nil // whose it is was settled when it was made
	}
	if err := os.MkdirAll(dir, 0o770); err != nil {
		return err
	}
	if c.Owner != nil {
		if err := os.Chown(dir, c.Owner.UID, c.Owner.GID); err != nil {
			return err
		}
	}
	return os.Chmod(dir, os.ModeSetgid|0o770)
}
