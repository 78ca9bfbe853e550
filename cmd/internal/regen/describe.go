package regen

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/metagen"
	"github.com/tumpline/tumpline/ebuild/refresh"
)

// A failure is why an ebuild has no entry.
type failure struct {
	Kind    string  `json:"kind"`
	File    *string `json:"file"`
	Line    *int    `json:"line"`
	Message string  `json:"message"`
	Output  string  `json:"output"`
}

// describe tells why an ebuild has no entry; nil if it needs none or has one.
func describe(r *refresh.Result) *failure {
	var source *metagen.Error
	var line *linefile.Problem
	switch {
	case r.WriteErr != nil:
		return &failure{Kind: "write", File: &r.Ebuild.EntryPath, Message: r.WriteErr.Error()}
	case errors.As(r.Err, &source):
		f := &failure{Kind: source.Kind.String(), Message: source.Msg, Output: source.Output}
		if source.Err != nil {
			f.Message += ": " + source.Err.Error()
		}
		return f.at(source.File, source.Line)
	case errors.As(r.Err, &line):
		return (&failure{Kind: "file", Message: line.Err.Error()}).at(line.File, line.Line)
	case r.Err != nil:
		return &failure{Kind: "other", Message: r.Err.Error()}
	}
	return nil
}

// at says where the culprit is.
func (f *failure) at(file string, line int) *failure {
	if file != "" {
		f.File = &file
	}
	if line > 0 {
		f.Line = &line
	}
	return f
}

// text is the failure for people, with what the ebuild printed below it.
func (f *failure) text(cpv string) string {
	var b strings.Builder
	switch {
	case f.File == nil:
		b.WriteString(cpv)
	case f.Line == nil:
		b.WriteString(*f.File)
	default:
		fmt.Fprintf(&b, "%s:%d", *f.File, *f.Line)
	}
	fmt.Fprintf(&b, ": %s", f.Message)
	if out := strings.TrimRight(f.Output, "\n"); out != "" {
		b.WriteString("\n  " + strings.ReplaceAll(out, "\n", "\n  "))
	}
	return b.String()
}
