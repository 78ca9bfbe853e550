package profiles

import (
	"strings"
)

// OpKind is what one word does to a set of USE flags.
type OpKind uint8

const (
	OpOn          OpKind = iota // flag
	OpOff                       // -flag
	OpClear                     // -*
	OpClearPrefix               // -prefix_*, and what a USE_EXPAND variable replaces
	OpOnPrefix                  // prefix_*: all flags of IUSE with the prefix
)

// String shows the operation as it is written in USE.
func (k OpKind) String() string {
	switch k {
	case OpOn:
		return "flag"
	case OpOff:
		return "-flag"
	case OpClear:
		return "-*"
	case OpClearPrefix:
		return "-prefix_*"
	case OpOnPrefix:
		return "prefix_*"
	}
	return "unknown operation"
}

// An Op changes a set of USE flags.
type Op struct {
	Kind OpKind
	Flag string // of OpOn and OpOff; the prefix with its "_" of OpClearPrefix and OpOnPrefix
	Pos  Pos
}

// Hook is what a package itself adds to a stack after the operations of a
// segment.
type Hook uint8

const (
	HookNone     Hook = iota // nothing
	HookFeatures             // USE=test, if FEATURES has test for the package
	HookIUSE                 // defaults in IUSE, and -test by RESTRICT=test
	HookUser                 // package.env and the user's package.use, see USEStacks.User
)

// String names the hook.
func (h Hook) String() string {
	switch h {
	case HookNone:
		return "nothing"
	case HookFeatures:
		return "FEATURES"
	case HookIUSE:
		return "IUSE"
	case HookUser:
		return "package.env and package.use"
	}
	return "unknown hook"
}

// A Segment is one step of a stack: first operations that hold for every
// package, or if Stable for every stable one, then the entries of a table that
// match a package, then what the hook stands for.
type Segment struct {
	Layer  Layer
	Stable bool // only for packages that are stable (S89)
	Ops    []Op
	Table  *Table
	Hook   Hook
}

// A FlagStack is a list of segments, weakest first.
type FlagStack []Segment

// USEStacks tells all that decides about USE flags. It is part of a Config.
type USEStacks struct{ c *Config }

// Use returns the stack that decides the USE flags of ebuilds of a repository,
// before forcing and masking (S87). An unknown repository adds nothing.
func (u USEStacks) Use(repo string) FlagStack {
	c := u.c
	own := c.repos.byName[repo]
	var s FlagStack
	for _, layer := range c.useOrder {
		switch layer {
		case LayerRepo:
			s = append(s, c.repoSegments(own)...)
		case LayerFeatures:
			s = append(s, Segment{Layer: layer, Hook: HookFeatures})
		case LayerPkgInternal:
			s = append(s, Segment{Layer: layer, Hook: HookIUSE})
		case LayerDefaults:
			s = append(s, c.defaults...)
		case LayerPkg:
			s = append(s, Segment{Layer: layer, Hook: HookUser})
		default:
			s = append(s, Segment{Layer: layer, Ops: c.layerOps[layer]})
		}
	}
	return s
}

// Mask returns the stack of use.mask and its like for packages of a repository
// (S89).
func (u USEStacks) Mask(repo string) FlagStack {
	return u.c.forceStack(repo, func(f *useFiles) *forceFiles { return &f.mask })
}

// Force returns the stack of use.force and its like for packages of a
// repository (S89).
func (u USEStacks) Force(repo string) FlagStack {
	return u.c.forceStack(repo, func(f *useFiles) *forceFiles { return &f.force })
}

func (c *Config) forceStack(repo string, pick func(*useFiles) *forceFiles) FlagStack {
	var s FlagStack
	for _, r := range c.repos.byName[repo].chain() {
		s = append(s, pick(c.repoUSE[r.Name]).segments(LayerRepo)...)
	}
	for _, files := range c.nodeUSE {
		s = append(s, pick(files).segments(LayerDefaults)...)
	}
	return s
}

func (c *Config) repoSegments(own *repo) FlagStack {
	if own == nil {
		return nil
	}
	all := c.repoScopes[own.Name]
	s := FlagStack{{Layer: LayerRepo, Ops: c.expand.bareOps(all)}}
	for _, r := range own.chain() {
		s = append(s, Segment{Layer: LayerRepo, Ops: Ops(c.repoDefaults[r.Name].words("USE"))})
		s = append(s, c.repoUSE[r.Name].segments(LayerRepo)...)
	}
	return append(s, Segment{Layer: LayerRepo, Ops: c.expand.variableOps(all)})
}

// defaultsSegments gives what the profile says. There the variables in
// USE_EXPAND only add flags, so that child profiles can change single ones.
func (c *Config) defaultsSegments() FlagStack {
	s := FlagStack{{Layer: LayerDefaults, Ops: c.expand.bareOps(c.Vars.layers[LayerDefaults])}}
	for i, defaults := range c.Vars.nodes {
		s = append(s, Segment{Layer: LayerDefaults, Ops: Ops(c.expand.nodeWords(defaults))})
		s = append(s, c.nodeUSE[i].segments(LayerDefaults)...)
	}
	return s
}

