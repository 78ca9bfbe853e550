package ebuild

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// Fault is the kind of a metadata error.
type Fault uint8

const (
	FaultMetadata Fault = iota // the metadata could not be had at all
	FaultSlot                  // SLOT is not a slot
	FaultEAPI                  // something the EAPI does not allow
	FaultSyntax                // a value that cannot be parsed
	FaultIUSE                  // a USE flag that is not in IUSE
)

// String gives the category under which Portage files the fault; for
// FaultMetadata, which Portage has no category for, the word it shows.
func (f Fault) String() string {
	switch f {
	case FaultMetadata:
		return "corruption"
	case FaultSlot:
		return "SLOT.invalid"
	case FaultEAPI:
		return "EAPI.incompatible"
	case FaultSyntax:
		return "syntax"
	case FaultIUSE:
		return "IUSE.missing"
	}
	return fmt.Sprintf("Fault(%d)", uint8(f))
}

// A MetadataError is one thing wrong with the metadata of a package.
type MetadataError struct {
	Fault Fault
	Key   string // "DEPEND", "SLOT", ...; empty for FaultMetadata
	Path  string // file of an installed package that holds the value, else the package's path; may be empty
	Err   error
}

// Error gives "KEY: what is wrong".
func (e *MetadataError) Error() string {
	text := e.Err.Error()
	if e.Key != "" && !strings.HasPrefix(text, e.Key+": ") {
		text = e.Key + ": " + text
	}
	if e.Path != "" {
		text += " in " + e.Path
	}
	return text
}

// Unwrap gives the reason.
func (e *MetadataError) Unwrap() error { return e.Err }

// Invalid lists everything wrong with the metadata, in a fixed order; such a
// package is not visible. It follows Portage's Package._validate_deps: installed
// packages are excused from their EAPI and from SRC_URI, and built ones from
// REQUIRED_USE. The result is shared.
//
// Whether flags used in dependencies are in IUSE_EFFECTIVE depends on a profile:
// ask CheckFlags for that.
func (p *Package) Invalid() []error {
	list, _ := p.trees.invalid.get(func() (*[]error, error) {
		c := checker{p: p, errs: p.problems[:len(p.problems):len(p.problems)]}
		if !p.noMetadata() {
			c.run()
		}
		return &c.errs, nil
	})
	return *list
}

// noMetadata says that there is nothing to check: the problems tell why.
func (p *Package) noMetadata() bool {
	_, none := p.metadata.(noMetadata)
	return none && len(p.problems) > 0
}

// A checker collects what is wrong with one package.
type checker struct {
	p    *Package
	errs []error
}

func (c *checker) add(f Fault, key string, err error) {
	e := &MetadataError{Fault: f, Key: key, Err: err}
	if c.p.Origin == OriginInstalled && c.p.Path != "" {
		e.Path = c.p.Path + "/" + key
	}
	c.errs = append(c.errs, e)
}

func (c *checker) syntax(key string, err error) {
	if err != nil {
		c.add(FaultSyntax, key, err)
	}
}

func (c *checker) run() {
	p := c.p
	// An installed package without a valid SLOT is in slot 0, which is all there is to say.
	if _, _, err := parseSlot(p.Raw("SLOT"), p.features()); err != nil && p.Origin != OriginInstalled {
		c.add(FaultSlot, "SLOT", fmt.Errorf("%w: %q", err, p.Raw("SLOT")))
	}
	c.iuse()
	for _, class := range depOrder() {
		c.deps(class)
	}
	_, err := p.License()
	c.syntax("LICENSE", err)
	_, err = p.Properties()
	c.syntax("PROPERTIES", err)
	_, err = p.Restrict()
	c.syntax("RESTRICT", err)
	c.requiredUSE()
	if p.Origin != OriginInstalled {
		_, err = p.SrcURI()
		c.syntax("SRC_URI", err)
	}
	if p.Origin.Built() {
		for _, key := range []string{"PROVIDES", "REQUIRES"} {
			_, err := ParseSonames(p.Raw(key))
			c.syntax(key, err)
		}
	}
}

func (c *checker) iuse() {
	if c.p.features().IUSEDefaults || c.p.Origin == OriginInstalled {
		return
	}
	for _, f := range c.p.IUSE {
		if f.Default != 0 {
			c.add(FaultEAPI, "IUSE", fmt.Errorf("contains defaults, but EAPI %s does not allow them", c.p.EAPIName))
			return
		}
	}
}

func (c *checker) deps(class atoms.DepClass) {
	tree, err := c.p.Deps(class)
	if err != nil {
		c.add(FaultSyntax, class.String(), err)
		return
	}
	if c.p.Origin.Built() {
		return
	}
	for a := range tree.All() {
		if a.SlotOpBuilt() {
			c.add(FaultSyntax, class.String(), fmt.Errorf("slot operator with a subslot is only for built packages: %s", a))
		}
	}
}

func (c *checker) requiredUSE() {
	p := c.p
	if p.Origin.Built() || strings.TrimSpace(p.Raw("REQUIRED_USE")) == "" {
		return
	}
	if !p.features().RequiredUSE {
		c.add(FaultEAPI, "REQUIRED_USE", fmt.Errorf("is set, but EAPI %s does not allow it", p.EAPIName))
		return
	}
	_, err := p.RequiredUSE()
	c.syntax("REQUIRED_USE", err)
}

// A Soname is one entry of PROVIDES or REQUIRES of a built package.
type Soname struct {
	Category string // multilib category: "x86_64", "arm_64", ...
	Name     string // "libfoo.so.1"
}

// ParseSonames reads PROVIDES or REQUIRES: "category: soname soname category: ...".
func ParseSonames(text string) ([]Soname, error) {
	var list []Soname
	seen := map[string]bool{}
	category, open := "", false
	for _, word := range strings.Fields(text) {
		name, isCategory := strings.CutSuffix(word, ":")
		switch {
		case isCategory && open:
			return nil, fmt.Errorf("multilib category without sonames: %q", category)
		case isCategory && seen[name]:
			return nil, fmt.Errorf("multilib category given twice: %q", name)
		case isCategory:
			category, open = name, true
			seen[name] = true
		case len(seen) == 0:
			return nil, fmt.Errorf("soname before the first multilib category: %q", word)
		default:
			list, open = append(list, Soname{category, word}), false
		}
	}
	if open {
		return nil, fmt.Errorf("multilib category without sonames: %q", category)
	}
	return list, nil
}

// ErrNoMetadata is the reason of a package whose metadata could not be had.
var ErrNoMetadata = errors.New("metadata is missing or stale")
