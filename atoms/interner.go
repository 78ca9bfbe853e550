package atoms

import "sync"

// An Interner parses each text once and gives the same atom or tree for it
// again: within one Interner, atoms that are written the same are the same
// pointer, whatever their EAPI. Dependencies of a repository repeat themselves
// a lot, so that this saves most of the time and memory of parsing. It is safe
// for concurrent use. It keeps everything it made for as long as it lives;
// errors are not kept.
type Interner struct {
	mu    sync.RWMutex
	atoms map[string]*Atom
	deps  map[depKey]*Dep
}

type depKey struct {
	text    string
	options AtomOptions
}

// NewInterner returns an empty Interner.
func NewInterner() *Interner {
	return &Interner{atoms: make(map[string]*Atom), deps: make(map[depKey]*Dep)}
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
	key := depKey{text, o}
	in.mu.RLock()
	d := in.deps[key]
	in.mu.RUnlock()
	if d != nil {
		return d, nil
	}
	d, err := parseDep(text, func(token string, _ *tokenizer) (*Atom, fault) { return in.atom(token, &o) })
	if err != nil {
		return nil, err
	}
	return keepFirst(in, in.deps, key, d), nil
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
