// Package doctor examines what a run depends on, configuration, roots, the kernel,
// programs and caches, and says what to do about what it finds. It changes nothing.
package doctor

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/profiles"
)

// Diagnosis is the document of the command.
var Diagnosis = answer.NewKind[diagnosisDoc]("tumpline.doctor", "1.0.0", "what was examined, and what to do about it")

type diagnosisDoc struct {
	answer.Head
	OK       bool      `json:"ok" jsonschema:"there is no error"`
	Findings []Finding `json:"findings" jsonschema:"by area, in the order of the examination"`
}

// A Finding is the result of one examination.
type Finding struct {
	Area    string   `json:"area" jsonschema:"configuration, roots, boards, kernel, programs or caches"`
	State   string   `json:"state" jsonschema:"ok, warning (something is worse than it could be) or error (something will fail)"`
	Message string   `json:"message"`
	Advice  *string  `json:"advice" jsonschema:"what to do; null if there is nothing to do"`
	Details []string `json:"details" jsonschema:"more of the same, such as single files"`
}

const usage = "usage: tumpline doctor [--json]\n"

const help = usage + `
Examines the configuration, the roots and boards, the kernel, the programs that are called, and
the caches, and says what to do about what it finds. It changes nothing. The exit status is 1
if there is something that will fail.

ROOT, PORTAGE_CONFIGROOT and SYSROOT of the environment say what is examined.

examples:

  tumpline doctor
  ROOT=/build/mine PORTAGE_CONFIGROOT=/build/mine SYSROOT=/build/mine tumpline doctor --json
`

// Main is the front.
func Main(_ context.Context, env *cli.Env) error {
	env, json, err := answer.Take(env, Diagnosis)
	if err != nil {
		return err
	}
	switch {
	case len(env.Args) == 1 && (env.Args[0] == "--help" || env.Args[0] == "-h"):
		_, err := io.WriteString(env.Out, help)
		return err
	case len(env.Args) > 0:
		return &cli.UsageError{Program: "tumpline doctor", Usage: usage, Msg: fmt.Sprintf("unknown argument %q", env.Args[0])}
	}
	d := &doctor{env: env, doc: &diagnosisDoc{OK: true, Findings: []Finding{}}, sources: &session.Options{
		Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars),
	}}
	for _, examine := range []func(){d.configuration, d.roots, d.boards, d.kernel, d.programs, d.caches} {
		examine()
	}
	return d.tell(json)
}

// A doctor examines one set of roots.
type doctor struct {
	env     *cli.Env
	sources *session.Options
	config  *profiles.Config // of the target; nil: it cannot be read
	doc     *diagnosisDoc
}

// find notes a result. advice may be empty.
func (d *doctor) find(area, state, message, advice string, details ...string) {
	f := Finding{Area: area, State: state, Message: message, Details: append([]string{}, details...)}
	if advice != "" {
		f.Advice = &advice
	}
	d.doc.OK = d.doc.OK && state != failing
	d.doc.Findings = append(d.doc.Findings, f)
}

// States of findings.
const (
	fine    = "ok"
	warning = "warning"
	failing = "error"
)

// tell prints the findings.
func (d *doctor) tell(json bool) error {
	var err error
	if json {
		err = Diagnosis.Write(d.env.Out, d.doc)
	} else {
		err = d.text()
	}
	if err == nil && !d.doc.OK {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return err
}

// shown is how many details people see.
const shown = 5

func (d *doctor) text() error {
	var b strings.Builder
	for _, f := range d.doc.Findings {
		fmt.Fprintf(&b, "%-8s %s: %s\n", f.State, f.Area, f.Message)
		for i, detail := range f.Details {
			if i == shown {
				fmt.Fprintf(&b, "           ... and %d more (--json has all)\n", len(f.Details)-shown)
				break
			}
			b.WriteString("           " + detail + "\n")
		}
		if f.Advice != nil {
			b.WriteString("         > " + *f.Advice + "\n")
		}
	}
	_, err := io.WriteString(d.env.Out, b.String())
	return err
}
