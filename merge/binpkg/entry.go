package binpkg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// NewStanza makes the stanza of a package of which values has the variables, with
// Portage's names. Values are put into one line each; the conditionals in
// dependencies, LICENSE, PROPERTIES and RESTRICT are evaluated with the value of
// USE. Variables that no stanza has are left out.
func NewStanza(cpv atoms.CPV, values map[string]string) (*Stanza, error) {
	s := &Stanza{CPV: cpv, fields: []field{{"CPV", cpv.String()}}}
	enabled := map[string]bool{}
	for _, flag := range strings.Fields(values["USE"]) {
		enabled[flag] = true
	}
	for key, value := range values {
		if key == "CPV" || !allowed(key) && key != "REPO_REVISIONS" {
			continue
		}
		value = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(value, "\uFFFD"), linefile.IsSpace), " ")
		value, err := evaluate(key, value, func(flag string) bool { return enabled[flag] })
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", cpv, key, err)
		}
		s.fields = append(s.fields, field{key, value})
	}
	slices.SortFunc(s.fields, func(a, b field) int { return strings.Compare(a.key, b.key) })
	return s, nil
}

// evaluate decides the conditionals of variables that have some.
func evaluate(key, value string, enabled func(string) bool) (string, error) {
	o := atoms.ReduceOptions{Enabled: enabled}
	switch key {
	case "BDEPEND", "DEPEND", "IDEPEND", "PDEPEND", "RDEPEND":
		dep, err := atoms.ParseDep(value, atoms.AtomOptions{AllowRepo: true})
		if err != nil {
			return "", err
		}
		return atoms.Reduce(dep, o).String(), nil
	case "LICENSE":
		license, err := atoms.ParseLicense(value)
		if err != nil {
			return "", err
		}
		return atoms.Reduce(license, o).String(), nil
	case "PROPERTIES", "RESTRICT":
		words, err := atoms.ParseRestrict(value)
		if err != nil {
			return "", err
		}
		return atoms.Reduce(words, o).String(), nil
	}
	return value, nil
}

// Format returns the text of the index as Portage writes it: the header and the
// stanzas sorted by CPV, with what they inherit or have by default left out.
func (x *Index) Format() []byte {
	var b strings.Builder
	x.Header.format(&b, func(field) bool { return true })
	stanzas := slices.Clone(x.Stanzas)
	slices.SortStableFunc(stanzas, func(a, b *Stanza) int { return strings.Compare(a.CPV.String(), b.CPV.String()) })
	for _, s := range stanzas {
		s.format(&b, func(f field) bool {
			switch f.key {
			case "EAPI", "SLOT":
				return f.value != "0"
			case "CHOST", "repository":
				return f.value != x.Header.Get(f.key)
			}
			return true
		})
	}
	return []byte(b.String())
}

// format writes the lines of a stanza: of each key the last, sorted, without empty
// values and those that keep is not true for.
func (s *Stanza) format(b *strings.Builder, keep func(field) bool) {
	last := make(map[string]string, len(s.fields))
	for _, f := range s.fields {
		last[f.key] = f.value
	}
	keys := make([]string, 0, len(last))
	for key := range last {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if f := (field{key, last[key]}); f.value != "" && keep(f) {
			fmt.Fprintf(b, "%s: %s\n", external(key), f.value)
		}
	}
	b.WriteByte('\n')
}

// external is the opposite of internal.
func external(key string) string {
	switch key {
	case "DESCRIPTION":
		return "DESC"
	case "_mtime_":
		return "MTIME"
	case "repository":
		return "REPO"
	}
	return key
}

// set gives a variable a value; an empty one takes it away.
func (s *Stanza) set(key, value string) {
	s.fields = slices.DeleteFunc(s.fields, func(f field) bool { return f.key == key })
	if value != "" {
		s.fields = append(s.fields, field{key, value})
	}
}
