package fetch

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A source is a place where a file may be: a URI, or a mirror of all distfiles,
// whose layout says where the file is there.
type source struct {
	uri    string
	mirror string
}

// A route is the order in which a file's sources are tried. The primary ones, those
// of SRC_URI itself, come next after some files with wrong digests.
type route struct {
	all, primary []source
	problems     []error // of SRC_URI
}

// route works out the sources of a file, see Portage's async_fetch.
func (s *Settings) route(f *File, r Restrict) route {
	var out route
	var mirrors, named, shuffled []source
	for i, u := range f.URIs {
		if i == 0 {
			mirrors = s.mirrors(r, u.Override)
		}
		if path, ok := strings.CutPrefix(u.URI, "mirror://"); ok {
			custom, third, err := s.named(path)
			if err != nil {
				out.problems = append(out.problems, err)
			}
			named = append(append(named, custom...), third...)
			shuffled = append(shuffled, third...)
			continue
		}
		force := s.ForceMirror && !r.Mirror
		if strings.Contains(u.URI, "://") && !(r.Fetch && u.Override == atoms.URIPlain) && !force {
			out.primary = append(out.primary, source{uri: u.URI})
		}
	}
	if len(f.URIs) == 0 {
		mirrors = s.mirrors(r, atoms.URIPlain)
	}
	slices.Reverse(out.primary)
	out.primary = append(out.primary, shuffled...)
	out.all = append(mirrors, named...)
	if r.PrimaryURI {
		out.all = append(slices.Clone(out.primary), out.all...)
	} else {
		out.all = append(out.all, out.primary...)
	}
	return out
}

// mirrors lists those of all distfiles: the user's own, and public ones where
// mirroring is not restricted.
func (s *Settings) mirrors(r Restrict, o atoms.URIRestriction) []source {
	var list []source
	for _, m := range s.Custom["local"] {
		if !strings.HasPrefix(m, "/") {
			list = append(list, source{mirror: m})
		}
	}
	if (r.Fetch || r.Mirror) && o != atoms.URIMirror {
		return list
	}
	for _, m := range s.Mirrors {
		if !strings.HasPrefix(m, "/") {
			list = append(list, source{mirror: strings.TrimRight(m, "/")})
		}
	}
	return list
}

// folders lists the mirrors that are folders.
func (s *Settings) folders() []string {
	var list []string
	for _, m := range slices.Concat(s.Custom["local"], s.Mirrors) {
		if strings.HasPrefix(m, "/") {
			list = append(list, strings.TrimRight(m, "/"))
		}
	}
	return list
}

// named lists where mirror://NAME/PATH may be: at the user's mirrors of that
// name, then at those that repositories name, in an order of chance.
func (s *Settings) named(path string) (custom, third []source, err error) {
	name, path, ok := strings.Cut(path, "/")
	if !ok {
		return nil, nil, fmt.Errorf("SRC_URI: mirror://%s names no file", name)
	}
	for _, m := range s.Custom[name] {
		custom = append(custom, source{uri: strings.TrimRight(m, "/") + "/" + path})
	}
	var uris []string
	for _, m := range s.ThirdParty[name] {
		uris = append(uris, strings.TrimRight(m, "/")+"/"+path)
	}
	if s.Shuffle != nil {
		s.Shuffle(uris)
	}
	for _, u := range uris {
		third = append(third, source{uri: u})
	}
	if len(s.Custom[name])+len(s.ThirdParty[name]) == 0 {
		err = fmt.Errorf("SRC_URI: there is no mirror by the name %s", name)
	}
	return custom, third, err
}

// scheme gives the protocol of a URI in lower case, "" if it has none.
func scheme(uri string) string {
	s, _, ok := strings.Cut(uri, "://")
	if !ok {
		return ""
	}
	return strings.ToLower(s)
}

// hidePassword makes a URI fit to be shown.
func hidePassword(uri string) string {
	head, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return uri
	}
	host, path, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(host, '@')
	colon := strings.IndexByte(host, ':')
	if at < 0 || colon < 0 || colon > at {
		return uri
	}
	return head + "://" + host[:colon] + ":*password*" + host[at:] + uri[len(head)+3+len(host):len(uri)-len(path)] + path
}

// quotePath escapes a path for a URI: everything but letters, digits and _.-~/.
func quotePath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		p = strings.ReplaceAll(url.QueryEscape(p), "+", "%20")
		parts[i] = p
	}
	return strings.Join(parts, "/")
}
