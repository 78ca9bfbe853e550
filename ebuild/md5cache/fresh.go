package md5cache

import "fmt"

// Freshness says whether an entry still speaks for its ebuild.
type Freshness uint8

const (
	Fresh          Freshness = iota // the ebuild and all its eclasses are unchanged
	NoDigest                        // the entry does not say what it was generated from
	EbuildChanged                   // the ebuild has another digest
	EclassChanged                   // an eclass has another digest
	EclassMissing                   // an eclass is gone
	EclassesBroken                  // the list of eclasses cannot be read
)

// String tells the state as a phrase.
func (f Freshness) String() string {
	switch f {
	case Fresh:
		return "fresh"
	case NoDigest:
		return "no digest in cache entry"
	case EbuildChanged:
		return "ebuild changed"
	case EclassChanged:
		return "eclass changed"
	case EclassMissing:
		return "eclass missing"
	case EclassesBroken:
		return "eclass list broken"
	}
	return fmt.Sprintf("Freshness(%d)", uint8(f))
}

// Digests tells the present md5 digest of the eclasses that one repository sees,
// in lower-case hexadecimal; ok is false if there is no such eclass.
type Digests interface {
	MD5(name string) (digest string, ok bool)
}

// Check compares the entry with the digest of the ebuild and with the eclasses.
// Nil digests mean that eclasses cannot be checked and are trusted. Culprit is
// the eclass at fault, if one is.
func (e *Entry) Check(ebuild string, digests Digests) (state Freshness, culprit string) {
	switch recorded := e.MD5(); {
	case recorded == "":
		return NoDigest, ""
	case recorded != ebuild:
		return EbuildChanged, ""
	}
	eclasses, err := e.Eclasses()
	if err != nil {
		return EclassesBroken, ""
	}
	if digests == nil {
		return Fresh, ""
	}
	for _, c := range eclasses {
		switch present, ok := digests.MD5(c.Name); {
		case !ok:
			return EclassMissing, c.Name
		case present != c.MD5:
			return EclassChanged, c.Name
		}
	}
	return Fresh, ""
}
