package manifest

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild/repos"
)

// A Policy is what a repository and its user ask of Manifests.
type Policy struct {
	// Thin Manifests list distfiles only: thin-manifests.
	Thin bool
	// Optional Manifests may be absent or incomplete: use-manifests = true.
	Optional bool
	// Unused Manifests are neither read nor written: use-manifests = false.
	Unused bool
	// Lenient leaves out the files of the package folder and tolerates files that
	// are not listed: without FEATURES=strict.
	Lenient bool
	// LooseMisc leaves out MISC files: strict-misc-digests = false in repos.conf.
	LooseMisc bool
	// Hashes are written, Required ones must be there; both sorted, known ones.
	Hashes, Required []string
	// Filter chooses the hashes that are verified.
	Filter Filter
}

// PolicyOf gives the policy of a repository's layout.conf.
func PolicyOf(l repos.Layout) Policy {
	p := Policy{
		Thin:     l.ThinManifests,
		Optional: l.UseManifests != repos.ManifestStrict,
		Unused:   l.UseManifests == repos.ManifestFalse,
		Hashes:   known(l.ManifestHashes),
	}
	if l.ManifestHashes == nil {
		p.Hashes = DefaultHashes()
	}
	p.Required = slices.Clone(p.Hashes)
	if l.ManifestRequiredHashes != nil {
		p.Required = slices.DeleteFunc(known(l.ManifestRequiredHashes), func(h string) bool { return !slices.Contains(p.Hashes, h) })
	}
	return p
}

func known(names []string) []string {
	var out []string
	for _, n := range names {
		if Known(n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ValidPath says whether a file of a repository may have that name (PMS 3.2:
// letters, digits, and ._-+/), as Portage takes it for Manifests.
func ValidPath(path string) bool {
	return !strings.ContainsFunc(path, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-+/", r))
	})
}

// auxListed says whether a file below files/ belongs into a Manifest: nothing
// hidden, nothing of CVS, no digest file of old.
func auxListed(path string) bool {
	for elem := range strings.SplitSeq(path, "/") {
		if elem == "CVS" || strings.HasPrefix(elem, ".") {
			return false
		}
	}
	return !strings.HasPrefix(path, "digest-")
}
