// Package binrepos reads where binary packages can be had from: the binhosts of
// binrepos.conf and of PORTAGE_BINHOST, and which of their packages are let in.
//
// PMS says nothing of binary packages; the behaviour is Portage's
// (portage/binrepo/config.py). Nothing is fetched here.
package binrepos

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/ini"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Repo is one binhost.
type Repo struct {
	Name            string // "" if it comes from PORTAGE_BINHOST
	SyncURI         string // without trailing slashes
	Priority        int
	Location        string // folder for its packages; "" for PKGDIR
	Frozen          bool   // its index is not refreshed
	VerifySignature bool
	FetchCommand    string
	ResumeCommand   string
	OpenPGPKey      string        // openpgp-key-package
	Exclude         []*atoms.Atom // getbinpkg-exclude
	Include         []*atoms.Atom // getbinpkg-include
	File            string
	Line            int
}

// Label returns the name, or a digest of the URI for a binhost without one.
func (r Repo) Label() string {
	if r.Name != "" {
		return r.Name
	}
	sum := md5.Sum([]byte(r.SyncURI))
	return hex.EncodeToString(sum[:])
}

// Options says where binhosts are configured. Paths are absolute.
type Options struct {
	GlobalPath string // binrepos.conf of the package manager; if missing, signatures are verified by default
	UserPath   string // etc/portage/binrepos.conf, a file or folder
	Root       string // of %(ROOT)s, %(EROOT)s
	EPrefix    string // of %(EPREFIX)s
	ConfigRoot string // of %(PORTAGE_CONFIGROOT)s
	Binhost    string // PORTAGE_BINHOST
}

// Problems of binrepos.conf.
var (
	ErrNoURI     = errors.New("binhost without sync-uri")
	ErrAtom      = errors.New("only names and slots of packages are allowed")
	ErrBothLists = errors.New("in getbinpkg-exclude and getbinpkg-include; both are ignored")
)

// builtIn stands for a missing binrepos.conf of the package manager.
const builtIn = "[DEFAULT]\nverify-signature = true\n"

// Read returns the configured binhosts in ascending priority, equal
// ones by name. Entries of PORTAGE_BINHOST that no section has follow as
// binhosts without name, the first word with the highest priority.
func Read(o Options) ([]Repo, []error) {
	c := ini.New(map[string]string{
		"frozen": "false", "EPREFIX": o.EPrefix, "EROOT": slash(filepath.Join(o.Root, o.EPrefix)),
		"PORTAGE_CONFIGROOT": slash(o.ConfigRoot), "ROOT": slash(o.Root),
	})
	var problems []error
	if !readConf(c, o.GlobalPath, &problems) {
		c.Read(linefile.ParseText("binrepos.conf", []byte(builtIn)))
	}
	readConf(c, o.UserPath, &problems)
	problems = append(problems, c.Problems()...)
	var repos []Repo
	for _, s := range c.Sections() {
		r, err := newRepo(s, &problems)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if r.Location == "" && o.Binhost == "" {
			r.Location = o.EPrefix + "/var/cache/binhost/" + r.Name
		}
		repos = append(repos, r)
	}
	repos = append(repos, binhosts(o.Binhost, repos)...)
	slices.SortStableFunc(repos, func(a, b Repo) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.Label(), b.Label()))
	})
	return repos, problems
}

// slash returns dir as Portage's variables have it, with a slash at the end.
func slash(dir string) string { return strings.TrimRight(dir, "/") + "/" }

// readConf adds the file at path, or those below it; false if there is none.
func readConf(c *ini.Config, path string, problems *[]error) bool {
	if path == "" {
		return false
	}
	files, more := linefile.Files(path)
	*problems = append(*problems, more...)
	for _, file := range files {
		text, err := linefile.ReadText(file)
		if err != nil {
			*problems = append(*problems, err)
			continue
		}
		c.Read(text)
	}
	return len(files) > 0
}

