package repos

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/ini"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// builtIn is used if there is no packaged repos.conf. It names no source to
// synchronise from: that is for the packager or the user to say.
const builtIn = "[DEFAULT]\nmain-repo = gentoo\n\n[gentoo]\nlocation = %(EPREFIX)s/var/db/repos/gentoo\n"

// textName stands for the file name of PORTAGE_REPOSITORIES in problems, and
// builtInName for that of the built-in repos.conf.
const (
	textName    = "PORTAGE_REPOSITORIES"
	builtInName = "built-in repos.conf"
)

// MainPriority is the priority of the main repository if none is configured.
const MainPriority = -1000

// Load reads the configuration of repositories. It never fails as a whole: see
// Config.Problems.
func Load(o Options) *Config {
	l := &loader{raw: o.Raw, ini: ini.New(references(o)), repos: map[string]*Repo{}, places: map[string]string{}}
	for _, text := range l.sources(o) {
		l.ini.Read(text)
	}
	l.problems = append(l.problems, l.ini.Problems()...)
	for _, s := range l.ini.Sections() {
		l.add(s.Name, l.section(s))
	}
	if o.Text == nil {
		l.overlays(o)
	}
	l.validate()
	l.alias()
	main := l.main(o.Portdir)
	cfg := &Config{Repos: l.ordered(), Main: main, Defaults: l.ini.Defaults(), names: l.repos}
	l.findMasters(main)
	l.checkLoops(cfg.Repos)
	l.findEclasses()
	cfg.Problems = l.problems
	return cfg
}

// references gives what Portage offers to repos.conf for reference. Roots end
// with a slash there, EPREFIX does not.
func references(o Options) map[string]string {
	slash := func(p string) string { return strings.TrimRight(p, "/") + "/" }
	return map[string]string{
		"EPREFIX":               o.EPrefix,
		"ROOT":                  slash(o.Root),
		"EROOT":                 slash(filepath.Join("/", o.Root, o.EPrefix)),
		"PORTAGE_CONFIGROOT":    slash(o.ConfigRoot),
		"sync-rsync-extra-opts": o.RsyncExtraOpts,
	}
}

// sources gives the texts to read, weakest first.
func (l *loader) sources(o Options) []*linefile.Text {
	if o.Text != nil {
		return []*linefile.Text{linefile.ParseText(textName, []byte(*o.Text))}
	}
	texts := l.readAll(o.GlobalPath)
	if len(texts) == 0 {
		texts = []*linefile.Text{linefile.ParseText(builtInName, []byte(builtIn))}
	}
	return append(texts, l.readAll(o.UserPath)...)
}

func (l *loader) readAll(path string) []*linefile.Text {
	if path == "" {
		return nil
	}
	files, problems := linefile.Files(path)
	l.problems = append(l.problems, problems...)
	var texts []*linefile.Text
	for _, f := range files {
		switch text, err := linefile.ReadText(f); {
		case err == nil:
			texts = append(texts, text)
		case !errors.Is(err, fs.ErrNotExist):
			l.problems = append(l.problems, err)
		}
	}
	return texts
}

// A loader joins sections to repositories. Its map has the keys of repos.conf
// first and gets names and aliases later; order keeps the keys as they came.
type loader struct {
	raw      bool // Options.Raw
	ini      *ini.Config
	problems []error
	repos    map[string]*Repo
	order    []string
	places   map[string]string // location to section: who came first
}

func (l *loader) add(key string, r *Repo) {
	if _, ok := l.repos[key]; !ok {
		l.order = append(l.order, key)
	}
	l.repos[key] = r
}

func (l *loader) drop(key string) {
	delete(l.repos, key)
	l.order = slices.DeleteFunc(l.order, func(k string) bool { return k == key })
}

// wrong records a problem of a repository, at its section if it has one.
func (l *loader) wrong(r *Repo, culprit string, err error) {
	p := &linefile.Problem{File: r.UserLocation, Text: culprit, Err: err}
	if s := l.ini.Section(r.Section); s != nil {
		p.File, p.Line = s.File, s.Line
	}
	l.problems = append(l.problems, p)
}

// section makes the repository of a section of repos.conf.
func (l *loader) section(s *ini.Section) *Repo {
	options, problems := s.Options()
	l.problems = append(l.problems, problems...)
	r := &Repo{Name: s.Name, Section: s.Name, Options: options}
	l.decode(r)
	l.inspect(r, r.Option("location"))
	return r
}

// decode reads the options that have a meaning here.
func (l *loader) decode(r *Repo) {
	words := func(key string) []string { return strings.FieldsFunc(r.Option(key), linefile.IsSpace) }
	r.aliases = words("aliases")
	r.EclassOverrides = words("eclass-overrides")
	r.masters, r.mastersSet = words("masters"), l.has(r, "masters")
	r.Format = strings.TrimSpace(r.Option("format"))
	r.AutoSync = true
	if l.has(r, "auto-sync") {
		v := strings.ToLower(strings.TrimSpace(r.Option("auto-sync")))
		r.AutoSync = v == "yes" || v == "true"
	}
	r.StrictDigests = true
	if l.has(r, "strict-misc-digests") {
		v := strings.ToLower(r.Option("strict-misc-digests"))
		r.StrictDigests = v == "yes" || v == "true"
	}
	if l.has(r, "priority") {
		n, err := strconv.Atoi(strings.TrimSpace(r.Option("priority")))
		if err != nil {
			l.wrong(r, r.Option("priority"), errors.New("priority is not a number"))
			return
		}
		r.Priority, r.prioritySet = n, true
	}
}

func (l *loader) has(r *Repo, key string) bool {
	return slices.ContainsFunc(r.Options, func(o Option) bool { return o.Key == key })
}

