package cases

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// The document of "cases run --json".
type (
	report struct {
		Schema        string    `json:"schema"`
		SchemaVersion string    `json:"schema_version"`
		Success       bool      `json:"success"` // every case passed and every file could be read
		Areas         []area    `json:"areas"`   // by file, in the order read
		Total         area      `json:"total"`
		Failures      []failure `json:"failures"`
		Errors        []string  `json:"errors"`   // files that could not be read
		Warnings      []string  `json:"warnings"` // what was read and not understood
	}
	area struct {
		Area     string `json:"area"`
		Expected count  `json:"expected"` // against what the cases demand
		Actual   count  `json:"actual"`   // against what Portage answered
	}
	count struct {
		Passed int `json:"passed"`
		Total  int `json:"total"`
	}
	failure struct {
		Case        string       `json:"case"`
		Place       string       `json:"place"`
		Request     string       `json:"request"`
		Error       string       `json:"error"` // why the case could not be run, or ""
		Differences []difference `json:"differences"`
	}
	difference struct {
		Against string `json:"against"` // "expected" or "actual"
		Key     string `json:"key"`
		Want    string `json:"want"`
		Got     string `json:"got"`
	}
)

// newReport makes the document; against says which comparisons count.
func newReport(r *resolvertest.Report, files []*resolvertest.File, errs []error, against string) *report {
	out := &report{Schema: "tumpline.cases", SchemaVersion: "1.0.0",
		Areas: []area{}, Failures: []failure{}, Errors: []string{}, Warnings: []string{}}
	for _, f := range files {
		out.Warnings = append(out.Warnings, f.Warnings...)
	}
	for _, err := range errs {
		out.Errors = append(out.Errors, err.Error())
	}
	for _, a := range r.Areas() {
		out.Areas = append(out.Areas, newArea(a, against))
	}
	out.Total = newArea(r.Total(), against)
	for _, o := range r.Failed() {
		if f := newFailure(o, against); f.Error != "" || len(f.Differences) > 0 {
			out.Failures = append(out.Failures, f)
		}
	}
	out.Success = len(out.Failures) == 0 && len(out.Errors) == 0
	return out
}

// counts says if a comparison counts.
func counts(c resolvertest.Comparison, against string) bool {
	return against == "both" || against == c.String()
}

func newArea(a resolvertest.AreaCount, against string) area {
	out := area{Area: a.Area}
	for c, to := range map[resolvertest.Comparison]*count{resolvertest.AgainstExpected: &out.Expected, resolvertest.AgainstActual: &out.Actual} {
		if counts(c, against) {
			*to = count{Passed: a.Counts[c].Passed, Total: a.Counts[c].Total}
		}
	}
	return out
}

func newFailure(o *resolvertest.Outcome, against string) failure {
	f := failure{Case: o.ID(), Place: o.Place(), Request: o.Request(), Differences: []difference{}}
	if o.Err != nil {
		f.Error = o.Err.Error()
	}
	for _, c := range []resolvertest.Comparison{resolvertest.AgainstExpected, resolvertest.AgainstActual} {
		if !counts(c, against) {
			continue
		}
		for _, d := range o.Verdicts[c].Differences {
			f.Differences = append(f.Differences, difference{Against: c.String(), Key: d.Key, Want: d.Want, Got: d.Got})
		}
	}
	return f
}

// line tells a failure on one line: its first difference with both values.
func (f *failure) line() string {
	what := "error: " + oneLine(f.Error)
	if f.Error == "" {
		d := f.Differences[0]
		what = fmt.Sprintf("%s: expected %s, actual %s", d.Key, d.Want, d.Got)
		if d.Against == "actual" {
			what = fmt.Sprintf("%s: Portage %s, actual %s", d.Key, d.Want, d.Got)
		}
		if n := len(f.Differences) - 1; n > 0 {
			what += fmt.Sprintf(" (and %d more)", n)
		}
	}
	return fmt.Sprintf("%s: %s: emerge %s: %s", f.Place, f.Case, f.Request, what)
}

// writeText writes failures and the table: aligned for people, separated by
// tabs for programs.
func (r *report) writeText(out, messages io.Writer, terminal bool) error {
	for _, e := range r.Errors {
		fmt.Fprintln(messages, e)
	}
	for i := range r.Failures {
		if _, err := fmt.Fprintln(out, "FAIL", r.Failures[i].line()); err != nil {
			return err
		}
	}
	w := io.Writer(out)
	if terminal {
		t := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
		defer t.Flush() // an error of the stream shows up at its flush
		w = t
	}
	if _, err := fmt.Fprintln(w, "area\texpected\tactual"); err != nil {
		return err
	}
	for _, a := range append(slices.Clip(r.Areas), r.Total) {
		if _, err := fmt.Fprintf(w, "%s\t%v\t%v\n", a.Area, a.Expected, a.Actual); err != nil {
			return err
		}
	}
	return nil
}

// String returns "passed/total", or "-" if there was nothing to compare.
func (c count) String() string {
	if c.Total == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", c.Passed, c.Total)
}

func (r *report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
