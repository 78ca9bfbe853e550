package equery

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func listModule() *module {
	return &module{
		name: "list", letter: "l", shown: "(l)ist", about: "list package matching PKG",
		doc: "List installed packages matching the query pattern", arg: "pkgspec", warns: true, variables: true,
		options: [][2]string{
			{" -d, --duplicates", "list only installed duplicate packages"},
			{" -b, --binpkgs-missing", "list only installed packages without a corresponding binary package"},
			{" -f, --full-regex", "query is a regular expression"},
			{" -m, --mask-reason", "include reason for package mask"},
			{" -I, --exclude-installed", "exclude installed packages from output"},
			{" -o, --overlay-tree", "list packages in overlays"},
			{" -p, --portage-tree", "list packages in the main portage tree"},
			{" -F, --format=TMPL", "specify a custom output format"},
			{"              TMPL", "a format template using (see man page):"},
		},
		spec: getopt.Spec{Short: "hdbefiImopF:", Long: []string{"help", "all", "installed", "exclude-installed", "mask-reason",
			"portage-tree", "overlay-tree", "format=", "full-regex", "exact-name", "duplicates", "binpkgs-missing"}},
		kind: packagesKind, run: list,
	}
}

// lister is a call of list.
type lister struct {
	*call
	system                               *gentoolkit.System
	scope                                gentoolkit.Scope
	format                               *gentoolkit.Format
	duplicates, unpacked, reasons, regex bool
	template                             string
}

func list(c *call, options []getopt.Option, queries []string) error {
	l := &lister{call: c, scope: gentoolkit.Scope{Installed: true}}
	for _, o := range options {
		l.option(o)
	}
	if l.duplicates || l.unpacked {
		l.scope, l.reasons = gentoolkit.Scope{Installed: true}, false
	}
	if len(queries) == 0 {
		return c.none()
	}
	l.format = gentoolkit.NewFormat(l.template, c.verbose, c.style)
	var err error
	if l.system, err = c.open(); err != nil {
		return err
	}
	var found []*gentoolkit.Package
	for i, text := range queries {
		c.separate(i)
		q, err := parseQuery(text, l.regex)
		if err != nil {
			return err
		}
		matches, err := l.find(q)
		if err != nil {
			return err
		}
		found = append(found, matches...)
	}
	if c.data {
		return writePackages(c, found)
	}
	return nil
}

func (l *lister) option(o getopt.Option) {
	switch o.Name {
	case "-I", "--exclude-installed":
		l.scope.Installed = false
	case "-p", "--portage-tree":
		l.scope.Tree = true
	case "-o", "--overlay-tree":
		l.scope.Overlay = true
	case "-f", "--full-regex":
		l.regex = true
	case "-m", "--mask-reason":
		l.reasons = true
	case "-e", "--exact-name":
		l.warn("-e, --exact-name is now default.")
		l.warn("Use globbing to simulate the old behavior.")
		l.out.Print("")
	case "-d", "--duplicates":
		l.duplicates = true
	case "-b", "--binpkgs-missing":
		l.unpacked = true
	case "-F", "--format":
		l.template = o.Value
	}
}

// find lists the packages of one query.
func (l *lister) find(q *gentoolkit.Query) ([]*gentoolkit.Package, error) {
	if l.scope != (gentoolkit.Scope{}) {
		l.announce(q)
	}
	matches, err := l.system.Find(q, l.scope)
	if none := (*gentoolkit.NoMatchError)(nil); errors.As(err, &none) && !l.verbose && !l.data {
		return nil, &cli.FailedError{Status: 3}
	}
	if err != nil {
		return nil, err
	}
	if l.duplicates {
		matches = duplicates(matches)
	}
	if l.unpacked {
		if matches, err = l.withoutBinary(matches); err != nil {
			return nil, err
		}
	}
	var shown []*gentoolkit.Package
	for _, p := range matches {
		if l.scope.Tree == l.scope.Overlay || l.isIn(p) {
			shown = append(shown, p)
			l.show(p)
		}
	}
	return shown, nil
}

// isIn says if a package is where just one sort of repositories is asked for.
func (l *lister) isIn(p *gentoolkit.Package) bool {
	where := "O"
	if l.scope.Tree {
		where = "P"
	}
	location := p.Location()
	return strings.Contains(location, where) || l.scope.Installed && strings.Contains(location, "I")
}

func (l *lister) show(p *gentoolkit.Package) {
	if l.data {
		return
	}
	l.out.Line(l.format.Text(p))
	if !l.reasons || p.MaskLevel() < 3 {
		return
	}
	comment, file, ok := p.MaskReason()
	if p.MaskLevel() == 6 { // no ebuild, so nothing masks it
		return
	}
	if !ok {
		l.out.Print(" * No mask reason given")
		return
	}
	masks, _ := p.Masks()
	l.out.Line(fmt.Sprintf(" * Masked by '%s'", strings.Join(masks, ", ")))
	l.out.Line(fmt.Sprintf(" * %s:", file))
	lines := make([]string, 0, len(comment))
	for _, line := range comment {
		lines = append(lines, " * "+strings.TrimLeft(line, " #"))
	}
	l.out.Line(strings.Join(lines, "\n"))
}

// duplicates keeps the packages of which several versions are listed.
func duplicates(list []*gentoolkit.Package) []*gentoolkit.Package {
	count := map[string]int{}
	for _, p := range list {
		count[p.CP()]++
	}
	var out []*gentoolkit.Package
	for _, p := range list {
		if count[p.CP()] > 1 {
			out = append(out, p)
		}
	}
	return out
}

// withoutBinary keeps the packages for which PKGDIR has no binary package.
func (l *lister) withoutBinary(list []*gentoolkit.Package) ([]*gentoolkit.Package, error) {
	full, err := l.system.Full()
	if err != nil {
		return nil, err
	}
	binaries := full.Target.Binaries
	cps, err := binaries.CPs()
	if err != nil {
		return nil, fmt.Errorf("read binary packages: %w", err)
	}
	have := map[string]bool{}
	for _, cp := range cps {
		packages, err := binaries.Packages(cp)
		if err != nil {
			return nil, fmt.Errorf("read binary packages: %w", err)
		}
		for _, p := range packages {
			have[p.CPV.String()] = true
		}
	}
	var out []*gentoolkit.Package
	for _, p := range list {
		if !have[p.CPV] {
			out = append(out, p)
		}
	}
	return out, nil
}

// separate sets off the answer to a query from those before it.
func (c *call) separate(number int) {
	if number > 0 && !c.data {
		c.out.Print("")
	}
}

// announce tells what is being looked for, in the form for people.
func (c *call) announce(q *gentoolkit.Query) {
	if c.quiet || c.data || c.piping || q.IsSimple() && !c.verbose {
		return
	}
	c.out.Line(q.Summary(c.style))
}

func parseQuery(text string, regex bool) (*gentoolkit.Query, error) {
	if regex {
		return gentoolkit.ParseRegexQuery(text)
	}
	return gentoolkit.ParseQuery(text)
}
