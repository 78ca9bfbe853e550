package portageq

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/use"
)

// An invalidError is a word that is no atom.
type invalidError struct{ word string }

func (e *invalidError) Error() string { return fmt.Sprintf("ERROR: Invalid atom: '%s'", e.word) }

// invalid gives an error about an atom the exit status that the verb has for it.
func (c *call) invalid(err error, status int) error {
	var bad *invalidError
	if errors.As(err, &bad) {
		return &cli.StatusError{Status: status, Err: err}
	}
	return err
}

// A request is an atom, perhaps without its category.
type request struct {
	text string
	atom *atoms.Atom // its category is unknown if nameOnly
	name bool        // the category is missing
}

// parseRequest reads an atom as portageq takes it: the category may be missing,
// and the "=" before a version.
func parseRequest(text string) (*request, error) {
	word := strings.TrimPrefix(text, "*")
	o := atoms.AtomOptions{AllowRepo: true}
	head, _, _ := strings.Cut(word, ":")
	r := &request{text: text, name: !strings.Contains(head, "/")}
	if r.name {
		i := strings.IndexFunc(word, func(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) })
		if i < 0 {
			return nil, &invalidError{text}
		}
		word = word[:i] + unknownCategory + "/" + word[i:]
	}
	a, err := atoms.ParseAtom(word, o)
	if err != nil {
		a, err = atoms.ParseAtom("="+word, o)
	}
	if err != nil {
		return nil, &invalidError{text}
	}
	r.atom = a
	return r, nil
}

// unknownCategory stands for a category that nobody has said.
const unknownCategory = "null"

// interest says which installed packages can match.
func (r *request) interest() vdb.Interest {
	if r.name {
		return vdb.Interest{Name: r.atom.CP.Name()}
	}
	return vdb.Interest{Category: r.atom.CP.Category(), Name: r.atom.CP.Name()}
}

// expand finds the category among the names of a source.
func (r *request) expand(in ebuild.Source) (*atoms.Atom, error) {
	if !r.name {
		return r.atom, nil
	}
	cps, err := in.CPs()
	if err != nil {
		return nil, err
	}
	var found []atoms.CP
	for _, cp := range cps {
		if cp.Name() == r.atom.CP.Name() {
			found = append(found, cp)
		}
	}
	switch cp := choose(found); {
	case len(found) == 0:
		return r.atom, nil
	case cp == "":
		return nil, ambiguous(found)
	default:
		return r.atom.WithCP(cp), nil
	}
}

// choose picks one of the names that differ only in the category: what is neither
// virtual nor an account comes first. It is empty if there is more than one such.
func choose(found []atoms.CP) atoms.CP {
	if len(found) == 1 {
		return found[0]
	}
	special := func(cp atoms.CP) bool {
		return slices.Contains([]string{"acct-group", "acct-user", "virtual"}, cp.Category())
	}
	if !slices.ContainsFunc(found, special) {
		return ""
	}
	var best atoms.CP
	for _, cp := range found {
		if !special(cp) {
			best = cp
		}
	}
	if best == "" && len(found) > 0 {
		return unknownCategory + "/" + atoms.CP(found[0].Name())
	}
	return best
}

// ambiguous tells that a name without a category is not enough.
func ambiguous(found []atoms.CP) error {
	var b strings.Builder
	b.WriteString("You specified an unqualified atom that matched multiple packages:\n")
	for _, cp := range found {
		fmt.Fprintf(&b, "* %s\n", cp)
	}
	b.WriteString("\nPlease use a more specific atom.")
	return errors.New(b.String())
}

// inPhase says that an ebuild asks: then the rules of its EAPI hold.
func (c *call) inPhase() bool {
	_, ok := c.env.Vars["EBUILD_PHASE"]
	return ok
}

// matchInstalled gives the installed packages that a request means, in ascending
// order.
func (c *call) matchInstalled(r *request) ([]*ebuild.Package, error) {
	db := c.installed(r.interest())
	defer db.Close() // it keeps no index
	a, err := r.expand(db)
	if err != nil {
		return nil, err
	}
	if words, ok := c.env.Vars["USE"]; ok {
		flags := strings.Fields(words)
		a = a.EvaluateUSE(func(flag string) bool { return slices.Contains(flags, flag) })
	}
	list, err := db.Packages(a.CP)
	if err != nil {
		return nil, err
	}
	return c.filter(a.Unblocked(), list)
}

// filter leaves of installed packages those that an atom matches.
func (c *call) filter(a *atoms.Atom, list []*ebuild.Package) ([]*ebuild.Package, error) {
	var calculator *use.Calculator
	if len(a.USE) > 0 && len(list) > 0 {
		config, err := c.settings()
		if err != nil {
			return nil, err
		}
		calculator = use.New(config)
	}
	var out []*ebuild.Package
	for _, p := range list {
		var flags atoms.FlagState
		if calculator != nil {
			flags = calculator.State(p)
		}
		if a.Match(p.Candidate(flags)) {
			out = append(out, p)
		}
	}
	return out, nil
}

// best is the highest of packages, the first of several in one version.
func best(list []*ebuild.Package) string {
	var found *ebuild.Package
	for _, p := range list {
		if found == nil || p.CPV.Version.Compare(found.CPV.Version) > 0 {
			found = p
		}
	}
	if found == nil {
		return ""
	}
	return found.CPV.String()
}

// cpvs are the names of packages.
func cpvs(list []*ebuild.Package) []string {
	out := make([]string, 0, len(list))
	for _, p := range list {
		out = append(out, p.CPV.String())
	}
	return out
}

// some is a list of one name, or of none.
func some(name string) []string {
	if name == "" {
		return []string{}
	}
	return []string{name}
}
