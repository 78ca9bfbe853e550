package resolvertest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
)

// accumulated are the variables that eclasses add to (PMS 10.2); PROPERTIES and
// RESTRICT join them where the EAPI says so.
var accumulated = [...]string{"IUSE", "REQUIRED_USE", "DEPEND", "RDEPEND", "PDEPEND", "BDEPEND", "IDEPEND"}

// A sourcer finds the metadata that sourcing an ebuild would give, for ebuilds
// that do nothing but assign variables, inherit and define functions.
type sourcer struct {
	vars      map[string]string // variables of the ebuild, and what P and the like are
	eclasses  map[string][]string
	added     map[string]string // by eclasses
	inherited []string
	phases    map[string]bool
}

// source returns the metadata that the cache would hold for an ebuild of a
// definition: its variables with the defaults of the test bench, expanded as in
// double quotes, and with what Portage adds after sourcing.
func source(cpv atoms.CPV, def map[string]string, d *Definition) (map[string]string, error) {
	s := &sourcer{vars: pmsVars(cpv), eclasses: d.Eclasses, added: map[string]string{}, phases: map[string]bool{}}
	vars := map[string]string{"EAPI": d.eapi(), "DEPEND": "", "SLOT": "0", "KEYWORDS": "x86", "IUSE": ""}
	maps.Copy(vars, def)
	misc := vars["MISC_CONTENT"]
	delete(vars, "MISC_CONTENT")
	delete(vars, "COPYRIGHT_HEADER")
	for _, key := range slices.Sorted(maps.Keys(vars)) {
		value, err := s.expand(vars[key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		s.vars[key] = value
	}
	if err := s.run(strings.Split(misc, "\n"), s.vars); err != nil {
		return nil, fmt.Errorf("MISC_CONTENT: %w", err)
	}
	return s.metadata(), nil
}

// pmsVars returns the variables that name the package (PMS 11.1).
func pmsVars(cpv atoms.CPV) map[string]string {
	return map[string]string{"P": cpv.P(), "PF": cpv.PF(), "PN": cpv.PN(), "PV": cpv.PV(), "PR": cpv.PR(), "PVR": cpv.PVR(),
		"CATEGORY": cpv.CP.Category()}
}

// metadata returns what is dumped after sourcing: fall-backs of the EAPI,
// additions of eclasses, and white space as single blanks.
func (s *sourcer) metadata() map[string]string {
	f, known := eapi.Lookup(s.vars["EAPI"])
	if !known {
		f = eapi.Permissive()
	}
	if _, set := s.vars["RDEPEND"]; !set && f.RDEPENDFromDEPEND {
		s.vars["RDEPEND"] = s.vars["DEPEND"]
	}
	add := accumulated[:]
	if f.AccumulatePROPERTIES {
		add = append(slices.Clip(add), "PROPERTIES")
	}
	if f.AccumulateRESTRICT {
		add = append(slices.Clip(add), "RESTRICT")
	}
	for _, key := range add {
		s.vars[key] += " " + s.added[key]
	}
	out := map[string]string{"DEFINED_PHASES": "-"}
	for key, value := range s.vars {
		if value = strings.Join(strings.Fields(value), " "); value != "" {
			out[key] = value
		}
	}
	for key := range pmsVars(atoms.CPV{}) {
		delete(out, key)
	}
	if !f.BDEPEND {
		delete(out, "BDEPEND")
	}
	if !f.IDEPEND {
		delete(out, "IDEPEND")
	}
	if len(s.phases) > 0 {
		out["DEFINED_PHASES"] = strings.Join(slices.Sorted(maps.Keys(s.phases)), " ")
	}
	if len(s.inherited) > 0 {
		out["INHERITED"] = strings.Join(s.inherited, " ")
	}
	return out
}

var (
	assignment = regexp.MustCompile(`^(?:export +)?([A-Za-z_][A-Za-z0-9_]*)(\+?)=(.*)$`)
	function   = regexp.MustCompile(`^([A-Za-z0-9_-]+) *\(\) *\{(.*)$`)
	phase      = regexp.MustCompile(`^(?:pkg|src)_(config|configure|compile|info|install|nofetch|postinst|postrm|preinst|prepare|prerm|pretend|setup|test|unpack)$`)
)

// run follows simple statements, each on its own line (quoted values may span
// several). Bodies of functions are skipped. What it cannot follow is an error.
func (s *sourcer) run(lines []string, vars map[string]string) error {
	for i := 0; i < len(lines); i++ {
		l := strings.TrimSpace(lines[i])
		if l == "" || l[0] == '#' {
			continue
		}
		if m := function.FindStringSubmatch(l); m != nil {
			s.define(m[1])
			for closed := strings.HasSuffix(m[2], "}"); !closed; closed = strings.TrimRight(lines[i], " \t") == "}" {
				if i++; i >= len(lines) {
					return fmt.Errorf("function %s has no end", m[1])
				}
			}
			continue
		}
		if m := assignment.FindStringSubmatch(l); m != nil {
			value := m[3]
			for unclosed(value) && i+1 < len(lines) {
				i++
				value += "\n" + lines[i]
			}
			if err := s.assign(vars, m[1], value, m[2] != ""); err != nil {
				return fmt.Errorf("%s: %w", m[1], err)
			}
			continue
		}
		if err := s.command(strings.Fields(l)); err != nil {
			return err
		}
	}
	return nil
}

func (s *sourcer) define(name string) {
	if m := phase.FindStringSubmatch(name); m != nil {
		s.phases[m[1]] = true
	}
}

// unclosed says if a value starts with a quote that does not end.
func unclosed(value string) bool {
	value = strings.TrimRight(value, " \t")
	return value != "" && (value[0] == '"' || value[0] == '\'') && (len(value) == 1 || value[len(value)-1] != value[0])
}

func (s *sourcer) assign(vars map[string]string, key, value string, add bool) error {
	value = strings.TrimRight(value, " \t")
	literal := false
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		literal = value[0] == '\''
		value = value[1 : n-1]
	} else if strings.ContainsAny(value, "\"' \t;&|<>()") {
		return fmt.Errorf("%q takes a shell to evaluate", value)
	}
	if !literal {
		var err error
		if value, err = s.expand(value); err != nil {
			return err
		}
	}
	if add {
		value = vars[key] + value
	}
	vars[key] = value
	return nil
}

// command follows inherit and EXPORT_FUNCTIONS, and ignores what has no
// influence on metadata.
func (s *sourcer) command(words []string) error {
	switch words[0] {
	case "inherit":
		for _, name := range words[1:] {
			if err := s.inherit(name); err != nil {
				return fmt.Errorf("%s.eclass: %w", name, err)
			}
		}
		return nil
	case "EXPORT_FUNCTIONS":
		for _, name := range words[1:] {
			s.define(name)
		}
		return nil
	case "S", ":":
		return nil
	}
	return fmt.Errorf("%q takes a shell to evaluate", strings.Join(words, " "))
}

// inherit sources an eclass; the variables that accumulate are kept apart.
func (s *sourcer) inherit(name string) error {
	lines, ok := s.eclasses[name]
	if !ok {
		return fmt.Errorf("not found")
	}
	if slices.Contains(s.inherited, name) {
		return nil
	}
	own := maps.Clone(s.vars)
	for _, key := range accumulated {
		delete(own, key)
	}
	var text []string
	for _, l := range lines {
		text = append(text, strings.Split(l, "\n")...)
	}
	if err := s.run(text, own); err != nil {
		return err
	}
	s.inherited = append(s.inherited, name)
	for _, key := range accumulated {
		if v := own[key]; v != "" {
			s.added[key] = strings.TrimSpace(s.added[key] + " " + v)
		}
		delete(own, key)
	}
	maps.Copy(s.vars, own)
	return nil
}

var reference = regexp.MustCompile("\\\\[$\"\\\\`\n]|\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}|\\$[A-Za-z_][A-Za-z0-9_]*|[$`]")

// expand does what double quotes leave to be done: $NAME, ${NAME} and escapes.
func (s *sourcer) expand(text string) (string, error) {
	var bad string
	out := reference.ReplaceAllStringFunc(text, func(m string) string {
		switch {
		case m == "\\\n":
			return ""
		case m[0] == '\\':
			return m[1:]
		case len(m) == 1:
			bad = m
			return m
		}
		return s.vars[strings.Trim(m, "${}")]
	})
	if bad != "" {
		return "", fmt.Errorf("%q in %q takes a shell to evaluate", bad, text)
	}
	return out, nil
}
