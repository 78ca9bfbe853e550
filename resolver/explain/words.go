package explain

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/tumpline/tumpline/resolver/plan"
)

// Line is a line of a file, counted from 1. The zero value is unknown and is
// written as null.
type Line int

// MarshalJSON writes null for the zero value.
func (l Line) MarshalJSON() ([]byte, error) {
	if l == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(l), 10), nil
}

// QuestionKind is the sort of a question.
type QuestionKind string

// The questions.
const (
	Why    QuestionKind = "why"     // why is a package in the plan
	WhyNot QuestionKind = "why-not" // why is it not
)

// Outcome says what becomes of a package.
type Outcome string

// The outcomes.
const (
	OutcomeMerged    Outcome = "merged"      // the plan merges it
	OutcomePending   Outcome = "pending"     // it was chosen, but no plan came of it
	OutcomeOnlyDeps  Outcome = "only-deps"   // an argument of --onlydeps: its dependencies are merged
	OutcomeKept      Outcome = "kept"        // it is installed and satisfies what asks for it
	OutcomeUntouched Outcome = "untouched"   // it is installed and the plan does not look at it
	OutcomeReplaced  Outcome = "replaced"    // it is installed and the plan replaces it
	OutcomeRemoved   Outcome = "removed"     // it is installed and the plan unmerges it for a blocker
	OutcomeAbsent    Outcome = "not-in-plan" // it is neither chosen nor installed
)

// present says if the package is part of what was chosen.
func (o Outcome) present() bool {
	switch o {
	case OutcomeMerged, OutcomePending, OutcomeOnlyDeps, OutcomeKept:
		return true
	}
	return false
}

// Constraint is a part of an atom.
type Constraint string

// The parts of an atom.
const (
	ConstrainsVersion Constraint = "version"    // an operator and version
	ConstrainsSlot    Constraint = "slot"       // a slot or sub-slot
	ConstrainsUse     Constraint = "use"        // USE dependencies
	ConstrainsRepo    Constraint = "repository" // a repository
	ConstrainsBuild   Constraint = "build-id"   // one build of a binary package
)

// ReasonKind is the sort of a Reason.
type ReasonKind string

// The kinds of reasons.
const (
	// Reasons to be merged although something is installed.
	ReasonArgument     ReasonKind = "argument"      // named on the command line: by
	ReasonOption       ReasonKind = "option"        // an option asks for it, or leaves it out: words
	ReasonUpdate       ReasonKind = "update"        // an update of what is installed is wanted: by is the installed package
	ReasonFlags        ReasonKind = "flags"         // USE or IUSE differ from what is installed or configured: words
	ReasonRebuild      ReasonKind = "rebuild"       // built again because of another package: by
	ReasonNotInstalled ReasonKind = "not-installed" // nothing that is installed satisfies what asks for it

	// Reasons against a package.
	ReasonMask        ReasonKind = "mask"          // package.mask: atom, file, line, comment
	ReasonKeywords    ReasonKind = "keywords"      // KEYWORDS are not accepted: words would have to be
	ReasonLicense     ReasonKind = "license"       // licences are not accepted: words
	ReasonProperties  ReasonKind = "properties"    // PROPERTIES are not accepted: words
	ReasonRestrict    ReasonKind = "restrict"      // RESTRICT is not accepted: words
	ReasonEAPI        ReasonKind = "eapi"          // the EAPI is not supported
	ReasonCHOST       ReasonKind = "chost"         // built for another machine
	ReasonInvalid     ReasonKind = "invalid"       // its metadata is invalid
	ReasonExcluded    ReasonKind = "excluded"      // --exclude matches it: atom
	ReasonParent      ReasonKind = "parent"        // it does not satisfy a requirement: by, class, atom, constrains
	ReasonConflict    ReasonKind = "slot-conflict" // a slot conflict was settled against it: by, atom
	ReasonMissing     ReasonKind = "missing-dep"   // one of its dependencies cannot be met: atom
	ReasonBuiltSlot   ReasonKind = "built-slot"    // it is bound to a slot or sub-slot that goes
	ReasonRequiredUse ReasonKind = "required-use"  // REQUIRED_USE does not hold: words is the part that does not
	ReasonBlocked     ReasonKind = "blocked"       // a package of the plan blocks it: by, class, atom
	ReasonKept        ReasonKind = "kept"          // the installed package by is kept: words are the options that would change that
	ReasonVersion     ReasonKind = "version"       // a higher version is taken: by
	ReasonReplaced    ReasonKind = "replaced"      // it is installed and replaced: by
	ReasonSlot        ReasonKind = "slot"          // another slot is taken, and nothing asks for this one: by
	ReasonRepository  ReasonKind = "repository"    // a repository of higher priority has the version: by
	ReasonBuild       ReasonKind = "build"         // another build of the version is taken: by
	ReasonOrigin      ReasonKind = "origin"        // the version is taken, but from a package of another kind: by
	ReasonChangedDeps ReasonKind = "changed-deps"  // dependencies of a binary package differ from its ebuild's
	ReasonEbuild      ReasonKind = "ebuild"        // the ebuild of a binary package is not there or masked
	ReasonFromSource  ReasonKind = "from-source"   // it has to be built from source for another package
	ReasonUseDisabled ReasonKind = "use-disabled"  // a dependency on it is switched off by USE: by, class, atom, words
	ReasonAlternative ReasonKind = "alternative"   // another alternative was taken: by, class, atom
	ReasonUnneeded    ReasonKind = "unneeded"      // nothing in the plan needs it
	ReasonInstalled   ReasonKind = "installed"     // it is installed, and nothing in the plan touches it
	ReasonSettled     ReasonKind = "settled"       // nothing was recorded against it: by was taken before
)

