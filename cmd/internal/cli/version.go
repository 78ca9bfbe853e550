package cli

import (
	"runtime"
	"runtime/debug"
)

// Reference is the release of Portage whose behaviour the program has.
const Reference = "3.0.82"

// Version is the line that names the program, its version and its reference.
func Version() string {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return "tumpline " + version + " (answers as Portage " + Reference + "; " + runtime.Version() + ")"
}
