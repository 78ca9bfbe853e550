package metagen

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/bash"
)

// A library is what a generator knows of the eclasses that one repository sees.
type library struct {
	repo     *ebuild.Repository
	reserved map[string]bool // functions that mean something without an eclass

	mu       sync.Mutex
	eclasses map[string]*eclass
	defined  map[string]int // how many of the eclasses may define a function
}

// An eclass is what is known of one.
type eclass struct {
	name     string
	outline  *bash.Outline
	inherits []string        // names it seems to inherit
	defines  map[string]bool // functions that it may define
	all      map[string]bool // functions of the outline
	known    map[string]bool // functions that were called in global scope
	eager    map[string]bool // functions that shells parse
	kept     map[string]bool // functions that must exist
	asks     bool            // global scope may ask for functions
	traces   bool            // see bash.Outline.Traces
	plain    bool            // see bash.Outline.Plain
	words    map[string]bool // of the text, if it is plain but for functions of other eclasses
	version  int             // of eager and kept; from 1
	uses     int             // ebuilds that seemed to need it
	checked  bool            // a shell has parsed it
	bad      bool            // no shell can parse it
}

func newLibrary(r *ebuild.Repository, reserved map[string]bool) *library {
	return &library{repo: r, reserved: reserved, eclasses: make(map[string]*eclass), defined: make(map[string]int)}
}

// get gives an eclass, nil if it cannot be read. The caller holds the lock.
func (l *library) get(name string) *eclass {
	if e, ok := l.eclasses[name]; ok {
		return e
	}
	var e *eclass
	if path, ok := l.repo.Eclasses().Path(name); ok {
		// Bytes that bash does not read as they are, and files that cannot be read, are
		// for bash to judge when it sources the eclass.
		if data, err := os.ReadFile(path); err == nil && strings.IndexByte(string(data), 0) < 0 {
			e = l.add(name, string(data))
		}
	}
	l.eclasses[name] = e
	return e
}

// add takes an eclass in.
func (l *library) add(name, text string) *eclass {
	e := &eclass{name: name, outline: bash.NewOutline(text), inherits: inherits(text), defines: make(map[string]bool), known: make(map[string]bool)}
	e.all = e.outline.All()
	for _, function := range bash.Defines(text) {
		if !e.defines[function] {
			e.defines[function] = true
			l.defined[function]++
		}
	}
	// Others may have functions that only they had before.
	for _, other := range l.eclasses {
		if other != nil && other.minds(e.defines) {
			l.choose(other)
		}
	}
	l.choose(e)
	return e
}

// minds says whether it makes a difference to an eclass that another one has these
// functions.
func (e *eclass) minds(names map[string]bool) bool {
	for name := range names {
		if e.omits(name) || e.plain && e.words[name] || name == versionCommand {
			return true
		}
	}
	return false
}

// versionCommand is a command that shells call in another form as long as it is the
// library's.
const versionCommand = "ver_cut"

// omits says whether shells do not have a function of the eclass.
func (e *eclass) omits(function string) bool {
	return e.all[function] && !e.eager[function] && !e.kept[function]
}

// choose decides which functions shells parse, and which must exist: those that
// the package manager looks for, and those that others may have too, as the last
// definition is in force.
func (l *library) choose(e *eclass) {
	e.eager = e.outline.Eager(e.known)
	e.asks = e.outline.Asks(e.eager)
	e.traces = e.outline.Traces(e.eager)
	e.words, e.plain = e.outline.Plain(e.eager)
	for name := range e.words {
		if n := l.defined[name]; n > 1 || n == 1 && !e.defines[name] {
			e.plain = false
		}
	}
	e.kept = make(map[string]bool)
	for name := range e.all {
		phase, _ := strings.CutPrefix(name, e.name+"_")
		e.kept[name] = l.reserved[name] || l.defined[name] > 1 || strings.HasPrefix(name, "___") ||
			phaseLike(phase)
	}
	e.version++
}

// phaseLike says whether a function has the name of one for a phase.
func phaseLike(function string) bool {
	return strings.HasPrefix(function, "src_") || strings.HasPrefix(function, "pkg_")
}

// inherits gives the words of a text that stand after "inherit" on a line or on
// those that continue it, which may be too many or too few.
func inherits(text string) []string {
	const command = "inherit"
	var names []string
	for {
		i := strings.Index(text, command)
		if i < 0 {
			return names
		}
		line := text[strings.LastIndexByte(text[:i], '\n')+1 : i]
		text = text[i+len(command):]
		if strings.Contains(line, "#") || line != "" && wordByte(line[len(line)-1]) || text == "" || strings.IndexByte(" \t\\", text[0]) < 0 {
			continue
		}
		var words string
		words, text = commandWords(text)
		names = append(names, strings.Fields(words)...)
	}
}

