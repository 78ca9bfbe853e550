package eapi_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// span is the EAPIs, first to last, in which a feature is present.
type span struct{ first, last int }

// rows states the tables of PMS row by row, in another form than the package
// does.
var rows = map[string]struct {
	in  span
	has func(*eapi.Features) []bool
}{
	"bdepend":                   {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.BDEPEND} }},
	"idepend":                   {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.IDEPEND} }},
	"slot-deps":                 {span{1, 9}, func(f *eapi.Features) []bool { return []bool{f.SlotDeps} }},
	"slot-operators":            {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.SlotOperators, f.SubSlots} }},
	"use-deps":                  {span{2, 9}, func(f *eapi.Features) []bool { return []bool{f.USEDeps} }},
	"use-dep-defaults":          {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.USEDepDefaults} }},
	"strong-blockers":           {span{2, 9}, func(f *eapi.Features) []bool { return []bool{f.StrongBlockers} }},
	"repo-deps":                 {span{10, 10}, func(f *eapi.Features) []bool { return []bool{f.RepoDeps} }},
	"required-use":              {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.RequiredUSE} }},
	"at-most-one-of":            {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.AtMostOneOf} }},
	"empty-dep-groups":          {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.EmptyGroupsMatch} }},
	"src-uri-arrows":            {span{2, 9}, func(f *eapi.Features) []bool { return []bool{f.SrcURIArrows} }},
	"uri-restrict":              {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.SelectiveURI} }},
	"rdepend-depend":            {span{0, 3}, func(f *eapi.Features) []bool { return []bool{f.RDEPENDFromDEPEND} }},
	"iuse-defaults":             {span{1, 9}, func(f *eapi.Features) []bool { return []bool{f.IUSEDefaults} }},
	"profile-iuse-inject":       {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.IUSEEffective} }},
	"properties":                {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.PROPERTIES, f.DEFINEDPHASES} }},
	"accumulate-vars":           {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.AccumulatePROPERTIES, f.AccumulateRESTRICT} }},
	"failglob":                  {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.Failglob} }},
	"package-mask-dir":          {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.PackageMaskDir} }},
	"profile-file-dirs":         {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.ProfileFileDirs} }},
	"profile-eapi-default":      {span{9, 9}, func(f *eapi.Features) []bool { return []bool{f.ProfileDefaultEAPI} }},
	"package-provided":          {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.PackageProvided} }},
	"stable-mask":               {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.StableMasks} }},
	"use-stable":                {span{9, 9}, func(f *eapi.Features) []bool { return []bool{f.USEStable} }},
	"updates-filenames":         {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.UpdatesAnyName} }},
	"pkg-pretend":               {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.PkgPretend, f.PkgInfoNotInstalled} }},
	"src-prepare":               {span{2, 9}, func(f *eapi.Features) []bool { return []bool{f.SrcPrepare != eapi.SrcPrepareNone} }},
	"src-prepare-6":             {span{6, 7}, func(f *eapi.Features) []bool { return []bool{f.SrcPrepare == eapi.SrcPrepare6} }},
	"src-prepare-8":             {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.SrcPrepare == eapi.SrcPrepare8} }},
	"src-configure":             {span{2, 9}, func(f *eapi.Features) []bool { return []bool{f.SrcConfigure} }},
	"src-compile-0":             {span{0, 0}, func(f *eapi.Features) []bool { return []bool{f.SrcCompile == eapi.SrcCompile0} }},
	"src-compile-1":             {span{1, 1}, func(f *eapi.Features) []bool { return []bool{f.SrcCompile == eapi.SrcCompile1} }},
	"parallel-tests":            {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.ParallelTests} }},
	"src-install-4":             {span{4, 5}, func(f *eapi.Features) []bool { return []bool{f.SrcInstall == eapi.SrcInstall4} }},
	"src-install-6":             {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.SrcInstall == eapi.SrcInstall6} }},
	"default-phase-funcs":       {span{2, 9}, func(f *eapi.Features) []bool { return []bool{f.DefaultPhases} }},
	"default-src-install":       {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.DefaultSrcInstall} }},
	"phase-function-dir":        {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.EmptyPkgWorkdir} }},
	"s-workdir-fallback":        {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.StrictS} }},
	"export-vars":               {span{0, 8}, func(f *eapi.Features) []bool { return []bool{f.ExportVars} }},
	"merge-type":                {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.MERGETYPE, f.REPLACINGVERSIONS, f.REPLACEDBYVERSION} }},
	"ebuild-phase-func":         {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.EBUILDPHASEFUNC} }},
	"sysroot":                   {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.SYSROOT, f.BROOT} }},
	"aa":                        {span{0, 3}, func(f *eapi.Features) []bool { return []bool{f.AA, f.KV} }},
	"portdir":                   {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.PORTDIR, f.ECLASSDIR} }},
	"desttree":                  {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.DESTTREE, f.INSDESTTREE} }},
	"offset-prefix":             {span{3, 9}, func(f *eapi.Features) []bool { return []bool{f.Prefix} }},
	"env-unset":                 {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.ENVUNSET} }},
	"locale-settings":           {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.PosixLocale} }},
	"trailing-slash":            {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.TrailingSlash} }},
	"die-on-failure":            {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.HelpersDie, f.Nonfatal} }},
	"nonfatal":                  {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.NonfatalExternal} }},
	"host-root":                 {span{5, 6}, func(f *eapi.Features) []bool { return []bool{f.HostRoot} }},
	"query-options":             {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.QueryRoots} }},
	"output-no-stdout":          {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.OutputToStdout} }},
	"eqawarn":                   {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.Eqawarn} }},
	"nonfatal-die":              {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.DieNonfatal} }},
	"subshell-die":              {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.DieInSubshell} }},
	"pipestatus":                {span{9, 9}, func(f *eapi.Features) []bool { return []bool{f.Pipestatus} }},
	"assert":                    {span{0, 8}, func(f *eapi.Features) []bool { return []bool{f.Assert} }},
	"eapply":                    {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.Eapply} }},
	"gnu-patch":                 {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.GNUPatch27} }},
	"einstalldocs":              {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.Einstalldocs, f.GetLibdir} }},
	"edo":                       {span{9, 9}, func(f *eapi.Features) []bool { return []bool{f.Edo} }},
	"use-strictness":            {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.StrictUSEQuery, f.USEWithEmptyArg} }},
	"usev":                      {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.UsevTwoArgs} }},
	"usex":                      {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.Usex} }},
	"in-iuse":                   {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.InIUSE} }},
	"ver-commands":              {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.VerCommands} }},
	"ver-replacing":             {span{9, 9}, func(f *eapi.Features) []bool { return []bool{f.VerReplacing} }},
	"useq":                      {span{0, 7}, func(f *eapi.Features) []bool { return []bool{f.OldUSEQueries} }},
	"unpack-absolute":           {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.UnpackPaths, f.UnpackAnyCase, f.UnpackTxz} }},
	"unpack-xz":                 {span{3, 9}, func(f *eapi.Features) []bool { return []bool{f.UnpackXz} }},
	"unpack-7z":                 {span{0, 7}, func(f *eapi.Features) []bool { return []bool{f.UnpackProprietary} }},
	"dosed":                     {span{0, 3}, func(f *eapi.Features) []bool { return []bool{f.Dosed} }},
	"einstall":                  {span{0, 5}, func(f *eapi.Features) []bool { return []bool{f.Einstall} }},
	"dohtml":                    {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.Dohtml, f.Dolib, f.Libopts} }},
	"domo":                      {span{0, 8}, func(f *eapi.Features) []bool { return []bool{f.Domo} }},
	"domo-path":                 {span{0, 6}, func(f *eapi.Features) []bool { return []bool{f.DomoUsesDESTTREE} }},
	"econf-dataroot":            {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.EconfDataroot, f.EconfNoStatic} }},
	"econf-docdir":              {span{6, 9}, func(f *eapi.Features) []bool { return []bool{f.EconfDocdir} }},
	"econf-sysroot":             {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.EconfSysroot} }},
	"econf-dependency-tracking": {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.EconfNoDependencyTracking} }},
	"econf-silent-rules":        {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.EconfNoSilentRules} }},
	"dodoc":                     {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.DodocRecursive, f.DoinsSymlinks, f.DomanI18n} }},
	"doheader":                  {span{5, 9}, func(f *eapi.Features) []bool { return []bool{f.Doheader, f.NewfooStdin} }},
	"doman-langs":               {span{2, 9}, func(f *eapi.Features) []bool { return []bool{f.DomanLanguage} }},
	"dosym-relative":            {span{8, 9}, func(f *eapi.Features) []bool { return []bool{f.DosymRelative} }},
	"insopts":                   {span{0, 7}, func(f *eapi.Features) []bool { return []bool{f.InsoptsEverywhere, f.ExeoptsInitd} }},
	"docompress":                {span{4, 9}, func(f *eapi.Features) []bool { return []bool{f.Docompress} }},
	"dostrip":                   {span{7, 9}, func(f *eapi.Features) []bool { return []bool{f.Dostrip} }},
	"symlink-rewrite":           {span{0, 8}, func(f *eapi.Features) []bool { return []bool{f.SymlinkRewrite} }},
	"mtime-preserve":            {span{3, 9}, func(f *eapi.Features) []bool { return []bool{f.KeepMtimes} }},
	"bash":                      {span{0, 9}, func(f *eapi.Features) []bool { return []bool{f.BashVersion != ""} }},
}

