package metagen

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A Kind is the sort of a failure.
type Kind uint8

const (
	KindRead          Kind = iota // the ebuild cannot be read
	KindText                      // the ebuild holds bytes that bash does not read as they are
	KindEAPI                      // no EAPI, or not the same before and after sourcing
	KindUnsupported               // the EAPI is not known
	KindBash                      // no bash that the EAPI wants is at hand
	KindDie                       // die was called
	KindSyntax                    // bash could not parse the ebuild or an eclass
	KindSource                    // the last command of the ebuild or an eclass failed
	KindEclassMissing             // an inherited eclass does not exist
	KindInheritLoop               // an eclass inherits itself
	KindCommand                   // a program was called
	KindForbidden                 // a command was called that global scope must not use
	KindRedefined                 // a command was redefined that the ebuild must leave alone
	KindExit                      // the ebuild ended the shell
	KindBackground                // the ebuild left processes behind
	KindValue                     // a value cannot stand in a cache entry
	KindReadonly                  // a variable that the package manager sets was made readonly
	KindTimeout                   // it took too long
	KindKilled                    // a limit or another process ended the shell
	KindForged                    // the ebuild wrote to the descriptors of the protocol
	KindInternal                  // the shell could not be used
)

// String tells the kind as a phrase.
func (k Kind) String() string {
	names := [...]string{
		"unreadable", "bad text", "bad EAPI", "unsupported EAPI", "no suitable bash", "die", "syntax error",
		"sourcing failed", "eclass missing", "inherit loop", "external command", "forbidden command",
		"command redefined", "exit", "background process", "bad value", "readonly variable", "timeout", "killed", "forged result", "shell failed",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// An Error says why an ebuild has no metadata.
type Error struct {
	CPV    atoms.CPV
	File   string // of the culprit: the ebuild or an eclass
	Line   int    // 1 is the first; 0 if unknown
	Kind   Kind
	Msg    string
	Output string // the end of what the ebuild printed
	Err    error  // cause, or nil
}

// Error gives "file:line: message".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	fmt.Fprintf(&b, ": %s", e.Msg)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Position gives the culprit's place.
func (e *Error) Position() (file string, line int) { return e.File, e.Line }
