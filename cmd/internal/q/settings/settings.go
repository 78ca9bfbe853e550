// Package settings reads what the q applets need of a configuration, as
// portage-utils does: a few variables with where they come from, the repositories of
// repos.conf, and the masks of the profile.
//
// It is not the configuration of the resolver (see profiles): it takes a fraction of
// the time, knows neither per-package files nor the language of make.conf beyond
// assignments, and says of every value which line it comes from. ROOT stands before
// the paths of repositories too, which is how portage-utils finds them.
package settings

import (
	"os"
	"path/filepath"
	"strings"
)

// builtIn is the origin of values that nothing was said about.
const builtIn = "built-in default"

// A Kind says how values of a variable from several places are put together.
type Kind uint8

const (
	Text    Kind = iota // the last counts
	Stacked             // joined, as text
	Set                 // joined, as a set of words
	Bool                // the last counts
)

// A Variable is one of the variables that are read.
type Variable struct {
	Name string
	Kind Kind
	// Value is the text; of a Bool "1" or "0", of a Set its words between blanks.
	Value  string
	Origin string // "FILE:LINE:FIRST-LAST", with the lines of the comment before it

	words *Words // of a Set
}

// A Repo is a repository of repos.conf.
type Repo struct {
	Name     string // "" if neither repos.conf nor the repository says it
	Location string
	Origin   string // the file that names it
	Main     bool
}

// A Mask is one line of a package.mask.
type Mask struct {
	Atom   string
	Origin string // as of a Variable
}

// Settings are what was read.
type Settings struct {
	Repos []Repo

	vars     []*Variable
	configs  string // the folder of etc/portage, "" for /
	profiles []string
	home     *Repo // whose package.mask comes first; nil: none is the main one by name
}

// Options say where to read.
type Options struct {
	// Vars is the environment, which has the last word.
	Vars map[string]string
	// NoColour is the value of NOCOLOR if nothing is said.
	NoColour bool
	// Dir is the working directory.
	Dir string
}

// Read reads the settings. Missing files are empty ones.
func Read(o Options) *Settings {
	s := &Settings{configs: strings.TrimRight(o.Vars["PORTAGE_CONFIGROOT"], "/")}
	s.defaults(o.NoColour)
	s.readRepos()
	s.readAssignments(s.configs + "/usr/share/portage/config/make.globals")
	for _, name := range []string{"/etc/make.profile", "/etc/portage/make.profile"} {
		s.readProfile(real(s.configs+name), map[string]bool{})
	}
	for _, name := range []string{"/etc/make.conf", "/etc/portage/make.conf"} {
		s.readAssignments(s.configs + name)
	}
	for _, v := range s.vars {
		if text, ok := o.Vars[v.Name]; ok {
			v.set(text, v.Name)
		}
	}
	if o.Vars["NO_COLOR"] != "" {
		s.find("NOCOLOR").set("1", "NO_COLOR")
	}
	s.expand(o.Vars)
	s.addMain(o.Dir)
	if root := s.find("ROOT"); !strings.HasSuffix(root.Value, "/") {
		root.Value += "/"
	}
	return s
}

// defaults makes the variables.
func (s *Settings) defaults(noColour bool) {
	add := func(kind Kind, name, value string) {
		s.vars = append(s.vars, &Variable{Name: name, Kind: kind, Value: value, Origin: builtIn, words: &Words{}})
	}
	add(Text, "ROOT", "/")
	add(Text, "ACCEPT_LICENSE", "")
	add(Stacked, "INSTALL_MASK", "")
	add(Stacked, "PKG_INSTALL_MASK", "")
	add(Text, "ARCH", "")
	add(Stacked, "CONFIG_PROTECT", "/etc")
	add(Stacked, "CONFIG_PROTECT_MASK", "")
	add(Bool, "NOCOLOR", map[bool]string{true: "1", false: "0"}[noColour])
	add(Set, "FEATURES", "")
	add(Set, "USE", "")
	add(Text, "EPREFIX", "/")
	add(Text, "EMERGE_LOG_DIR", "/var/log")
	add(Text, "PORTDIR", "/var/db/repos/gentoo")
	add(Text, "PORTAGE_BINHOST", "")
	add(Text, "PORTAGE_TMPDIR", "/var/tmp/portage/")
	add(Text, "PKGDIR", "/var/cache/binpkgs/")
	add(Text, "Q_VDB", "/var/db/pkg")
	add(Text, "Q_EDB", "/var/cache/edb")
}