// commandWords gives what is left of a command, which may go on in further lines,
// and what follows.
func commandWords(text string) (words, rest string) {
	for {
		i := strings.IndexAny(text, ";&|#\n\\")
		if i < 0 {
			return words + text, ""
		}
		words += text[:i] + " "
		if !strings.HasPrefix(text[i:], "\\\n") {
			return words, text[i:]
		}
		text = text[i+2:]
	}
}

// wordByte says whether a byte may be part of the name of a command.
func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// closure gives the eclasses that an ebuild seems to inherit, each after those
// it inherits itself. The caller holds the lock.
func (l *library) closure(names []string) []*eclass {
	seen := make(map[string]bool)
	var list []*eclass
	var visit func(names []string)
	visit = func(names []string) {
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			if e := l.get(name); e != nil {
				visit(e.inherits)
				list = append(list, e)
			}
		}
	}
	visit(names)
	return list
}

// A plan is how an ebuild is run in a shared shell.
type plan struct {
	whole    bool // no function may be left out
	traces   bool // the option extdebug is on
	names    []string
	defines  []string        // functions that the ebuild may define
	called   map[string]bool // functions for which it was started again
	eclasses []*eclass
}

// plan looks at what an ebuild seems to need.
func (l *library) plan(text string) plan {
	o := bash.NewOutline(text)
	eager := o.Eager(nil)
	p := plan{whole: o.Asks(eager), traces: o.Traces(eager), names: inherits(text), called: make(map[string]bool)}
	for _, function := range bash.Defines(text) {
		// Phase functions are always kept, and no eclass calls them.
		if !phaseLike(function) {
			p.defines = append(p.defines, function)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.complete(&p)
	for _, e := range p.eclasses {
		e.uses++
	}
	return p
}

// complete finds the eclasses of a plan by the names, and whether functions may be
// left out. The caller holds the lock.
func (l *library) complete(p *plan) {
	p.eclasses = l.closure(p.names)
	for _, e := range p.eclasses {
		p.whole = p.whole || e.asks
		p.traces = p.traces || e.traces
		for _, function := range p.defines {
			p.whole = p.whole || e.omits(function) || e.plain && e.words[function] || function == versionCommand
		}
	}
}

// fits says whether a plan was right for an ebuild that has inherited these
// eclasses, and mends it if it was not.
func (l *library) fits(p *plan, inherited []string) bool {
	if p.whole {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known := len(p.names)
	for _, name := range inherited {
		name = baseName(name)
		if e := l.get(name); e == nil {
			p.whole = true
		} else if !slices.Contains(p.eclasses, e) {
			p.names = append(p.names, name)
		}
	}
	if len(p.names) > known {
		l.complete(p)
	}
	return !p.whole && len(p.names) == known
}

// worthParsing is how many ebuilds must need an eclass for it to be parsed.
const worthParsing = 2

// commands gives the commands by which a shell, whose state is the versions of
// what it has parsed, gets ready for an ebuild, and the versions it will have then.
func (l *library) commands(p plan, state map[string]int) (string, map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	versions := make(map[string]int)
	for _, e := range p.eclasses {
		if e.bad || e.uses < worthParsing || state[e.name] >= e.version {
			continue
		}
		eager := e.eager
		if p.whole {
			eager = e.all
		}
		b.WriteString(bash.ParseCommand(e.outline, bash.Parsing{Name: e.name, Eager: eager, Kept: e.kept, Plain: e.plain && !p.whole, Cut: l.defined[versionCommand] == 0 && !p.whole, Check: !e.checked}))
		versions[e.name] = e.version
	}
	return b.String(), versions
}

// parsed notes which of the versions that a shell was to parse it has parsed.
func (l *library) parsed(versions map[string]int, names []string, state map[string]int) {
	if len(versions) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		state[name] = versions[name]
	}
	for name, version := range versions {
		if e := l.eclasses[name]; state[name] == version {
			e.checked = true
		} else {
			e.bad = true
		}
	}
}

// called notes that global scope has called a function of an eclass: that of the
// file, or of any of the plan if no file is known. It says whether it is worth
// while to run the ebuild again.
func (l *library) called(p plan, function, file string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.called[function] {
		return false
	}
	p.called[function] = true
	name, _ := strings.CutSuffix(filepath.Base(file), ".eclass")
	found := false
	for _, e := range p.eclasses {
		if file != "" && e.name != name || !e.all[function] {
			continue
		}
		found = true
		if !e.eager[function] { // no other ebuild was first
			e.known = maps.Clone(e.known)
			e.known[function] = true
			l.choose(e)
		}
	}
	return found
}
