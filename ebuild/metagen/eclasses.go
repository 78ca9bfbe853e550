package metagen

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/bash"
)

// A library is what a generator knows of the eclasses that one repository sees.
type library struct {
	repo *ebuild.Repository

	mu       sync.Mutex
	eclasses map[string]*eclass
}

// An eclass is what is known of one.
type eclass struct {
	name     string
	outline  *bash.Outline
	inherits []string        // names it seems to inherit
	known    map[string]bool // functions that were called in global scope
	eager    map[string]bool // functions that shells parse
	prints   bool            // global scope may print the text of functions
	version  int             // of eager; from 1
	uses     int             // ebuilds that seemed to need it
	checked  bool            // a shell has parsed it
	bad      bool            // no shell can parse it
}

func newLibrary(r *ebuild.Repository) *library {
	return &library{repo: r, eclasses: make(map[string]*eclass)}
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
			e = &eclass{name: name, outline: bash.NewOutline(string(data)), inherits: inherits(string(data)), known: make(map[string]bool)}
			e.choose()
		}
	}
	l.eclasses[name] = e
	return e
}

// choose decides which functions shells parse.
func (e *eclass) choose() {
	e.eager = e.outline.Eager(e.known)
	e.prints = e.outline.Prints(e.eager)
	e.version++
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
	eclasses []*eclass
}

// plan looks at what an ebuild seems to need.
func (l *library) plan(text string) plan {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := bash.NewOutline(text)
	p := plan{whole: o.Prints(o.Eager(nil)), eclasses: l.closure(inherits(text))}
	for _, e := range p.eclasses {
		e.uses++
		p.whole = p.whole || e.prints
	}
	return p
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
			eager = e.outline.All()
		}
		b.WriteString(bash.ParseCommand(e.name, e.outline, eager, !e.checked))
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

// called notes that global scope has called a function of an eclass. It says
// whether that was news.
func (l *library) called(function, file string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	name, _ := strings.CutSuffix(filepath.Base(file), ".eclass")
	e := l.eclasses[name]
	if e == nil || e.eager[function] {
		return e != nil
	}
	e.known = maps.Clone(e.known)
	e.known[function] = true
	e.choose()
	return e.eager[function]
}

// printing says whether some of the named eclasses may print the text of
// functions.
func (l *library) printing(names []string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		if e := l.get(baseName(name)); e != nil && e.prints {
			return true
		}
	}
	return false
}