// Variables lists the variables in a fixed order.
func (s *Settings) Variables() []*Variable { return s.vars }

// Get gives the value of one of the variables.
func (s *Settings) Get(name string) string {
	if v := s.find(name); v != nil {
		return v.Value
	}
	return ""
}

// Root is ROOT with a slash at its end.
func (s *Settings) Root() string { return s.Get("ROOT") }

// SetRoot is the option --root.
func (s *Settings) SetRoot(path string) { s.find("ROOT").Value = strings.TrimRight(path, "/") + "/" }

// Main is the main repository, nil if there is none.
func (s *Settings) Main() *Repo {
	for i := range s.Repos {
		if s.Repos[i].Main {
			return &s.Repos[i]
		}
	}
	return nil
}

// Enabled says if a word is in one of the variables that are sets.
func (s *Settings) Enabled(name, word string) bool { return s.find(name).words.has(word) }

func (s *Settings) find(name string) *Variable {
	for _, v := range s.vars {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// set gives a variable another value, or adds to it.
func (v *Variable) set(text, origin string) {
	first := v.Origin == builtIn
	switch v.Kind {
	case Bool:
		v.Value = "0"
		if text == "1" || strings.EqualFold(text, "true") || strings.EqualFold(text, "yes") {
			v.Value = "1"
		}
		v.Origin = origin
	case Text:
		v.Value, v.Origin = text, origin
	case Stacked, Set:
		if first {
			v.Value, v.Origin = "", origin
		} else {
			v.Origin += ", " + origin
		}
		if v.Kind == Stacked {
			v.stack(text)
		} else {
			v.addWords(text)
		}
	}
}

// stack joins texts; what is before the last -* does not count.
func (v *Variable) stack(text string) {
	if i := strings.LastIndex(text, "-*"); i >= 0 {
		v.Value, text = "", text[i+2:]
	}
	text = strings.NewReplacer("${"+v.Name+"}", " ", "$"+v.Name+" ", " ").Replace(text + " ")
	v.Value = strings.Join(strings.Fields(v.Value+" "+text), " ")
}

// addWords adds words to a set and takes those with a hyphen from it.
func (v *Variable) addWords(text string) {
	for _, w := range strings.Fields(text) {
		switch {
		case w == "-*":
			v.words.clear()
		case w[0] == '-':
			v.words.remove(w[1:])
		case w[0] == '$': // the value so far, which is there anyway
		default:
			v.words.Add(w)
		}
	}
	v.Value = strings.Join(v.words.List(), " ")
}

// expand puts values in place of $NAME and ${NAME} in texts.
func (s *Settings) expand(environment map[string]string) {
	for _, v := range s.vars {
		if v.Kind != Text {
			continue
		}
		// One round for each variable is enough for every chain without a circle.
		for range s.vars {
			if !strings.Contains(v.Value, "$") {
				break
			}
			v.Value = os.Expand(v.Value, func(name string) string {
				other := s.find(name)
				switch {
				case name == v.Name:
					return ""
				case other != nil:
					return other.Value
				}
				return environment[name]
			})
		}
	}
}

// real resolves symbolic links; a path that cannot be is left as it is.
func real(path string) string {
	if out, err := filepath.EvalSymlinks(path); err == nil {
		return out
	}
	return path
}
