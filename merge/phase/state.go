package phase

import (
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// A filter says which variables of a saved state go.
type filter struct {
	drop *nameSet
}

// always are dropped from every saved state: what belongs to a shell or is given
// anew to each phase.
func dropped(e *eapi.Features) *nameSet {
	s := newNameSet("SYSROOT SANDBOX_DEBUG_LOG SANDBOX_DISABLED SANDBOX_ACTIVE SANDBOX_BASHRC SANDBOX_LIB SANDBOX_LOG SANDBOX_ON EBUILD_SH_ARGS")
	for _, other := range []*nameSet{fixed(), ofBash()} {
		for name := range other.names {
			s.names[name] = true
		}
		s.prefixes = append(s.prefixes, other.prefixes...)
	}
	if e.BROOT {
		s.names["BROOT"] = true
	}
	if e.Prefix {
		s.add("ED EPREFIX EROOT")
		if e.SYSROOT {
			s.add("ESYSROOT")
		}
	}
	if e.PORTDIR {
		s.add("PORTDIR ECLASSDIR")
	}
	// Metadata and USE are readonly in a phase, and yet part of its state.
	for _, name := range append(strings.Fields(metadataNames), "USE") {
		s.names[name] = false
	}
	return s
}

// metadataNames are the variables that the ebuild sets for the package manager.
const metadataNames = `BDEPEND DEFINED_PHASES DESCRIPTION DEPEND EAPI HOMEPAGE INHERITED IDEPEND IUSE KEYWORDS LICENSE PDEPEND
	REPOSITORY REQUIRED_USE RESTRICT RDEPEND SRC_URI SLOT`

func (s *nameSet) add(words string) {
	for _, w := range strings.Fields(words) {
		s.names[w] = true
	}
}

// betweenPhases filters the state that the next phase gets.
func betweenPhases(e *eapi.Features) filter {
	s := dropped(e)
	s.add("A AA CATEGORY P PF PN PR PV PVR HOSTNAME FEATURES PORTAGE_FEATURES")
	return filter{s}
}

// installed filters the state that the installed package keeps: pkg_prerm may run
// years later, elsewhere.
func installed(e *eapi.Features) filter {
	s := dropped(e)
	s.add(`PATH MAKEFLAGS MAKEOPTS NINJAOPTS S PORTAGE_DOCOMPRESS PORTAGE_DOCOMPRESS_SIZE_LIMIT PORTAGE_DOCOMPRESS_SKIP
		PORTAGE_DOSTRIP PORTAGE_DOSTRIP_SKIP __E_DESTTREE __E_DOCDESTTREE __E_EXEDESTTREE __E_INSDESTTREE`)
	s.prefixes = append(s.prefixes, "SANDBOX_")
	return filter{s}
}

// fromElsewhere filters the state of an installed or binary package: where it was
// built is no matter here.
func fromElsewhere(e *eapi.Features) filter {
	s := dropped(e)
	s.add(`A AA CATEGORY P PF PN PR PV PVR HOSTNAME FEATURES PORTAGE_FEATURES PATH LC_MESSAGES LC_MONETARY LC_COLLATE LC_NUMERIC
		LC_CTYPE LC_PAPER LC_TIME LC_ALL LANG`)
	s.prefixes = append(s.prefixes, "SANDBOX_")
	return filter{s}
}

// apply filters a state as `declare -p; declare -fp` writes it. A line that is no
// assignment, and the bodies of functions, are kept as they are. The readonly
// attribute goes, and so do bytes 1, which bash multiplies whenever it writes them.
func (f filter) apply(state string) string {
	var out strings.Builder
	out.Grow(len(state))
	for state != "" {
		if !strings.HasPrefix(state, "declare ") {
			return out.String() + f.rest(state)
		}
		line := assignment(state)
		state = state[len(line):]
		if text, ok := f.line(line); ok {
			out.WriteString(text)
		}
	}
	return out.String()
}

// rest filters what follows the variables: functions, and the attributes of some
// of them.
func (f filter) rest(text string) string { return strings.ReplaceAll(text, "\x01", "") }

// assignment cuts the first assignment off: a line, or several if its value has
// line ends in quotes.
func assignment(state string) string {
	const none, ansi = 0, 1 // outside quotes; within $'...'
	quote := byte(none)
	for i := 0; i < len(state); i++ {
		c := state[i]
		switch {
		case c == '\\' && quote != '\'':
			i++
		case quote == none && (c == '"' || c == '\''):
			quote = c
			if c == '\'' && i > 0 && state[i-1] == '$' {
				quote = ansi
			}
		case quote == ansi && c == '\'', quote != none && c == quote:
			quote = none
		case quote == none && c == '\n':
			return state[:i+1]
		}
	}
	return state
}

// line filters one assignment: "declare -x NAME=...".
func (f filter) line(line string) (string, bool) {
	attributes, rest, ok := strings.Cut(strings.TrimPrefix(line, "declare "), " ")
	if !ok {
		return line, true
	}
	name := strings.TrimRight(rest, "\n")
	if i := strings.IndexByte(name, '='); i >= 0 {
		name = name[:i]
	}
	if f.drop.has(name) || !validName(name) {
		return "", false
	}
	if attributes = strings.ReplaceAll(attributes, "r", ""); attributes == "-" {
		attributes = ""
	} else {
		attributes += " "
	}
	return "declare " + attributes + strings.ReplaceAll(rest, "\x01", ""), true
}
