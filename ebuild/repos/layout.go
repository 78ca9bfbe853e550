package repos

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// ManifestPolicy is the value of use-manifests.
type ManifestPolicy uint8

const (
	ManifestStrict ManifestPolicy = iota // required and complete
	ManifestTrue                         // used where present
	ManifestFalse                        // neither made nor used
)

// String gives the value as written in layout.conf.
func (p ManifestPolicy) String() string {
	switch p {
	case ManifestStrict:
		return "strict"
	case ManifestTrue:
		return "true"
	case ManifestFalse:
		return "false"
	}
	return fmt.Sprintf("ManifestPolicy(%d)", uint8(p))
}

// A Layout is the content of metadata/layout.conf. Lists that are absent are nil,
// lists given empty are empty.
type Layout struct {
	RepoName               string // repo-name, made valid
	Masters                []string
	Aliases                []string
	ProfileFormats         []string // known ones; the default depends on profiles/eapi
	ProfileEAPI            string   // profile_eapi_when_unspecified if it may be used
	ThinManifests          bool
	SignManifests          bool
	SignCommits            bool
	UpdateChangelog        bool
	UseManifests           ManifestPolicy
	ManifestHashes         []string // upper case, sorted
	ManifestRequiredHashes []string // upper case, sorted
	CacheFormats           []string // "md5-dict", "pms"; found by looking if not given
	EAPIsBanned            []string
	EAPIsDeprecated        []string
	PropertiesAllowed      []string
	RestrictAllowed        []string
	Unknown                []Option // keys without a meaning here, sorted
}

// Has says whether the layout has the profile format.
func (l *Layout) Has(format string) bool { return slices.Contains(l.ProfileFormats, format) }

// ReadLayout reads metadata/layout.conf (a file, or a folder as Portage allows)
// of the repository at location. A missing one gives the defaults.
func ReadLayout(location string) (Layout, []error) {
	path := filepath.Join(location, "metadata", "layout.conf")
	r := layoutReader{path: path, location: location, values: map[string]Option{}}
	r.read()
	return r.layout(), r.problems
}

// A layoutReader holds the keys of layout.conf that nobody has asked for yet.
type layoutReader struct {
	path, location string
	values         map[string]Option
	problems       []error
}

func (r *layoutReader) read() {
	files, problems := linefile.Files(r.path)
	r.problems = append(r.problems, problems...)
	for _, f := range files {
		text, err := linefile.ReadText(f)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				r.problems = append(r.problems, err)
			}
			continue
		}
		r.problems = append(r.problems, text.Problems...)
		r.parse(text)
	}
}

func (r *layoutReader) parse(text *linefile.Text) {
	for i, line := range text.Lines {
		line = strings.TrimFunc(line, linefile.IsSpace)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimFunc(key, linefile.IsSpace)
		if !ok || key == "" {
			r.problems = append(r.problems, &linefile.Problem{File: text.Path, Line: i + 1, Text: line, Err: errors.New(`expected "key = value"`)})
			continue
		}
		r.values[key] = Option{Key: key, Value: strings.TrimFunc(value, linefile.IsSpace), File: text.Path, Line: i + 1}
	}
}

// take removes a key and gives its value.
func (r *layoutReader) take(key string) (Option, bool) {
	o, ok := r.values[key]
	delete(r.values, key)
	return o, ok
}

// words takes a list; nil if absent.
func (r *layoutReader) words(key string) []string {
	o, ok := r.take(key)
	if !ok {
		return nil
	}
	return append([]string{}, strings.FieldsFunc(o.Value, linefile.IsSpace)...)
}

// yes takes a truth value: "true" in any case, or the default if absent.
func (r *layoutReader) yes(key, absent string) bool {
	o, ok := r.take(key)
	if !ok {
		o.Value = absent
	}
	return strings.EqualFold(o.Value, "true")
}

func (r *layoutReader) problem(o Option, culprit string, err error) {
	r.problems = append(r.problems, &linefile.Problem{File: o.File, Line: o.Line, Text: culprit, Err: err})
}

func (r *layoutReader) layout() Layout {
	name, _ := r.take("repo-name")
	l := Layout{
		RepoName:          ValidName(name.Value),
		Masters:           r.words("masters"),
		Aliases:           r.words("aliases"),
		ThinManifests:     r.yes("thin-manifests", "false"),
		SignManifests:     r.yes("sign-manifests", "true"),
		SignCommits:       r.yes("sign-commits", "false"),
		UpdateChangelog:   r.yes("update-changelog", "false"),
		UseManifests:      r.policy(),
		CacheFormats:      r.cacheFormats(),
		EAPIsBanned:       r.words("eapis-banned"),
		EAPIsDeprecated:   r.words("eapis-deprecated"),
		PropertiesAllowed: r.words("properties-allowed"),
		RestrictAllowed:   r.words("restrict-allowed"),
	}
	l.ManifestHashes, l.ManifestRequiredHashes = r.hashes()
	l.ProfileFormats = r.profileFormats()
	l.ProfileEAPI = r.profileEAPI(l.ProfileFormats)
	for _, o := range r.values {
		l.Unknown = append(l.Unknown, o)
	}
	sort.Slice(l.Unknown, func(i, j int) bool { return l.Unknown[i].Key < l.Unknown[j].Key })
	return l
}

