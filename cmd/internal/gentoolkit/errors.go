package gentoolkit

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// An Error is a query that has no answer, in gentoolkit's words.
type Error struct {
	Msg string
	// Serious errors are followed by a hint.
	Serious bool
}

func (e *Error) Error() string { return e.Msg }

// A NoMatchError says that a query matches nothing.
type NoMatchError struct {
	Query     string
	Installed bool // only installed packages were asked for
}

func (e *NoMatchError) Error() string {
	if e.Installed {
		return fmt.Sprintf("No installed packages matching '%s'", e.Query)
	}
	return fmt.Sprintf("No packages matching '%s'", e.Query)
}

// An AmbiguousError says that a name without category stands for several packages.
type AmbiguousError struct {
	Choices []atoms.CP
}

func (e *AmbiguousError) Error() string {
	var b strings.Builder
	b.WriteString("Ambiguous package name. Choose from:")
	for _, c := range e.Choices {
		b.WriteString("\n  " + string(c))
	}
	return b.String()
}

// invalidAtom is the error of a text that is no atom.
func invalidAtom(text string) error { return &Error{Msg: fmt.Sprintf("Invalid atom: '%s'", text)} }
