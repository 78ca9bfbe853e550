package use

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles"
)

// Expanded returns the variables of USE_EXPAND and USE_EXPAND_UNPREFIXED as
// the package's ebuild sees them: only flags that are on and in IUSE_EFFECTIVE,
// in the order of the variable as configured, the rest sorted (PMS, "USE and
// IUSE handling").
func (s *State) Expanded() map[string]string {
	vars := s.calc.config.PackageVars(profiles.Candidate(s.pkg))
	out := make(map[string]string)
	for _, name := range s.calc.config.Words("USE_EXPAND") {
		configured, _ := vars.Raw(name)
		out[name] = strings.Join(s.expanded(name, strings.Fields(configured.Text)), " ")
	}
	for _, name := range s.calc.config.Words("USE_EXPAND_UNPREFIXED") {
		configured, _ := vars.Raw(name)
		words := slices.DeleteFunc(strings.Fields(configured.Text), func(w string) bool { return !s.Enabled(w) })
		out[name] = strings.Join(words, " ")
	}
	return out
}

// expanded lists the values of one variable. If it has a wildcard and the
// package no flag of its own, the variable is empty: the ebuild then takes
// everything.
func (s *State) expanded(name string, configured []string) []string {
	prefix := strings.ToLower(name) + "_"
	var on []string
	for _, flag := range s.EnabledFlags() {
		if value, ok := strings.CutPrefix(flag, prefix); ok {
			on = append(on, value)
		}
	}
	var list []string
	for _, value := range append(configured, on...) {
		if slices.Contains(on, value) && !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}
