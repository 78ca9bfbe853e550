package plan

import "reflect"

// words returns the words of an enumeration in the order of their
// declaration, nil for other types.
func words(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[Operation]():
		return list(OpMerge, OpUnmerge)
	case reflect.TypeFor[Origin]():
		return list(OriginEbuild, OriginBinary, OriginInstalled)
	case reflect.TypeFor[Root]():
		return list(RootTarget, RootBuild, RootSysroot)
	case reflect.TypeFor[Stage]():
		return list(StageBootstrap, StageFinal)
	case reflect.TypeFor[Status]():
		return list(StatusNew, StatusNewSlot, StatusUpdate, StatusDowngrade, StatusReinstall)
	case reflect.TypeFor[Mark]():
		return list(MarkNone, MarkTesting, MarkUnkeyworded, MarkMasked)
	case reflect.TypeFor[Restriction]():
		return list(FetchFree, FetchPresent, FetchMissing)
	case reflect.TypeFor[Class]():
		return list(ClassDepend, ClassBDepend, ClassRDepend, ClassPDepend, ClassIDepend, ClassSoname)
	case reflect.TypeFor[Strength]():
		return list(StrengthWeak, StrengthStrong)
	case reflect.TypeFor[Severity]():
		return list(SeverityError, SeverityWarning)
	case reflect.TypeFor[LinkKind]():
		return list(LinkEbuild, LinkBinary, LinkInstalled, LinkSet, LinkArgument)
	case reflect.TypeFor[ProofKind]():
		return list(ProofArgument, ProofWorld, ProofDependency, ProofInstalled, ProofSlot, ProofMasked,
			ProofRequiredUse, ProofUseSetting, ProofExcluded, ProofRefused)
	case reflect.TypeFor[RemedyStatus]():
		return list(RemedyLeast, RemedyHelps, RemedyUseless, RemedyUnknown)
	case reflect.TypeFor[RemedyKind]():
		return list(RemedyUse, RemedyKeyword, RemedyMask, RemedyLicense, RemedyProperties, RemedyRestrict)
	case reflect.TypeFor[ReasonKind]():
		return list(ReasonArgument, ReasonSet, ReasonDependency, ReasonSubslot, ReasonRebuild,
			ReasonFlags, ReasonOption, ReasonBlocker, ReasonUnneeded, ReasonCycle)
	case reflect.TypeFor[ProblemKind]():
		return list(ProblemInvalidArgument, ProblemAmbiguousName, ProblemUnknownSet, ProblemNoMatch, ProblemMasked,
			ProblemUse, ProblemRequiredUse, ProblemCircular, ProblemSlotConflict, ProblemBlocked, ProblemChangesNeeded,
			ProblemMissingMember, ProblemProvided, ProblemSkippedUpdate, ProblemIgnoredBinary, ProblemChangedDeps,
			ProblemMaskedUpdate, ProblemMaskedInstalled, ProblemDependencyNeeded, ProblemStillNeeded, ProblemVirtualCycle,
			ProblemBadPackage, ProblemBadConfig)
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