// words returns the words of an enumeration in the order of their
// declaration, nil for other types.
func words(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[QuestionKind]():
		return list(Why, WhyNot)
	case reflect.TypeFor[Outcome]():
		return list(OutcomeMerged, OutcomePending, OutcomeOnlyDeps, OutcomeKept, OutcomeUntouched, OutcomeReplaced, OutcomeRemoved, OutcomeAbsent)
	case reflect.TypeFor[Constraint]():
		return list(ConstrainsVersion, ConstrainsSlot, ConstrainsUse, ConstrainsRepo, ConstrainsBuild)
	case reflect.TypeFor[ReasonKind]():
		return list(ReasonArgument, ReasonOption, ReasonUpdate, ReasonFlags, ReasonRebuild, ReasonNotInstalled,
			ReasonMask, ReasonKeywords, ReasonLicense, ReasonProperties, ReasonRestrict, ReasonEAPI, ReasonCHOST, ReasonInvalid,
			ReasonExcluded, ReasonParent, ReasonConflict, ReasonMissing, ReasonBuiltSlot, ReasonRequiredUse, ReasonBlocked,
			ReasonKept, ReasonVersion, ReasonReplaced, ReasonSlot, ReasonRepository, ReasonBuild, ReasonOrigin,
			ReasonChangedDeps, ReasonEbuild, ReasonFromSource, ReasonUseDisabled, ReasonAlternative, ReasonUnneeded,
			ReasonInstalled, ReasonSettled)
	case reflect.TypeFor[plan.Origin]():
		return list(plan.OriginEbuild, plan.OriginBinary, plan.OriginInstalled)
	case reflect.TypeFor[plan.Root]():
		return list(plan.RootTarget, plan.RootBuild, plan.RootSysroot)
	case reflect.TypeFor[plan.Status]():
		return list(plan.StatusNew, plan.StatusNewSlot, plan.StatusUpdate, plan.StatusDowngrade, plan.StatusReinstall)
	case reflect.TypeFor[plan.Class]():
		return list(plan.ClassDepend, plan.ClassBDepend, plan.ClassRDepend, plan.ClassPDepend, plan.ClassIDepend, plan.ClassSoname)
	case reflect.TypeFor[plan.LinkKind]():
		return list(plan.LinkEbuild, plan.LinkBinary, plan.LinkInstalled, plan.LinkSet, plan.LinkArgument)
	}
	return nil
}

func list[T ~string](values ...T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// plainJSON writes a value without the HTML escapes of json.Marshal.
func plainJSON(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return b.Bytes(), err
}
