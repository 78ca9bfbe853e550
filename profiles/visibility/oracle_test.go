package visibility_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/keywords"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
)

// An oracleCase is a made-up configuration and what Portage says about it.
type oracleCase struct {
	Seed   int
	Files  map[string]string
	Env    map[string]string
	Answer struct {
		Nodes    []string
		Vars     map[string]string
		Provided map[string][]string
		Packages []oraclePackage
	}
}

type oraclePackage struct {
	CPV                            string
	Metadata                       map[string]string
	Use, Mask, Force, Features     []string
	Foo                            *string
	Expanded                       map[string]string
	IUSEEffective                  []string `json:"iuse_effective"`
	Stable                         bool
	MaskedBy                       *string `json:"masked_by"`
	RawMaskedBy                    *string `json:"raw_masked_by"`
	Keywords                       []string
	RawKeywords                    []string `json:"raw_keywords"`
	Licenses, Properties, Restrict []string
	Status                         []string
	Reason                         []*string
}

// TestOracle compares with answers of Portage for random configurations.
func TestOracle(t *testing.T) {
	data, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []oracleCase }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	packages := 0
	for i := range file.Cases {
		c := &file.Cases[i]
		packages += len(c.Answer.Packages)
		checkCase(t, c)
	}
	t.Logf("%d configurations, %d packages", len(file.Cases), packages)
}

func checkCase(t *testing.T, c *oracleCase) {
	root := profilestest.LayFiles(t, c.Files)
	names, err := os.ReadDir(filepath.Join(root, "repos"))
	if err != nil {
		t.Fatal(err)
	}
	conf := "[DEFAULT]\nmain-repo = main\n"
	for _, n := range names {
		conf += "[" + n.Name() + "]\nlocation = " + filepath.Join(root, "repos", n.Name()) + "\n"
	}
	config, err := profiles.Load(profiles.Options{
		ConfigRoot: root, Root: root, Sysroot: root, Env: c.Env,
		Repos: repos.Load(repos.Options{Text: &conf}),
	})
	if err != nil {
		t.Errorf("seed %d: %v", c.Seed, err)
		return
	}
	check := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("seed %d: %s: -want +got\n%s", c.Seed, what, diff)
		}
	}
	var nodes []string
	for _, n := range config.Nodes {
		nodes = append(nodes, strings.Replace(n.Path, root, "${ROOT}", 1))
	}
	check("nodes", c.Answer.Nodes, nodes)
	vars := make(map[string]string)
	for name := range c.Answer.Vars {
		if !config.Feature("test") || !slices.Contains(useVariables, name) {
			vars[name] = config.Get(name)
		} else {
			vars[name] = c.Answer.Vars[name] // see globalUSE in package profiles
		}
	}
	vars["FEATURES"] = strings.Join(recordedFeatures(config.Vars), " ")
	check("variables", sortedLicenses(c.Answer.Vars), sortedLicenses(vars))
	for cp, want := range c.Answer.Provided {
		var got []string
		for _, cpv := range config.Provided(atoms.CP(cp)) {
			got = append(got, cpv.String())
		}
		check("provided "+cp, want, got)
	}
	calc := use.New(config)
	judges := judges{config, calc, keywords.New(config), visibility.New(config, calc)}
	for _, p := range c.Answer.Packages {
		check(p.CPV+" "+p.Metadata["repository"], p, judges.judge(t, root, p))
	}
}

// sortedLicenses sorts what Portage leaves to the order of its hash tables.
func sortedLicenses(vars map[string]string) map[string]string {
	words := strings.Fields(vars["ACCEPT_LICENSE"])
	slices.Sort(words)
	vars["ACCEPT_LICENSE"] = strings.Join(words, " ")
	return vars
}

// recordedFeatures returns the words of FEATURES that the oracle records.
func recordedFeatures(v *profiles.Vars) []string {
	return slices.DeleteFunc(strings.Fields(v.Get("FEATURES")), func(w string) bool {
		return w != "test" && w != "strict" && w != "sandbox"
	})
}

type judges struct {
	config   *profiles.Config
	calc     *use.Calculator
	keywords *keywords.Judge
	verdicts *visibility.Judge
}

// judge answers in the form of the oracle.
func (j judges) judge(t *testing.T, root string, want oraclePackage) oraclePackage {
	t.Helper()
	cpv, err := atoms.ParseCPV(want.CPV)
	if err != nil {
		t.Fatal(err)
	}
	p := ebuild.New(cpv, want.Metadata["repository"], ebuild.OriginEbuild, ebuild.Map(want.Metadata))
	candidate := profiles.Candidate(p)
	state := j.calc.State(p)
	vars := j.config.PackageVars(candidate)
	got := oraclePackage{
		CPV: want.CPV, Metadata: want.Metadata, Use: state.EnabledFlags(), Stable: state.Stable,
		Features: recordedFeatures(vars),
		Keywords: j.keywords.Missing(p), RawKeywords: j.keywords.MissingGlobally(p),
	}
	got.Expanded = want.Expanded
	if want.Metadata["EAPI"] != "4" { // there Portage loses the flags that only USE_EXPAND_HIDDEN admits
		got.Expanded = state.Expanded()
	}
	if foo, ok := vars.Lookup("FOO"); ok {
		got.Foo = &foo.Text
	}
	if len(want.IUSEEffective) > 0 {
		got.IUSEEffective = state.IUSEEffective()
	}
	for _, flag := range allFlags {
		if state.Masked(flag) {
			got.Mask = append(got.Mask, flag)
		}
		if state.Forced(flag) {
			got.Force = append(got.Force, flag)
		}
	}
	if line := j.config.Masks.RawMasked(candidate); line != nil {
		text := line.Atom.String()
		got.RawMaskedBy = &text
	}
	verdict := j.verdicts.Verdict(p)
	if len(verdict.Reasons) == 0 {
		// What emerge would tell of a visible package is never told.
		verdict.Told = j.keywords.Reason(p)
		if verdict.Told != "" {
			verdict.Told += " keyword"
		}
	}
	got.Status = slices.DeleteFunc(verdict.Texts(), func(s string) bool { return strings.HasPrefix(s, "invalid") })
	if r := verdict.Find(visibility.KindMask); r != nil {
		text := r.Atom.String()
		got.MaskedBy = &text
		comment, file := "", strings.Replace(r.Pos.File, root, "${ROOT}", 1)
		for _, line := range r.Comment {
			comment += line + "\n"
		}
		got.Reason = []*string{&comment, &file}
	}
	if r := verdict.Find(visibility.KindLicense); r != nil {
		got.Licenses = r.Licenses
	}
	if r := verdict.Find(visibility.KindProperties); r != nil {
		got.Properties = r.Words
	}
	if r := verdict.Find(visibility.KindRestrict); r != nil {
		got.Restrict = r.Words
	}
	return got
}

// allFlags are the flags that the configurations mention, sorted.
var allFlags = strings.Fields("a arm b c d elibc_glibc elibc_musl lng_de lng_fr test vid_x vid_y vid_z x86")

// useVariables are the variables that follow USE.
var useVariables = []string{"USE", "VID", "LNG", "ELIBC", "ARCH"}
