package equery

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func searchOptions() [][2]string {
	return [][2]string{
		{" -I, --exclude-installed", "exclude installed packages from search path"},
		{" -o, --overlay-tree", "include overlays in search path"},
		{" -p, --portage-tree", "include entire portage tree in search path"},
		{" -F, --format=TMPL", "specify a custom output format"},
		{"              TMPL", "a format template using (see man page):"},
	}
}

func hasModule() *module {
	return &module{
		name: "has", letter: "a", shown: "h(a)s", about: "list all packages for matching ENVIRONMENT data stored in /var/db/pkg",
		doc: "List all installed packages that match for a given ENVIRONMENT variable", arg: "env_var [expr]", options: searchOptions(),
		spec: getopt.Spec{Short: "hiIpoF:", Long: []string{"help", "installed", "exclude-installed", "portage-tree", "overlay-tree", "format=", "package="}},
		kind: packagesKind, run: has,
	}
}

func hasuseModule() *module {
	return &module{
		name: "hasuse", letter: "h", shown: "(h)asuse", about: "list all packages that have USE flag",
		doc: "List all installed packages that have a given USE flag", arg: "USE-flag", options: searchOptions(), variables: true,
		spec: getopt.Spec{Short: "hiIpoF:", Long: []string{"help", "installed", "exclude-installed", "portage-tree", "overlay-tree", "format="}},
		kind: packagesKind, run: hasuse,
	}
}

// searcher is a call of has or hasuse: all packages of a scope that pass a test.
type searcher struct {
	*call
	scope    gentoolkit.Scope
	template string
	within   string // a query that packages have to match; empty: any
	matches  []*gentoolkit.Package
	found    []*gentoolkit.Package
	any      bool // one passed, shown or not
}

func newSearcher(c *call, options []getopt.Option) *searcher {
	s := &searcher{call: c, scope: gentoolkit.Scope{Installed: true}}
	for _, o := range options {
		switch o.Name {
		case "-I", "--exclude-installed":
			s.scope.Installed = false
		case "-p", "--portage-tree":
			s.scope.Tree = true
		case "-o", "--overlay-tree":
			s.scope.Overlay = true
		case "-F", "--format":
			s.template = o.Value
		case "--package":
			s.within = o.Value
		}
	}
	return s
}

// gather finds the packages to test.
func (s *searcher) gather() error {
	system, err := s.open()
	if err != nil {
		return err
	}
	text := s.within
	if text == "" {
		text = "*"
	}
	q, err := gentoolkit.ParseQuery(text)
	if err != nil {
		return err
	}
	s.matches, err = system.Find(q, s.scope)
	return err
}

// show lists a package that passed, if it is in the scope.
func (s *searcher) show(f *gentoolkit.Format, p *gentoolkit.Package) bool {
	want := ""
	switch {
	case s.scope.Tree && !s.scope.Overlay:
		want = "P"
	case s.scope.Overlay && !s.scope.Tree:
		want = "O"
	case s.scope.Installed && !s.scope.Tree:
		want = "I"
	}
	if !strings.Contains(p.Location(), want) {
		return false
	}
	s.found = append(s.found, p)
	if !s.data {
		s.out.Line(f.Text(p))
	}
	return true
}

// finish ends the call.
func (s *searcher) finish() error {
	if s.data {
		return writePackages(s.call, s.found)
	}
	if !s.any {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

func has(c *call, options []getopt.Option, queries []string) error {
	if len(queries) == 0 {
		return c.none()
	}
	s := newSearcher(c, options)
	if err := s.gather(); err != nil {
		return err
	}
	variable, queries := queries[0], queries[1:]
	if len(queries) == 0 {
		return s.print(variable)
	}
	f := gentoolkit.NewFormat(s.template, c.verbose, c.style)
	for i, query := range queries {
		c.separate(i)
		if c.verbose && !c.data {
			c.out.Line(" * Searching for " + variable + " " + c.style.Emph(query) + " ... ")
		}
		for _, p := range s.matches {
			if slices.Contains(valueWords(p, variable), query) {
				s.show(f, p)
				s.any = true
			}
		}
	}
	return s.finish()
}

// print prints the variable of the one package that --package names.
func (s *searcher) print(variable string) error {
	switch {
	case s.within == "":
		return &gentoolkit.Error{Msg: "Fatal error: Used ENV_VAR without match_expression or --package"}
	case len(s.matches) > 1:
		lines := []string{"Ambiguous package name. Choose from:"}
		for _, p := range s.matches {
			lines = append(lines, "  "+p.CPV)
		}
		return &gentoolkit.Error{Msg: strings.Join(lines, "\n")}
	case s.data:
		return writePackages(s.call, s.matches)
	}
	s.out.Print(s.matches[0].Value(variable))
	return &cli.FailedError{Status: cli.StatusFailure} // as the original, which counts matches of expressions
}

// valueWords gives the words of a variable; flags without the sign of their default.
func valueWords(p *gentoolkit.Package, variable string) []string {
	words := strings.Fields(p.Value(variable))
	if slices.Contains([]string{"USE", "IUSE", "CFLAGS", "CXXFLAGS", "LDFLAGS"}, variable) {
		for i, w := range words {
			words[i] = strings.TrimLeft(w, "+-")
		}
	}
	return words
}

func hasuse(c *call, options []getopt.Option, queries []string) error {
	if len(queries) == 0 {
		return c.none()
	}
	s := newSearcher(c, options)
	if err := s.gather(); err != nil {
		return err
	}
	f := gentoolkit.NewFormat(s.template, c.verbose, c.style)
	for i, query := range queries {
		c.separate(i)
		if c.verbose && !c.data {
			c.out.Line(" * Searching for USE flag " + c.style.Emph(query) + " ... ")
		}
		for _, p := range s.matches {
			if slices.Contains(valueWords(p, "IUSE"), query) && s.show(f, p) {
				s.any = true
			}
		}
	}
	return s.finish()
}
