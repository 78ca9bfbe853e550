package eapi

// Each function below states what changes with one EAPI; the features of an
// EAPI are the sum of the changes up to it.

func since0(f *Features) {
	f.EmptyGroupsMatch = true
	f.RDEPENDFromDEPEND = true
	f.BashVersion = "3.2"
	f.PackageProvided = true
	f.ExportVars = true
	f.AA, f.KV, f.PORTDIR, f.ECLASSDIR = true, true, true, true
	f.DESTTREE, f.INSDESTTREE = true, true
	f.TrailingSlash = true
	f.OutputToStdout = true
	f.Assert = true
	f.OldUSEQueries = true
	f.UnpackProprietary = true
	f.Dosed, f.Einstall, f.Dohtml, f.Dolib, f.Libopts = true, true, true, true, true
	f.Domo, f.DomoUsesDESTTREE = true, true
	f.InsoptsEverywhere, f.ExeoptsInitd = true, true
	f.SymlinkRewrite = true
}

func since1(f *Features) {
	f.SlotDeps = true
	f.IUSEDefaults = true
	f.SrcCompile = SrcCompile1
}

func since2(f *Features) {
	f.USEDeps = true
	f.StrongBlockers = true
	f.SrcURIArrows = true
	f.SrcPrepare = SrcPrepareNoop
	f.SrcConfigure = true
	f.SrcCompile = SrcCompile2
	f.DefaultPhases = true
	f.DomanLanguage = true
}

func since3(f *Features) {
	f.Prefix = true
	f.KeepMtimes = true
	f.UnpackXz = true
}

func since4(f *Features) {
	f.USEDepDefaults = true
	f.RequiredUSE = true
	f.RDEPENDFromDEPEND = false
	f.PROPERTIES, f.DEFINEDPHASES = true, true
	f.PkgPretend = true
	f.PkgInfoNotInstalled = true
	f.SrcInstall = SrcInstall4
	f.DefaultSrcInstall = true
	f.StrictS = true
	f.MERGETYPE, f.REPLACINGVERSIONS, f.REPLACEDBYVERSION = true, true, true
	f.AA, f.KV = false, false
	f.HelpersDie, f.Nonfatal = true, true
	f.StrictUSEQuery = true
	f.USEWithEmptyArg = true
	f.Dosed = false
	f.EconfNoDependencyTracking = true
	f.DodocRecursive = true
	f.DoinsSymlinks = true
	f.DomanI18n = true
	f.Docompress = true
}

func since5(f *Features) {
	f.SlotOperators, f.SubSlots = true, true
	f.AtMostOneOf = true
	f.IUSEEffective = true
	f.StableMasks = true
	f.ParallelTests = true
	f.EBUILDPHASEFUNC = true
	f.HostRoot = true
	f.Usex = true
	f.EconfNoSilentRules = true
	f.Doheader = true
	f.NewfooStdin = true
}

func since6(f *Features) {
	f.BashVersion, f.Failglob = "4.2", true
	f.SrcPrepare = SrcPrepare6
	f.SrcInstall = SrcInstall6
	f.PosixLocale = true
	f.DieNonfatal = true
	f.Eapply = true
	f.Einstalldocs = true
	f.GetLibdir = true
	f.InIUSE = true
	f.UnpackPaths, f.UnpackAnyCase, f.UnpackTxz = true, true, true
	f.Einstall = false
	f.EconfDocdir = true
}

func since7(f *Features) {
	f.BDEPEND = true
	f.EmptyGroupsMatch = false
	f.PackageMaskDir, f.ProfileFileDirs = true, true
	f.PackageProvided = false
	f.PORTDIR, f.ECLASSDIR = false, false
	f.DESTTREE, f.INSDESTTREE = false, false
	f.SYSROOT, f.BROOT = true, true
	f.ENVUNSET = true
	f.TrailingSlash = false
	f.NonfatalExternal = true
	f.HostRoot, f.QueryRoots = false, true
	f.OutputToStdout = false
	f.Eqawarn = true
	f.DieInSubshell = true
	f.GNUPatch27 = true
	f.VerCommands = true
	f.Dohtml, f.Dolib, f.Libopts = false, false, false
	f.DomoUsesDESTTREE = false
	f.EconfSysroot = true
	f.Dostrip = true
}

func since8(f *Features) {
	f.IDEPEND = true
	f.SelectiveURI = true
	f.AccumulatePROPERTIES, f.AccumulateRESTRICT = true, true
	f.UpdatesAnyName = true
	f.BashVersion = "5.0"
	f.SrcPrepare = SrcPrepare8
	f.EmptyPkgWorkdir = true
	f.OldUSEQueries = false
	f.UsevTwoArgs = true
	f.UnpackProprietary = false
	f.EconfDataroot, f.EconfNoStatic = true, true
	f.DosymRelative = true
	f.InsoptsEverywhere, f.ExeoptsInitd = false, false
}

func since9(f *Features) {
	f.BashVersion = "5.3"
	f.ProfileDefaultEAPI = true
	f.USEStable = true
	f.ExportVars = false
	f.Assert = false
	f.Pipestatus = true
	f.Edo = true
	f.VerReplacing = true
	f.Domo = false
	f.SymlinkRewrite = false
}