// newRepo makes a binhost of a section.
func newRepo(s *ini.Section, problems *[]error) (Repo, error) {
	options, more := s.Options()
	*problems = append(*problems, more...)
	get := func(key string) string {
		for _, o := range options {
			if o.Key == key {
				return o.Value
			}
		}
		return ""
	}
	yes := func(key string) bool {
		value := strings.ToLower(get(key))
		return value == "true" || value == "yes"
	}
	r := Repo{
		Name: s.Name, SyncURI: strings.TrimRight(get("sync-uri"), "/"), Location: get("location"),
		Frozen: yes("frozen"), VerifySignature: yes("verify-signature"),
		FetchCommand: get("fetchcommand"), ResumeCommand: get("resumecommand"),
		OpenPGPKey: get("openpgp-key-package"), File: s.File, Line: s.Line,
	}
	if get("sync-uri") == "" {
		return r, &linefile.Problem{File: s.File, Line: s.Line, Text: s.Name, Err: ErrNoURI}
	}
	if n, err := strconv.Atoi(strings.TrimSpace(get("priority"))); err == nil {
		r.Priority = n // Portage takes anything else for 0
	}
	r.setLists(get, problems)
	return r, nil
}

// setLists reads getbinpkg-exclude and getbinpkg-include. An atom in both is
// in neither.
func (r *Repo) setLists(get func(string) string, problems *[]error) {
	for _, list := range []struct {
		key   string
		atoms *[]*atoms.Atom
	}{{"getbinpkg-exclude", &r.Exclude}, {"getbinpkg-include", &r.Include}} {
		for _, word := range strings.Fields(get(list.key)) {
			a, err := parseName(word)
			if err != nil {
				err = fmt.Errorf("%s: %w: %s", list.key, err, word)
				*problems = append(*problems, &linefile.Problem{File: r.File, Line: r.Line, Text: r.Name, Err: err})
				continue
			}
			*list.atoms = append(*list.atoms, a)
		}
	}
	var both []*atoms.Atom
	r.Exclude, r.Include, both = Disjoint(r.Exclude, r.Include)
	for _, a := range both {
		*problems = append(*problems, &linefile.Problem{File: r.File, Line: r.Line, Text: r.Name, Err: fmt.Errorf("%w: %s", ErrBothLists, a)})
	}
}

// parseName parses a package name, perhaps without category, with wildcards or
// a slot.
func parseName(word string) (*atoms.Atom, error) {
	a, err := atoms.ParseAtomOrName(word, atoms.AtomOptions{AllowWildcard: true})
	if err != nil || a.Op != atoms.OpNone || a.Blocker != atoms.BlockNone || len(a.USE) > 0 {
		return nil, ErrAtom
	}
	return a, nil
}

// Disjoint takes out of two lists the atoms that are in both.
func Disjoint(a, b []*atoms.Atom) (onlyA, onlyB, both []*atoms.Atom) {
	onlyA, both = Without(a, b)
	onlyB, _ = Without(b, both)
	return onlyA, onlyB, both
}

// Without returns the atoms of list that remove does not have, and the others.
func Without(list, remove []*atoms.Atom) (kept, removed []*atoms.Atom) {
	for _, a := range list {
		if slices.ContainsFunc(remove, a.Equal) {
			removed = append(removed, a)
		} else {
			kept = append(kept, a)
		}
	}
	return kept, removed
}

// binhosts returns the entries of PORTAGE_BINHOST whose URI no repository has.
func binhosts(value string, known []Repo) []Repo {
	var repos []Repo
	for _, uri := range slices.Backward(strings.Fields(value)) {
		uri = strings.TrimRight(uri, "/")
		has := func(r Repo) bool { return r.SyncURI == uri }
		if slices.ContainsFunc(known, has) || slices.ContainsFunc(repos, has) {
			continue
		}
		repos = append(repos, Repo{SyncURI: uri, Priority: len(repos) + 1})
	}
	return repos
}

// A Filter lets some packages of a binhost pass. The zero value lets all pass.
type Filter struct {
	Exclude []*atoms.Atom // these not
	Include []*atoms.Atom // if there are any, only these
}

// Filter returns the filter of a binhost under the options --getbinpkg-exclude
// and --getbinpkg-include, whose atoms win over the opposite list of the
// configuration. Overridden are the configured atoms that lose.
func (r Repo) Filter(exclude, include []*atoms.Atom) (f Filter, overridden []*atoms.Atom) {
	var lost []*atoms.Atom
	f.Exclude, overridden = Without(slices.Concat(r.Exclude, exclude), include)
	f.Include, lost = Without(slices.Concat(r.Include, include), exclude)
	return f, append(overridden, lost...)
}

// Passes reports whether the filter lets a package pass.
func (f Filter) Passes(p *ebuild.Package) bool {
	matches := func(a *atoms.Atom) bool { return a.Match(p.Candidate(nil)) }
	return !slices.ContainsFunc(f.Exclude, matches) &&
		(len(f.Include) == 0 || slices.ContainsFunc(f.Include, matches))
}