// segments orders use.stable, package.use, package.use.stable.
func (f *useFiles) segments(l Layer) FlagStack {
	var s FlagStack
	if len(f.stable) > 0 {
		s = append(s, Segment{Layer: l, Stable: true, Ops: Ops(f.stable)})
	}
	if f.pkgUSE != nil {
		s = append(s, Segment{Layer: l, Table: f.pkgUSE})
	}
	if f.pkgUSEStable != nil {
		s = append(s, Segment{Layer: l, Stable: true, Table: f.pkgUSEStable})
	}
	return s
}

// segments orders the four files that mask or force flags.
func (f *forceFiles) segments(l Layer) FlagStack {
	var s FlagStack
	if len(f.all) > 0 {
		s = append(s, Segment{Layer: l, Ops: Ops(f.all)})
	}
	if len(f.stable) > 0 {
		s = append(s, Segment{Layer: l, Stable: true, Ops: Ops(f.stable)})
	}
	if f.pkg != nil {
		s = append(s, Segment{Layer: l, Table: f.pkg})
	}
	if f.pkgStable != nil {
		s = append(s, Segment{Layer: l, Stable: true, Table: f.pkgStable})
	}
	return s
}

// Ops reads words as USE does. Words without meaning are left out.
func Ops(words []Word) []Op {
	if len(words) == 0 {
		return nil
	}
	ops := make([]Op, 0, len(words))
	for _, w := range words {
		if op, ok := useOp(w); ok {
			ops = append(ops, op)
		}
	}
	return ops
}

func useOp(w Word) (Op, bool) {
	text := w.Text
	if text == "-*" {
		return Op{OpClear, "", w.Pos}, true
	}
	text = strings.TrimPrefix(text, "+")
	flag, off := strings.CutPrefix(text, "-")
	prefix, isPrefix := strings.CutSuffix(flag, "_*")
	switch {
	case text == "":
		return Op{}, false
	case off && isPrefix:
		return Op{OpClearPrefix, prefix + "_", w.Pos}, true
	case off:
		return Op{OpOff, flag, w.Pos}, true
	case isPrefix:
		return Op{OpOnPrefix, prefix + "_", w.Pos}, true
	}
	return Op{OpOn, flag, w.Pos}, true
}

// useExpand knows the variables that stand for groups of flags.
type useExpand struct {
	prefixed []string // USE_EXPAND
	prefixes []string // of the same, lower case with "_"
	bare     []string // USE_EXPAND_UNPREFIXED
}

func newUseExpand(v *Vars) useExpand {
	x := useExpand{
		prefixed: strings.Fields(v.Get("USE_EXPAND")),
		bare:     strings.Fields(v.Get("USE_EXPAND_UNPREFIXED")),
	}
	for _, name := range x.prefixed {
		x.prefixes = append(x.prefixes, strings.ToLower(name)+"_")
	}
	return x
}

// layerOps gives all that the variables of one layer say about USE: variables
// without prefix first, then USE, then variables with prefix.
func (x *useExpand) layerOps(s scope) []Op {
	ops := x.bareOps(s)
	ops = append(ops, Ops(s.words("USE"))...)
	return append(ops, x.variableOps(s)...)
}

func (x *useExpand) bareOps(s scope) []Op {
	var ops []Op
	for _, name := range x.bare {
		for _, w := range s.words(name) {
			if flag, off := strings.CutPrefix(w.Text, "-"); off {
				ops = append(ops, Op{OpOff, flag, w.Pos})
			} else {
				ops = append(ops, Op{OpOn, flag, w.Pos})
			}
		}
	}
	return ops
}

// variableOps gives what variables of USE_EXPAND mean outside of profiles: they
// replace all flags of their group (S91).
func (x *useExpand) variableOps(s scope) []Op {
	var ops []Op
	for i, name := range x.prefixed {
		parts, ok := s[name]
		if !ok {
			continue
		}
		prefix := x.prefixes[i]
		if !incremental(name) {
			ops = append(ops, Op{OpClearPrefix, prefix, parts[0].pos})
		}
		for _, w := range s.words(name) {
			op, ok := expandOp(name, prefix, w)
			if ok {
				ops = append(ops, op)
			}
		}
	}
	return ops
}

// expandOp reads one word of a variable. A sign means something only if the
// variable is incremental; else the word is ignored.
func expandOp(name, prefix string, w Word) (Op, bool) {
	text := w.Text
	if signed := text[0] == '+' || text[0] == '-'; signed && !incremental(name) {
		return Op{}, false
	}
	text = strings.TrimPrefix(text, "+")
	if flag, off := strings.CutPrefix(text, "-"); off {
		return Op{OpOff, prefix + flag, w.Pos}, true
	}
	return Op{OpOn, prefix + text, w.Pos}, true
}

// nodeWords gives make.defaults of a profile node as words of USE.
func (x *useExpand) nodeWords(s scope) []Word {
	var words []Word
	for _, name := range x.bare {
		words = append(words, s.words(name)...)
	}
	for i, name := range x.prefixed {
		for _, w := range s.words(name) {
			words = append(words, Word{withPrefix(x.prefixes[i], w.Text), w.Pos})
		}
	}
	return append(words, s.words("USE")...)
}

// withPrefix puts the prefix of a group into a flag, behind its sign.
func withPrefix(prefix, flag string) string {
	if name, ok := strings.CutPrefix(flag, "-"); ok {
		return "-" + prefix + name
	}
	return prefix + flag
}
