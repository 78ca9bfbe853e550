// Package params says what one pass of the resolver is told: the options of
// the request, decoded and typed, and what follows from them.
//
// It refuses to know how options are spelled on a command line (that is the
// front's business) and what a search has learnt (that is search.Params in
// package partial): a value of Options is made once for a request and never
// changes.
//
// The derived parameters follow Portage's create_depgraph_params: which
// option implies which behaviour of the resolver, and where it matters that an
// option was given at all rather than what it says.
package params

import "math"

// A Tri is an option that may be absent, given as yes, or given as no.
// Portage asks of some options whether they are present, whatever their value.
type Tri uint8

const (
	Unset Tri = iota // not given
	Yes              // given: --opt, --opt=y
	No               // given: --opt=n
)

// String returns "unset", "y" or "n".
func (t Tri) String() string {
	switch t {
	case Yes:
		return "y"
	case No:
		return "n"
	default:
		return "unset"
	}
}

// Present says if the option was given, whatever its value.
func (t Tri) Present() bool { return t != Unset }

// Or returns t as a truth value, or def if the option was not given.
func (t Tri) Or(def bool) bool {
	if t == Unset {
		return def
	}
	return t == Yes
}

// Auto is the value of a parameter that is y, n, automatic or absent.
type Auto uint8

const (
	AutoNone Auto = iota // the parameter is absent
	AutoAuto             // switched on by default
	AutoYes              // asked for
	AutoNo               // refused
)

// On says if the behaviour is in force, by the user's word or by default.
func (a Auto) On() bool { return a == AutoAuto || a == AutoYes }

// A Depth counts levels of dependencies below the arguments.
type Depth int32

const (
	// Infinite is the depth of --deep without a number.
	Infinite Depth = math.MaxInt32 - 1
	// Unreachable is the depth of what only the complete graph reached: larger than any other.
	Unreachable Depth = math.MaxInt32
)

// Next returns the depth of a dependency of a package at depth d.
func (d Depth) Next() Depth {
	if d >= Infinite {
		return d
	}
	return d + 1
}

// RootDeps is the value of --root-deps.
type RootDeps uint8

const (
	RootDepsUnset RootDeps = iota // build-time dependencies go to the roots that PMS names
	RootDepsAll                   // --root-deps: build-time dependencies are run-time ones of the target too
	RootDepsRDeps                 // --root-deps=rdeps: DEPEND of EAPIs without BDEPEND is ignored
)

// Action is what emerge was asked to do.
type Action uint8

const (
	ActionMerge  Action = iota // merge the arguments
	ActionRemove               // depclean, prune: walk what is installed
)
