package emerge

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A BadAtomsError names the words of an atom list that it may not hold.
type BadAtomsError struct {
	Option string
	Words  []string
}

func (e *BadAtomsError) Error() string {
	msg := fmt.Sprintf("Invalid Atom(s) in %s parameter: '%s'", e.Option, strings.Join(e.Words, ","))
	if !takesOperators(e.Option) {
		msg += " (only package names and slot atoms (with wildcards) allowed)"
	}
	return msg + "\n"
}

// takesOperators says which atom list takes operators and repositories too.
func takesOperators(option string) bool { return option == "--buildpkg-exclude" }

// atomLists are the list options whose words are atoms.
func atomLists() []string {
	return []string{
		"--buildpkg-exclude", "--exclude", "--getbinpkg-exclude", "--getbinpkg-include", "--reinstall-atoms",
		"--rebuild-exclude", "--rebuild-ignore", "--usepkg-exclude", "--usepkg-include", "--useoldpkg-atoms",
	}
}

func (l *Line) checkAtomLists() error {
	for _, option := range atomLists() {
		if bad := l.badAtoms(option); len(bad) > 0 {
			return &BadAtomsError{Option: option, Words: bad}
		}
	}
	return nil
}

// badAtoms lists the words of an atom list that are not what it may hold. A
// word without category stands for the name in every category.
func (l *Line) badAtoms(option string) (bad []string) {
	syntax := atoms.AtomOptions{AllowWildcard: true, AllowRepo: takesOperators(option)}
	for _, word := range strings.Fields(strings.Join(l.List(option), " ")) {
		a, err := atoms.ParseAtom(withCategory(word, "*"), syntax)
		if err != nil || a.Op != atoms.OpNone && !takesOperators(option) || a.Blocker != atoms.BlockNone || len(a.USE) > 0 {
			bad = append(bad, word)
		}
	}
	return bad
}

// withCategory puts a category in front of the name of an atom that has none.
// An atom with one, or without a name, is left alone.
func withCategory(word, category string) string {
	if hasCategory(word) {
		return word
	}
	if with, ok := atoms.InsertCategory(word, category); ok {
		return with
	}
	return word
}
