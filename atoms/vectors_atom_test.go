package atoms

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

func checkAtom(r record) (any, error) {
	if r.ErrorType == "TypeError" {
		return nil, fmt.Errorf("%w: Portage refuses to parse an atom object again; here that does not compile", errInapplicable)
	}
	a, err := ParseAtom(text(r, "atom"), options(r))
	if err != nil {
		return nil, err
	}
	if valid := predicate(r, "is_valid_flag"); valid != nil {
		if err := a.CheckFlags(valid); err != nil {
			return nil, err
		}
	}
	version := a.Version.String()
	if a.VersionGlob() != "" {
		version = "*" + a.VersionGlob() + "*"
	}
	cpv := string(a.CP)
	if version != "" {
		cpv += "-" + version
	}
	got := map[string]any{
		"cp": string(a.CP), "cpv": cpv, "version": orNull(version), "operator": orNull(a.Op.String()),
		"slot": orNull(a.Slot), "sub_slot": orNull(a.Subslot), "slot_operator": orNull(a.SlotOp.String()),
		"repo": orNull(a.Repo), "build_id": nil, "extended_syntax": a.Wildcard, "string": a.String(),
		"blocker": []any{nil, "weak", "strong"}[a.Blocker], "use": useParts(a.USE),
	}
	if a.BuildID != NoBuildID {
		got["build_id"] = float64(a.BuildID)
	}
	if rendered := a.render(); rendered != a.String() {
		return nil, fmt.Errorf("render gives %q", rendered)
	}
	return got, nil
}

// useParts describes USE dependencies as Portage keeps them: sets of flags.
func useParts(deps []USEDep) any {
	if len(deps) == 0 {
		return nil
	}
	flags := func(want func(USEDep) bool) any {
		var set []string
		for _, d := range deps {
			if want(d) {
				set = append(set, d.Flag)
			}
		}
		slices.Sort(set)
		return stringList(slices.Compact(set))
	}
	kind := func(k USEKind) any { return flags(func(d USEDep) bool { return d.Kind == k }) }
	parts := map[string]any{
		"tokens":           list(deps, func(d USEDep) any { return d.String() }),
		"enabled":          kind(USEEnabled),
		"disabled":         kind(USEDisabled),
		"required":         flags(func(d USEDep) bool { return d.Default == USENoDefault }),
		"missing_enabled":  flags(func(d USEDep) bool { return d.Default == USEDefaultEnabled }),
		"missing_disabled": flags(func(d USEDep) bool { return d.Default == USEDefaultDisabled }),
		"conditional":      nil,
	}
	if hasConditional(deps) {
		parts["conditional"] = map[string]any{
			"enabled": kind(USEIfEnabled), "disabled": kind(USEIfDisabled),
			"equal": kind(USEEqual), "not_equal": kind(USENotEqual),
		}
	}
	return parts
}

func parseAny(r record, key string) (*Atom, error) { return ParseAtom(text(r, key), anyOption) }

func checkEvaluate(r record) (any, error) {
	a, err := parseAny(r, "atom")
	if err != nil {
		return nil, err
	}
	return a.EvaluateUSE(flagSet(r, "use")).String(), nil
}

func checkEvalQA(r record) (any, error) {
	a, err := parseAny(r, "atom")
	if err != nil {
		return nil, err
	}
	return a.EvaluateQA(flagSet(r, "use_mask"), flagSet(r, "use_force")).String(), nil
}

func checkViolated(r record) (any, error) {
	a, err := parseAny(r, "atom")
	if err != nil {
		return nil, err
	}
	var parent func(string) bool
	if field[*[]string](r, "parent_use") != nil {
		parent = flagSet(r, "parent_use")
	}
	child := flagMap{declared: field[[]string](r, "other_iuse"), enabled: field[[]string](r, "other_use")}
	violated := a.ViolatedUSE(child, parent)
	if violated == nil {
		return nil, errors.New("nil")
	}
	return violated.String(), nil
}

func checkIntersects(r record) (any, error) {
	a, errA := parseAny(r, "atom")
	b, errB := parseAny(r, "other")
	if err := errors.Join(errA, errB); err != nil {
		return nil, err
	}
	if a.Intersects(b) != b.Intersects(a) {
		return nil, errors.New("Intersects is not symmetric")
	}
	return a.Intersects(b), nil
}

