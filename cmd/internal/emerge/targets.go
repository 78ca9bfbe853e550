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

// Names finds packages by name: Named gives, sorted, the packages of that name
// that an argument without category can stand for.
type Names interface {
	Named(name string) ([]atoms.CP, error)
}

// Expand gives a TargetName its category. If several packages have the name,
// candidates lists them; a name that nobody has keeps the category "null", so
// that the resolver finds nothing.
func (t Target) Expand(names Names) (expanded Target, candidates []atoms.CP, err error) {
	if t.Kind != TargetName {
		return t, nil, nil
	}
	found, err := names.Named(t.Atom.CP.Name())
	switch {
	case err != nil, len(found) == 0:
		return t, nil, err
	case len(found) > 1:
		return t, found, nil
	}
	t.Kind = TargetAtom
	t.Atom, err = parseTarget(withCategory(t.Text, found[0].Category()))
	return t, nil, err
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