func TestTable(t *testing.T) {
	for name, row := range rows {
		for i, eapiName := range eapi.Names() {
			f, ok := eapi.Lookup(eapiName)
			want := row.in.first <= i && i <= row.in.last
			if !ok || slices.Contains(row.has(f), !want) {
				t.Errorf("%s in EAPI %s: %v, want %v", name, eapiName, row.has(f), want)
			}
		}
	}
}

func TestBashVersions(t *testing.T) {
	want := []string{"3.2", "3.2", "3.2", "3.2", "3.2", "3.2", "4.2", "4.2", "5.0", "5.3"}
	var got []string
	for _, name := range eapi.Names() {
		f, _ := eapi.Lookup(name)
		got = append(got, f.BashVersion)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLookup(t *testing.T) {
	for _, name := range []string{"", "10", "5-progress", "permissive", " 8"} {
		if f, ok := eapi.Lookup(name); ok {
			t.Errorf("Lookup(%q) = %v", name, f)
		}
	}
	a, _ := eapi.Lookup("8")
	if b, _ := eapi.Lookup("8"); a != b || a.String() != "8" {
		t.Error("two calls give two tables")
	}
	var none *eapi.Features
	if none.String() != "permissive" || eapi.Permissive().String() != "permissive" {
		t.Error("the permissive features have a name")
	}
	if p := eapi.Permissive(); !p.RepoDeps || !p.SlotOperators || !p.USEDepDefaults || p.EmptyGroupsMatch {
		t.Errorf("permissive features %+v", p)
	}
}

func ExampleLookup() {
	f, ok := eapi.Lookup("7")
	fmt.Println(ok, f.BDEPEND, f.IDEPEND)
	// Output: true true false
}