func checkIsValidAtom(r record) (any, error) {
	a, err := ParseAtom(text(r, "atom"), options(r))
	return err == nil && (a.Blocker == BlockNone || field[bool](r, "allow_blockers")), nil
}

// checkValidPackageAtom checks what may stand on a command line: the name of
// a package may be without category. Where Portage's test gave an atom object
// it had been parsed with wildcards allowed.
func checkValidPackageAtom(r record) (any, error) {
	s := text(r, "x")
	o := AtomOptions{AllowRepo: field[bool](r, "allow_repo"), AllowBuildID: true}
	o.AllowWildcard = strings.HasSuffix(r.Test, "testAtomInstances")
	if name, _, _ := strings.Cut(s, ":"); !strings.Contains(name, "/") {
		s, _ = InsertCategory(s, "cat")
	}
	a, err := ParseAtom(s, o)
	return err == nil && a.Blocker == BlockNone, nil
}

func checkIsJustName(r record) (any, error) {
	s := text(r, "mypkg")
	if !strings.Contains(s, "/") {
		s = "cat/" + s
	}
	_, err := ParseCP(s)
	return err == nil, nil
}

func checkGetOperator(r record) (any, error) {
	a, err := parseAny(r, "mydep")
	if err != nil {
		return nil, err
	}
	return orNull(a.Op.String()), nil
}

func checkGetCPV(r record) (any, error) {
	a, err := parseAny(r, "mydep")
	if err != nil {
		return nil, err
	}
	return a.CPV().String(), nil
}

func checkGetRepo(r record) (any, error) {
	a, err := parseAny(r, "mydep")
	if err != nil {
		return nil, err
	}
	return orNull(a.Repo), nil
}

func checkGetSlot(r record) (any, error) {
	a, err := parseAny(r, "mydep")
	if err != nil {
		return nil, err
	}
	return orNull(a.Slot), nil
}

// checkGetUSEDeps reads the brackets alone: the package names of these
// records are not valid.
func checkGetUSEDeps(r record) (any, error) {
	s := text(r, "depend")
	open := strings.IndexByte(s, '[')
	if open < 0 || !strings.HasSuffix(s, "]") {
		return nil, errors.New("no brackets")
	}
	deps, f := parseUSEDeps(s[open+1 : len(s)-1])
	if f.msg != "" {
		return nil, f.err("USE dependency", s)
	}
	return list(deps, func(d USEDep) any { return d.String() }), nil
}

func checkVercmp(r record) (any, error) {
	v, errV := ParseVersion(text(r, "ver1"))
	w, errW := ParseVersion(text(r, "ver2"))
	if err := errors.Join(errV, errW); err != nil {
		return nil, err
	}
	if v.Compare(w) != -w.Compare(v) {
		return nil, errors.New("Compare is not antisymmetric")
	}
	return float64(v.Compare(w)), nil
}

func checkCPVEqual(r record) (any, error) {
	parse := func(s string) (CPV, error) {
		if !strings.Contains(s, "/") {
			s = "null/" + s // as Portage names a missing category
		}
		return ParseCPV(s)
	}
	c, errC := parse(text(r, "cpv1"))
	d, errD := parse(text(r, "cpv2"))
	if err := errors.Join(errC, errD); err != nil {
		return nil, err
	}
	return c.Compare(d) == 0, nil
}

// checkCPVSort sorts texts, of which some are no package versions; those are
// compared as text.
func checkCPVSort(r record) (any, error) {
	texts := field[[]string](r, "cpvs")
	sort.SliceStable(texts, func(i, j int) bool {
		c, errC := ParseCPV(texts[i])
		d, errD := ParseCPV(texts[j])
		if errC != nil || errD != nil || c.CP != d.CP {
			return texts[i] < texts[j]
		}
		return c.Compare(d) < 0
	})
	return stringList(texts), nil
}

