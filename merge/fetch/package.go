package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// ForPackage makes the request for the files of an ebuild: those that it needs
// with the flags that enabled tells, or with enabled nil all that SRC_URI names
// (--fetch-all-uri). policy is that of its repository. The Manifest is read anew.
func ForPackage(p *ebuild.Package, policy manifest.Policy, enabled func(flag string) bool) (*Request, error) {
	uris, err := p.SrcURI()
	if err != nil {
		return nil, fmt.Errorf("%s: SRC_URI: %w", p.CPV, err)
	}
	restrict, err := p.Restrict()
	if err != nil {
		return nil, fmt.Errorf("%s: RESTRICT: %w", p.CPV, err)
	}
	q := &Request{CPV: p.CPV, Restrict: ParseRestrict(restrict.Leaves(enabled)), HasNoFetch: slices.Contains(strings.Fields(p.Raw("DEFINED_PHASES")), "nofetch")}
	m, err := manifest.Open(filepath.Dir(p.Path), policy)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", p.CPV, err)
	}
	byName := map[string]*File{}
	for _, u := range uris.Leaves(enabled) {
		file := byName[u.Name]
		if file == nil {
			file = &File{Name: u.Name, Manifest: m.Path}
			if e, ok := m.Find(manifest.Dist, u.Name); ok {
				file.Entry = e
			}
			byName[u.Name] = file
			q.Files = append(q.Files, file)
		}
		if !slices.Contains(file.URIs, u) {
			file.URIs = append(file.URIs, u)
		}
	}
	return q, nil
}

// ParseRestrict takes what is about fetching from the words of RESTRICT.
func ParseRestrict(words []string) (r Restrict) {
	for _, w := range words {
		switch w {
		case "fetch":
			r.Fetch = true
		case "mirror", "nomirror":
			r.Mirror = true
		case "primaryuri":
			r.PrimaryURI = true
		}
	}
	return r
}
