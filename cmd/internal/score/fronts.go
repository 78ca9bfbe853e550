package main

import "github.com/tumpline/tumpline/cmd/internal/cases/corpus"

// emergeFront returns the front that answers the recorded requests, or nil if
// there is none.
func emergeFront() corpus.Front {
	return nil // TODO: emerge's front, when it resolves
}

// portageArgs are the options that keep the program to what Portage answers.
func portageArgs() []string { return nil }
