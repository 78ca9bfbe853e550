package phase

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/merge/sandbox"
)

// A report is what a phase's shell wrote to its result descriptor.
type report struct {
	done, complete bool
	failure        *Error
	values         map[string]string // recorded variables
	state          string            // for the next phase
	functions      string            // where functions stand: "NAME LINE FILE"
}

// errForged reports a result that the library did not write.
var errForged = errors.New("the phase wrote to the package manager's descriptor")

// parseReport reads records: a line "NONCE KIND", the text, a line "NONCE".
func parseReport(text, nonce string) (*report, error) {
	r := &report{}
	for text != "" {
		head, rest, ok := strings.Cut(text, "\n")
		kind, mine := strings.CutPrefix(head, nonce+" ")
		if !ok || !mine {
			return r, fmt.Errorf("%w: %.60q", errForged, head)
		}
		body := ""
		if end := nonce + "\n"; !strings.HasPrefix(rest, end) {
			if body, rest, ok = strings.Cut(rest, "\n"+end); !ok {
				return r, nil // the shell ended while it wrote
			}
			body += "\n"
		} else {
			rest = rest[len(end):]
		}
		if err := r.record(kind, body); err != nil {
			return r, err
		}
		text = rest
	}
	return r, nil
}

func (r *report) record(kind, body string) error {
	switch kind {
	case "done":
		r.done = true
	case "complete":
		r.complete = true
	case "environment":
		r.state = body
	case "functions":
		r.functions = body
	case "values":
		words, err := bash.Netstrings(strings.TrimSuffix(body, "\n"))
		if err != nil || len(words)%2 != 0 {
			return fmt.Errorf("%w: values", errForged)
		}
		r.values = make(map[string]string)
		for i := 0; i+1 < len(words); i += 2 {
			r.values[words[i]] = words[i+1]
		}
	case "failure":
		words, err := bash.Netstrings(strings.TrimSuffix(body, "\n"))
		if err != nil || len(words) < 3 {
			return fmt.Errorf("%w: failure", errForged)
		}
		if r.failure == nil { // the first one is the cause
			r.failure = newError(words)
		}
	default:
		return fmt.Errorf("%w: %.20q", errForged, kind)
	}
	return nil
}

// An Error says how a phase failed.
type Error struct {
	CPV      string
	Phase    Phase
	Message  string
	Function string // that failed; "" if it is not known
	File     string // where, with the line; "" if it is not known
	Line     int
	Dir      string  // the working directory
	Calls    []Frame // innermost first
	Log      string  // the log file, if there is one

	Undeclared []sandbox.Hidden // files that the phase asked for and does not see
}

// A Frame is a function under way.
type Frame struct {
	Function, File string
	Line           int // in File, that was being executed
}

// Error tells phase, place and message.
func (e *Error) Error() string {
	place := ""
	if e.File != "" {
		place = fmt.Sprintf("%s:%d: ", e.File, e.Line)
	}
	return fmt.Sprintf("%s%s: %s phase: %s", place, e.CPV, e.Phase, e.Message)
}

func newError(words []string) *Error {
	e := &Error{Message: words[1], Dir: words[2]}
	for i := 3; i+2 < len(words); i += 3 {
		line, err := strconv.Atoi(words[i+2])
		if err != nil {
			line = 0
		}
		e.Calls = append(e.Calls, Frame{Function: words[i], File: words[i+1], Line: line})
	}
	e.blame()
	return e
}

// blame sets where it failed to the innermost function that is not the library's.
func (e *Error) blame() {
	for _, f := range e.Calls {
		if f.File != "" && f.File != bash.SourceName {
			e.Function, e.File, e.Line = f.Function, f.File, f.Line
			break
		}
	}
}