// inspect looks into the repository at location: its name, layout and EAPI.
func (l *loader) inspect(r *Repo, location string) {
	if strings.TrimSpace(location) == "" {
		return
	}
	r.UserLocation, r.Location = location, location
	if isDir(location) {
		if real, err := filepath.EvalSymlinks(location); err == nil {
			r.Location = real
		}
	}
	name, missing, problems := ReadName(r.Location)
	if r.MissingName = missing; !missing || r.Name == "" {
		r.Name = name
	}
	layout, more := ReadLayout(r.Location)
	r.Layout = layout
	if isDir(location) {
		l.problems = append(append(l.problems, problems...), more...)
	}
	if !r.mastersSet {
		r.masters, r.mastersSet = layout.Masters, layout.Masters != nil
	}
	// Aliases of repos.conf come last: they may remove those of layout.conf.
	r.aliases = append(slices.Clone(layout.Aliases), r.aliases...)
	if layout.RepoName != "" {
		r.Name, r.MissingName = layout.RepoName, false
	}
	l.profileRules(r)
}

// profileRules finds the EAPI of profiles and whether their files may be folders.
func (l *loader) profileRules(r *Repo) {
	name, given, problems := ReadEAPI(r.Profiles())
	l.problems = append(l.problems, problems...)
	r.DefaultEAPI = "0"
	if r.Layout.ProfileEAPI != "" {
		r.DefaultEAPI = r.Layout.ProfileEAPI
	}
	if given && features(name).ProfileDefaultEAPI {
		r.DefaultEAPI = name
	}
	if !given {
		name = r.DefaultEAPI
	}
	dirs := features(name).ProfileFileDirs
	l2 := &r.Layout
	r.ProfileDirs = dirs || l2.Has(compatFormat) || l2.Has("portage-1") || l2.Has("portage-2")
	r.DirsWarned = !dirs && len(l2.ProfileFormats) == 1 && l2.Has(compatFormat)
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// overlays adds the repositories of PORTDIR and PORTDIR_OVERLAY, which take the
// place of those of repos.conf with the same name but keep their options.
func (l *loader) overlays(o Options) {
	places := o.Overlays
	if o.Portdir != "" {
		places = append([]string{o.Portdir}, places...)
	}
	next := 0
	for _, place := range places {
		if !isDir(place) {
			l.problems = append(l.problems, &linefile.Problem{File: place, Err: errors.New("PORTDIR_OVERLAY: not a directory")})
			continue
		}
		r := &Repo{AutoSync: true, StrictDigests: true}
		l.inspect(r, filepath.Clean(place))
		if old := l.repos[r.Name]; old != nil {
			r.Section, r.Options = old.Section, old.Options
			l.decode(r)
			r.aliases = append(slices.Clone(r.Layout.Aliases), r.aliases...)
			if !r.mastersSet {
				r.masters, r.mastersSet = r.Layout.Masters, r.Layout.Masters != nil
			}
		}
		if !r.prioritySet && place != o.Portdir {
			r.Priority, r.prioritySet = next, true
			next++
		}
		l.add(r.Name, r)
	}
}

// validate drops what cannot be used, each with its reason.
func (l *loader) validate() {
	for _, key := range slices.Clone(l.order) {
		r := l.repos[key]
		switch err := l.refuse(key, r); {
		case err == nil:
		case errors.Is(err, errBuiltIn):
			l.drop(key)
		default:
			l.wrong(r, key, err)
			l.drop(key)
		}
	}
}

// errBuiltIn marks a repository that the user never asked for.
var errBuiltIn = errors.New("built-in location is missing")

func (l *loader) refuse(key string, r *Repo) error {
	switch s := l.ini.Section(r.Section); {
	case r.Location == "":
		return errors.New("section has no location")
	case !filepath.IsAbs(r.Location):
		return fmt.Errorf("location %q is not an absolute path", r.Location)
	case !isDir(r.Location) && s != nil && s.File == builtInName:
		return errBuiltIn
	case l.raw:
	case !isDir(r.Location):
		return fmt.Errorf("location %q is not a directory", r.Location)
	case r.MissingName && r.Name != key:
		return fmt.Errorf("no repository name in %s", filepath.Join(r.Profiles(), "repo_name"))
	case r.Name != key && !slices.Contains(r.aliases, key):
		return fmt.Errorf("section is named otherwise than the repository, %s in %s", r.Name, r.Location)
	}
	if other, ok := l.places[r.Location]; ok {
		l.wrong(r, key, fmt.Errorf("same location as section %s", other))
	} else {
		l.places[r.Location] = key
	}
	return nil
}

// alias adds names and aliases that differ from the section. They never take the
// place of a section.
func (l *loader) alias() {
	for _, key := range slices.Clone(l.order) {
		r := l.repos[key]
		r.Aliases = stack(r.aliases)
		for _, name := range append([]string{r.Name}, r.Aliases...) {
			switch old := l.repos[name]; {
			case name == key:
			case old != nil && old != r:
				l.wrong(r, name, fmt.Errorf("name or alias is already that of repository %s", old.Name))
			case old == nil:
				l.add(name, r)
			}
		}
	}
}

// stack applies "-word" and "-*" of a list of words, sorted.
func stack(words []string) []string {
	var kept []string
	for _, w := range words {
		removed, remove := strings.CutPrefix(w, "-")
		switch {
		case w == "-*":
			kept = nil
		case remove:
			kept = slices.DeleteFunc(kept, func(k string) bool { return k == removed })
		default:
			kept = append(kept, w)
		}
	}
	sort.Strings(kept)
	return slices.Compact(kept)
}
