package ebuild

import (
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
)

// A Pool shares equal values between packages: atoms, trees, lists of keywords
// and IUSE. Versions of a package mostly repeat each other.
// Give one Pool to everything that makes packages in one run. It is safe for
// concurrent use, and keeps what it shares for as long as it lives.
type Pool struct {
	atoms *atoms.Interner

	mu       sync.Mutex
	keywords map[string][]string
	iuse     map[string][]IUSEFlag
}

// NewPool makes an empty pool.
func NewPool() *Pool {
	return &Pool{
		atoms:    atoms.NewInterner(),
		keywords: make(map[string][]string),
		iuse:     make(map[string][]IUSEFlag),
	}
}

// Interner is the table of atoms of the pool, or nil.
func (p *Pool) Interner() *atoms.Interner {
	if p == nil {
		return nil
	}
	return p.atoms
}

func (p *Pool) parseDep(text string, o atoms.AtomOptions) (*atoms.Dep, error) {
	if p == nil {
		return atoms.ParseDep(text, o)
	}
	return p.atoms.ParseDep(text, o)
}

func (p *Pool) parseLicense(text string) (*atoms.License, error) {
	if p == nil {
		return atoms.ParseLicense(text)
	}
	return p.atoms.ParseLicense(text)
}

// parseWords parses RESTRICT or PROPERTIES.
func (p *Pool) parseWords(text string) (*atoms.Words, error) {
	if p == nil {
		return atoms.ParseRestrict(text)
	}
	return p.atoms.ParseRestrict(text)
}

func (p *Pool) parseRequiredUSE(text string, features *eapi.Features) (*atoms.RequiredUSE, error) {
	if p == nil {
		return atoms.ParseRequiredUSE(text, features)
	}
	return p.atoms.ParseRequiredUSE(text, features)
}

func (p *Pool) parseKeywords(text string) []string {
	if p == nil {
		return strings.Fields(text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return memo(p.keywords, text, strings.Fields)
}

func (p *Pool) parseIUSE(text string) []IUSEFlag {
	if p == nil {
		return parseIUSE(text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return memo(p.iuse, text, parseIUSE)
}

func memo[T any](m map[string]T, text string, parse func(string) T) T {
	v, ok := m[text]
	if !ok {
		v = parse(text)
		m[text] = v
	}
	return v
}
