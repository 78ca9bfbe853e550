package sandbox

import (
	"fmt"
	"strings"
)

// Log gives the violations in the form of the log of Portage's sandbox.
func (e *Error) Log() string {
	var b strings.Builder
	b.WriteString("VERSION 1.0\nFORMAT: F - Function called\nFORMAT: S - Access Status\nFORMAT: P - Path as passed to function\n" +
		"FORMAT: A - Absolute Path (not canonical)\nFORMAT: R - Canonical Path\nFORMAT: C - Command Line\n")
	for _, v := range e.Violations {
		fmt.Fprintf(&b, "\nF: %s\nS: deny\nP: %s\nA: %s\nR: %s\nC: %s\n", v.Call, v.Given, v.Absolute, v.Resolved, v.Command)
	}
	return b.String()
}