// candidates decodes packages given as text, "cpv" or "cpv:slot", or as objects.
func candidates(r record, key string) ([]Candidate, error) {
	var out []Candidate
	for _, item := range field[[]any](r, key) {
		var c Candidate
		var cpv string
		switch v := item.(type) {
		case string:
			cpv, c.Slot, _ = strings.Cut(v, ":")
			c.Subslot = c.Slot
		case map[string]any:
			cpv, c.Slot, c.Subslot = v["cpv"].(string), v["slot"].(string), v["sub_slot"].(string)
			c.Repo, _ = v["repo"].(string)
			c.Flags = flagMap{declared: stringsOf(v["iuse"]), enabled: stringsOf(v["use"])}
		}
		c.BuildID = NoBuildID
		var err error
		if c.CPV, err = ParseCPV(cpv); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func stringsOf(v any) (out []string) {
	for _, s := range v.([]any) {
		out = append(out, s.(string))
	}
	return out
}

func checkMatchFromList(r record) (any, error) {
	a, err := ParseAtom(text(r, "mydep"), anyOption)
	if err != nil {
		return nil, err
	}
	if _, ok := r.Inputs["evaluate_with"]; ok {
		a = a.EvaluateUSE(flagSet(r, "evaluate_with"))
	}
	packages, err := candidates(r, "candidate_list")
	if err != nil {
		return nil, err
	}
	matches := []any{}
	for _, p := range packages {
		if !a.Match(p) {
			continue
		}
		match := p.CPV.String()
		switch {
		case p.Repo != "":
			match += "::" + p.Repo
		case p.Slot != "" && p.Flags == nil:
			match += ":" + p.Slot
		}
		matches = append(matches, match)
	}
	return matches, nil
}

func checkBestMatch(r record) (any, error) {
	var atoms []*Atom
	for _, s := range field[[]string](r, "mylist") {
		a, err := ParseAtom(s, anyOption)
		if err != nil {
			return nil, err
		}
		atoms = append(atoms, a)
	}
	cpv, slot, _ := strings.Cut(text(r, "mypkg"), ":")
	c, err := ParseCPV(cpv)
	if err != nil {
		return nil, err
	}
	best := BestMatch(atoms, Candidate{CPV: c, Slot: slot, Subslot: slot, BuildID: NoBuildID})
	if best == nil {
		return nil, nil
	}
	return best.String(), nil
}

// checkDatabaseMatch matches built packages: from EAPI 5 on a flag that was
// enabled when a package was built counts as declared.
func checkDatabaseMatch(r record) (any, error) {
	a, err := parseAny(r, "atom")
	if err != nil {
		return nil, err
	}
	matches := []any{}
	for _, p := range field[[]struct {
		CPV      string
		Metadata map[string]string
	}](r, "packages") {
		c := Candidate{Slot: p.Metadata["SLOT"], Subslot: p.Metadata["SLOT"], Repo: p.Metadata["repository"], BuildID: NoBuildID}
		if c.CPV, err = ParseCPV(p.CPV); err != nil {
			return nil, err
		}
		flags := flagMap{declared: strings.Fields(p.Metadata["IUSE"]), enabled: strings.Fields(p.Metadata["USE"])}
		if f, ok := eapi.Lookup(p.Metadata["EAPI"]); ok && f.IUSEEffective {
			flags.declared = append(flags.declared, flags.enabled...)
		}
		c.Flags = flags
		if a.Match(c) {
			matches = append(matches, p.CPV)
		}
	}
	return matches, nil
}

func checkWildcardSet(r record) (any, error) {
	set := []any{}
	for _, s := range field[[]string](r, "atoms") {
		a, err := ParseAtomOrName(s, AtomOptions{})
		if err != nil {
			return nil, err
		}
		set = append(set, a.String())
	}
	return set, nil
}

func checkUpdate(r record) (any, error) {
	command := field[[]string](r, "update_cmd")
	parent := field[*struct{ CPV, EAPI, Slot string }](r, "parent")
	o := options(r)
	var candidate *Candidate
	if parent != nil {
		o.EAPI, _ = eapi.Lookup(parent.EAPI)
		cpv, err := ParseCPV(parent.CPV)
		if err != nil {
			return nil, err
		}
		candidate = &Candidate{CPV: cpv, Slot: parent.Slot, Subslot: parent.Slot, BuildID: NoBuildID}
	}
	content := text(r, "mycontent")
	var got string
	var changed bool
	if command[0] == "move" {
		got, changed = Move{CP(command[1]), CP(command[2])}.Apply(content, o, candidate)
	} else {
		a, err := ParseAtom(command[1], AtomOptions{})
		if err != nil {
			return nil, err
		}
		got, changed = SlotMove{a, command[2], command[3]}.Apply(content, o)
	}
	if changed != (got != content) {
		return nil, fmt.Errorf("changed = %v", changed)
	}
	return got, nil
}
