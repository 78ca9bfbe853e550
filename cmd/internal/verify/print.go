package verify

import (
	"encoding/json"
	"fmt"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/verify"
)

// The document of "verify --json".
type (
	report struct {
		Schema        string    `json:"schema"`
		SchemaVersion string    `json:"schema_version"`
		Valid         bool      `json:"valid"`
		Judged        bool      `json:"judged"`
		Errors        int       `json:"errors"`
		Weak          int       `json:"weak"`
		Infos         int       `json:"infos"`
		Findings      []finding `json:"findings"`
	}
	finding struct {
		Severity string      `json:"severity"`
		Kind     string      `json:"kind"`
		Step     plan.StepID `json:"step"`
		Package  plan.Maybe  `json:"package"`
		Root     plan.Root   `json:"root"`
		Atom     plan.Maybe  `json:"atom"`
		Message  string      `json:"message"`
	}
)

func newReport(p *plan.Plan, findings []verify.Finding, all bool) *report {
	r := &report{Schema: "tumpline.verify", SchemaVersion: "1.0.0", Judged: p.Success, Findings: []finding{}}
	for _, f := range findings {
		switch f.Severity {
		case verify.Error:
			r.Errors++
		case verify.Weak:
			r.Weak++
		default:
			r.Infos++
			if !all {
				continue
			}
		}
		r.Findings = append(r.Findings, finding{
			Severity: f.Severity.String(), Kind: f.Kind.String(), Step: f.Step, Package: plan.Maybe(f.Package), Root: f.Root,
			Atom: plan.Maybe(f.Atom), Message: f.Message,
		})
	}
	r.Valid = r.Errors == 0
	return r
}

// show prints the findings.
func show(env *cli.Env, o *options, p *plan.Plan, findings []verify.Finding) error {
	r := newReport(p, findings, o.all)
	var err error
	if o.json {
		e := json.NewEncoder(env.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(r)
	} else {
		err = showText(env, o, p, findings, r)
	}
	if err == nil && !r.Valid {
		err = &cli.FailedError{Status: cli.StatusFailure}
	}
	return err
}

func showText(env *cli.Env, o *options, p *plan.Plan, findings []verify.Finding, r *report) error {
	for _, f := range findings {
		if f.Severity == verify.Info && !o.all {
			continue
		}
		if _, err := fmt.Fprintln(env.Out, f); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%d steps: %d errors, %d weak findings", len(p.Steps), r.Errors, r.Weak)
	if !p.Success {
		text = fmt.Sprintf("not a success, checked for form only: %d errors", r.Errors)
	}
	_, err := fmt.Fprintln(env.Out, text)
	return err
}