// policy reads use-manifests; Portage takes every other word for "true".
func (r *layoutReader) policy() ManifestPolicy {
	o, ok := r.take("use-manifests")
	switch {
	case !ok || strings.EqualFold(o.Value, "strict"):
		return ManifestStrict
	case strings.EqualFold(o.Value, "false"):
		return ManifestFalse
	}
	return ManifestTrue
}

// cacheFormats looks for caches if layout.conf names none.
func (r *layoutReader) cacheFormats() []string {
	given := r.words("cache-formats")
	if len(given) > 0 {
		for i, f := range given {
			given[i] = strings.ToLower(f)
		}
		return given
	}
	var found []string
	for _, c := range []struct{ format, dir string }{{"md5-dict", "md5-cache"}, {"pms", "cache"}} {
		if st, err := os.Stat(filepath.Join(r.location, "metadata", c.dir)); err == nil && st.IsDir() {
			found = append(found, c.format)
		}
	}
	return found
}

// knownHashes are the hash names of Manifests that Portage knows.
func knownHash(name string) bool {
	switch name {
	case "MD5", "SHA1", "SHA256", "SHA512", "RMD160", "WHIRLPOOL", "BLAKE2B", "BLAKE2S",
		"SHA3_256", "SHA3_512", "STREEBOG256", "STREEBOG512":
		return true
	}
	return false
}

// hashes reads manifest-hashes and manifest-required-hashes, each standing in
// for the other if that is absent.
func (r *layoutReader) hashes() (all, required []string) {
	allOption := r.values["manifest-hashes"]
	all, required = r.words("manifest-hashes"), r.words("manifest-required-hashes")
	switch {
	case all == nil && required == nil:
		return nil, nil
	case all == nil:
		r.problems = append(r.problems, &linefile.Problem{File: r.path, Text: "manifest-required-hashes", Err: errors.New("given without manifest-hashes")})
		all = slices.Clone(required)
	case required == nil:
		required = slices.Clone(all)
	}
	all, required = upperSet(all), upperSet(required)
	for _, h := range required {
		if !slices.Contains(all, h) {
			r.problem(allOption, h, errors.New("required hash is not one of manifest-hashes"))
		}
	}
	for _, h := range all {
		if !knownHash(h) {
			r.problem(allOption, h, errors.New("unsupported hash"))
		}
	}
	return all, required
}

func upperSet(words []string) []string {
	for i, w := range words {
		words[i] = strings.ToUpper(w)
	}
	sort.Strings(words)
	return slices.Compact(words)
}

func knownFormat(name string) bool {
	switch name {
	case "pms", "portage-1", "portage-2", "profile-bashrcs", "profile-set", "profile-default-eapi",
		"build-id", "profile-repo-deps", "profile-license":
		return true
	}
	return false
}

// compatFormat stands for a layout that names no profile format.
const compatFormat = "portage-1-compat"

func (r *layoutReader) profileFormats() []string {
	o := r.values["profile-formats"]
	given := r.words("profile-formats")
	if given == nil {
		name, ok, _ := ReadEAPI(filepath.Join(r.location, "profiles"))
		if !ok {
			name = "0"
		}
		if features(name).ProfileFileDirs {
			return []string{"portage-1"}
		}
		return []string{compatFormat}
	}
	formats := []string{}
	for _, f := range given {
		if !knownFormat(f) {
			r.problem(o, f, errors.New("unsupported profile format"))
		} else if !slices.Contains(formats, f) {
			formats = append(formats, f)
		}
	}
	return formats
}

func (r *layoutReader) profileEAPI(formats []string) string {
	o, ok := r.take("profile_eapi_when_unspecified")
	if !ok {
		return ""
	}
	if !slices.Contains(formats, "profile-default-eapi") {
		r.problem(o, o.Value, errors.New("profile_eapi_when_unspecified needs profile-default-eapi in profile-formats"))
		return ""
	}
	if _, known := eapi.Lookup(o.Value); !known {
		r.problem(o, o.Value, errors.New("unsupported EAPI"))
		return ""
	}
	return o.Value
}
