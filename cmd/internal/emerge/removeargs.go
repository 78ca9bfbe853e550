package emerge

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
)

// expandSets puts the atoms of sets in their place among the words. end says
// that nothing is left to do, which is no error.
func (m *removal) expandSets(words []string) (left []string, end bool, err error) {
	if m.action == "deselect" {
		return words, false, nil
	}
	config, failed := m.session.Target.Sets, error(nil)
	for _, word := range words {
		if word == "system" || word == "world" {
			word = sets.Prefix + word
		}
		if !strings.HasPrefix(word, sets.Prefix) {
			left = append(left, word)
			continue
		}
		arg := sets.ParseArgument(word)
		for _, s := range arg.Settings {
			if err := config.Configure(s); err != nil {
				return nil, false, m.fail(plan.ProblemBadConfig, err)
			}
		}
		list, err := m.setMembers(arg.Name)
		if err != nil {
			failed = err
			if !errors.Is(err, errKept) {
				return nil, false, err
			}
		}
		m.active = append(m.active, arg.Name)
		left = append(left, list...)
	}
	if failed != nil {
		return nil, false, m.fails(plan.Problem{Kind: plan.ProblemInvalidArgument, Atoms: words, Message: "a set does not support unmerge operations"})
	}
	if len(words) > 0 && len(left) == 0 {
		return nil, true, errors.Join(m.say(render.Message{Text: render.NoTargets}), m.finish(nil, m.problems))
	}
	return left, false, nil
}

// errKept says that a set is not meant to be removed; it has been told.
var errKept = errors.New("set does not support unmerge operations")

// setMembers returns the atoms of a set, with those of the sets in it.
func (m *removal) setMembers(name string) ([]string, error) {
	config := m.session.Target.Sets
	set := config.Set(name)
	if set == nil {
		return nil, m.reject(plan.Problem{Kind: plan.ProblemUnknownSet, Atoms: []string{sets.Prefix + name}}, render.UnknownSet(name, config.Names(), m.look()))
	}
	list, err := config.Flatten(name)
	var missing *sets.NotFoundError
	switch {
	case errors.As(err, &missing):
		return nil, m.reject(plan.Problem{Kind: plan.ProblemUnknownSet, Atoms: []string{sets.Prefix + missing.Name}},
			render.SetUnusable(name, render.SetMissing, missing.Name))
	case err != nil:
		return nil, m.fail(plan.ProblemBadConfig, err)
	case !set.Unmerge:
		if err := m.say(render.Message{Text: render.SetUnusable(name, render.SetKept, ""), Err: true}); err != nil {
			return nil, err
		}
		return nil, errKept
	case len(list) == 0:
		return nil, m.say(render.Message{Text: render.SetUnusable(name, render.SetEmpty, "")})
	}
	var words []string
	for _, a := range list {
		words = append(words, a.String())
	}
	return words, nil
}

// readArgs makes atoms of the words; wildcards and paths become what is
// installed. What they do not match is left out, and told if it is a path.
func (m *removal) readArgs(words []string) (args []removalArg, err error) {
	var paths []string
	for _, word := range words {
		equals := "=" + word
		switch {
		case isPackageAtom(word):
			args, err = m.readAtom(args, word, word)
		case m.takesVersions() && isPackageAtom(equals):
			args, err = m.readAtom(args, word, equals)
		case strings.HasPrefix(word, "/"):
			if !strings.HasPrefix(word, m.session.Target.EROOT()) {
				err = m.invalid(word, render.OutsideRoot(word))
			}
			paths = append(paths, word)
		case strings.HasPrefix(word, sets.Prefix) && m.action == "deselect":
			args = append(args, removalArg{Text: word, Set: word[1:]})
		case strings.Contains(word, "*"):
			args, err = m.readWildcard(args, word)
		default:
			err = m.invalid(word, render.InvalidRemoval(word))
		}
		if err != nil {
			return nil, err
		}
	}
	return m.readPaths(args, paths)
}

// takesVersions says if an argument may leave out the "=" before a version.
func (m *removal) takesVersions() bool {
	return m.action == "clean" || m.action == "rage-clean" || m.action == "unmerge"
}

