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
	has func(*eapi.Features) bool
}{
	"bdepend":                   {span{7, 9}, func(f *eapi.Features) bool { return f.BDEPEND }},
	"idepend":                   {span{8, 9}, func(f *eapi.Features) bool { return f.IDEPEND }},
	"slot-deps":                 {span{1, 9}, func(f *eapi.Features) bool { return f.SlotDeps }},
	"slot-operators":            {span{5, 9}, func(f *eapi.Features) bool { return f.SlotOperators && f.SubSlots }},
	"use-deps":                  {span{2, 9}, func(f *eapi.Features) bool { return f.USEDeps }},
	"use-dep-defaults":          {span{4, 9}, func(f *eapi.Features) bool { return f.USEDepDefaults }},
	"strong-blockers":           {span{2, 9}, func(f *eapi.Features) bool { return f.StrongBlockers }},
	"repo-deps":                 {span{10, 10}, func(f *eapi.Features) bool { return f.RepoDeps }},
	"required-use":              {span{4, 9}, func(f *eapi.Features) bool { return f.RequiredUSE }},
	"at-most-one-of":            {span{5, 9}, func(f *eapi.Features) bool { return f.AtMostOneOf }},
	"empty-dep-groups":          {span{0, 6}, func(f *eapi.Features) bool { return f.EmptyGroupsMatch }},
	"src-uri-arrows":            {span{2, 9}, func(f *eapi.Features) bool { return f.SrcURIArrows }},
	"uri-restrict":              {span{8, 9}, func(f *eapi.Features) bool { return f.SelectiveURI }},
	"rdepend-depend":            {span{0, 3}, func(f *eapi.Features) bool { return f.RDEPENDFromDEPEND }},
	"iuse-defaults":             {span{1, 9}, func(f *eapi.Features) bool { return f.IUSEDefaults }},
	"profile-iuse-inject":       {span{5, 9}, func(f *eapi.Features) bool { return f.IUSEEffective }},
	"properties":                {span{4, 9}, func(f *eapi.Features) bool { return f.PROPERTIES && f.DEFINEDPHASES }},
	"accumulate-vars":           {span{8, 9}, func(f *eapi.Features) bool { return f.AccumulatePROPERTIES && f.AccumulateRESTRICT }},
	"failglob":                  {span{6, 9}, func(f *eapi.Features) bool { return f.Failglob }},
	"package-mask-dir":          {span{7, 9}, func(f *eapi.Features) bool { return f.PackageMaskDir }},
	"profile-file-dirs":         {span{7, 9}, func(f *eapi.Features) bool { return f.ProfileFileDirs }},
	"profile-eapi-default":      {span{9, 9}, func(f *eapi.Features) bool { return f.ProfileDefaultEAPI }},
	"package-provided":          {span{0, 6}, func(f *eapi.Features) bool { return f.PackageProvided }},
	"stable-mask":               {span{5, 9}, func(f *eapi.Features) bool { return f.StableMasks }},
	"use-stable":                {span{9, 9}, func(f *eapi.Features) bool { return f.USEStable }},
	"updates-filenames":         {span{8, 9}, func(f *eapi.Features) bool { return f.UpdatesAnyName }},
	"pkg-pretend":               {span{4, 9}, func(f *eapi.Features) bool { return f.PkgPretend && f.PkgInfoNotInstalled }},
	"src-prepare":               {span{2, 9}, func(f *eapi.Features) bool { return f.SrcPrepare != eapi.SrcPrepareNone }},
	"src-prepare-6":             {span{6, 7}, func(f *eapi.Features) bool { return f.SrcPrepare == eapi.SrcPrepare6 }},
	"src-prepare-8":             {span{8, 9}, func(f *eapi.Features) bool { return f.SrcPrepare == eapi.SrcPrepare8 }},
	"src-configure":             {span{2, 9}, func(f *eapi.Features) bool { return f.SrcConfigure }},
	"src-compile-0":             {span{0, 0}, func(f *eapi.Features) bool { return f.SrcCompile == eapi.SrcCompile0 }},
	"src-compile-1":             {span{1, 1}, func(f *eapi.Features) bool { return f.SrcCompile == eapi.SrcCompile1 }},
	"parallel-tests":            {span{5, 9}, func(f *eapi.Features) bool { return f.ParallelTests }},
	"src-install-4":             {span{4, 5}, func(f *eapi.Features) bool { return f.SrcInstall == eapi.SrcInstall4 }},
	"src-install-6":             {span{6, 9}, func(f *eapi.Features) bool { return f.SrcInstall == eapi.SrcInstall6 }},
	"default-phase-funcs":       {span{2, 9}, func(f *eapi.Features) bool { return f.DefaultPhases }},
	"default-src-install":       {span{4, 9}, func(f *eapi.Features) bool { return f.DefaultSrcInstall }},
	"phase-function-dir":        {span{8, 9}, func(f *eapi.Features) bool { return f.EmptyPkgWorkdir }},
	"s-workdir-fallback":        {span{4, 9}, func(f *eapi.Features) bool { return f.StrictS }},
	"export-vars":               {span{0, 8}, func(f *eapi.Features) bool { return f.ExportVars }},
	"merge-type":                {span{4, 9}, func(f *eapi.Features) bool { return f.MERGETYPE && f.REPLACINGVERSIONS && f.REPLACEDBYVERSION }},
	"ebuild-phase-func":         {span{5, 9}, func(f *eapi.Features) bool { return f.EBUILDPHASEFUNC }},
	"sysroot":                   {span{7, 9}, func(f *eapi.Features) bool { return f.SYSROOT && f.BROOT }},
	"aa":                        {span{0, 3}, func(f *eapi.Features) bool { return f.AA && f.KV }},
	"portdir":                   {span{0, 6}, func(f *eapi.Features) bool { return f.PORTDIR && f.ECLASSDIR }},
	"desttree":                  {span{0, 6}, func(f *eapi.Features) bool { return f.DESTTREE && f.INSDESTTREE }},
	"offset-prefix":             {span{3, 9}, func(f *eapi.Features) bool { return f.Prefix }},
	"env-unset":                 {span{7, 9}, func(f *eapi.Features) bool { return f.ENVUNSET }},
	"locale-settings":           {span{6, 9}, func(f *eapi.Features) bool { return f.PosixLocale }},
	"trailing-slash":            {span{0, 6}, func(f *eapi.Features) bool { return f.TrailingSlash }},
	"die-on-failure":            {span{4, 9}, func(f *eapi.Features) bool { return f.HelpersDie && f.Nonfatal }},
	"nonfatal":                  {span{7, 9}, func(f *eapi.Features) bool { return f.NonfatalExternal }},
	"host-root":                 {span{5, 6}, func(f *eapi.Features) bool { return f.HostRoot }},
	"query-options":             {span{7, 9}, func(f *eapi.Features) bool { return f.QueryRoots }},
	"output-no-stdout":          {span{0, 6}, func(f *eapi.Features) bool { return f.OutputToStdout }},
	"eqawarn":                   {span{7, 9}, func(f *eapi.Features) bool { return f.Eqawarn }},
	"nonfatal-die":              {span{6, 9}, func(f *eapi.Features) bool { return f.DieNonfatal }},
	"subshell-die":              {span{7, 9}, func(f *eapi.Features) bool { return f.DieInSubshell }},
	"pipestatus":                {span{9, 9}, func(f *eapi.Features) bool { return f.Pipestatus }},
	"assert":                    {span{0, 8}, func(f *eapi.Features) bool { return f.Assert }},
	"eapply":                    {span{6, 9}, func(f *eapi.Features) bool { return f.Eapply }},
	"gnu-patch":                 {span{7, 9}, func(f *eapi.Features) bool { return f.GNUPatch27 }},
	"einstalldocs":              {span{6, 9}, func(f *eapi.Features) bool { return f.Einstalldocs && f.GetLibdir }},
	"edo":                       {span{9, 9}, func(f *eapi.Features) bool { return f.Edo }},
	"use-strictness":            {span{4, 9}, func(f *eapi.Features) bool { return f.StrictUSEQuery && f.USEWithEmptyArg }},
	"usev":                      {span{8, 9}, func(f *eapi.Features) bool { return f.UsevTwoArgs }},
	"usex":                      {span{5, 9}, func(f *eapi.Features) bool { return f.Usex }},
	"in-iuse":                   {span{6, 9}, func(f *eapi.Features) bool { return f.InIUSE }},
	"ver-commands":              {span{7, 9}, func(f *eapi.Features) bool { return f.VerCommands }},
	"ver-replacing":             {span{9, 9}, func(f *eapi.Features) bool { return f.VerReplacing }},
	"useq":                      {span{0, 7}, func(f *eapi.Features) bool { return f.OldUSEQueries }},
	"unpack-absolute":           {span{6, 9}, func(f *eapi.Features) bool { return f.UnpackPaths && f.UnpackAnyCase && f.UnpackTxz }},
	"unpack-xz":                 {span{3, 9}, func(f *eapi.Features) bool { return f.UnpackXz }},
	"unpack-7z":                 {span{0, 7}, func(f *eapi.Features) bool { return f.UnpackProprietary }},
	"dosed":                     {span{0, 3}, func(f *eapi.Features) bool { return f.Dosed }},
	"einstall":                  {span{0, 5}, func(f *eapi.Features) bool { return f.Einstall }},
	"dohtml":                    {span{0, 6}, func(f *eapi.Features) bool { return f.Dohtml && f.Dolib && f.Libopts }},
	"domo":                      {span{0, 8}, func(f *eapi.Features) bool { return f.Domo }},
	"domo-path":                 {span{0, 6}, func(f *eapi.Features) bool { return f.DomoUsesDESTTREE }},
	"econf-dataroot":            {span{8, 9}, func(f *eapi.Features) bool { return f.EconfDataroot && f.EconfNoStatic }},
	"econf-docdir":              {span{6, 9}, func(f *eapi.Features) bool { return f.EconfDocdir }},
	"econf-sysroot":             {span{7, 9}, func(f *eapi.Features) bool { return f.EconfSysroot }},
	"econf-dependency-tracking": {span{4, 9}, func(f *eapi.Features) bool { return f.EconfNoDependencyTracking }},
	"econf-silent-rules":        {span{5, 9}, func(f *eapi.Features) bool { return f.EconfNoSilentRules }},
	"dodoc":                     {span{4, 9}, func(f *eapi.Features) bool { return f.DodocRecursive && f.DoinsSymlinks && f.DomanI18n }},
	"doheader":                  {span{5, 9}, func(f *eapi.Features) bool { return f.Doheader && f.NewfooStdin }},
	"doman-langs":               {span{2, 9}, func(f *eapi.Features) bool { return f.DomanLanguage }},
	"dosym-relative":            {span{8, 9}, func(f *eapi.Features) bool { return f.DosymRelative }},
	"insopts":                   {span{0, 7}, func(f *eapi.Features) bool { return f.InsoptsEverywhere && f.ExeoptsInitd }},
	"docompress":                {span{4, 9}, func(f *eapi.Features) bool { return f.Docompress }},
	"dostrip":                   {span{7, 9}, func(f *eapi.Features) bool { return f.Dostrip }},
	"symlink-rewrite":           {span{0, 8}, func(f *eapi.Features) bool { return f.SymlinkRewrite }},
	"mtime-preserve":            {span{3, 9}, func(f *eapi.Features) bool { return f.KeepMtimes }},
	"bash":                      {span{0, 9}, func(f *eapi.Features) bool { return f.BashVersion != "" }},
}

func TestTable(t *testing.T) {
	for name, row := range rows {
		for i, eapiName := range eapi.Names() {
			f, ok := eapi.Lookup(eapiName)
			if want := row.in.first <= i && i <= row.in.last; !ok || row.has(f) != want {
				t.Errorf("%s in EAPI %s: %v, want %v", name, eapiName, !want, want)
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
