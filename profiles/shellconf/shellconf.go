// Package shellconf evaluates the language of make.conf, make.defaults,
// make.globals, profile.env and etc/portage/env files without running a shell.
//
// The language is the one that Portage reads (its getconfig), which is a small
// part of what bash would accept: assignments NAME=word, an optional "export"
// before the name, comments, single and double quotes, backslash escapes,
// $NAME and ${NAME}, and, where the caller allows it, "source FILE". Words are
// split and unquoted first, and substituted afterwards; quotes that survive
// unquoting therefore still protect from substitution. These and other
// peculiarities are kept because existing configurations rely on them:
//
//   - "NAME=" followed by a line end takes the next word as its value;
//   - a lone "$" before anything but a name makes the whole value empty;
//   - an escaped line end outside double quotes becomes a blank;
//   - where sourcing is allowed, a value that is the word "source" is a source
//     statement.
//
// The package knows nothing of incremental variables or of what a variable
// means. It departs from Portage in that a tolerant reading survives an
// unclosed quote (Portage stops), in that a file which sources itself is an
// error, and in naming the line of the culprit instead of the line after it.
package shellconf

import (
	"iter"
	"strings"
)

// Env holds the variables that $NAME refers to.
type Env map[string]string

// Options says how to read a file. The zero value reads strictly, substitutes
// from an empty environment, and does not know "source".
type Options struct {
	// Tolerant turns syntax errors into warnings. What was evaluated before the
	// error stays; the rest of that file is skipped, except after an invalid
	// variable name or a missing file to source, which lose only themselves.
	Tolerant bool
	// Source allows "source FILE". A relative FILE is sought in the directory
	// of the file with the statement.
	Source bool
	// Literal leaves values as they are after unquoting: no substitution.
	Literal bool
	// Env is used for substitution and is updated by each assignment, so that
	// it can be handed from file to file. Nil starts with an empty one.
	Env Env
	// Locate returns where the file at a path is really read from; nil: there.
	Locate func(path string) string
	// Open returns the content of a file. Nil reads the file system.
	Open func(path string) ([]byte, error)
}

// A Var is one variable of a file.
type Var struct {
	Name  string
	Value string // after substitution
	File  string // the file with the last assignment; differs from File.Path after "source"
	Line  int    // line of the name in File, from 1

	raw     string // the word before substitution; it has all line ends of the source
	rawLine int    // line on which the word starts
}

// LineOf returns the line of the file on which the blank-separated word stands
// in the value, or the line of the assignment if it came from a substitution.
func (v Var) LineOf(word string) int {
	for at := 0; word != ""; {
		i := strings.Index(v.raw[at:], word)
		if i < 0 {
			break
		}
		i += at
		end := i + len(word)
		if isBoundary(v.raw, i-1) && isBoundary(v.raw, end) {
			return v.rawLine + strings.Count(v.raw[:i], "\n")
		}
		at = i + 1
	}
	return v.Line
}

// isBoundary reports whether s[i] separates words or lies outside of s.
func isBoundary(s string, i int) bool {
	return i < 0 || i >= len(s) || strings.IndexByte(" \t\n\\", s[i]) >= 0
}

// A File is the result of evaluating one file or directory.
type File struct {
	Path     string  // as given
	Warnings []error // *linefile.Problem each, in the order met

	vars  []Var
	index map[string]int
}

// Lookup returns the variable called name and whether it was assigned.
func (f *File) Lookup(name string) (Var, bool) {
	i, ok := f.index[name]
	if !ok {
		return Var{}, false
	}
	return f.vars[i], true
}

// Get returns the value of the variable called name, or "".
func (f *File) Get(name string) string {
	v, _ := f.Lookup(name)
	return v.Value
}

// Len returns the number of variables.
func (f *File) Len() int { return len(f.vars) }

// All yields the variables in the order of their first assignments, each with
// its last value.
func (f *File) All() iter.Seq[Var] {
	return func(yield func(Var) bool) {
		for _, v := range f.vars {
			if !yield(v) {
				return
			}
		}
	}
}

// set adds v or replaces the variable of its name.
func (f *File) set(v Var) {
	if i, ok := f.index[v.Name]; ok {
		f.vars[i] = v
		return
	}
	f.index[v.Name] = len(f.vars)
	f.vars = append(f.vars, v)
}
