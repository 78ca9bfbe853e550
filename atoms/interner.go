package atoms

import "sync"

// An Interner parses each text once and gives the same atom or tree for it
// again. Dependencies of a repository repeat themselves a lot, so that this
// saves most of the time and memory. It is safe for concurrent use. It keeps
// everything it made for as long as it lives; errors are not kept.
type Interner struct {
	mu    sync.RWMutex
	kinds map[AtomOptions]*interned
}

// interned is what was parsed under one set of options.
type interned struct {
	mu    sync.RWMutex
	atoms map[string]*Atom
	deps  map[string]*Dep
}

// NewInterner returns an empty Interner.
func NewInterner() *Interner {
	return &Interner{kinds: make(map[AtomOptions]*interned)}
}

// under returns the table for the options.
func (in *Interner) under(o AtomOptions) *interned {
	in.mu.RLock()
	t := in.kinds[o]
	in.mu.RUnlock()
	if t != nil {
		return t
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.kinds[o] == nil {
		in.kinds[o] = &interned{atoms: make(map[string]*Atom), deps: make(map[string]*Dep)}
	}
	return in.kinds[o]
}

// lookup returns what m has for key; the first value stored for a key wins.
func lookup[V any](mu *sync.RWMutex, m map[string]*V, key string, parse func() (*V, error)) (*V, error) {
	mu.RLock()
	v := m[key]
	mu.RUnlock()
	if v != nil {
		return v, nil
	}
	v, err := parse()
	if err != nil {
		return nil, err
	}
	mu.Lock()
	defer mu.Unlock()
	if first := m[key]; first != nil {
		return first, nil
	}
	m[key] = v
	return v, nil
}

// ParseAtom is the function ParseAtom with a memory.
func (in *Interner) ParseAtom(s string, o AtomOptions) (*Atom, error) {
	t := in.under(o)
	return lookup(&t.mu, t.atoms, s, func() (*Atom, error) { return ParseAtom(s, o) })
}

// ParseDep is the function ParseDep with a memory for trees and for atoms.
func (in *Interner) ParseDep(text string, o AtomOptions) (*Dep, error) {
	t := in.under(o)
	return lookup(&t.mu, t.deps, text, func() (*Dep, error) {
		return parseDep(text, func(token string, _ *tokenizer) (*Atom, fault) {
			var f fault
			a, _ := lookup(&t.mu, t.atoms, token, func() (a *Atom, err error) {
				if a, f = parseAtom(token, o); f.msg != "" {
					return nil, f.err("atom", token)
				}
				return a, nil
			})
			return a, f
		})
	})
}
