package equery

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func dependsModule() *module {
	return &module{
		name: "depends", letter: "d", shown: "(d)epends", about: "list all packages directly depending on ATOM",
		doc: "List all packages that depend on a atom given query", arg: "pkgspec",
		options: [][2]string{
			{" -a, --all-packages", "include dependencies that are not installed (slow)"},
			{" -D, --indirect", "search both direct and indirect dependencies"},
			{" -F, --format=TMPL", "specify a custom output format"},
			{"     --depth=N", "limit indirect dependency tree to specified depth"},
		},
		spec: getopt.Spec{Short: "hadDF:", Long: []string{"help", "all-packages", "direct", "indirect", "format=", "depth="}},
		kind: dependantsKind, run: depends,
	}
}

// dependantsKind is the document of depends.
var dependantsKind = answer.NewKind[dependantsDocument]("tumpline.equery-dependants", "1.0.0", "which packages depend on a package")

type dependantsDocument struct {
	answer.Head
	Queries []dependantsObject `json:"queries" jsonschema:"in the order of the request"`
}

type dependantsObject struct {
	Query      string            `json:"query"`
	Dependants []dependantObject `json:"dependants" jsonschema:"each before what depends on it, indirect ones with a greater depth"`
}

type dependantObject struct {
	CPV       string  `json:"cpv" jsonschema:"CATEGORY/PF"`
	Depth     int     `json:"depth" jsonschema:"0 for what depends on the query itself"`
	Atom      string  `json:"atom" jsonschema:"of the dependency"`
	Condition *string `json:"condition" jsonschema:"the innermost USE condition, without ?; null if there is none"`
}

// depClasses are the variables with dependencies in gentoolkit's order.
func depClasses() []string { return []string{"DEPEND", "RDEPEND", "BDEPEND", "PDEPEND", "IDEPEND"} }

// dependencyText gives the dependencies of all classes.
func dependencyText(p *gentoolkit.Package) string {
	var all []string
	for _, class := range depClasses() {
		all = append(all, p.TreeValue(class))
	}
	return strings.Join(all, " ")
}

// dependencies gives the atoms of the dependencies of all classes.
func dependencies(p *gentoolkit.Package) []gentoolkit.Dependency {
	var out []gentoolkit.Dependency
	for _, class := range depClasses() {
		out = append(out, gentoolkit.Dependencies(p.TreeValue(class))...)
	}
	return out
}

// dependant is a package with one of its dependencies that is asked for.
type dependant struct {
	p     *gentoolkit.Package
	dep   gentoolkit.Dependency
	depth int
}

// reverse is a search for what depends on something.
type reverse struct {
	packages []*gentoolkit.Package
	indirect bool
	limit    int // of depth; -1: none
	seen     map[*gentoolkit.Package]bool
	texts    map[*gentoolkit.Package]string
	found    []dependant
}

// walk finds what depends on a query.
func (r *reverse) walk(q *gentoolkit.Query, cp string, depth int) {
	for _, p := range r.packages {
		if !strings.Contains(r.text(p), cp) {
			continue
		}
		matched := false
		for _, dep := range dependencies(p) {
			if q.Intersects(dep.Atom) {
				r.found = append(r.found, dependant{p: p, dep: dep, depth: depth})
				matched = true
			}
		}
		if !matched || r.seen[p] || !r.indirect || r.limit >= 0 && depth >= r.limit {
			continue
		}
		r.seen[p] = true
		if next, err := gentoolkit.ParseQuery(p.CPV); err == nil { // names always parse
			r.walk(next, p.CP(), depth+1)
		}
	}
}

func (r *reverse) text(p *gentoolkit.Package) string {
	text, ok := r.texts[p]
	if !ok {
		text = dependencyText(p)
		r.texts[p] = text
	}
	return text
}

func depends(c *call, options []getopt.Option, queries []string) error {
	scope := gentoolkit.Scope{Installed: true}
	indirect, limit, template, formatted := false, -1, "", false
	for _, o := range options {
		switch o.Name {
		case "-a", "--all-packages":
			scope.Tree = true
		case "-D", "--indirect":
			indirect = true
		case "-F", "--format":
			template, formatted = o.Value, true
		case "--depth":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 {
				msg := fmt.Sprintf("Module option --depth requires integer (got '%s')", o.Value)
				c.out.Raw("")
				c.out.Print(strings.TrimSuffix(c.style.Error(msg), "\n"))
				return c.misused(msg)
			}
			limit = n
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	system, err := c.open()
	if err != nil {
		return err
	}
	packages, err := system.All(scope, func(string) bool { return true })
	if err != nil {
		return err
	}
	d := &dependantsDocument{Queries: []dependantsObject{}}
	for i, text := range queries {
		c.separate(i)
		q, err := gentoolkit.ParseQuery(text)
		if err != nil {
			return err
		}
		if c.verbose && !c.data {
			c.out.Print(" * These packages depend on " + c.style.Emph(q.Name()) + ":")
		}
		r := &reverse{packages: packages, indirect: indirect, limit: limit,
			seen: map[*gentoolkit.Package]bool{}, texts: map[*gentoolkit.Package]string{}}
		r.walk(q, q.CP(), 0)
		d.Queries = append(d.Queries, newDependants(text, r.found))
		if formatted {
			c.showDependants(r.found, gentoolkit.NewFormat(template, c.verbose, c.style))
		} else {
			c.showDependants(r.found, nil)
		}
	}
	if c.data {
		return dependantsKind.Write(c.env.Out, d)
	}
	return nil
}

func newDependants(query string, found []dependant) dependantsObject {
	o := dependantsObject{Query: query, Dependants: []dependantObject{}}
	for _, f := range found {
		d := dependantObject{CPV: f.p.CPV, Depth: f.depth, Atom: f.dep.Atom.String()}
		if f.dep.Condition != "" {
			d.Condition = &f.dep.Condition
		}
		o.Dependants = append(o.Dependants, d)
	}
	return o
}

// showDependants lists what was found, by a format if there is one.
func (c *call) showDependants(found []dependant, format *gentoolkit.Format) {
	if c.data {
		return
	}
	var last *gentoolkit.Package
	for _, f := range found {
		again := f.p == last
		last = f.p
		indent := strings.Repeat(" ", f.depth)
		switch {
		case again && !c.verbose:
		case format != nil:
			c.out.Print(format.Text(f.p))
		case !c.verbose:
			c.out.Line(indent + f.p.CPV)
		default:
			name := f.p.CPV
			if again {
				indent, name = indent+strings.Repeat(" ", len(name)), ""
			}
			c.out.Line(indent + c.style.CPV(name) + " (" + c.dependency(f.dep) + ")")
		}
	}
}

// dependency is a dependency with its condition.
func (c *call) dependency(d gentoolkit.Dependency) string {
	a, s := d.Atom, c.style
	text := gentoolkit.AtomText(a)
	if a.Slot != "" {
		text += s.Emph(":") + s.Slot(a.Slot)
		if a.Subslot != "" {
			text += s.Slot("/") + s.Slot(a.Subslot)
		}
	}
	if len(a.USE) > 0 {
		text += s.Emph("[") + s.Flag(strings.Join(useTokens(a), ","), true) + s.Emph("]")
	}
	if d.Condition != "" {
		text = s.Flag(d.Condition, true) + " ? " + text
	}
	return text
}

func useTokens(a *atoms.Atom) []string {
	var out []string
	for _, u := range a.USE {
		out = append(out, u.String())
	}
	return out
}
