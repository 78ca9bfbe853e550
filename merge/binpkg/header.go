package binpkg

import (
	"slices"
	"strings"
)

// ProfileVars returns the variables of the headers that decide about implicit
// IUSE, as a run that uses binary packages only takes them from there:
// IUSE_IMPLICIT, USE_EXPAND, USE_EXPAND_IMPLICIT, USE_EXPAND_UNPREFIXED and
// USE_EXPAND_VALUES_*, each the union of all headers, and ARCH of the first
// header that has it.
func (s *Store) ProfileVars() map[string]string {
	vars := make(map[string]string)
	for _, h := range s.Headers() {
		for _, key := range h.profileKeys() {
			value, ok := h.lookup(key)
			if !ok {
				continue
			}
			if before, ok := vars[key]; ok {
				words := append(strings.Fields(before), strings.Fields(value)...)
				slices.Sort(words)
				value = strings.Join(slices.Compact(words), " ")
			}
			vars[key] = value
		}
		if arch, ok := h.lookup("ARCH"); ok && vars["ARCH"] == "" {
			vars["ARCH"] = arch
		}
	}
	return vars
}

// profileKeys returns the variables about implicit IUSE that a header may have.
func (s *Stanza) profileKeys() []string {
	keys := []string{"IUSE_IMPLICIT", "USE_EXPAND_IMPLICIT", "USE_EXPAND_UNPREFIXED", "USE_EXPAND"}
	implicit := strings.Fields(s.Get("USE_EXPAND_IMPLICIT"))
	for _, key := range []string{"USE_EXPAND_UNPREFIXED", "USE_EXPAND"} {
		for _, name := range strings.Fields(s.Get(key)) {
			if slices.Contains(implicit, name) {
				keys = append(keys, "USE_EXPAND_VALUES_"+name)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
