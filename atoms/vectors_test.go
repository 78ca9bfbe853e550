package atoms

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/atoms/sharedtest"
)

// vectorFiles lists the recorded answers that this package must give. A
// record of a function without a check here is a failure, never a skip.
var vectorFiles = []string{
	"dbapi_fakedbapi", "dep_atom", "dep_best_match_to_list", "dep_c_parser", "dep_check_required_use",
	"dep_dep_getcpv", "dep_dep_getrepo", "dep_dep_getslot", "dep_dep_getusedeps", "dep_dnf_convert",
	"dep_extract_affecting_use", "dep_get_operator", "dep_get_required_use_flags", "dep_isjustname",
	"dep_isvalidatom", "dep_libc", "dep_match_from_list", "dep_overlap_dnf", "dep_paren_reduce",
	"dep_standalone", "dep_use_reduce", "emerge_is_valid_package_atom", "sets_base_wildcard_package_set",
	"update_update_dbentry", "versions_cpv_sort_key", "versions_vercmp",
}

// A record is one call of a Portage function and its answer.
type record struct {
	Function  string
	Inputs    map[string]json.RawMessage
	Expected  any
	Error     bool
	ErrorType string `json:"error_type"`
	Test      string
}

// errInapplicable marks a record that no call of this package can express.
var errInapplicable = errors.New("inapplicable")

// A check maps a record onto this package. It returns what the expected
// answer is compared with, in the form that encoding/json decodes to.
type check func(r record) (got any, err error)

var checks = map[string]check{
	"Atom":                       checkAtom,
	"Atom.eval_qa_conditionals":  checkEvalQA,
	"Atom.evaluate_conditionals": checkEvaluate,
	"Atom.intersects":            checkIntersects,
	"Atom.violated_conditionals": checkViolated,
	"WildcardPackageSet":         checkWildcardSet,
	"best_match_to_list":         checkBestMatch,
	"check_required_use":         checkCheckRequiredUSE,
	"cpv_sort":                   checkCPVSort,
	"cpvequal":                   checkCPVEqual,
	"dbapi.match":                checkDatabaseMatch,
	"dep_getcpv":                 checkGetCPV,
	"dep_getrepo":                checkGetRepo,
	"dep_getslot":                checkGetSlot,
	"dep_getusedeps":             checkGetUSEDeps,
	"dnf_convert_atoms":          checkDNFAtoms,
	"dnf_convert":                checkDNF,
	"extract_affecting_use":      checkAffectingUSE,
	"get_operator":               checkGetOperator,
	"get_required_use_flags":     checkRequiredUSEFlags,
	"is_valid_package_atom":      checkValidPackageAtom,
	"isjustname":                 checkIsJustName,
	"isvalidatom":                checkIsValidAtom,
	"match_from_list":            checkMatchFromList,
	"overlap_dnf":                checkOverlapDNF,
	"paren_reduce":               checkParenReduce,
	"strip_libc_deps":            checkStripLibc,
	"update_dbentry":             checkUpdate,
	"use_reduce":                 checkUseReduce,
	"vercmp":                     checkVercmp,
}

func TestVectors(t *testing.T) {
	for _, name := range vectorFiles {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(sharedtest.Path(t, "vectors", "unit", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var file struct{ Records []record }
			if err := json.Unmarshal(data, &file); err != nil {
				t.Fatal(err)
			}
			runRecords(t, name, file.Records)
		})
	}
}

func runRecords(t *testing.T, name string, records []record) {
	total, passed, inapplicable := map[string]int{}, map[string]int{}, map[string]int{}
	for i, r := range records {
		total[r.Function]++
		c := checks[r.Function]
		if c == nil {
			t.Errorf("record %d: no check for function %s", i, r.Function)
			continue
		}
		got, err := c(r)
		switch {
		case errors.Is(err, errInapplicable):
			inapplicable[r.Function]++
			t.Logf("record %d: %v", i, err)
		case r.Error && err != nil, !r.Error && err == nil && reflect.DeepEqual(got, r.Expected):
			passed[r.Function]++
		case r.Error:
			t.Errorf("record %d: %s%s = %v, want an error (%s)", i, r.Function, show(r.Inputs), got, r.ErrorType)
		default:
			t.Errorf("record %d: %s%s = %v, %v, want %v", i, r.Function, show(r.Inputs), got, err, r.Expected)
		}
	}
	for _, f := range slices.Sorted(keys(total)) {
		t.Logf("vectors: unit/%s/%s %d/%d inapplicable %d", name, f, passed[f], total[f], inapplicable[f])
	}
}

func keys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func show(inputs map[string]json.RawMessage) string {
	text, err := json.Marshal(inputs)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// field decodes an input; an absent or null one is the zero value.
func field[T any](r record, key string) (v T) {
	if raw, ok := r.Inputs[key]; ok {
		if err := json.Unmarshal(raw, &v); err != nil {
			panic(fmt.Sprintf("internal error: input %s of %s: %v", key, r.Function, err))
		}
	}
	return v
}

func text(r record, key string) string { return field[string](r, key) }

// flagSet decodes a list of flags as a predicate.
func flagSet(r record, key string) func(string) bool {
	flags := field[[]string](r, key)
	return func(flag string) bool { return slices.Contains(flags, flag) }
}

// predicate decodes one of the predicate forms; nil if there is none.
func predicate(r record, key string) func(string) bool {
	p := field[*struct {
		In    []string
		Const *bool
		Not   string `json:"not_starting_with"`
	}](r, key)
	switch {
	case p == nil:
		return nil
	case p.Const != nil:
		return func(string) bool { return *p.Const }
	case p.Not != "":
		return func(s string) bool { return !strings.HasPrefix(s, p.Not) }
	}
	return func(s string) bool { return slices.Contains(p.In, s) }
}

// features returns those of the input "eapi"; nil for none or an unknown one.
func features(r record) *eapi.Features {
	f, _ := eapi.Lookup(text(r, "eapi"))
	return f
}

// options returns the atom options with Portage's defaults: what is not
// given is allowed unless there is an EAPI.
func options(r record) AtomOptions {
	o := AtomOptions{EAPI: features(r)}
	allowed := func(key string) bool {
		if b := field[*bool](r, key); b != nil {
			return *b
		}
		return o.EAPI == nil
	}
	o.AllowRepo, o.AllowBuildID = allowed("allow_repo"), allowed("allow_build_id")
	o.AllowWildcard = field[bool](r, "allow_wildcard")
	return o
}

// anyOption allows everything.
var anyOption = AtomOptions{AllowRepo: true, AllowBuildID: true, AllowWildcard: true}

// flagMap is a FlagState made of lists.
type flagMap struct{ declared, enabled []string }

func (f flagMap) Declared(flag string) bool { return slices.Contains(f.declared, flag) }
func (f flagMap) Enabled(flag string) bool  { return slices.Contains(f.enabled, flag) }

// orNull returns nil for the empty string, as Portage answers None.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// list converts to the form that encoding/json decodes to.
func list[T any](values []T, convert func(T) any) any {
	out := []any{}
	for _, v := range values {
		out = append(out, convert(v))
	}
	return out
}

func stringList(values []string) any { return list(values, func(s string) any { return s }) }
