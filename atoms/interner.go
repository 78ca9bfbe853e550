package atoms

import (
	"slices"
	"sync"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// An Interner parses each text once and gives the same atom or tree for it
// again: within one Interner, atoms that are written the same are the same
// pointer, whatever their EAPI. Dependencies of a repository repeat themselves
// a lot, so that this saves most of the time and memory of parsing. It is safe
// for concurrent use. It keeps everything it made for as long as it lives;
// errors are not kept.
type Interner struct {
	mu    sync.RWMutex
	atoms map[string]*Atom
	deps  map[string]*internedDep
	words map[string]*Spec[string] // LICENSE, RESTRICT and PROPERTIES alike
	uses  map[requiredKey]*RequiredUSE
}

// An internedDep is the tree of a text and the options that it is known to
// keep to: the tree is the same under all of them.
type internedDep struct {
	tree    *Dep
	allowed []AtomOptions
}

type requiredKey struct {
	text     string
	features *eapi.Features
}

// NewInterner returns an empty Interner.
func NewInterner() *Interner {
	return &Interner{
		atoms: make(map[string]*Atom), deps: make(map[string]*internedDep),
		words: make(map[string]*Spec[string]), uses: make(map[requiredKey]*RequiredUSE),
	}
}

// ParseAtom is the function ParseAtom with a memory.
func (in *Interner) ParseAtom(s string, o AtomOptions) (*Atom, error) {
	a, f := in.atom(s, &o)
	if f.msg != "" {
		return nil, f.err("atom", s)
	}
	return a, nil
}

// ParseDep is the function ParseDep with a memory for trees and for atoms.
func (in *Interner) ParseDep(text string, o AtomOptions) (*Dep, error) {
	in.mu.RLock()
	d := in.deps[text]
	known := d != nil && slices.Contains(d.allowed, o)
	in.mu.RUnlock()
	switch {
	case known:
		return d.tree, nil
	case d != nil && d.tree.allowedBy(&o):
		return in.keepDep(text, d.tree, o), nil
	}
	tree, err := parseDep(text, func(token string, _ *tokenizer) (*Atom, fault) { return in.atom(token, &o) })
	if err != nil {
		return nil, err
	}
	return in.keepDep(text, tree, o), nil
}

// keepDep stores a tree that keeps to the options, unless another goroutine was
// first, and returns the one that is stored.
func (in *Interner) keepDep(text string, tree *Dep, o AtomOptions) *Dep {
	in.mu.Lock()
	defer in.mu.Unlock()
	d := in.deps[text]
	if d == nil {
		d = &internedDep{tree: tree}
		in.deps[text] = d
	}
	if !slices.Contains(d.allowed, o) {
		d.allowed = append(d.allowed, o)
	}
	return d.tree
}

// allowedBy says if the options allow all atoms of a tree.
func (s *Spec[L]) allowedBy(o *AtomOptions) bool {
	if a, ok := any(s.Leaf).(*Atom); ok && a != nil && a.forbidden(o).msg != "" {
		return false
	}
	for _, child := range s.Children {
		if !child.allowedBy(o) {
			return false
		}
	}
	return true
}

// ParseLicense is the function ParseLicense with a memory.
func (in *Interner) ParseLicense(text string) (*License, error) {
	return remember(in, in.words, text, func() (*License, error) { return ParseLicense(text) })
}

// ParseRestrict is the function ParseRestrict with a memory.
func (in *Interner) ParseRestrict(text string) (*Words, error) {
	return remember(in, in.words, text, func() (*Words, error) { return ParseRestrict(text) })
}

// ParseRequiredUSE is the function ParseRequiredUSE with a memory.
func (in *Interner) ParseRequiredUSE(text string, features *eapi.Features) (*RequiredUSE, error) {
	return remember(in, in.uses, requiredKey{text, features}, func() (*RequiredUSE, error) { return ParseRequiredUSE(text, features) })
}

// remember returns what m, one of the maps of in, has for a key, or else what
// parse gives.
func remember[K comparable, V any](in *Interner, m map[K]*V, key K, parse func() (*V, error)) (*V, error) {
	in.mu.RLock()
	v := m[key]
	in.mu.RUnlock()
	if v != nil {
		return v, nil
	}
	v, err := parse()
	if err != nil {
		return nil, err
	}
	return keepFirst(in, m, key, v), nil
}

// atom parses or remembers s, and checks it against the options.
func (in *Interner) atom(s string, o *AtomOptions) (*Atom, fault) {
	in.mu.RLock()
	a := in.atoms[s]
	in.mu.RUnlock()
	if a == nil {
		var f fault
		if a, f = scanAtom(s); f.msg != "" {
			return nil, f
		}
		a = keepFirst(in, in.atoms, s, a)
	}
	return a, a.forbidden(o)
}

// keepFirst stores v in m, one of the maps of in, unless another goroutine
// was first, and returns what m holds.
func keepFirst[K comparable, V any](in *Interner, m map[K]*V, key K, v *V) *V {
	in.mu.Lock()
	defer in.mu.Unlock()
	if first := m[key]; first != nil {
		return first
	}
	m[key] = v
	return v
}
