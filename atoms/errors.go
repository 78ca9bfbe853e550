package atoms

import "fmt"

// A ParseError reports text that is not a valid Kind under its EAPI.
type ParseError struct {
	Kind   string // "atom", "version", "USE dependency", "dependency", ...
	Text   string // the whole text given to the parser
	Offset int    // byte offset of the first rejected byte in Text
	Msg    string // what was expected there
}

// Error names the kind, the text, the place and what was expected.
func (e *ParseError) Error() string {
	return fmt.Sprintf("invalid %s %q: offset %d: %s", e.Kind, e.Text, e.Offset, e.Msg)
}

// A fault is a rejected byte, before it is known which text it is part of.
// The zero msg means that there is none.
type fault struct {
	offset int
	msg    string
}

func (f fault) shift(n int) fault { return fault{f.offset + n, f.msg} }

func (f fault) err(kind, text string) error {
	return &ParseError{Kind: kind, Text: text, Offset: f.offset, Msg: f.msg}
}
