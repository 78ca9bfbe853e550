package atoms

import (
	"fmt"
	"strings"
)

// USEKind is the form of a USE dependency (PMS 8.3.4).
type USEKind uint8

const (
	USEEnabled    USEKind = iota // [f]   enabled
	USEDisabled                  // [-f]  disabled
	USEEqual                     // [f=]  as in the package with the dependency
	USENotEqual                  // [!f=] the opposite of it there
	USEIfEnabled                 // [f?]  enabled if enabled there
	USEIfDisabled                // [!f?] disabled if disabled there
)

// String returns the form with the flag f.
func (k USEKind) String() string {
	if k > USEIfDisabled {
		return "USEKind(?)"
	}
	return k.prefix() + "f" + k.suffix()
}

func (k USEKind) prefix() string {
	return [...]string{"", "-", "", "!", "", "!"}[k]
}

func (k USEKind) suffix() string {
	return [...]string{"", "", "=", "=", "?", "?"}[k]
}

// Conditional reports whether the kind depends on the package that has the
// dependency.
func (k USEKind) Conditional() bool { return k >= USEEqual }

// USEDefault is what a USE dependency assumes of a package without the flag.
type USEDefault uint8

const (
	USENoDefault       USEDefault = iota // [f]    the package must have the flag
	USEDefaultEnabled                    // [f(+)] as if enabled
	USEDefaultDisabled                   // [f(-)] as if disabled
)

// String returns "", "(+)" or "(-)".
func (d USEDefault) String() string {
	if d > USEDefaultDisabled {
		return "USEDefault(?)"
	}
	return [...]string{"", "(+)", "(-)"}[d]
}

// A USEDep is one USE dependency of an atom.
type USEDep struct {
	Flag    string
	Kind    USEKind
	Default USEDefault
}

// String returns the dependency as written between the brackets of an atom.
func (d USEDep) String() string {
	return d.Kind.prefix() + d.Flag + d.Default.String() + d.Kind.suffix()
}

// A FlagState answers about the USE flags of one package.
type FlagState interface {
	Declared(flag string) bool // whether flag is in IUSE_EFFECTIVE
	Enabled(flag string) bool  // whether flag is in USE
}

// matches reports whether s meets an unconditional dependency on a flag that
// is declared or has a default. A conditional one is always met.
func (d USEDep) matches(s FlagState) bool {
	if d.Kind.Conditional() {
		return true
	}
	want := d.Kind == USEEnabled
	if s.Declared(d.Flag) {
		return s.Enabled(d.Flag) == want
	}
	return (d.Default == USEDefaultEnabled) == want
}

// evaluate replaces a conditional dependency by what it means in a package
// where the flag is on or off. It reports false if it then asks nothing.
func (d USEDep) evaluate(on bool) (USEDep, bool) {
	kind := d.Kind
	switch kind {
	case USEIfEnabled:
		kind = USEEnabled
		if !on {
			return d, false
		}
	case USEIfDisabled:
		kind = USEDisabled
		if on {
			return d, false
		}
	case USEEqual, USENotEqual:
		kind = USEDisabled
		if on == (d.Kind == USEEqual) {
			kind = USEEnabled
		}
	}
	return USEDep{Flag: d.Flag, Kind: kind, Default: d.Default}, true
}

// parseUSEDeps parses the text between the brackets of an atom.
func parseUSEDeps(s string) ([]USEDep, fault) {
	deps := make([]USEDep, 0, strings.Count(s, ",")+1)
	for start := 0; ; {
		end := strings.IndexByte(s[start:], ',')
		if end < 0 {
			end = len(s)
		} else {
			end += start
		}
		d, f := parseUSEDep(s[start:end])
		if f.msg == "" {
			f = checkDefault(deps, d)
		}
		if f.msg != "" {
			return nil, f.shift(start)
		}
		deps = append(deps, d)
		if end == len(s) {
			return deps, fault{}
		}
		start = end + 1
	}
}

// parseUSEDep parses one USE dependency.
func parseUSEDep(s string) (USEDep, fault) {
	var prefix byte
	i := 0
	if s != "" && (s[0] == '-' || s[0] == '!') {
		prefix, i = s[0], 1
	}
	start := i
	i += flagLen(s[i:])
	if i == start {
		return USEDep{}, fault{i, "expected a USE flag"}
	}
	d := USEDep{Flag: s[start:i]}
	switch rest := s[i:]; {
	case strings.HasPrefix(rest, "(+)"):
		d.Default, i = USEDefaultEnabled, i+3
	case strings.HasPrefix(rest, "(-)"):
		d.Default, i = USEDefaultDisabled, i+3
	}
	var ok bool
	if d.Kind, ok = useKind(prefix, s[i:]); !ok {
		return USEDep{}, fault{i, "expected the end of a USE dependency"}
	}
	return d, fault{}
}

// useKind returns the kind with the prefix (0 for none) and suffix.
func useKind(prefix byte, suffix string) (USEKind, bool) {
	switch {
	case prefix == 0 && suffix == "":
		return USEEnabled, true
	case prefix == '-' && suffix == "":
		return USEDisabled, true
	case prefix == 0 && suffix == "=":
		return USEEqual, true
	case prefix == '!' && suffix == "=":
		return USENotEqual, true
	case prefix == 0 && suffix == "?":
		return USEIfEnabled, true
	case prefix == '!' && suffix == "?":
		return USEIfDisabled, true
	}
	return 0, false
}

// checkDefault refuses a flag that occurs with different defaults.
func checkDefault(deps []USEDep, d USEDep) fault {
	for i := range deps {
		if deps[i].Flag == d.Flag && deps[i].Default != d.Default {
			return fault{0, "the flag occurs twice with different defaults"}
		}
	}
	return fault{}
}

// flagLen returns the length of the USE flag that s begins with (PMS 3.1.4).
func flagLen(s string) int {
	i := 0
	for i < len(s) && (isFlagStart(s[i]) || i > 0 && isFlagRest(s[i])) {
		i++
	}
	return i
}

func isFlagStart(c byte) bool { return isWord(c) && c != '_' }

func isFlagRest(c byte) bool { return c == '_' || c == '+' || c == '@' || c == '-' }

// IsUSEFlag reports whether s is a name for a USE flag.
func IsUSEFlag(s string) bool { return s != "" && flagLen(s) == len(s) }

// An UndeclaredFlagError says that a flag is named which the package does not
// have.
type UndeclaredFlagError struct{ Flag string }

// Error names the flag.
func (e *UndeclaredFlagError) Error() string {
	return fmt.Sprintf("USE flag %q is not in IUSE", e.Flag)
}
