package profiles

import "strconv"

// A Pos is the place where something was written.
type Pos struct {
	File string // absolute path; empty: not from a file
	Line int    // from 1; 0: the file as a whole
}

// String gives "file:line", "file", or nothing.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// A Word is one word of a configuration file, as written there.
type Word struct {
	Text string
	Pos  Pos
}

// texts returns the texts of words.
func texts(words []Word) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.Text
	}
	return list
}

// Layer is one of the places that a variable can be set in, weakest first.
// The names are those of USE_ORDER.
type Layer uint8

const (
	LayerEnvD        Layer = iota // etc/profile.env
	LayerRepo                     // profiles/ of the package's repository and its masters
	LayerFeatures                 // what FEATURES implies for USE
	LayerPkgInternal              // defaults in IUSE
	LayerGlobals                  // make.globals
	LayerDefaults                 // profile nodes
	LayerConf                     // make.conf, and */* of package.* files of the user
	LayerPkg                      // package.env and package.use of the user
	LayerEnv                      // calling environment
	LayerFixed                    // decided by Load: ROOT, PORTDIR ...
	layerCount
)

// String names the layer as USE_ORDER does.
func (l Layer) String() string {
	switch l {
	case LayerEnvD:
		return "env.d"
	case LayerRepo:
		return "repo"
	case LayerFeatures:
		return "features"
	case LayerPkgInternal:
		return "pkginternal"
	case LayerGlobals:
		return "globals"
	case LayerDefaults:
		return "defaults"
	case LayerConf:
		return "conf"
	case LayerPkg:
		return "pkg"
	case LayerEnv:
		return "env"
	case LayerFixed:
		return "fixed"
	}
	return "layer " + strconv.Itoa(int(l))
}

// layerNamed returns the layer called name in USE_ORDER.
func layerNamed(name string) (Layer, bool) {
	for l := LayerEnvD; l <= LayerEnv; l++ {
		if l.String() == name {
			return l, true
		}
	}
	return 0, false
}

// An Origin says where a value comes from.
type Origin struct {
	Layer Layer
	Pos   Pos
}

// String gives "file:line", or the name of the layer if there is no file.
func (o Origin) String() string {
	if o.Pos.File != "" {
		return o.Pos.String()
	}
	return o.Layer.String()
}
