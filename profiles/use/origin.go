package use

import (
	"github.com/tumpline/tumpline/profiles"
)

// Cause is why a flag is as it is.
type Cause uint8

const (
	CauseNone     Cause = iota // nothing mentions the flag: it is off
	CauseUSE                   // a word of USE, of a USE_EXPAND variable or of a package.use file
	CauseIUSE                  // the default in IUSE
	CauseFeatures              // FEATURES=test
	CauseRestrict              // RESTRICT=test
	CauseForce                 // use.force and its like
	CauseMask                  // use.mask and its like
	CauseArch                  // the flag of ARCH
	CauseWildcard              // "*" in a USE_EXPAND variable
	CauseRecorded              // the package was built so
)

// String says the cause in a word or two.
func (c Cause) String() string {
	switch c {
	case CauseNone:
		return "not set"
	case CauseUSE:
		return "USE"
	case CauseIUSE:
		return "IUSE default"
	case CauseFeatures:
		return "FEATURES=test"
	case CauseRestrict:
		return "RESTRICT=test"
	case CauseForce:
		return "forced"
	case CauseMask:
		return "masked"
	case CauseArch:
		return "ARCH"
	case CauseWildcard:
		return "wildcard"
	case CauseRecorded:
		return "built so"
	}
	return "unknown cause"
}

// An Origin tells what decided about a flag.
type Origin struct {
	Cause Cause
	Layer profiles.Layer // of CauseUSE: LayerRepo, LayerDefaults, LayerConf, LayerPkg, LayerEnv ...
	Pos   profiles.Pos   // file and line of the word, if there is one
}

// String gives the cause and the place.
func (o Origin) String() string {
	text := o.Cause.String()
	if o.Cause == CauseUSE {
		text = o.Layer.String()
	}
	if o.Pos.File != "" {
		text += " (" + o.Pos.String() + ")"
	}
	return text
}

// Origin returns what decided about a flag. It computes the answer again, so
// that states of packages nobody asks about stay small.
func (s *State) Origin(flag string) Origin {
	if s.pkg.Origin.Built() {
		return Origin{Cause: CauseRecorded}
	}
	if op := s.mask.deciding(flag, false); op != nil && op.on() {
		return Origin{CauseMask, s.mask.layer(op), op.Pos}
	}
	if op := s.force.deciding(flag, false); op != nil && op.on() {
		return Origin{CauseForce, s.force.layer(op), op.Pos}
	}
	if flag == s.calc.arch {
		return Origin{Cause: CauseArch, Layer: profiles.LayerDefaults}
	}
	i, listed := s.find(flag)
	op := s.use.deciding(flag, listed)
	if listed && s.byDefault(s.flags[i], op) {
		return Origin{Cause: CauseIUSE, Layer: profiles.LayerPkgInternal}
	}
	switch {
	case s.Enabled(flag) && (op == nil || !op.on()):
		return Origin{Cause: CauseWildcard}
	case op == nil:
		return Origin{}
	}
	o := Origin{CauseUSE, s.use.layer(op), op.Pos}
	switch o.Layer {
	case profiles.LayerFeatures:
		o.Cause = CauseFeatures
	case profiles.LayerPkgInternal:
		o.Cause = CauseRestrict
	}
	return o
}
