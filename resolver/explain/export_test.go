package explain

import "reflect"

// Update says if golden texts are to be rewritten.
func Update() bool { return *update }

// ReasonWords returns the kinds of reasons.
func ReasonWords() []string { return words(reflect.TypeFor[ReasonKind]()) }
