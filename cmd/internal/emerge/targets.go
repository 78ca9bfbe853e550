package emerge

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// TargetKind says what an argument names.
type TargetKind uint8

const (
	TargetAtom   TargetKind = iota // an atom with its category
	TargetName                     // an atom without one: Target.Expand finds it
	TargetSet                      // @world; also plain world and system
	TargetEbuild                   // the path of an ebuild
	TargetBinary                   // the path of a binary package
	TargetFile                     // a path: whatever owns it
)

// String names the kind for messages.
func (k TargetKind) String() string {
	switch k {
	case TargetAtom:
		return "atom"
	case TargetName:
		return "package name"
	case TargetSet:
		return "set"
	case TargetEbuild:
		return "ebuild"
	case TargetBinary:
		return "binary package"
	default:
		return "file"
	}
}

// A Target is one argument of a request to merge, classified.
type Target struct {
	Kind TargetKind
	Text string      // as given; sets with their @
	Set  string      // TargetSet: the name, without @
	Atom *atoms.Atom // TargetAtom, and TargetName once it is expanded
	Path string      // the paths: absolute
}

// A Files answers about paths, as given on the command line.
type Files interface {
	Exists(path string) bool
	Abs(path string) string
}

// nullCategory stands for the category of a name that no package has.
const nullCategory = "null"

// classifyTargets sorts the arguments of a request to merge into kinds, in the
// order given. bad is the first one that is none, or "".
func classifyTargets(words []string, files Files) (targets []Target, bad string) {
	for _, word := range words {
		if word == "system" || word == "world" {
			word = "@" + word
		}
		if !strings.HasPrefix(word, "@") && !isPackageAtom(word) && !strings.HasPrefix(word, "/") && !files.Exists(word) {
			return nil, word
		}
		t, ok := classifyTarget(word, files)
		if !ok {
			return nil, word
		}
		targets = append(targets, t)
	}
	return targets, ""
}

func classifyTarget(word string, files Files) (Target, bool) {
	switch {
	case hasSuffix(word, ".tbz2", ".xpak", ".gpkg.tar"):
		return Target{Kind: TargetBinary, Text: word, Path: files.Abs(word)}, true
	case strings.HasSuffix(word, ".ebuild"):
		return Target{Kind: TargetEbuild, Text: word, Path: files.Abs(word)}, true
	case strings.HasPrefix(word, "/"), strings.HasPrefix(word, "./"), strings.HasPrefix(word, "../"):
		return Target{Kind: TargetFile, Text: word, Path: files.Abs(word)}, true
	case strings.HasPrefix(word, "@"):
		return Target{Kind: TargetSet, Text: word, Set: word[1:]}, true
	case !isPackageAtom(word):
		return Target{}, false
	case hasCategory(word):
		a, err := parseTarget(word)
		return Target{Kind: TargetAtom, Text: word, Atom: a}, err == nil
	default:
		a, err := parseTarget(withCategory(word, nullCategory))
		return Target{Kind: TargetName, Text: word, Atom: a}, err == nil
	}
}

// isPackageAtom says if a word is an atom; without a category it is judged as
// if it had one. Blockers and wildcards are not.
func isPackageAtom(word string) bool {
	if !hasCategory(word) {
		word = withCategory(word, "cat")
	}
	_, err := parseTarget(word)
	return err == nil
}

func parseTarget(word string) (*atoms.Atom, error) {
	a, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true, AllowBuildID: true})
	if err != nil {
		return nil, err
	}
	if a.Blocker != atoms.BlockNone {
		return nil, &atoms.ParseError{Kind: "atom", Text: word, Msg: "no blocker is expected here"}
	}
	return a, nil
}

func hasCategory(word string) bool {
	name, _, _ := strings.Cut(word, ":")
	return strings.Contains(name, "/")
}

func hasSuffix(word string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(word, s) })
}

// Names finds packages by name. Categories gives, sorted, the categories that
// have a package of that name in any store that the request uses.
type Names interface {
	Categories(name string) ([]string, error)
}

// Expand gives a TargetName its category. If several have the name, those of
// accounts and virtuals step back behind a single other one; else candidates
// lists them all. A name that nobody has keeps the category "null", so that
// the resolver finds nothing.
func (t Target) Expand(names Names) (expanded Target, candidates []atoms.CP, err error) {
	if t.Kind != TargetName {
		return t, nil, nil
	}
	name := t.Atom.CP.Name()
	categories, err := names.Categories(name)
	if err != nil {
		return t, nil, err
	}
	if len(categories) > 1 {
		plain := slices.DeleteFunc(slices.Clone(categories), func(c string) bool {
			return c == "acct-group" || c == "acct-user" || c == "virtual"
		})
		if len(plain) == 1 {
			categories = plain
		}
	}
	switch len(categories) {
	case 0:
		return t, nil, nil
	case 1:
		t.Kind = TargetAtom
		t.Atom, err = parseTarget(withCategory(t.Text, categories[0]))
		return t, nil, err
	}
	for _, c := range categories {
		candidates = append(candidates, atoms.CP(c+"/"+name))
	}
	return t, candidates, nil
}

// HasConditionals says if the atom has USE conditionals ([x?]), which an
// argument without category may not have.
func (t Target) HasConditionals() bool {
	if t.Kind != TargetName {
		return false
	}
	for _, d := range t.Atom.USE {
		if d.Kind != atoms.USEEnabled && d.Kind != atoms.USEDisabled {
			return true
		}
	}
	return false
}
