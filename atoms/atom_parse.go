package atoms

import (
	"slices"
	"strconv"
	"strings"
)

// ParseAtom parses a package dependency specification. An error is a
// *ParseError.
func ParseAtom(s string, o AtomOptions) (*Atom, error) {
	a, f := parseAtom(s, o)
	if f.msg != "" {
		return nil, f.err("atom", s)
	}
	return a, nil
}

// parseAtom is ParseAtom with the fault not yet made an error.
func parseAtom(s string, o AtomOptions) (*Atom, fault) {
	a, f := scanAtom(s)
	if f.msg == "" {
		f = a.forbidden(&o)
	}
	return a, f
}

// forbidden reports the first part of the atom that the options do not allow.
func (a *Atom) forbidden(o *AtomOptions) fault {
	slot := strings.IndexByte(a.text, ':') + 1
	switch {
	case a.Wildcard && !o.AllowWildcard:
		return fault{strings.IndexByte(a.text, '*'), "wildcards are not allowed here"}
	case a.BuildID != NoBuildID && !o.AllowBuildID:
		return fault{0, "a build id is not allowed here"}
	case a.Repo != "" && !o.AllowRepo:
		return fault{strings.Index(a.text, "::"), "a repository name is not allowed here"}
	case o.EAPI == nil:
		return fault{}
	case a.Blocker == BlockStrong && !o.EAPI.StrongBlockers:
		return fault{0, "strong blockers are not allowed in EAPI " + o.EAPI.Name}
	case a.Slot != "" && !o.EAPI.SlotDeps:
		return fault{slot, "slot dependencies are not allowed in EAPI " + o.EAPI.Name}
	case a.SlotOp != SlotOpNone && !o.EAPI.SlotOperators:
		return fault{slot, "slot operators are not allowed in EAPI " + o.EAPI.Name}
	case a.Subslot != "" && !o.EAPI.SubSlots:
		return fault{slot, "subslots are not allowed in EAPI " + o.EAPI.Name}
	case len(a.USE) > 0 && !o.EAPI.USEDeps:
		return fault{strings.IndexByte(a.text, '['), "USE dependencies are not allowed in EAPI " + o.EAPI.Name}
	case !o.EAPI.USEDepDefaults && slices.ContainsFunc(a.USE, func(d USEDep) bool { return d.Default != USENoDefault }):
		return fault{strings.IndexByte(a.text, '['), "USE dependency defaults are not allowed in EAPI " + o.EAPI.Name}
	}
	return fault{}
}

// scanAtom parses an atom with everything allowed.
func scanAtom(s string) (*Atom, fault) {
	a := &Atom{text: s, BuildID: NoBuildID}
	start := a.parseBlocker(s)
	start += a.parseOp(s[start:])
	end := start
	for end < len(s) && s[end] != ':' && s[end] != '[' {
		end++
	}
	if f := a.parseBody(s[start:end]); f.msg != "" {
		return nil, f.shift(start)
	}
	return a, a.parseTail(s, end)
}

// parseBlocker reads "!" or "!!" and returns its length.
func (a *Atom) parseBlocker(s string) int {
	n := 0
	for n < 2 && n < len(s) && s[n] == '!' {
		n++
	}
	a.Blocker = Blocker(n)
	return n
}

// parseOp reads the operator and returns its length.
func (a *Atom) parseOp(s string) int {
	if s == "" {
		return 0
	}
	orEqual := len(s) > 1 && s[1] == '='
	switch s[0] {
	case '=':
		a.Op = OpEqual
	case '~':
		a.Op = OpTilde
	case '<':
		a.Op = OpLess
		if orEqual {
			a.Op = OpLessEqual
			return 2
		}
	case '>':
		a.Op = OpGreater
		if orEqual {
			a.Op = OpGreaterEqual
			return 2
		}
	default:
		return 0
	}
	return 1
}

// parseBody parses what stands between the operator and the slot.
func (a *Atom) parseBody(s string) fault {
	body := s
	if a.Op == OpEqual && strings.HasSuffix(s, "*") {
		body = s[:len(s)-1]
	}
	if strings.IndexByte(body, '*') >= 0 {
		return a.parseWildcardBody(s)
	}
	slash, f := scanCategory(body)
	if f.msg != "" {
		return f
	}
	slash++
	if a.Op == OpNone {
		a.CP = CP(body)
		return checkName(body[slash:]).shift(slash)
	}
	if len(body) < len(s) {
		a.Op = OpEqualGlob
	}
	return a.parseVersioned(body, slash)
}

