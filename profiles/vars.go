package profiles

import (
	"maps"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// A part is one assignment that takes part in the value of a variable.
type part struct {
	text   string
	pos    Pos
	source *shellconf.Var // knows the lines of words; may be nil
}

func (p part) wordPos(word string) Pos {
	if p.source == nil {
		return p.pos
	}
	return Pos{p.pos.File, p.source.LineOf(word)}
}

// words splits the part into words with their places.
func (p part) words() []Word {
	fields := strings.Fields(p.text)
	list := make([]Word, len(fields))
	for i, f := range fields {
		list[i] = Word{f, p.wordPos(f)}
	}
	return list
}

// A scope is the variables of one layer. Only incremental variables have more
// than one part; a value reads as its parts joined by blanks.
type scope map[string][]part

func (s scope) set(name string, p part) { s[name] = []part{p} }

func (s scope) add(name string, p part) { s[name] = append(s[name], p) }

// merge puts the variables of over on top of s.
func (s scope) merge(over scope) {
	for name, parts := range over {
		if incremental(name) {
			s[name] = append(slices.Clip(s[name]), parts...)
		} else {
			s[name] = parts
		}
	}
}

func (s scope) get(name string) string { return joinParts(s[name]) }

func (s scope) words(name string) []Word {
	var list []Word
	for _, p := range s[name] {
		list = append(list, p.words()...)
	}
	return list
}

func joinParts(parts []part) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0].text
	}
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.text
	}
	return strings.Join(list, " ")
}

// A Value is the value of a variable.
type Value struct {
	Text   string
	Origin Origin // of the assignment that counts; of an incremental variable: the strongest
	Words  []Word // of variables that are lists: the words of Text in order, each with its place
}

// Vars holds the variables of a configuration, layer by layer. It is immutable
// and safe for concurrent use.
type Vars struct {
	layers [layerCount]scope
	nodes  []scope // make.defaults of each profile node, as written there
	lists  map[string]Value
}

func newVars() *Vars {
	v := &Vars{lists: make(map[string]Value)}
	for i := range v.layers {
		v.layers[i] = make(scope)
	}
	return v
}

// Get returns the final value of a variable, or "" if it is not set.
func (v *Vars) Get(name string) string {
	value, _ := v.Lookup(name)
	return value.Text
}

// Lookup returns the final value of a variable and whether it is set. Sets of
// words (FEATURES, USE, ACCEPT_KEYWORDS ...) read as sorted words; variables in
// USE_EXPAND read as the flags with their prefix that USE has.
func (v *Vars) Lookup(name string) (Value, bool) {
	if value, ok := v.lists[name]; ok {
		return value, true
	}
	if value, ok := v.plain(name); ok {
		return value, true
	}
	if older := fallbackName(name); older != "" {
		return v.plain(older)
	}
	return Value{}, false
}

// plain looks a variable up in the strongest layer that has it.
func (v *Vars) plain(name string) (Value, bool) {
	for l := layerCount; l > 0; l-- {
		parts, ok := v.layers[l-1][name]
		if !ok {
			continue
		}
		return Value{Text: joinParts(parts), Origin: Origin{l - 1, parts[len(parts)-1].pos}}, true
	}
	return Value{}, false
}

// Raw returns the value of a variable in the strongest layer that has it, as it
// is written there: not stacked, and not made to agree with USE.
func (v *Vars) Raw(name string) (Value, bool) { return v.plain(name) }

// In returns what a single layer says about a variable.
func (v *Vars) In(l Layer, name string) (string, bool) {
	parts, ok := v.layers[l][name]
	return joinParts(parts), ok
}

// Names returns the names of all variables that are set, sorted.
func (v *Vars) Names() []string {
	seen := make(map[string]bool)
	for name := range v.lists {
		seen[name] = true
	}
	for _, s := range v.layers {
		for name := range s {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// stack computes an incremental variable over the layers up to the environment
// and the given further words: "-word" removes, "-*" removes all.
func (v *Vars) stack(name string, more []Word) (Value, bool) {
	set := make(map[string]Word)
	var origin Origin
	found := false
	for l := LayerEnvD; l <= LayerEnv; l++ {
		for _, p := range v.layers[l][name] {
			found = true
			origin = Origin{l, p.pos}
			stackWords(set, p.words())
		}
	}
	stackWords(set, more)
	if !found && len(set) == 0 {
		return Value{}, false
	}
	value := Value{Origin: origin}
	for _, text := range slices.Sorted(maps.Keys(set)) {
		value.Words = append(value.Words, set[text])
	}
	value.Text = strings.Join(texts(value.Words), " ")
	return value, true
}

// stackWords applies words to a set. A leading "+" means nothing.
func stackWords(set map[string]Word, words []Word) {
	for _, w := range words {
		text := strings.TrimPrefix(w.Text, "+")
		switch {
		case text == "-*":
			clear(set)
		case strings.HasPrefix(text, "-"):
			delete(set, text[1:])
		case text != "":
			set[text] = Word{text, w.Pos}
		}
	}
}

// accept computes one of the ACCEPT_* variables that stay lists: the words of
// all layers, without what the last "*" or "-*" makes meaningless.
func (v *Vars) accept(name, ifEmpty string) Value {
	var words []Word
	var origin Origin
	for l := LayerEnvD; l <= LayerEnv; l++ {
		for _, p := range v.layers[l][name] {
			origin = Origin{l, p.pos}
			words = append(words, p.words()...)
		}
	}
	words = pruneWords(words)
	if len(words) == 0 {
		for _, text := range strings.Fields(ifEmpty) {
			words = append(words, Word{Text: text})
		}
		origin = Origin{Layer: LayerGlobals}
	}
	return Value{Text: strings.Join(texts(words), " "), Origin: origin, Words: words}
}

// pruneWords cuts words before the last "*" or "-*". "*" stays; "-*" goes
// unless it is the very last word, since an empty list means the default.
func pruneWords(words []Word) []Word {
	for i := len(words) - 1; i >= 0; i-- {
		switch words[i].Text {
		case "*":
			return words[i:]
		case "-*":
			if i == len(words)-1 {
				return words[i:]
			}
			return words[i+1:]
		}
	}
	return words
}
