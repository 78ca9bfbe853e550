package enalyze

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// A usage is how the flags of one installed package stand against the defaults: those
// of the configuration and of IUSE. Each list is sorted.
type usage struct {
	plus  []string // set
	minus []string // by default set, but not in the package
	unset []string // neither
}

// A flagJudge finds the usage of packages.
type flagJudge struct {
	system  *gentoolkit.System
	use     map[string]bool // USE of the configuration
	expand  []string        // USE_EXPAND in small letters
	hidden  []string        // prefixes of flags that nobody chooses
	differs bool            // plus holds only what is not set by default
	// asPackage takes IUSE of packages without an ebuild as it was recorded; else they
	// have no flags.
	asPackage bool
}

func newFlagJudge(system *gentoolkit.System) *flagJudge {
	j := &flagJudge{system: system, use: map[string]bool{}}
	for _, flag := range system.Root.Config.Words("USE") {
		j.use[flag] = true
	}
	for _, name := range system.Root.Config.Words("USE_EXPAND") {
		j.expand = append(j.expand, strings.ToLower(name))
	}
	for _, name := range system.Root.Config.Words("USE_EXPAND_HIDDEN") {
		j.hidden = append(j.hidden, strings.ToLower(name)+"_")
	}
	return j
}

// iuse gives the flags of a package that people choose, with what IUSE says of their
// default: 0, '+' or '-'.
func (j *flagJudge) iuse(p *gentoolkit.Package) map[string]byte {
	e := p.Ebuild()
	text, out := "", map[string]byte{}
	switch {
	case e != nil && gentoolkit.HasMetadata(e):
		text = e.Raw("IUSE")
	case j.asPackage:
		text = p.Value("IUSE")
	}
	for _, word := range strings.Fields(text) {
		name, sign := word, byte(0)
		if word[0] == '+' || word[0] == '-' {
			name, sign = word[1:], word[0]
		}
		if sign != 0 || out[name] == 0 { // a sign anywhere counts
			out[name] = sign
		}
	}
	for name := range out {
		hidden := e != nil && slices.ContainsFunc(j.hidden, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if hidden || !strings.HasPrefix(name, "~") && j.system.IsArch(name) {
			delete(out, name)
		}
	}
	if e == nil {
		return out
	}
	state := j.system.Root.Use.State(e)
	for name := range out {
		if state.Forced(name) || state.Masked(name) {
			delete(out, name)
		}
	}
	return out
}

// judge gives the usage of a package by a variable: USE or PKGUSE.
func (j *flagJudge) judge(p *gentoolkit.Package, variable string) usage {
	built := map[string]bool{}
	for _, flag := range strings.Fields(p.Value(variable)) {
		built[flag] = true
	}
	var u usage
	for flag, sign := range j.iuse(p) {
		byDefault := (j.use[flag] || sign == '+') && sign != '-'
		switch {
		case built[flag] && !(j.differs && byDefault):
			u.plus = append(u.plus, flag)
		case byDefault && !built[flag]:
			u.minus = append(u.minus, flag)
		case !byDefault && !j.expands(flag):
			u.unset = append(u.unset, flag)
		}
	}
	slices.Sort(u.plus)
	slices.Sort(u.minus)
	slices.Sort(u.unset)
	return u
}

// expands says if a flag has the name of a variable in USE_EXPAND in it.
func (j *flagJudge) expands(flag string) bool {
	return slices.ContainsFunc(j.expand, func(name string) bool { return strings.Contains(flag, name) })
}