// parseVersioned parses "cat/pkg-version" or "cat/pkg-version-buildid", of
// which the package name starts at i.
func (a *Atom) parseVersioned(s string, i int) fault {
	name, v, ok := cutVersion(s[i:])
	if !ok {
		if f := checkNameChars(s[i:]); f.msg != "" {
			return f.shift(i)
		}
		return fault{len(s), "expected a version after the package name"}
	}
	if inner, version, ok := cutVersion(name); ok {
		if a.Op == OpEqualGlob {
			return fault{i + len(inner), "a package name must not end in a version"}
		}
		if a.BuildID, ok = parseBuildID(v.text); !ok {
			return fault{i + len(name) + 1, "expected a build id"}
		}
		name, v = inner, version
	}
	a.CP, a.Version = CP(s[:i+len(name)]), v
	return checkName(name).shift(i)
}

// parseBuildID parses a number without leading zeros.
func parseBuildID(s string) (int, bool) {
	if len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil
}

// parseTail parses slot, repository and USE dependencies from s[i:].
func (a *Atom) parseTail(s string, i int) fault {
	if i < len(s) && s[i] == ':' && !strings.HasPrefix(s[i:], "::") {
		end := i + 1
		for end < len(s) && s[end] != ':' && s[end] != '[' {
			end++
		}
		if f := a.parseSlot(s[i+1 : end]); f.msg != "" {
			return f.shift(i + 1)
		}
		i = end
	}
	if i < len(s) && s[i] == ':' {
		end, f := a.parseRepo(s, i)
		if f.msg != "" {
			return f
		}
		i = end
	}
	if i == len(s) {
		return fault{}
	}
	if s[len(s)-1] != ']' {
		return fault{len(s), "expected ']'"}
	}
	if a.Wildcard {
		return fault{i, "USE dependencies are not allowed with wildcards"}
	}
	var f fault
	a.USE, f = parseUSEDeps(s[i+1 : len(s)-1])
	a.conditional = hasConditional(a.USE)
	return f.shift(i + 1)
}

// parseSlot parses the text after the colon of a slot dependency.
func (a *Atom) parseSlot(s string) fault {
	if s == "*" {
		a.SlotOp = SlotOpAny
		return fault{}
	}
	rest, operator := strings.CutSuffix(s, "=")
	if operator {
		a.SlotOp = SlotOpRebuild
		if rest == "" {
			return fault{}
		}
	}
	n := slotLen(rest)
	if n == 0 {
		return fault{0, "expected a slot"}
	}
	a.Slot = rest[:n]
	if n == len(rest) {
		return fault{}
	}
	if rest[n] != '/' {
		return fault{n, "expected the end of the slot"}
	}
	a.Subslot = rest[n+1:]
	if m := slotLen(a.Subslot); m == 0 || m < len(a.Subslot) {
		return fault{n + 1 + m, "expected a subslot"}
	}
	return fault{}
}

// slotLen returns the length of the slot name that s begins with (PMS 3.1.3).
func slotLen(s string) int {
	i := 0
	for i < len(s) && (isWord(s[i]) || i > 0 && (s[i] == '+' || s[i] == '.' || s[i] == '-')) {
		i++
	}
	return i
}

// parseRepo parses "::repo" at s[i:] and returns where it ends.
func (a *Atom) parseRepo(s string, i int) (end int, f fault) {
	if !strings.HasPrefix(s[i:], "::") {
		return i, fault{i + 1, "expected ':'"}
	}
	start := i + 2
	end = start + repoLen(s[start:])
	switch {
	case end == start:
		return end, fault{end, "expected a repository name"}
	case end < len(s) && s[end] != '[':
		return end, fault{end, "expected the end of the repository name"}
	}
	a.Repo = s[start:end]
	return end, fault{}
}

// repoLen returns the length of the repository name that s begins with (PMS 3.1.5).
func repoLen(s string) int {
	i := 0
	for i < len(s) && (isWord(s[i]) || i > 0 && s[i] == '-') {
		i++
	}
	return i
}