// invalid ends the run because of an argument.
func (m *removal) invalid(word, text string) error {
	return m.reject(plan.Problem{Kind: plan.ProblemInvalidArgument, Atoms: []string{word}}, text)
}

// readAtom adds the atom of a word. One without category gets that of the
// installed package; of two names a virtual package steps back.
func (m *removal) readAtom(args []removalArg, word, text string) ([]removalArg, error) {
	if !hasCategory(text) {
		name, err := parseTarget(withCategory(text, nullCategory))
		if err != nil {
			return nil, m.invalid(word, render.InvalidRemoval(word))
		}
		found := m.named(name.CP.Name())
		if len(found) > 1 {
			problem := plan.Problem{Kind: plan.ProblemAmbiguousName, Atoms: []string{word}, Packages: found}
			return nil, m.reject(problem, render.AmbiguousRemoval(word, found, m.look()))
		}
		category := nullCategory
		if len(found) == 1 {
			category = atoms.CP(found[0]).Category()
		}
		text = withCategory(text, category)
	}
	a, err := parseTarget(text)
	if err != nil {
		return nil, m.invalid(word, render.InvalidRemoval(word))
	}
	if slices.ContainsFunc(a.USE, func(d atoms.USEDep) bool { return d.Kind != atoms.USEEnabled && d.Kind != atoms.USEDisabled }) {
		return nil, m.invalid(word, render.ConditionalRemoval(word))
	}
	return append(args, removalArg{Text: word, Atom: a}), nil
}

// named returns the installed packages of a name.
func (m *removal) named(name string) []string {
	var found, plain []string
	// What cannot be read is a warning of the session.
	cps, _ := m.session.Target.Installed.CPs()
	for _, cp := range cps {
		if cp.Name() == name {
			found = append(found, string(cp))
			if cp.Category() != "virtual" {
				plain = append(plain, string(cp))
			}
		}
	}
	if len(found) == 2 && len(plain) == 1 {
		return plain
	}
	return found
}

// readWildcard adds what is installed of a wildcard: names, versions if it has
// one, with its slot and repository.
func (m *removal) readWildcard(args []removalArg, word string) ([]removalArg, error) {
	a, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true, AllowWildcard: true})
	if err != nil {
		return nil, m.invalid(word, render.InvalidRemoval(word))
	}
	all, _ := m.session.Target.Installed.All() // what cannot be read is a warning of the session
	for _, p := range all {
		if !m.matches(a, p) {
			continue
		}
		text := string(p.CPV.CP)
		if a.Op == atoms.OpEqualGlob {
			text = "=" + p.CPV.String()
		}
		if a.Slot != "" {
			text += ":" + a.Slot
		}
		if a.Repo != "" {
			text += "::" + a.Repo
		}
		if b, err := parseTarget(text); err == nil {
			args = append(args, removalArg{Text: word, Atom: b})
		}
	}
	return args, nil
}

// readPaths adds the owners of paths: of a single file one of them.
func (m *removal) readPaths(args []removalArg, paths []string) ([]removalArg, error) {
	if len(paths) == 0 {
		return args, nil
	}
	target := m.session.Target
	var relative []string
	for _, path := range paths {
		relative = append(relative, "/"+strings.TrimPrefix(path, strings.TrimSuffix(target.Path, "/")+"/"))
	}
	// A package whose list cannot be read does not hide the others.
	owners, err := target.Installed.Owners(target.Path, relative)
	if err != nil {
		m.notes = append(m.notes, err)
	}
	several := len(paths) > 1 || session.IsDir(paths[0])
	var found []*ebuild.Package
	for i := range paths {
		for _, p := range owners[relative[i]] {
			if !slices.Contains(found, p) && (several || len(found) == 0) {
				found = append(found, p)
				args = append(args, removalArg{Text: paths[i], Atom: atoms.NewAtom(p.CPV.CP).WithSlot(p.Slot, "", atoms.SlotOpNone)})
			}
		}
	}
	if len(found) == 0 {
		return args, m.warns(plan.Problem{Kind: plan.ProblemInvalidArgument, Atoms: paths},
			render.Message{Text: render.Unowned(filepath.Clean(paths[0])), Err: true})
	}
	return args, nil
}
