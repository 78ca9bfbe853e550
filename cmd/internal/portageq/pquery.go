package portageq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/maintainers"
)

// A query is a pquery command line.
type query struct {
	*call
	root  *session.Root
	repos []*ebuild.Repository
	atoms []*atoms.Atom // none: everything

	addresses *regexp.Regexp // nil: any maintainer
}

// pquery lists packages of the repositories.
func pquery(_ context.Context, c *call) error {
	q := &query{call: c}
	if err := q.parse(); err != nil {
		return err
	}
	var err error
	if q.root, err = c.target(); err != nil {
		return err
	}
	q.repos = c.session.Repos.All()
	if c.repo != nil {
		r := c.session.Repos.Get(*c.repo)
		if r == nil {
			return fmt.Errorf("there is no repository %q", *c.repo)
		}
		q.repos = []*ebuild.Repository{r}
	}
	cps, err := q.cps()
	if err != nil {
		return err
	}
	doc := &matchesDoc{Matches: []matchDoc{{Request: strings.Join(c.args, " "), Packages: []string{}}}}
	for _, cp := range cps {
		found, err := q.find(cp)
		if err != nil {
			return err
		}
		if c.json {
			doc.Matches[0].Packages = append(doc.Matches[0].Packages, found...)
		} else if err := c.lines(found...); err != nil {
			return err
		}
	}
	if c.json {
		return Matches.Write(c.env.Out, doc)
	}
	return nil
}

// parse reads the atoms and the filters.
func (q *query) parse() error {
	o := atoms.AtomOptions{AllowWildcard: true, AllowRepo: true}
	for _, word := range q.args {
		text, ok := word, true
		if head, _, _ := strings.Cut(word, ":"); !strings.Contains(head, "/") {
			text, ok = atoms.InsertCategory(word, "*")
		}
		a, err := atoms.ParseAtom(text, o)
		if !ok || err != nil {
			return failed(statusFew, "ERROR: Invalid atom: '%s'", word)
		}
		q.atoms = append(q.atoms, a)
	}
	if slices.ContainsFunc(q.atoms, func(a *atoms.Atom) bool { return a.String() == "*/*" }) {
		q.atoms = nil
	}
	if len(q.maintainers) == 0 {
		return nil
	}
	var words []string
	for _, word := range strings.Split(strings.Join(q.maintainers, ","), ",") {
		if q.noRegex {
			word = regexp.QuoteMeta(word)
		}
		words = append(words, word)
	}
	var err error
	if q.addresses, err = regexp.Compile("(?i)^(" + strings.Join(words, "|") + ")$"); err != nil {
		return failed(statusFew, "--maintainer-email: %w", err)
	}
	return nil
}

// cps lists the names that may match, by category.
func (q *query) cps() ([]atoms.CP, error) {
	wild := len(q.atoms) == 0 || slices.ContainsFunc(q.atoms, func(a *atoms.Atom) bool { return strings.Contains(string(a.CP), "*") })
	var list []atoms.CP
	if wild {
		all, err := q.session.Repos.CPs()
		if err != nil {
			return nil, err
		}
		list = slices.Clone(all)
	} else {
		for _, a := range q.atoms {
			list = append(list, a.CP)
		}
	}
	slices.SortFunc(list, func(a, b atoms.CP) int {
		return cmp.Or(cmp.Compare(a.Category(), b.Category()), cmp.Compare(a.Name(), b.Name()))
	})
	return slices.Compact(list), nil
}

// find gives the versions of a name that match, ascending, or the name itself if
// versions are not wanted.
func (q *query) find(cp atoms.CP) ([]string, error) {
	var found []*ebuild.Package
	for _, r := range q.repos {
		if ok, err := q.maintained(r, cp); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue
		}
		list, err := r.Packages(cp)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if !q.matches(p) {
				continue
			}
			if q.noVersion {
				return []string{string(cp)}, nil
			}
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b *ebuild.Package) int { return a.CPV.Version.Compare(b.CPV.Version) })
	names := cpvs(found)
	return slices.Compact(names), nil
}

// matches says if a package is visible, if that matters, and one of the atoms means
// it.
func (q *query) matches(p *ebuild.Package) bool {
	meant := func(flags atoms.FlagState) bool {
		return len(q.atoms) == 0 || slices.ContainsFunc(q.atoms, func(a *atoms.Atom) bool { return a.Match(p.Candidate(flags)) })
	}
	if !meant(nil) {
		return false
	}
	if !q.noFilters && !q.root.Judge.Verdict(p).Visible() {
		return false
	}
	return !slices.ContainsFunc(q.atoms, func(a *atoms.Atom) bool { return len(a.USE) > 0 }) || meant(q.root.Use.State(p))
}

// maintained says if those who maintain a package are those who are asked for. A
// package whose metadata.xml cannot be read has nobody, and is not an orphan.
func (q *query) maintained(r *ebuild.Repository, cp atoms.CP) (bool, error) {
	if q.addresses == nil && !q.orphaned {
		return true, nil
	}
	path := filepath.Join(r.Location, string(cp), "metadata.xml")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		q.warn("%v", err)
		return false, nil
	}
	defer f.Close() // only read from
	list, err := maintainers.Parse(path, f)
	if err != nil {
		q.warn("%v", err)
		return false, nil
	}
	if q.orphaned && len(list) > 0 {
		return false, nil
	}
	return q.addresses == nil || slices.ContainsFunc(list, func(m maintainers.Maintainer) bool { return m.Email != "" && q.addresses.MatchString(m.Email) }), nil
}
