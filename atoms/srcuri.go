package atoms

import (
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// URIRestriction is how one URI is exempt from RESTRICT (EAPI 8).
type URIRestriction uint8

const (
	URIPlain  URIRestriction = iota // uri: RESTRICT applies
	URIFetch                        // fetch+uri: exempt from RESTRICT=fetch
	URIMirror                       // mirror+uri: exempt from RESTRICT=fetch and mirror
)

// String returns "", "fetch+" or "mirror+".
func (r URIRestriction) String() string {
	if r > URIMirror {
		return "URIRestriction(?)"
	}
	return [...]string{"", "fetch+", "mirror+"}[r]
}

// A URI is a leaf of SRC_URI: where to get a file and what to call it.
type URI struct {
	URI      string         // without restriction prefix; a bare file name if it cannot be fetched
	Name     string         // file name: after "->", else the last part of URI
	Renamed  bool           // Name was given with "->"
	Override URIRestriction // exemption from RESTRICT
}

// String returns the leaf as written.
func (u URI) String() string {
	if u.Renamed {
		return u.Override.String() + u.URI + " -> " + u.Name
	}
	return u.Override.String() + u.URI
}

// ParseSrcURI parses the value of SRC_URI (PMS 7.3.2).
func ParseSrcURI(text string, features *eapi.Features) (*SrcURI, error) {
	if features == nil {
		features = eapi.Permissive()
	}
	return parseSpec(text, grammar[URI]{
		kind: "SRC_URI",
		leaf: func(token string, more *tokenizer) (URI, fault) { return parseURI(token, more, features) },
	})
}

func parseURI(token string, more *tokenizer, features *eapi.Features) (URI, fault) {
	switch token {
	case "->":
		return URI{}, fault{0, "expected a URI before '->'"}
	case "||":
		return URI{}, fault{0, "any-of groups are not allowed in SRC_URI"}
	}
	u := URI{URI: token}
	for _, r := range []URIRestriction{URIFetch, URIMirror} {
		if rest, ok := strings.CutPrefix(token, r.String()); ok {
			u.URI, u.Override = rest, r
		}
	}
	if u.Override != URIPlain && !features.SelectiveURI {
		return URI{}, fault{0, "selective URI restrictions are not allowed in EAPI " + features.Name}
	}
	u.Name = u.URI[strings.LastIndexByte(u.URI, '/')+1:]
	if next, _ := more.peek(); next != "->" {
		return u, fault{}
	}
	start := more.start
	more.next()
	if !features.SrcURIArrows {
		return URI{}, fault{more.start - start, "'->' is not allowed in EAPI " + features.Name}
	}
	name := more.next()
	if !isFileName(name) {
		return URI{}, fault{more.start - start, "expected a file name after '->'"}
	}
	u.Name, u.Renamed = name, true
	return u, fault{}
}

// isFileName reports whether a token can follow "->".
func isFileName(s string) bool {
	switch s {
	case "", "(", ")", "||", "->":
		return false
	}
	return strings.IndexByte(s, '/') < 0 && s[len(s)-1] != '?'
}
